//! Which provider is asked next.

use super::{Worker, places::Place};
use crate::{
    channel::Carrier,
    core::{channel::Channel, clock::Timestamp},
    service::Order,
};

/// Whom to ask.
pub(super) enum Pick<'a> {
    /// This one, in this place.
    One(&'a Carrier, Place),
    /// All are left alone for a while; when the first of them may be asked again.
    AllFailing(Timestamp),
    /// At least one has all its places taken and frees none, and the others are left alone.
    NoPlace,
    Nobody,
}

impl Worker {
    /// The next provider of the channel: one further with every try, passing over those that are stuck or keep failing.
    pub(super) async fn pick(&self, order: &Order, channel: Channel) -> Pick<'_> {
        let carriers: Vec<&Carrier> = self.service.parts().registry.of(channel).collect();
        let weights: Vec<_> = carriers.iter().map(|carrier| carrier.weight()).collect();
        let turns = self.settings.routing.order(&weights, order.ticket.delivery);
        let begin = usize::try_from(order.attempt).unwrap_or(0) % turns.len().max(1);
        let (mut full, mut reopens) = (false, None);
        for turn in turns[begin..].iter().chain(&turns[..begin]) {
            let carrier = carriers[*turn];
            let Some(place) = self.places.take(carrier.name()).await else {
                full = true;
                continue;
            };
            // With its place in hand: it may have begun to fail in the meantime, and a probe is for whoever can ask.
            match carrier.admit(self.now()) {
                Ok(()) => return Pick::One(carrier, place),
                Err(at) => reopens = Some(reopens.map_or(at, |earlier: Timestamp| earlier.min(at))),
            }
        }
        if full { Pick::NoPlace } else { reopens.map_or(Pick::Nobody, Pick::AllFailing) }
    }
}
