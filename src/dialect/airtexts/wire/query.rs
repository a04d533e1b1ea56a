//! What is asked of the management endpoints: all of it stands in the query (spec 2.2).

use std::collections::HashMap;

use jiff::civil::{Date, date};
use poem::{FromRequest, Request, RequestBody, Result};

use super::{number, requests::named_channel};
use crate::{
    core::{channel::Channel, clock::Timestamp, recipient::Recipient},
    dialect::airtexts::{error::ApiError, find::Sought},
    service::{Page, Period},
};

/// Rows of an answer where the query does not say, and the most there may be.
const LIMIT: u64 = 50;
const MOST: u64 = 500;
const EPOCH: Date = date(1970, 1, 1);
/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;

/// The query. Where a name or an alias is given twice, the first one counts; what is empty is not given.
pub(in super::super) struct Asked(HashMap<String, String>);

impl<'a> FromRequest<'a> for Asked {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let query = request.uri().query().unwrap_or_default();
        let mut words = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !value.trim().is_empty() {
                words.entry(name.into_owned()).or_insert_with(|| value.trim().to_owned());
            }
        }
        Ok(Self(words))
    }
}

impl Asked {
    /// A parameter that has one name.
    pub(in super::super) fn word(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.word(name))
    }

    pub(in super::super) fn appid(&self) -> Option<&str> {
        self.first(&["appid", "app_id", "appId"])
    }

    pub(in super::super) fn recipient(&self) -> Result<Option<Recipient>, ApiError> {
        let text = self.first(&["recipient", "phone", "to"]);
        Ok(text.map(number::recipient).transpose()?)
    }

    /// The one OTP that is asked for.
    pub(in super::super) fn sought(&self) -> Result<Sought, ApiError> {
        let appid = self.appid().map(str::to_owned);
        Ok(Sought { appid, id: self.word("verification_id").map(str::to_owned), recipient: self.recipient()? })
    }

    pub(in super::super) fn channel(&self) -> Result<Option<Channel>, ApiError> {
        self.word("channel").map(named_channel).transpose()
    }

    /// One of `words`, by its place.
    pub(in super::super) fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, ApiError> {
        let Some(word) = self.word(name) else { return Ok(None) };
        let chosen = words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
        chosen.map(Some).ok_or_else(|| ApiError::unreadable(name))
    }

    /// `limit` and `offset`. More than the most is the most.
    pub(in super::super) fn page(&self) -> Result<Page, ApiError> {
        let limit = self.number("limit", LIMIT)?.clamp(1, MOST);
        Ok(Page { limit, offset: self.number("offset", 0)?.min(u64::from(u32::MAX)) })
    }

    fn number(&self, name: &str, default: u64) -> Result<u64, ApiError> {
        self.word(name).map_or(Ok(default), |text| text.parse().map_err(|_| ApiError::unreadable(name)))
    }

    /// From the beginning of `start_date` to the end of `end_date`, in UTC.
    pub(in super::super) fn period(&self) -> Result<Period, ApiError> {
        let read =
            |name: &str| self.word(name).map(|text| moment(text).ok_or_else(|| ApiError::unreadable(name))).transpose();
        let (start, end) = (read("start_date")?, read("end_date")?);
        Ok(Period { from: start.map(|(first, _)| first), to: end.map(|(_, after)| after) })
    }
}

/// The first instant of a day or time, and the first one after it.
fn moment(text: &str) -> Option<(Timestamp, Timestamp)> {
    if text.len() == 10
        && let Ok(day) = text.parse::<Date>()
    {
        let midnight = i64::from(EPOCH.until(day).ok()?.get_days()) * DAY;
        return Some((Timestamp::from_millis(midnight), Timestamp::from_millis(midnight + DAY)));
    }
    let time = Timestamp::parse_rfc3339(text)?;
    Some((time, Timestamp::from_millis(time.millis().saturating_add(1))))
}

/// The day of a time, in UTC: `2026-01-10`.
pub(in super::super) fn day(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_day_is_all_of_it_and_a_time_is_itself() {
        assert_eq!(moment("2026-01-31"), Some((at("2026-01-31T00:00:00Z"), at("2026-02-01T00:00:00Z"))));
        let noon = at("2026-01-31T12:00:00Z");
        assert_eq!(moment("2026-01-31T13:00:00+01:00"), Some((noon, Timestamp::from_millis(noon.millis() + 1))));
        for text in ["2026-02-30", "2026-1-1", "yesterday", "20260131", "2026-01-31T12:00:00"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
