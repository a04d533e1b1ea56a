//! Sending a code or a link: both belong to one request of the address, which lives on while it is sent again (spec 3.3).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{DIALECT, error::ApiError, guest::Guest, mail, webhook, wire::requests::Heading};
use crate::{
    core::{
        channel::Channel,
        code::{Alphabet, CodeSpec},
        plan::Content,
        recipient::Recipient,
        session::SessionState,
        session_ids::IdForm,
    },
    service::{Draft, Error, Session, SessionSpec, Which},
};

/// What is to be sent.
pub(super) struct Order {
    pub(super) to: Recipient,
    pub(super) heading: Heading,
    pub(super) form: Form,
    /// What a new code is made of; `None` for a word that means nothing.
    pub(super) alphabet: Option<Alphabet>,
    /// Who is told when a link has been followed, if somebody else than before.
    pub(super) webhook: Option<String>,
}

/// What the mail holds.
pub(super) enum Form {
    Code,
    /// What the link begins with.
    Link(String),
}

impl Order {
    fn compose(&self, draft: &Draft<'_>) -> Content {
        match &self.form {
            Form::Code => mail::code(&self.heading, draft),
            Form::Link(base) => mail::link(&self.heading, base, draft),
        }
    }
}

impl Guest {
    /// Sends the live request of the address again, else a new one.
    pub(super) async fn send(&self, order: &Order) -> Result<Arc<Session>, ApiError> {
        let alphabet = match order.alphabet {
            Some(alphabet) => alphabet,
            None if self.is_live(&order.to).await? => Alphabet::DIGITS, // the code is made already
            None => return Err(ApiError::invalid_type()),
        };
        let mut extra = Map::new();
        extra.extend(order.webhook.clone().map(|url| (webhook::URL.to_owned(), url.into())));
        let spec = CodeSpec { alphabet, length: self.settings.code_length };
        Ok(self.begin(order, spec, extra).await?)
    }

    async fn begin(&self, order: &Order, spec: CodeSpec, extra: Map<String, Value>) -> Result<Arc<Session>, Error> {
        let begun = SessionSpec {
            dialect: DIALECT.name,
            id_form: IdForm::Wide,
            scope: "",
            recipient: order.to.clone(),
            channel: Channel::Email,
            spec,
            policy: &self.settings.policy(),
            sender: None,
            language: "en".to_owned(),
            template: match order.form {
                Form::Code => "code",
                Form::Link(_) => "link",
            },
            with_link: true,
            extra,
            compose: &|draft| order.compose(draft),
        };
        self.service.begin(&self.caller, begun).await
    }

    /// Whether a request of this address would be sent again.
    async fn is_live(&self, to: &Recipient) -> Result<bool, Error> {
        let which = Which::Newest { dialect: DIALECT.name, scope: "", recipient: to };
        match self.service.session(&self.caller, &which).await {
            Ok(session) => Ok(session.state == SessionState::Pending),
            Err(Error::NoVerification) => Ok(false),
            Err(err) => Err(err),
        }
    }
}
