//! Values that several resources write alike.

use std::net::IpAddr;

use ipnet::IpNet;
use poem_openapi::{Enum, types::MaybeUndefined};

use super::error::ApiError;
use crate::{
    core::{access::App, channel, clock::Timestamp, id::MessageId},
    http::{Required, Text},
    service::Service,
};

/// A way to reach a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "Channel", rename_all = "lowercase")]
pub(super) enum Channel {
    Whatsapp,
    Sms,
    Email,
    Voice,
}

impl From<channel::Channel> for Channel {
    fn from(channel: channel::Channel) -> Self {
        match channel {
            channel::Channel::Whatsapp => Self::Whatsapp,
            channel::Channel::Sms => Self::Sms,
            channel::Channel::Email => Self::Email,
            channel::Channel::Voice => Self::Voice,
        }
    }
}

/// The application that a path names by its id.
pub(super) async fn app(service: &Service, id: &str) -> Result<App, ApiError> {
    let unknown = || ApiError::missing("no_such_application", "application");
    let MessageId(id) = MessageId::parse(id).ok_or_else(unknown)?; // every id of ours is written alike
    service.app_by_id(id).await?.ok_or_else(unknown)
}

/// A field that must be there.
pub(super) fn given<T>(field: &str, value: Required<T>) -> Result<T, ApiError> {
    value.or(()).map_err(|()| ApiError::invalid(format!("{field} is required")))
}

/// A field of a change: where it is not there nothing is to change, and null takes away what is there.
#[expect(clippy::option_option, reason = "so the use cases take it")]
pub(super) fn change<T, U>(
    given: MaybeUndefined<T>,
    read: impl FnOnce(T) -> Result<U, ApiError>,
) -> Result<Option<Option<U>>, ApiError> {
    Ok(match given {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(read(value)?)),
    })
}

/// A time in RFC 3339.
pub(super) fn time(field: &str, Text(text): &Text) -> Result<Timestamp, ApiError> {
    let wrong = || ApiError::invalid(format!("{field} must be a time such as 2027-01-31T00:00:00Z"));
    Timestamp::parse_rfc3339(text).ok_or_else(wrong)
}

/// Networks, or single addresses.
pub(super) fn networks(field: &str, texts: &[Text]) -> Result<Vec<IpNet>, ApiError> {
    let wrong = || ApiError::invalid(format!("{field} may only have networks such as 10.0.0.0/8, and addresses"));
    let network = |Text(text): &Text| text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    texts.iter().map(|text| network(text).ok_or_else(wrong)).collect()
}
