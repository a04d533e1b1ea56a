//! What it costs to hand a message over.

use std::collections::HashMap;

use super::{channel::Channel, money::Usd, plan::Content, recipient::Recipient, sms};

/// The operator's prices. A channel without any has none, and its messages no cost.
#[derive(Clone, Debug, Default)]
pub struct Prices(HashMap<Channel, PriceList>);

/// The prices of one channel; `None` is no price.
#[derive(Clone, Debug, Default)]
pub struct PriceList {
    /// Of every country that has none of its own, and of recipients that are in none.
    pub default: Option<Usd>,
    /// By ISO 3166 code.
    pub countries: HashMap<String, Option<Usd>>,
}

impl Prices {
    /// Of these channels.
    pub fn new(lists: impl IntoIterator<Item = (Channel, PriceList)>) -> Self {
        Self(lists.into_iter().filter(|(_, list)| list.default.is_some() || !list.countries.is_empty()).collect())
    }

    /// What one message costs: a short message the price of its country for each part (spec 8.10), anything else once.
    #[must_use]
    pub fn cost(&self, channel: Channel, recipient: &Recipient, content: &Content) -> Option<Usd> {
        let price = self.0.get(&channel)?.of(recipient)?;
        match (channel, content) {
            (Channel::Sms, Content::Text { text }) => Some(price.times(sms::parts(text))),
            _ => Some(price),
        }
    }
}

impl PriceList {
    fn of(&self, recipient: &Recipient) -> Option<Usd> {
        if self.countries.is_empty() {
            return self.default;
        }
        let own = recipient.country().and_then(|country| self.countries.get(country));
        own.copied().unwrap_or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        Usd::parse(text).unwrap()
    }

    fn prices() -> Prices {
        let countries = [("SG".to_owned(), Some(usd("0.032"))), ("FR".to_owned(), None)].into();
        let sms = PriceList { default: Some(usd("0.02")), countries };
        let whatsapp = PriceList { default: None, countries: [("SG".to_owned(), Some(usd("0.01")))].into() };
        Prices::new([(Channel::Sms, sms), (Channel::Whatsapp, whatsapp), (Channel::Voice, PriceList::default())])
    }

    fn cost(channel: Channel, to: &str, text: &str) -> Option<String> {
        let content = Content::Text { text: text.to_owned() };
        prices().cost(channel, &Recipient::parse(to).unwrap(), &content).map(|cost| cost.to_string())
    }

    #[test]
    fn a_country_has_its_own_price_or_the_default() {
        assert_eq!(cost(Channel::Sms, "+6598765432", "hi").as_deref(), Some("0.032"));
        assert_eq!(cost(Channel::Sms, "+4915112345678", "hi").as_deref(), Some("0.02"));
        assert_eq!(cost(Channel::Sms, "+33612345678", "hi"), None);
        assert_eq!(cost(Channel::Whatsapp, "+6598765432", "hi").as_deref(), Some("0.01"));
        assert_eq!(cost(Channel::Whatsapp, "+4915112345678", "hi"), None);
        assert_eq!(cost(Channel::Voice, "+6598765432", "hi"), None);
    }

    #[test]
    fn short_messages_are_paid_by_the_part_and_others_as_a_whole() {
        for (text, expected) in [("a".repeat(160), "0.032"), ("a".repeat(161), "0.064"), ("字".repeat(71), "0.064")] {
            assert_eq!(cost(Channel::Sms, "+6598765432", &text).as_deref(), Some(expected));
            assert_eq!(cost(Channel::Whatsapp, "+6598765432", &text).as_deref(), Some("0.01"));
        }
    }
}
