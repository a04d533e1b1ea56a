//! Looking at OTPs: how they stand, what happened to them, how many there were (spec 2.2).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    ApiResponse, OpenApi, ResponseContent, Tags,
    param::Path,
    payload::{Json, PlainText},
};

use super::{
    NAME, Settings,
    auth::Account,
    error::ApiError,
    find::{Sought, is_id, own},
    limits::{Limits, Target},
    wire::{
        attempts::AttemptsShown,
        listed::{OtpListed, OtpPage},
        logs::{EVENTS, LogPage, LogsShown},
        otp::OtpShown,
        query::Asked,
        rates::RatesShown,
        report::{GROUPS, GroupBy, Report, ReportShown},
    },
};
use crate::{
    core::{clock::Timestamp, recipient::Recipient},
    service::{Caller, Happened, OutlookKind, Paged, Period, Seek, Service},
};

#[derive(Tags)]
enum Tag {
    /// Looking at OTPs.
    Reports,
}

pub(super) struct Api;

/// The words of `status`.
const STATUSES: [(&str, OutlookKind); 4] = [
    ("pending", OutlookKind::Pending),
    ("verified", OutlookKind::Verified),
    ("expired", OutlookKind::Expired),
    ("failed", OutlookKind::Failed),
];
/// Days of a report where the query does not say, and the most there may be.
const DAYS: i64 = 30;
const MOST_DAYS: i64 = 366;

/// A report, as JSON or as comma-separated values.
#[derive(ResponseContent)]
#[expect(clippy::large_enum_variant, reason = "one is made, and answered at once")]
enum ReportBody {
    /// All of it.
    Json(Json<ReportShown>),
    /// Its series.
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(PlainText<String>),
}

#[derive(ApiResponse)]
enum ReportAnswer {
    /// Usage.
    #[oai(status = 200)]
    Ok(ReportBody),
}

#[OpenApi(prefix_path = "/otp")]
impl Api {
    /// How an OTP stands.
    ///
    /// By its `verification_id`, or the newest one of a `recipient` of an `appid`.
    #[oai(path = "/status", method = "get", operation_id = "getStatus", tag = "Tag::Reports")]
    async fn status(&self, caller: Account, service: Data<&Service>, asked: Asked) -> Result<Json<OtpShown>, ApiError> {
        let session = asked.sought()?.find(&service, &caller.0).await?;
        Ok(Json(OtpShown::of(&session, service.now())))
    }

    /// How the OTP of an id stands.
    #[oai(path = "/status/:verification_id", method = "get", operation_id = "getStatusById", tag = "Tag::Reports")]
    async fn status_by_id(
        &self,
        caller: Account,
        service: Data<&Service>,
        /// The OTP.
        verification_id: Path<String>,
    ) -> Result<Json<OtpShown>, ApiError> {
        let sought = Sought { appid: None, id: Some(verification_id.0), recipient: None };
        let session = sought.find(&service, &caller.0).await?;
        Ok(Json(OtpShown::of(&session, service.now())))
    }

    /// List OTPs.
    ///
    /// The newest first; of the appids that the credentials own.
    #[oai(path = "/list", method = "get", operation_id = "listOtps", tag = "Tag::Reports")]
    async fn list(&self, caller: Account, service: Data<&Service>, asked: Asked) -> Result<Json<OtpListed>, ApiError> {
        let recipient = asked.recipient()?;
        let seek = seek(&caller.0, &asked, recipient.as_ref())?;
        let (page, status) = (asked.page()?, asked.choice("status", &STATUSES)?);
        let found = service.sessions(&caller.0, &seek, status, page).await?;
        Ok(Json(OtpPage::of(&found, page, service.now()).into()))
    }

    /// What happened to OTPs.
    ///
    /// The newest first. Of calls that were refused for their rate nothing is kept: `rate_limited` can be asked for and
    /// finds nothing.
    #[oai(path = "/logs", method = "get", operation_id = "listLogs", tag = "Tag::Reports")]
    async fn logs(&self, caller: Account, service: Data<&Service>, asked: Asked) -> Result<Json<LogsShown>, ApiError> {
        let recipient = asked.recipient()?;
        let seek = seek(&caller.0, &asked, recipient.as_ref())?;
        let page = asked.page()?;
        let kept = EVENTS.map(|(word, event)| (word, Some(event)));
        let words: Vec<(&str, Option<Happened>)> = kept.into_iter().chain([("rate_limited", None)]).collect();
        let (id, event) = (asked.word("verification_id"), asked.choice("event", &words)?);
        let found = if event == Some(None) || id.is_some_and(|id| !is_id(id)) {
            Paged::default()
        } else {
            service.activity(&caller.0, &seek, (id, event.flatten()), page).await?
        };
        Ok(Json(LogPage::of(&found, page).into()))
    }

    /// How much of the rates is used.
    ///
    /// Those of a recipient only where `recipient` and `appid` are given.
    #[oai(path = "/rate-limits", method = "get", operation_id = "getRateLimits", tag = "Tag::Reports")]
    async fn rate_limits(
        &self,
        caller: Account,
        service: Data<&Service>,
        settings: Data<&Arc<Settings>>,
        asked: Asked,
    ) -> Result<Json<RatesShown>, ApiError> {
        let recipient = asked.recipient()?;
        let target = match &recipient {
            Some(recipient) => {
                let appid = asked.appid().ok_or_else(|| ApiError::missing("appid"))?;
                Some(Target { appid, recipient })
            }
            None => None,
        };
        if let Some(appid) = asked.appid() {
            own(&caller.0, appid)?;
        }
        Ok(Json(Limits::new(&service, &settings, &caller.0).show(target).await?.into()))
    }

    /// The codes that came back for an OTP.
    ///
    /// The newest first. Codes that came too late, or after too many wrong ones, were not compared and are not kept.
    #[oai(path = "/attempts", method = "get", operation_id = "listAttempts", tag = "Tag::Reports")]
    async fn attempts(
        &self,
        caller: Account,
        service: Data<&Service>,
        asked: Asked,
    ) -> Result<Json<AttemptsShown>, ApiError> {
        let session = asked.sought()?.find(&service, &caller.0).await?;
        let (page, period) = (asked.page()?, asked.period()?);
        let tries = service.tries(&session, period, page).await?;
        Ok(Json(AttemptsShown::of(&session, &tries, page)))
    }

    /// Usage, added up.
    ///
    /// By day (UTC), channel or appid; of the last 30 days where nothing else is asked for. What is older than 30 days is
    /// forgotten.
    #[oai(path = "/reports", method = "get", operation_id = "getReports", tag = "Tag::Reports")]
    async fn reports(&self, caller: Account, service: Data<&Service>, asked: Asked) -> Result<ReportAnswer, ApiError> {
        let recipient = asked.recipient()?;
        let days = days(asked.period()?, service.now())?;
        let period = Period { from: Some(days.0), to: Some(days.1) };
        let seek = Seek { period, ..seek(&caller.0, &asked, recipient.as_ref())? };
        let group_by = asked.choice("group_by", &GROUPS)?.unwrap_or(GroupBy::Day);
        let as_csv = asked.choice("format", &[("json", false), ("csv", true)])?.unwrap_or(false);
        let report = Report::of(&service.tallies(&caller.0, &seek).await?, days, group_by);
        let csv = || ReportBody::Csv(PlainText(report.csv(group_by)));
        Ok(ReportAnswer::Ok(if as_csv { csv() } else { ReportBody::Json(Json(report.clone().into())) }))
    }
}

/// What every list can be narrowed to.
fn seek<'a>(caller: &Caller, asked: &'a Asked, recipient: Option<&'a Recipient>) -> Result<Seek<'a>, ApiError> {
    if let Some(appid) = asked.appid() {
        own(caller, appid)?;
    }
    let (channel, period) = (asked.channel()?, asked.period()?);
    Ok(Seek { dialect: NAME, scope: asked.appid(), recipient, channel, period })
}

/// Whole days: the first instant of the first one, and that after the last one.
fn days(asked: Period, now: Timestamp) -> Result<(Timestamp, Timestamp), ApiError> {
    const DAY: i64 = 24 * 3600 * 1000;
    let number = |at: Timestamp| at.millis().div_euclid(DAY);
    let last = asked.to.map_or_else(|| number(now), |to| number(Timestamp::from_millis(to.millis() - 1)));
    let first = asked.from.map_or(last + 1 - DAYS, number);
    if first > last || last - first >= MOST_DAYS {
        return Err(ApiError::unreadable("start_date"));
    }
    Ok((Timestamp::from_millis(first * DAY), Timestamp::from_millis((last + 1) * DAY)))
}
