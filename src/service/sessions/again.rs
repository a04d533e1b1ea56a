//! Sending a session again: another code under the same id, or the same one once more.

use std::time::Duration;

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
        policy::{Policy, Resend, SecretForm},
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
    ) -> Result<Session, Error> {
        let Resend::NewCode { reset_guesses, restart_clock, max, gap } = policy.resend else {
            return Err(Error::SendsUsedUp);
        };
        let renewal = Renewal { reset_guesses, restart_clock, max, gap };
        for _ in 0..TRIES {
            let found = self.find(caller.app, which).await?;
            if let Some(session) = self.renew(caller, &found, (policy, renewal), &again).await? {
                return Ok(session);
            }
        }
        Err(Error::TooSoon { retry_after: None })
    }

    /// `None` when the session changed meanwhile.
    async fn renew(
        &self,
        caller: &Caller,
        found: &Found,
        (policy, renewal): (&Policy, Renewal),
        again: &Again<'_>,
    ) -> Result<Option<Session>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        may_be_renewed(found, renewal, now)?;
        let recipient = self.seen(found).recipient.ok_or(Error::NoVerification)?;
        let mut details = found.details.clone();
        details.channel = again.channel.unwrap_or(details.channel);
        details.sender = again.sender.clone().or_else(|| details.sender.clone());
        details.language = again.language.clone().unwrap_or_else(|| details.language.clone());
        let code = Code::generate(details.spec, policy.leading_zero, &*parts.entropy)?;
        details.code = (policy.secret == SecretForm::Sealed).then(|| code.expose().to_owned());
        let life = Duration::from_millis(details.life);
        let expires_at = if renewal.restart_clock { now + life } else { found.row.expires_at };
        let attempts = (!renewal.reset_guesses).then_some(found.row.attempts);
        let replaces = Some(Replaced { message: found.row.message, attempts });
        self.send_again(
            caller,
            found,
            Next { details, recipient, code, life: (now, expires_at), replaces },
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
    ) -> Result<Option<Session>, Error> {
        if matches!(spec.policy.resend, Resend::ByRepeat { max } if older.row.resends >= max) {
            return Err(Error::SendsUsedUp);
        }
        let mut details = older.details.clone();
        details.extra.extend(spec.extra.clone());
        details.sender = spec.sender.clone();
        let Some(code) = details.code.as_deref().map(Code::given) else { return Err(Error::SendsUsedUp) };
        let replaces = Some(Replaced { message: older.row.message, attempts: Some(older.row.attempts) });
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
    ) -> Result<Option<Session>, Error> {
        let Next { details, recipient, code, life, replaces } = next;
        self.check_sendable(caller.app, &recipient, &details)?;
        let row = &found.row;
        let mut session = self.seen(&Found { row: row.clone(), details: details.clone() });
        let head = Head {
            id: Some(row.id),
            dialect: row.dialect.clone(),
            public_id: row.public_id.clone(),
            scope: row.scope.clone(),
            slot: row.slot,
            link: None, // it has it already
        };
        let sending = Sending { head, details, recipient: &recipient, code, life, replaces, policy, compose };
        let channel = sending.details.channel;
        let written = self.send_session(caller, sending).await?;
        match written.outcome {
            SendOutcome::Accepted => {}
            SendOutcome::WindowHeld => return Ok(None),
            SendOutcome::OverLimit(refusal) => return Err(self.over_limit(caller.app, Some(&recipient), &refusal)),
        }
        session.channel = channel;
        session.state = SessionState::Pending;
        session.delivery = crate::core::session::DeliveryState::Sent;
        (session.sent_at, session.expires_at) = life;
        session.resends += 1;
        session.attempts = replaces.and_then(|old| old.attempts).unwrap_or(0);
        self.remember(caller, (&row.dialect, row.slot), written.message, &session);
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
