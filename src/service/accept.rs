//! Accepting a checked message: everything is made, sealed and on disk before the caller hears of it.

use std::time::Duration;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    Error, Order, Receipt, Service,
    directory::first_eight,
    handoff::{Place, Ticket},
};
use crate::{
    core::{
        channel::Channel,
        clock::Timestamp,
        code::Code,
        id::MessageId,
        language::Language,
        ledger::{Limits, Pace},
        params::Params,
        plan::Plan,
        recipient::Recipient,
        render::{self, Variables},
        template::Template,
    },
    store::{
        Past,
        batch::{Budget, NewDelivery, NewMessage, SendOutcome},
    },
};

/// How long a message that carries no code of a template may wait for its provider.
const LIFE_WITHOUT_CODE: Duration = Duration::from_mins(10);

/// A message whose parts have been checked.
pub(super) struct Checked<'a> {
    pub(super) app: i64,
    pub(super) template: &'a Template,
    pub(super) recipients: &'a [Recipient],
    pub(super) channels: Vec<Channel>,
    pub(super) language: Language,
    pub(super) params: &'a Params,
    pub(super) custom_args: Option<Map<String, Value>>,
}

/// What a message carries.
pub(super) enum Carried {
    /// A code that the server judges.
    Judged(Code),
    /// A code that the caller judges.
    Own(Code),
    /// Whatever the parameters say.
    Params,
}

/// What protects the recipient of a code.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guarded {
    /// Wrong guesses that end the code; 0 where it is not judged here.
    pub(super) max_guesses: u8,
    /// How often the dialect sends to one recipient.
    pub(super) pace: Pace,
    /// What of the application keeps that pace by itself.
    pub(super) scope: Option<i64>,
}

/// What is written for each recipient, and what goes to this node's worker once it is.
type Deliveries = (Vec<NewDelivery>, Vec<(Place, Order)>);

impl Service {
    /// Makes, seals and writes a checked message; hands it to the worker when it is written.
    pub(super) async fn accept(
        &self,
        checked: Checked<'_>,
        carried: Carried,
        guarded: Guarded,
    ) -> Result<Receipt, Error> {
        let parts = self.parts();
        let channel = *checked.channels.first().ok_or(Error::WrongTarget)?;
        self.check_room()?;
        if guarded.max_guesses > 0 {
            self.check_spray(checked.app, checked.recipients.first(), channel)?;
        }
        let caps = self.caps(checked.app, checked.recipients, channel)?;
        let now = parts.clock.now();
        let id = MessageId(parts.ids.next(now)?);
        let life = checked.template.definition.code.map_or(LIFE_WITHOUT_CODE, |code| code.ttl());
        let (deliveries, orders) = self.deliveries(&checked, &carried, id, now, now + life)?;
        let budget = self.budget(&checked, &carried, guarded);
        let message = NewMessage {
            id,
            app: checked.app,
            template_id: checked.template.definition.id.clone(),
            target: checked.recipients.first().map_or(0, |recipient| self.target(recipient)),
            recipient: self.seal_recipients(checked.recipients, id, now)?,
            slot: self.slot(&checked, &carried),
            channel,
            tag: match &carried {
                Carried::Judged(code) => Some(parts.keys.load().tag(checked.app, id, code, now)),
                Carried::Own(_) | Carried::Params => None,
            },
            max_attempts: guarded.max_guesses,
            created_at: now,
            expires_at: now + life,
            custom_args: checked.custom_args.map(|args| Value::Object(args).to_string()),
            deliveries,
            country: if guarded.max_guesses > 0 { self.counted_country(checked.recipients.first()) } else { None },
            caps,
            budget,
            session: None,
            replaces: None,
            address: None,
        };
        match self.write(message, orders).await? {
            SendOutcome::Accepted => Ok(Receipt { message: id, channel }),
            SendOutcome::WindowHeld => Err(self.too_soon(channel)),
            SendOutcome::OverLimit(refusal) => {
                Err(self.over_limit(checked.app, (checked.recipients.first(), channel), &refusal))
            }
        }
    }

    /// Refuses when too much waits to be delivered.
    pub(super) fn check_room(&self) -> Result<(), Error> {
        let parts = self.parts();
        if parts.metrics.outbox_depth() < parts.settings.outbox_limit { Ok(()) } else { Err(Error::Overloaded) }
    }

    /// Writes a message and hands its orders to the worker when it is written.
    pub(super) async fn write(&self, message: NewMessage, orders: Vec<(Place, Order)>) -> Result<SendOutcome, Error> {
        let channel = message.channel;
        let outcome = self.parts().store.writer().send(message, || hand_over(orders)).await?;
        self.count_accepted(channel, outcome);
        Ok(outcome)
    }

    /// Likewise, and waits for a provider to take it: whether nobody will, as far as that is decided in time.
    pub(super) async fn write_and_hear(
        &self,
        message: NewMessage,
        orders: Vec<(Place, Order)>,
    ) -> Result<(SendOutcome, bool), Error> {
        let (parts, channel) = (self.parts(), message.channel);
        let expected = parts.first_outcomes.expect(message.id.0);
        let written = expected.on_written();
        let answer = parts.store.writer().offer(message, |reply| {
            written(reply); // first: the worker may be done before we are
            hand_over(orders);
        })?;
        let outcome = expected.hear(answer, parts.settings.first_delivery).await?;
        self.count_accepted(channel, outcome);
        Ok((outcome, expected.was_refused()))
    }

    /// Refused ones may be tried once more (`refusals.rs`).
    fn count_accepted(&self, channel: Channel, outcome: SendOutcome) {
        if outcome == SendOutcome::Accepted {
            self.parts().metrics.sent(channel, outcome);
        }
    }

    /// The limits of whom a code goes to; other messages have none.
    fn budget(&self, checked: &Checked<'_>, carried: &Carried, guarded: Guarded) -> Option<Budget> {
        let recipient = match carried {
            Carried::Judged(_) | Carried::Own(_) => checked.recipients.first()?,
            Carried::Params => return None,
        };
        self.budget_of(recipient, guarded)
    }

    pub(super) fn budget_of(&self, recipient: &Recipient, guarded: Guarded) -> Option<Budget> {
        let limits = self.parts().settings.limits;
        let Guarded { max_guesses: tries, pace, scope } = guarded;
        let unlimited = limits == Limits::NONE && pace == Pace::default();
        (!unlimited).then(|| Budget { key: self.ledger_key(recipient), tries, limits, pace, scope, version: 0 })
    }

    /// The digest under which the ledger of a recipient is kept: aliases of one person share it (security C3, C4).
    pub(super) fn ledger_key(&self, recipient: &Recipient) -> i64 {
        let digest = self.parts().keys.load().digest("ledger", &[recipient.counter_key().as_bytes()]);
        match first_eight(&digest) {
            0 => 1, // 0 stands for none
            key => key,
        }
    }

    /// One delivery per recipient; those that found a place go to the worker of this node.
    fn deliveries(
        &self,
        checked: &Checked<'_>,
        carried: &Carried,
        message: MessageId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Deliveries, Error> {
        let parts = self.parts();
        let code = match carried {
            Carried::Judged(code) | Carried::Own(code) => Some(code),
            Carried::Params => None,
        };
        let variables = Variables { code, params: checked.params, pwa_base: parts.settings.pwa_base.as_deref() };
        let hops = render::plan(&checked.template.definition, &checked.channels, checked.language, variables);
        let bare = code.map(Code::expose).or_else(|| params_code(checked));
        let mut deliveries = Vec::with_capacity(checked.recipients.len());
        let mut orders = vec![];
        for (index, recipient) in checked.recipients.iter().enumerate() {
            let id = if index == 0 { message.0 } else { parts.ids.next(now)? };
            let plan = Plan {
                recipient: recipient.clone(),
                hops: hops.clone(),
                code: bare.map(|code| Zeroizing::new(code.to_owned())),
                sender: checked.params.from_id().map(str::to_owned),
                language: checked.language.tag().to_owned(),
            };
            let (delivery, order) = self.delivery(plan, (id, message, checked.app), (now, expires_at))?;
            deliveries.push(delivery);
            orders.extend(order);
        }
        Ok((deliveries, orders))
    }

    /// A plan as it is written, and as it goes to the worker of this node where there is a place for it.
    pub(super) fn delivery(
        &self,
        plan: Plan,
        (id, message, app): (i64, MessageId, i64),
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<(NewDelivery, Option<(Place, Order)>), Error> {
        let parts = self.parts();
        let body = self.seal_plan(&plan, id, now)?;
        let place = parts.handoff.place(app);
        let (claim, due_at) = if place.is_some() { (id, now + parts.settings.lease) } else { (0, now) };
        let ticket = Ticket { delivery: id, claim, message, app };
        let past = Past::default();
        let order = Order { ticket, plan, hop: 0, attempt: 0, expires_at, claimed_until: due_at, past };
        Ok((NewDelivery { id, body, claim, due_at }, place.map(|place| (place, order))))
    }

    /// The 3004 window: one live code per application, template and target (spec 10, row 10). Custom messages have none.
    fn slot(&self, checked: &Checked<'_>, carried: &Carried) -> Option<i64> {
        let recipient = match carried {
            Carried::Judged(_) | Carried::Own(_) => checked.recipients.first()?,
            Carried::Params => return None,
        };
        let app = checked.app.to_be_bytes();
        let template = checked.template.definition.id.as_bytes();
        let digest = self.parts().keys.load().digest("slot", &[&app, template, recipient.counter_key().as_bytes()]);
        Some(match first_eight(&digest) {
            0 => 1, // 0 stands for none
            slot => slot,
        })
    }
}

/// The code of a custom message from a code template (spec 1.5).
fn params_code<'a>(checked: &Checked<'a>) -> Option<&'a str> {
    checked.template.definition.code.and(checked.params.get("code"))
}

fn hand_over(orders: Vec<(Place, Order)>) {
    for (place, order) in orders {
        place.send(order);
    }
}
