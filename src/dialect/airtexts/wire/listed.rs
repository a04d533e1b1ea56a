//! Many OTPs (spec 2.2, `list`).

use poem_openapi::{Object, types::Example};

use super::{otp::OtpStatus, whole};
use crate::{
    core::clock::Timestamp,
    service::{Page, Paged, Session},
};

envelope!(
    /// The answer to a question for OTPs.
    OtpListed,
    OtpPage
);

/// Some of the OTPs, the newest first.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct OtpPage {
    /// How many there are in all.
    total: i64,
    /// Most of them in this answer.
    limit: i64,
    /// How many newer ones were left out.
    offset: i64,
    /// The OTPs.
    otps: Vec<OtpStatus>,
}

impl OtpPage {
    pub(in super::super) fn of(found: &Paged<Session>, page: Page, now: Timestamp) -> Self {
        let otps = found.rows.iter().map(|session| OtpStatus::of(session, now)).collect();
        Self { total: whole(found.total), limit: whole(page.limit), offset: whole(page.offset), otps }
    }
}

impl Example for OtpPage {
    fn example() -> Self {
        Self { total: 1247, limit: 50, offset: 0, otps: vec![OtpStatus::example()] }
    }
}
