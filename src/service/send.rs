//! Accepting a message: everything is made, sealed and on disk before the caller hears of it.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{
    Caller, Cause, Error, Order, Service,
    directory::first_eight,
    handoff::{Place, Ticket},
};
use crate::{
    channel::Refusal,
    core::{
        access::Permission,
        channel::Channel,
        clock::Timestamp,
        code::Code,
        id::MessageId,
        language::Language,
        params::Params,
        plan::Plan,
        policy::Policy,
        recipient::Recipient,
        render::{self, Variables},
        template::{Audit, Definition, Template},
    },
    store::batch::{NewDelivery, NewMessage, SendOutcome},
};

/// How long a message that carries no code of a template may wait for its provider.
const LIFE_WITHOUT_CODE: Duration = Duration::from_secs(600);

/// Send a code that the server makes (spec 1.2).
pub struct SendCode {
    /// To whom.
    pub recipient: Recipient,
    /// From which template.
    pub template: String,
    /// In which language.
    pub language: Language,
    /// Values for the template.
    pub params: Params,
    /// To be echoed in callbacks.
    pub custom_args: Option<Map<String, Value>>,
}

/// Send a code that the caller made and will judge itself (spec 1.3).
pub struct SendOwnCode {
    /// Everything but the code.
    pub message: SendCode,
    /// The code.
    pub code: Code,
}

/// Send a template's text to one or more recipients (spec 1.5).
pub struct SendCustom {
    /// To whom.
    pub recipients: Vec<Recipient>,
    /// From which template.
    pub template: String,
    /// Values for the template.
    pub params: Params,
    /// To be echoed in callbacks.
    pub custom_args: Option<Map<String, Value>>,
}

/// The message is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub message: MessageId,
    /// The channel used first.
    pub channel: Channel,
}

/// A message whose parts have been checked.
struct Checked<'a> {
    app: i64,
    template: &'a Template,
    recipients: &'a [Recipient],
    channels: Vec<Channel>,
    language: Language,
    params: &'a Params,
    custom_args: Option<Map<String, Value>>,
}

/// What a message carries.
enum Carried {
    /// A code that the server judges.
    Judged(Code),
    /// A code that the caller judges.
    Own(Code),
    /// Whatever the parameters say.
    Params,
}

impl Service {
    /// Makes a code, and has it delivered. `policy` is the dialect's; the template decides the code's shape and life.
    pub async fn send_code(&self, caller: &Caller, policy: &Policy, send: SendCode) -> Result<Receipt, Error> {
        caller.need(Permission::Send)?;
        let template = self.usable_template(caller, &send.template).await?;
        let recipients = [send.recipient];
        let checked = self.check(caller, &template, &recipients, &send.params)?;
        let checked = Checked { language: send.language, custom_args: send.custom_args, ..checked };
        let config = template.definition.code.ok_or(Error::NotACodeTemplate)?;
        let code = Code::generate(config.spec, policy.leading_zero, &*self.parts().entropy)?;
        self.accept(checked, Carried::Judged(code), policy.max_guesses).await
    }

    /// Has the caller's own code delivered.
    pub async fn send_own_code(&self, caller: &Caller, send: SendOwnCode) -> Result<Receipt, Error> {
        caller.need(Permission::Send)?;
        let SendOwnCode { message, code } = send;
        let template = self.usable_template(caller, &message.template).await?;
        let recipients = [message.recipient];
        let checked = self.check(caller, &template, &recipients, &message.params)?;
        let checked = Checked { language: message.language, custom_args: message.custom_args, ..checked };
        template.definition.code.ok_or(Error::NotACodeTemplate)?;
        self.accept(checked, Carried::Own(code), 0).await
    }

    /// Has a template's text delivered.
    pub async fn send_custom(&self, caller: &Caller, send: SendCustom) -> Result<Receipt, Error> {
        caller.need(Permission::Send)?;
        let template = self.usable_template(caller, &send.template).await?;
        if template.definition.is_code_template() && send.params.get("code").is_none_or(str::is_empty) {
            return Err(Error::Invalid("template.params.code is required".into()));
        }
        let checked = self.check(caller, &template, &send.recipients, &send.params)?;
        self.accept(Checked { custom_args: send.custom_args, ..checked }, Carried::Params, 0).await
    }

    async fn usable_template(&self, caller: &Caller, template_id: &str) -> Result<Arc<Template>, Error> {
        let template = self.template(caller, template_id).await?;
        if template.status == Audit::Approved { Ok(template) } else { Err(Error::TemplateNotApproved) }
    }

    fn check<'a>(
        &self,
        caller: &Caller,
        template: &'a Template,
        recipients: &'a [Recipient],
        params: &'a Params,
    ) -> Result<Checked<'a>, Error> {
        if template.definition.is_code_template() {
            params.check_no_links().map_err(|fault| Error::Invalid(fault.to_string()))?;
        }
        self.check_sender(params)?;
        if recipients.iter().any(|recipient| !suits(&template.definition, recipient)) {
            return Err(Error::WrongTarget);
        }
        let directory = self.parts().directory.load();
        if recipients.iter().any(|recipient| directory.is_blocked(self.target(recipient))) {
            return Err(Error::Blocked);
        }
        let channels = self.usable_channels(&template.definition)?;
        let language = Language::Default;
        Ok(Checked { app: caller.app, template, recipients, channels, language, params, custom_args: None })
    }

    fn check_sender(&self, params: &Params) -> Result<(), Error> {
        let allowed = |sender: &str| self.parts().settings.sender_ids.iter().any(|allowed| allowed == sender);
        match params.from_id() {
            Some(sender) if !allowed(sender) => Err(Error::Invalid("invalid template.params.from_id".into())),
            _ => Ok(()),
        }
    }

    /// The channels of the strategy that somebody carries, in its order.
    fn usable_channels(&self, definition: &Definition) -> Result<Vec<Channel>, Error> {
        let channels = definition.strategy.channels();
        let carried: Vec<_> =
            channels.iter().copied().filter(|channel| self.parts().registry.carries(*channel)).collect();
        match (carried.is_empty(), channels.first()) {
            (true, Some(&channel)) => Err(Error::Refused { channel, refusal: Refusal::Other }),
            _ => Ok(carried),
        }
    }

    async fn accept(&self, checked: Checked<'_>, carried: Carried, max_guesses: u8) -> Result<Receipt, Error> {
        let parts = self.parts();
        let channel = *checked.channels.first().ok_or(Error::WrongTarget)?;
        if parts.metrics.outbox_depth() >= parts.settings.outbox_limit {
            return Err(Error::Overloaded);
        }
        let now = parts.clock.now();
        let id = MessageId(parts.ids.next(now)?);
        let life = checked.template.definition.code.map_or(LIFE_WITHOUT_CODE, |code| code.ttl());
        let (deliveries, orders) = self.deliveries(&checked, &carried, id, now, now + life)?;
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
            max_attempts: max_guesses,
            created_at: now,
            expires_at: now + life,
            custom_args: checked.custom_args.map(|args| Value::Object(args).to_string()),
            deliveries,
        };
        let hand_over = move || {
            for (place, order) in orders {
                place.send(order);
            }
        };
        let outcome = parts.store.writer().send(message, Box::new(hand_over)).await?;
        parts.metrics.sent(channel, outcome);
        if outcome == SendOutcome::WindowHeld {
            return Err(Error::TooSoon);
        }
        Ok(Receipt { message: id, channel })
    }

    /// One delivery per recipient; those that found a place go to the worker of this node.
    fn deliveries(
        &self,
        checked: &Checked<'_>,
        carried: &Carried,
        message: MessageId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(Vec<NewDelivery>, Vec<(Place, Order)>), Error> {
        let parts = self.parts();
        let code = match carried {
            Carried::Judged(code) | Carried::Own(code) => Some(code),
            Carried::Params => None,
        };
        let variables = Variables { code, params: checked.params, pwa_base: parts.settings.pwa_base.as_deref() };
        let hops = render::plan(&checked.template.definition, &checked.channels, checked.language, variables);
        let mut deliveries = Vec::with_capacity(checked.recipients.len());
        let mut orders = vec![];
        for (index, recipient) in checked.recipients.iter().enumerate() {
            let id = if index == 0 { message.0 } else { parts.ids.next(now)? };
            let plan = Plan {
                recipient: recipient.clone(),
                hops: hops.clone(),
                sender: checked.params.from_id().map(str::to_owned),
                language: checked.language.tag().to_owned(),
            };
            let body = self.seal_plan(&plan, id, now)?;
            let place = parts.handoff.place();
            let (claim, due_at) = if place.is_some() { (id, now + parts.settings.lease) } else { (0, now) };
            deliveries.push(NewDelivery { id, body, claim, due_at });
            let ticket = Ticket { delivery: id, claim, message, app: checked.app };
            let order = Order { ticket, plan, hop: 0, attempt: 0, expires_at };
            orders.extend(place.map(|place| (place, order)));
        }
        Ok((deliveries, orders))
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

    fn seal_recipients(&self, recipients: &[Recipient], id: MessageId, now: Timestamp) -> Result<Vec<u8>, Error> {
        let parts = self.parts();
        let plain = serde_json::to_vec(recipients).map_err(Cause::from)?;
        let place = [b"recipient", &id.0.to_be_bytes()[..]].concat();
        Ok(parts.keys.load().seal(&place, &plain, now, &*parts.entropy)?)
    }

    fn seal_plan(&self, plan: &Plan, id: i64, now: Timestamp) -> Result<Vec<u8>, Error> {
        let parts = self.parts();
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(plan).map_err(Cause::from)?);
        Ok(parts.keys.load().seal(&plan_place(id), &plain, now, &*parts.entropy)?)
    }

    /// Opens the plan of a claimed delivery.
    pub fn open_plan(&self, delivery: i64, sealed: &[u8]) -> Option<Plan> {
        let plain = self.parts().keys.load().open(&plan_place(delivery), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

fn plan_place(delivery: i64) -> Vec<u8> {
    [b"outbox", &delivery.to_be_bytes()[..]].concat()
}

fn suits(definition: &Definition, recipient: &Recipient) -> bool {
    let by_mail = definition.strategy.contains(Channel::Email);
    by_mail == matches!(recipient, Recipient::Email(_))
}
