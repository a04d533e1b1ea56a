//! Sending a session again: another code under the same id, or the same one once more.

use std::{sync::Arc, time::Duration};

use super::{
    Again, Session, SessionSpec, Which,
    begin::TRIES,
    details::Details,
    look::{Found, state},
    write::{Head, Sending},
};
use crate::{
    core::{
        clock::Timestamp,
        code::Code,
        id::MessageId,
        policy::{OnRepeat, Policy, Resend, SecretForm},
        recipient::Recipient,
        session::SessionState,
    },
    service::{Caller, Error, Service},
    store::batch::{Replaced, SendOutcome},
};

/// What a policy says of a new code for an old session.
#[derive(Clone, Copy)]
struct Renewal {
    reset_guesses: bool,
    restart_clock: bool,
    max: u8,
    gap: Duration,
}

impl Service {
    /// Sends a new code under the session's id; the old one ends.
    pub async fn resend(
        &self,
        caller: &Caller,
        which: &Which<'_>,
        policy: &Policy,
        again: Again<'_>,
    ) -> Result<Arc<Session>, Error> {
        let Resend::NewCode { reset_guesses, restart_clock, max, gap } = policy.resend else {
            return Err(Error::SendsUsedUp);
        };
        let renewal = Renewal { reset_guesses, restart_clock, max, gap };
        let (mut newer, mut tries) = (None, 0);
        loop {
            let found = self.find(caller.app, which).await?;
            if let Some(session) = self.renew(caller, (&found, newer), (policy, renewal), &again).await? {
                return Ok(session);
            }
            newer = self.newer(caller.app, &found, policy).await?;
            tries += 1;
            if tries == TRIES {
                return Err(self.too_soon(again.channel.unwrap_or(found.details.channel)));
            }
        }
    }

    /// The message of a newer living session of the same recipient: one code lives at a time, so that its own ends.
    async fn newer(&self, app: i64, found: &Found, policy: &Policy) -> Result<Option<MessageId>, Error> {
        if policy.on_repeat != OnRepeat::ExpireOlder {
            return Ok(None);
        }
        let newest = self.parts().store.newest_session(app, found.row.slot).await?;
        let living = newest.filter(|row| state(row, self.parts().clock.now()) == SessionState::Pending);
        Ok(living.map(|row| row.message))
    }

    /// `None` when the session changed meanwhile, or when a newer one lives that is not named.
    async fn renew(
        &self,
        caller: &Caller,
        (found, newer): (&Found, Option<MessageId>),
        (policy, renewal): (&Policy, Renewal),
        again: &Again<'_>,
    ) -> Result<Option<Arc<Session>>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        may_be_renewed(found, renewal, now)?;
        let mut details = found.details.clone();
        details.channel = again.channel.unwrap_or(details.channel);
        details.sender = again.sender.clone().or_else(|| details.sender.clone());
        details.language = again.language.clone().unwrap_or_else(|| details.language.clone());
        let code = Code::generate(details.spec, policy.leading_zero, &*parts.entropy)?;
        details.code = (policy.secret == SecretForm::Sealed).then(|| code.expose().to_owned());
        let life = Duration::from_millis(details.life);
        let expires_at = if renewal.restart_clock { now + life } else { found.row.expires_at };
        let own = found.row.message;
        let counted = (!renewal.reset_guesses).then_some((own, found.row.attempts));
        let replaces = Some(Replaced { message: newer.unwrap_or(own), counted });
        self.send_again(
            caller,
            found,
            Next { details, recipient: found.recipient.clone(), code, life: (now, expires_at), replaces },
            policy,
            again.compose,
        )
        .await
    }

    /// A live session sent once more: the same code, id, token and clock. `None` when it changed meanwhile.
    pub(super) async fn repeat(
        &self,
        caller: &Caller,
        older: &Found,
        spec: &mut SessionSpec<'_>,
    ) -> Result<Option<Arc<Session>>, Error> {
        if matches!(spec.policy.resend, Resend::ByRepeat { max } if older.row.resends >= max) {
            return Err(Error::SendsUsedUp);
        }
        let mut details = older.details.clone();
        details.extra.extend(spec.extra.clone());
        details.sender = spec.sender.clone();
        let Some(code) = details.code.as_deref().map(Code::given) else { return Err(Error::SendsUsedUp) };
        let own = older.row.message;
        let replaces = Some(Replaced { message: own, counted: Some((own, older.row.attempts)) });
        let life = (self.parts().clock.now(), older.row.expires_at);
        let next = Next { details, recipient: spec.recipient.clone(), code, life, replaces };
        self.send_again(caller, older, next, spec.policy, spec.compose).await
    }

    async fn send_again(
        &self,
        caller: &Caller,
        found: &Found,
        next: Next,
        policy: &Policy,
        compose: super::Compose<'_>,
    ) -> Result<Option<Arc<Session>>, Error> {
        let Next { details, recipient, code, life, replaces } = next;
        self.check_sendable(caller.app, &recipient, details.channel)?;
        let row = &found.row;
        let mut session =
            self.seen(&Found { row: row.clone(), recipient: recipient.clone(), details: details.clone() });
        let head = Head {
            id: row.id,
            dialect: row.dialect.clone(),
            public_id: row.public_id.clone(),
            scope: row.scope.clone(),
            slot: row.slot,
            link: None, // it has it already
        };
        let id = MessageId(self.parts().ids.next(life.0)?);
        let sending = Sending { id, head, details, recipient: &recipient, code, life, replaces, policy, compose };
        let channel = sending.details.channel;
        let written = self.send_session(caller, sending).await?;
        match written.outcome {
            SendOutcome::Accepted => {}
            SendOutcome::WindowHeld => return Ok(None),
            SendOutcome::OverLimit(refusal) => {
                return Err(self.over_limit(caller.app, (Some(&recipient), channel), &refusal));
            }
        }
        session.channel = channel;
        session.state = SessionState::Pending;
        session.delivery = crate::core::session::DeliveryState::Sent;
        (session.sent_at, session.expires_at) = life;
        session.resends += 1;
        session.attempts = replaces.and_then(|old| old.counted).map_or(0, |counted| counted.1);
        let session = Arc::new(session);
        self.remember(caller, (&row.dialect, row.slot), (written.message, policy), &session);
        Ok(Some(session))
    }
}

/// What is sent again.
struct Next {
    details: Details,
    recipient: Recipient,
    code: Code,
    life: (Timestamp, Timestamp),
    replaces: Option<Replaced>,
}

fn may_be_renewed(found: &Found, renewal: Renewal, now: Timestamp) -> Result<(), Error> {
    match state(&found.row, now) {
        SessionState::Verified { .. } => return Err(Error::CodeUsed),
        SessionState::Exhausted if !renewal.reset_guesses => return Err(Error::GuessesUsedUp),
        SessionState::Pending | SessionState::Expired | SessionState::Exhausted => {}
    }
    if found.row.resends >= renewal.max {
        return Err(Error::SendsUsedUp);
    }
    let free = found.row.sent_at + renewal.gap;
    if now < free { Err(Error::TooSoon { retry_after: Some(free.since(now)) }) } else { Ok(()) }
}
