//! Beginning a session, or what a dialect does instead while an older one lives.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{
    Session, SessionSpec, Which,
    details::Details,
    look::{Found, state},
    write::{Head, Sending, Written},
};
use crate::{
    core::{
        code::Code,
        id::MessageId,
        policy::{OnRepeat, SecretForm},
        session::{DeliveryState, SessionState},
    },
    service::{Caller, Error, Service},
    store::batch::{Replaced, SendOutcome},
};

/// How often a send is begun anew when another one to the same recipient came first.
pub(super) const TRIES: usize = 4;

impl Service {
    /// Begins a session; while an older one of the recipient lives, the policy says what happens to it. Most have none, so that
    /// nobody looks for one before the send is refused.
    pub async fn begin(&self, caller: &Caller, mut spec: SessionSpec<'_>) -> Result<Arc<Session>, Error> {
        let mut older = None;
        for nth in 0..TRIES {
            if nth > 0 {
                older = self.older(caller, &spec).await?;
            }
            if let Some(live) = &older
                && spec.policy.on_repeat == OnRepeat::ReuseLive
            {
                // Seldom, and large: every call would be as large.
                if let Some(session) = Box::pin(self.repeat(caller, live, &mut spec)).await? {
                    return Ok(session);
                }
                continue;
            }
            let (written, session) = self.begin_once(caller, &spec, older.as_ref()).await?;
            match written.outcome {
                SendOutcome::Accepted => {
                    self.remember(caller, (spec.dialect, written.slot), (written.message, spec.policy), &session);
                    return Ok(session);
                }
                SendOutcome::WindowHeld if spec.policy.on_repeat == OnRepeat::Refuse => break,
                SendOutcome::WindowHeld => {} // look who holds it
                // The same code once more takes no guesses of its own.
                SendOutcome::OverLimit(_) if nth == 0 && spec.policy.on_repeat == OnRepeat::ReuseLive => {}
                SendOutcome::OverLimit(refusal) => {
                    let whom = (Some(&spec.recipient), spec.channel);
                    return Err(self.over_limit(caller.app, whom, &refusal));
                }
            }
        }
        Err(self.too_soon(spec.channel))
    }

    /// The live session that a new one of the recipient has to do with.
    async fn older(&self, caller: &Caller, spec: &SessionSpec<'_>) -> Result<Option<Found>, Error> {
        if matches!(spec.policy.on_repeat, OnRepeat::KeepBoth | OnRepeat::Refuse) {
            return Ok(None);
        }
        let newest = Which::Newest { dialect: spec.dialect, scope: spec.scope, recipient: &spec.recipient };
        let found = self.found(caller.app, &newest).await?;
        Ok(found.filter(|found| state(&found.row, self.parts().clock.now()) == SessionState::Pending))
    }

    async fn begin_once(
        &self,
        caller: &Caller,
        spec: &SessionSpec<'_>,
        older: Option<&Found>,
    ) -> Result<(Written, Arc<Session>), Error> {
        let parts = self.parts();
        let (now, policy) = (parts.clock.now(), spec.policy);
        self.check_sendable(caller.app, &spec.recipient, spec.channel)?;
        let id = MessageId(parts.ids.next(now)?);
        let (public_id, link_token) =
            parts.keys.load().session_ids().names(id.0, spec.id_form, spec.with_link, &*parts.entropy)?;
        let code = Code::generate(spec.spec, policy.leading_zero, &*parts.entropy)?;
        let details = details(spec, &code, link_token);
        let expires_at = now + policy.ttl;
        let session = Session {
            id: id.0,
            public_id,
            scope: spec.scope.to_owned(),
            recipient: Some(spec.recipient.clone()),
            channel: spec.channel,
            state: SessionState::Pending,
            delivery: DeliveryState::Sent,
            created_at: now,
            sent_at: now,
            expires_at,
            attempts: 0,
            max_attempts: policy.max_guesses,
            resends: 0,
            code_length: spec.spec.length,
            sender: spec.sender.clone(),
            language: spec.language.clone(),
            extra: spec.extra.clone(),
        };
        let sending = Sending {
            id,
            head: self.head(caller, spec, &session, details.link_token.as_deref()),
            details,
            recipient: &spec.recipient,
            code,
            life: (now, expires_at),
            replaces: older.map(|older| Replaced { message: older.row.message, counted: None }),
            policy,
            compose: spec.compose,
        };
        let written = self.send_session(caller, sending).await?;
        Ok((written, Arc::new(session)))
    }

    fn head(&self, caller: &Caller, spec: &SessionSpec<'_>, session: &Session, link_token: Option<&str>) -> Head {
        Head {
            id: session.id,
            dialect: spec.dialect.to_owned(),
            public_id: session.public_id.clone(),
            scope: spec.scope.to_owned(),
            slot: match spec.policy.on_repeat {
                OnRepeat::KeepBoth => 0, // nobody asks for the newest
                _ => self.session_slot(caller.app, spec.dialect, spec.scope, &spec.recipient),
            },
            link: link_token.map(link_digest),
        }
    }
}

/// What of a link's token is kept (security E5).
pub(super) fn link_digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn details(spec: &SessionSpec<'_>, code: &Code, link_token: Option<String>) -> Details {
    let sealed = spec.policy.secret == SecretForm::Sealed;
    Details {
        channel: spec.channel,
        spec: spec.spec,
        template: spec.template.to_owned(),
        sender: spec.sender.clone(),
        language: spec.language.clone(),
        life: u64::try_from(spec.policy.ttl.as_millis()).unwrap_or(u64::MAX),
        extra: spec.extra.clone(),
        code: sealed.then(|| code.expose().to_owned()),
        link_token,
    }
}
