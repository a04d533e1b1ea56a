//! Sending: who may send what from which template to whom.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    Caller, Error, Service,
    accept::{Carried, Checked, Guarded},
};
use crate::{
    channel::Refusal,
    core::{
        access::Permission,
        channel::Channel,
        code::Code,
        id::MessageId,
        language::Language,
        params::Params,
        policy::Policy,
        recipient::Recipient,
        template::{Audit, Definition, Template},
    },
};

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
        let guarded = Guarded { max_guesses: policy.max_guesses, pace: policy.pace, scope: None };
        self.accept(checked, Carried::Judged(code), guarded).await
    }

    /// Has the caller's own code delivered, at the dialect's pace.
    pub async fn send_own_code(&self, caller: &Caller, policy: &Policy, send: SendOwnCode) -> Result<Receipt, Error> {
        caller.need(Permission::Send)?;
        let SendOwnCode { message, code } = send;
        let template = self.usable_template(caller, &message.template).await?;
        let recipients = [message.recipient];
        let checked = self.check(caller, &template, &recipients, &message.params)?;
        let checked = Checked { language: message.language, custom_args: message.custom_args, ..checked };
        template.definition.code.ok_or(Error::NotACodeTemplate)?;
        self.accept(checked, Carried::Own(code), Guarded { max_guesses: 0, pace: policy.pace, scope: None }).await
    }

    /// Has a template's text delivered.
    pub async fn send_custom(&self, caller: &Caller, send: SendCustom) -> Result<Receipt, Error> {
        caller.need(Permission::Send)?;
        let template = self.usable_template(caller, &send.template).await?;
        if template.definition.is_code_template() && send.params.get("code").is_none_or(str::is_empty) {
            return Err(Error::Invalid("template.params.code is required".into()));
        }
        let checked = self.check(caller, &template, &send.recipients, &send.params)?;
        self.accept(Checked { custom_args: send.custom_args, ..checked }, Carried::Params, Guarded::default()).await
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
        if recipients.iter().any(|recipient| self.is_blocked(recipient)) {
            return Err(Error::Blocked);
        }
        self.check_balance(caller.app)?;
        let channels = self.usable_channels(&template.definition)?;
        let language = Language::Default;
        Ok(Checked { app: caller.app, template, recipients, channels, language, params, custom_args: None })
    }

    fn check_sender(&self, params: &Params) -> Result<(), Error> {
        match params.from_id() {
            Some(sender) if !self.allows_sender(sender) => {
                Err(Error::Invalid("invalid template.params.from_id".into()))
            }
            _ => Ok(()),
        }
    }

    /// Whether providers may be asked for this sender id (security C8).
    pub(super) fn allows_sender(&self, sender: &str) -> bool {
        self.parts().settings.sender_ids.iter().any(|allowed| allowed == sender)
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
}

fn suits(definition: &Definition, recipient: &Recipient) -> bool {
    let by_mail = definition.strategy.contains(Channel::Email);
    by_mail == matches!(recipient, Recipient::Email(_))
}
