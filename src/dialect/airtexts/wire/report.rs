//! Usage, added up (spec 2.2, `reports`).

use std::collections::BTreeMap;

use poem_openapi::{Object, types::Example};

use super::whole;
use crate::{
    core::{channel::Channel, clock::Timestamp},
    dialect::airtexts::wire::query::day,
    service::{Tally, TallyRow},
};

/// By what the rows of a series differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum GroupBy {
    Day,
    Channel,
    Appid,
}

/// The words of `group_by`.
pub(in super::super) const GROUPS: [(&str, GroupBy); 3] =
    [("day", GroupBy::Day), ("channel", GroupBy::Channel), ("appid", GroupBy::Appid)];

/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;

envelope!(
    /// The answer to a question for usage.
    ReportShown,
    Report
);

/// Usage of some days.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct Report {
    /// Which days.
    period: ReportPeriod,
    /// Everything.
    totals: Totals,
    /// The same by channel.
    by_channel: ByChannel,
    /// The same by day, channel or appid.
    series: Vec<SeriesEntry>,
}

/// Days in UTC, both inclusive.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct ReportPeriod {
    /// The first day.
    start_date: String,
    /// The last day.
    end_date: String,
}

/// How much of everything.
#[derive(Debug, Clone, Default, PartialEq, Object)]
#[oai(example)]
pub(in super::super) struct Totals {
    /// OTPs that were sent.
    sent: i64,
    /// How often one was sent again.
    resent: i64,
    /// Messages that arrived.
    delivered: i64,
    /// Messages that did not.
    failed: i64,
    /// Right codes.
    verified: i64,
    /// Wrong codes.
    verify_failed: i64,
    /// OTPs whose time ran out.
    expired: i64,
    /// Right codes for each OTP that was sent, from 0 to 1.
    conversion_rate: f64,
}

/// Both channels.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct ByChannel {
    /// Short messages.
    sms: Totals,
    /// `WhatsApp` messages.
    whatsapp: Totals,
}

/// One day, channel or appid.
#[derive(Debug, Clone, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(in super::super) struct SeriesEntry {
    /// The day.
    date: Option<String>,
    /// The channel.
    channel: Option<String>,
    /// The appid.
    appid: Option<String>,
    #[oai(flatten)]
    totals: Totals,
}

impl Report {
    /// `first` is the beginning of the first day, `after` that of the day after the last one.
    pub(in super::super) fn of(rows: &[TallyRow], (first, after): (Timestamp, Timestamp), group_by: GroupBy) -> Self {
        let of_channel = |channel| Totals::of(rows.iter().filter(move |row| row.channel == channel));
        Self {
            period: ReportPeriod { start_date: day(first), end_date: day(Timestamp::from_millis(after.millis() - 1)) },
            totals: Totals::of(rows.iter()),
            by_channel: ByChannel { sms: of_channel(Channel::Sms), whatsapp: of_channel(Channel::Whatsapp) },
            series: series(rows, (first, after), group_by),
        }
    }

    /// The series as comma-separated values, with a head.
    pub(in super::super) fn csv(&self, group_by: GroupBy) -> String {
        let (head, _) = GROUPS[group_by as usize];
        let head = if group_by == GroupBy::Day { "date" } else { head };
        let mut lines =
            vec![format!("{head},sent,resent,delivered,failed,verified,verify_failed,expired,conversion_rate")];
        lines.extend(self.series.iter().map(SeriesEntry::line));
        lines.join("\r\n") + "\r\n"
    }
}

/// Every day has its entry, also one on which nothing happened.
fn series(rows: &[TallyRow], (first, after): (Timestamp, Timestamp), group_by: GroupBy) -> Vec<SeriesEntry> {
    let mut groups: BTreeMap<String, Vec<&TallyRow>> = BTreeMap::new();
    if group_by == GroupBy::Day {
        let days = first.millis().div_euclid(DAY)..after.millis().div_euclid(DAY);
        groups.extend(days.map(|number| (date(number), vec![])));
    }
    for row in rows {
        let name = match group_by {
            GroupBy::Day => date(row.day),
            GroupBy::Channel => row.channel.as_str().to_owned(),
            GroupBy::Appid => row.scope.clone(),
        };
        groups.entry(name).or_default().push(row);
    }
    let entry = |(name, rows): (String, Vec<&TallyRow>)| {
        let is = |kind| (kind == group_by).then(|| name.clone());
        SeriesEntry {
            date: is(GroupBy::Day),
            channel: is(GroupBy::Channel),
            appid: is(GroupBy::Appid),
            totals: Totals::of(rows.into_iter()),
        }
    };
    groups.into_iter().map(entry).collect()
}

fn date(number: i64) -> String {
    day(Timestamp::from_millis(number * DAY))
}

impl Totals {
    fn of<'a>(rows: impl Iterator<Item = &'a TallyRow>) -> Self {
        let sum = rows.fold(Tally::default(), |sum, row| sum + row.tally);
        Self {
            sent: whole(sum.sent),
            resent: whole(sum.resent),
            delivered: whole(sum.delivered),
            failed: whole(sum.failed),
            verified: whole(sum.verified),
            verify_failed: whole(sum.verify_failed),
            expired: whole(sum.expired),
            conversion_rate: rate(sum.verified, sum.sent),
        }
    }
}

/// With four decimal places; 0 of nothing.
fn rate(part: u64, whole: u64) -> f64 {
    let places = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { (places(part) / places(whole) * 10_000.0).round() / 10_000.0 }
}

impl SeriesEntry {
    fn line(&self) -> String {
        let names = [&self.date, &self.channel, &self.appid];
        let name = names.into_iter().flatten().next().map_or("", String::as_str);
        let all = &self.totals;
        let counts = [all.sent, all.resent, all.delivered, all.failed, all.verified, all.verify_failed, all.expired];
        let counts: Vec<_> = counts.iter().map(ToString::to_string).collect();
        format!("{},{},{}", cell(name), counts.join(","), all.conversion_rate)
    }
}

/// In quotes where a comma or quote would break the line (RFC 4180).
fn cell(text: &str) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

impl Example for ReportPeriod {
    fn example() -> Self {
        Self { start_date: "2026-01-01".to_owned(), end_date: "2026-01-31".to_owned() }
    }
}

impl Example for Totals {
    fn example() -> Self {
        Self {
            sent: 4,
            delivered: 4,
            verified: 3,
            verify_failed: 1,
            expired: 1,
            conversion_rate: 0.75,
            ..Self::default()
        }
    }
}

impl Example for ByChannel {
    fn example() -> Self {
        Self { sms: Totals::example(), whatsapp: Totals::default() }
    }
}

impl Example for SeriesEntry {
    fn example() -> Self {
        let date = Some("2026-01-01".to_owned());
        Self { date, channel: None, appid: None, totals: Totals::example() }
    }
}

impl Example for Report {
    fn example() -> Self {
        Self {
            period: ReportPeriod::example(),
            totals: Totals::example(),
            by_channel: ByChannel::example(),
            series: vec![SeriesEntry::example()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_four_places_and_nothing_of_nothing_is_nothing() {
        assert_eq!(
            [rate(1, 3), rate(2, 2), rate(0, 0), rate(0, 5)].map(|rate| rate.to_string()),
            ["0.3333", "1", "0", "0"]
        );
    }

    #[test]
    fn names_that_would_break_a_line_are_quoted() {
        assert_eq!([cell("a_1"), cell("a\"b")], ["a_1", "\"a\"\"b\""]);
    }
}
