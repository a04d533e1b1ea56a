//! Writing one message of a session, and hearing how its first delivery went where the dialect wants to know.

use zeroize::Zeroizing;

use super::{Compose, Draft, details::Details};
use crate::{
    channel::Refusal,
    core::{
        channel::Channel,
        clock::Timestamp,
        code::Code,
        id::MessageId,
        keyring::Tag,
        plan::{Hop, Plan},
        policy::{FirstDelivery, OnRepeat, Policy},
        recipient::Recipient,
    },
    service::{Caller, Error, Order, Service, accept::Guarded, handoff::Place},
    store::batch::{NewDelivery, NewMessage, NewSession, Replaced, SendOutcome},
};

/// The session of a message that is to be written.
pub(super) struct Head {
    /// Id of its first message.
    pub(super) id: i64,
    pub(super) dialect: String,
    pub(super) public_id: String,
    pub(super) scope: String,
    /// Digest of whom it is for, 0 for none.
    pub(super) slot: i64,
    /// SHA-256 of the token of its link.
    pub(super) link: Option<Vec<u8>>,
}

/// A message of a session.
pub(super) struct Sending<'a> {
    pub(super) id: MessageId,
    pub(super) head: Head,
    pub(super) details: Details,
    pub(super) recipient: &'a Recipient,
    pub(super) code: Code,
    pub(super) life: (Timestamp, Timestamp),
    pub(super) replaces: Option<Replaced>,
    pub(super) policy: &'a Policy,
    pub(super) compose: Compose<'a>,
}

/// A message that was written, or not.
pub(super) struct Written {
    pub(super) outcome: SendOutcome,
    /// The slot of its session.
    pub(super) slot: i64,
    /// Id of the message.
    pub(super) message: MessageId,
}

impl Service {
    /// Refuses whom nothing may be sent to, before anything is made.
    pub(super) fn check_sendable(&self, app: i64, recipient: &Recipient, channel: Channel) -> Result<(), Error> {
        let parts = self.parts();
        if self.is_blocked(recipient) {
            return Err(Error::Blocked);
        }
        self.check_balance(app)?;
        if !parts.registry.carries(channel) {
            return Err(Error::Refused { channel, refusal: Refusal::Other });
        }
        self.check_spray(app, Some(recipient), channel)?;
        self.check_room()
    }

    /// Writes a message and leads its session to it. Where the dialect says how the first delivery went, this waits for it:
    /// nobody having taken it is then an error.
    pub(super) async fn send_session(&self, caller: &Caller, sending: Sending<'_>) -> Result<Written, Error> {
        let parts = self.parts();
        let (policy, channel) = (sending.policy, sending.details.channel);
        let (message, session, slot) = (sending.id, sending.head.id, sending.head.slot);
        let (message_row, order) = self.session_message(caller, sending)?;
        let orders = order.into_iter().collect();
        let (outcome, refused) = match policy.first_delivery {
            FirstDelivery::Queue => (self.write(message_row, orders).await?, false),
            FirstDelivery::Await => self.write_and_hear(message_row, orders).await?,
        };
        if refused {
            if policy.on_repeat == OnRepeat::ReuseLive || session == message.0 {
                parts.store.drop_session(session, message).await?;
            }
            return Err(Error::Refused { channel, refusal: Refusal::Other });
        }
        Ok(Written { outcome, slot, message })
    }

    fn session_message(
        &self,
        caller: &Caller,
        sending: Sending<'_>,
    ) -> Result<(NewMessage, Option<(Place, Order)>), Error> {
        let Sending { id, head, details, recipient, code, life: (now, expires_at), replaces, policy, compose } =
            sending;
        let (app, channel) = (caller.app, details.channel);
        let caps = self.caps(app, std::slice::from_ref(recipient), channel)?;
        let mut plan = plan(&details, recipient, &code, (now, expires_at), compose);
        // A name in the text need not be one that providers may be asked for.
        plan.sender = plan.sender.take().filter(|sender| self.allows_sender(sender));
        let (delivery, order) = self.delivery(plan, (id.0, id, app), (now, expires_at))?;
        let tag: Tag = self.parts().keys.load().tag(app, id, &code, now);
        let scope = self.pace_scope(&head.dialect, &head.scope);
        let guarded = Guarded { max_guesses: policy.max_guesses, pace: policy.pace, scope };
        let row = NewMessage {
            id,
            app,
            template_id: format!("{}/{}", head.dialect, details.template),
            target: self.target(recipient),
            recipient: self.seal_details((recipient, &details), id, now)?,
            // Sessions of one recipient that live side by side hold windows of their own.
            slot: Some(if policy.on_repeat == OnRepeat::KeepBoth { head.id } else { head.slot }),
            channel,
            tag: Some(tag),
            max_attempts: policy.max_guesses,
            created_at: now,
            expires_at,
            custom_args: None,
            deliveries: Vec::<NewDelivery>::from([delivery]),
            country: self.counted_country(Some(recipient)),
            caps,
            budget: self.budget_of(recipient, guarded),
            session: Some(NewSession {
                id: head.id,
                dialect: head.dialect,
                public_id: head.public_id,
                scope: head.scope,
                slot: head.slot,
                link: head.link,
            }),
            replaces,
            address: caller.address(),
        };
        Ok((row, order))
    }
}

fn plan(
    details: &Details,
    recipient: &Recipient,
    code: &Code,
    (now, expires_at): (Timestamp, Timestamp),
    compose: Compose<'_>,
) -> Plan {
    let draft = Draft {
        code: code.expose(),
        link_token: details.link_token.as_deref(),
        life: expires_at.since(now),
        recipient,
        sender: details.sender.as_deref(),
        language: &details.language,
        extra: &details.extra,
    };
    Plan {
        recipient: recipient.clone(),
        hops: vec![Hop { channel: details.channel, content: compose(&draft) }],
        code: Some(Zeroizing::new(code.expose().to_owned())),
        sender: details.sender.clone(),
        language: details.language.clone(),
    }
}
