//! `[billing]`: what it costs to hand messages over.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, de::Error};

use super::error::{ConfigError, require};
use crate::core::{
    channel::Channel,
    money::Usd,
    price::{PriceList, Prices},
    recipient::is_country,
};

/// The key of the price that holds where a country has none of its own.
const DEFAULT: &str = "default";

/// `[billing]`: a table for each channel, of prices by country.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Billing {
    sms: Table,
    whatsapp: Table,
    voice: Table,
    email: Table,
}

type Table = HashMap<String, Price>;

/// A price in dollars; "" is none.
#[derive(Clone, Copy, Debug)]
struct Price(Option<Usd>);

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        let wrong =
            || D::Error::custom(format!("is \"{text}\", but must be an amount in US dollars such as \"0.032\""));
        Usd::parse(&text).map(|price| Self(Some(price))).ok_or_else(wrong)
    }
}

impl Billing {
    /// The prices of all channels.
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices::new(self.tables().map(|(channel, table)| (channel, list(table))))
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        for (channel, table) in self.tables() {
            let mut countries: Vec<_> = table.keys().filter(|key| *key != DEFAULT).collect();
            countries.sort_unstable(); // the first error must not depend on the order of the table
            for country in countries {
                let key = format!("billing.{}.{country}", channel.as_str());
                require(channel != Channel::Email, &key, "cannot be: mail has no countries, only `default`")?;
                let problem = "is no country: write the two capital letters of ISO 3166, such as \"SG\", or `default`";
                require(is_country(country), &key, problem)?;
            }
        }
        Ok(())
    }

    fn tables(&self) -> impl Iterator<Item = (Channel, &Table)> {
        let tables = [
            (Channel::Sms, &self.sms),
            (Channel::Whatsapp, &self.whatsapp),
            (Channel::Voice, &self.voice),
            (Channel::Email, &self.email),
        ];
        tables.into_iter()
    }
}

fn list(table: &Table) -> PriceList {
    let default = table.get(DEFAULT).and_then(|price| price.0);
    let countries = table.iter().filter(|(key, _)| *key != DEFAULT);
    PriceList { default, countries: countries.map(|(key, price)| (key.clone(), price.0)).collect() }
}
