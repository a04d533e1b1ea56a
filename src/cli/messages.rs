//! `verifyd message …`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    CliError, Common,
    apps::rfc3339,
    output::{no_such, say, table},
};
use crate::{
    app::App,
    core::{channel::Channel, id::MessageId},
    service::Life,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show the life of a message: what happened to it, when, and by whom; no code, no recipient in full
    Show {
        /// Its id, as the API gave it
        message_id: String,
    },
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let app = common.open().await?;
    let Command::Show { message_id } = command;
    let said = show(common, &app, &message_id).await;
    app.close().await;
    said
}

async fn show(common: &Common, app: &App, message_id: &str) -> Result<(), CliError> {
    let Some(id) = MessageId::parse(message_id) else { return Err(no_such("message", message_id)) };
    let life = app.service().life(id).await?.ok_or_else(|| no_such("message", message_id))?;
    let owner = app.service().parts().directory.load().apps.iter().find(|app| app.id == life.message.app).cloned();
    let owner = owner.map_or_else(|| life.message.app.to_string(), |owner| owner.name);
    say(common.json, &as_json(&owner, &life), &as_text(&owner, &life))
}

fn as_json(owner: &str, life: &Life) -> Value {
    let message = &life.message;
    let events = message.events.iter().map(|event| {
        json!({
            "at": rfc3339(event.at),
            "event": event.kind,
            "channel": event.channel.map(Channel::as_str),
            "provider": event.provider,
            "attempt": event.attempt,
            "error_code": event.error_code,
            "detail": event.detail,
            "cost": event.cost.map(|cost| cost.to_string()),
            "delivery": event.delivery.map(|delivery| delivery.to_string()),
        })
    });
    json!({
        "message_id": message.id.to_string(),
        "app": owner,
        "template_id": message.template_id,
        "to": life.recipients,
        "state": life.state().as_str(),
        "created_at": rfc3339(message.created_at),
        "expires_at": rfc3339(message.expires_at),
        "guesses": message.guesses,
        "verified_at": message.verified_at.map(rfc3339),
        "waiting": message.waiting,
        "events": events.collect::<Vec<_>>(),
    })
}

fn as_text(owner: &str, life: &Life) -> String {
    let message = &life.message;
    let to = if life.recipients.is_empty() { "(forgotten)".to_owned() } else { life.recipients.join(", ") };
    let verified =
        message.verified_at.map_or_else(|| "not verified".to_owned(), |at| format!("verified {}", rfc3339(at)));
    let rows = message.events.iter().map(|event| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            rfc3339(event.at),
            event.kind.clone(),
            event.channel.map(|channel| channel.as_str().to_owned()).unwrap_or_default(),
            text(&event.provider),
            event.attempt.map(|attempt| attempt.to_string()).unwrap_or_default(),
            if event.error_code == 0 { String::new() } else { event.error_code.to_string() },
            event.cost.map(|cost| cost.to_string()).unwrap_or_default(),
            text(&event.detail),
        ]
    });
    let titles = ["TIME", "EVENT", "CHANNEL", "PROVIDER", "TRY", "ERROR", "COST", "DETAIL"];
    let expires = rfc3339(message.expires_at);
    let head = format!(
        "Message {} of `{owner}` to {to}, from template `{}`: {}.\nExpires {expires}; {verified}; guesses: {}; waiting: {}.",
        message.id,
        message.template_id,
        life.state().as_str(),
        message.guesses,
        message.waiting
    );
    format!("{head}\n\n{}", table(&titles, &rows.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{clock::Timestamp, id::first_at, money::Usd},
        service::{EventRow, MessageRow},
    };

    const START: Timestamp = Timestamp::from_millis(1_795_219_200_000);

    fn event(kind: &str, channel: Channel, provider: Option<&str>, error_code: i16, detail: Option<&str>) -> EventRow {
        EventRow {
            id: 0,
            kind: kind.to_owned(),
            channel: Some(channel),
            provider: provider.map(str::to_owned),
            attempt: provider.map(|_| 1),
            error_code,
            detail: detail.map(str::to_owned),
            cost: (kind == "sent").then_some(Usd::from_micros(32_000)),
            at: START,
            delivery: None,
        }
    }

    #[test]
    fn a_life_is_a_table_of_its_steps() {
        let message = MessageRow {
            id: MessageId(first_at(START)),
            app: 1,
            template_id: "otp".to_owned(),
            recipient: vec![],
            channel: Channel::Whatsapp,
            guesses: 0,
            max_guesses: 5,
            verified_at: None,
            created_at: START,
            expires_at: START + std::time::Duration::from_mins(5),
            waiting: 0,
            events: vec![
                event("plan", Channel::Whatsapp, None, 0, None),
                event("sent_failed", Channel::Whatsapp, Some("meta"), 5012, Some("no account")),
                event("sent", Channel::Sms, Some("gateway"), 0, Some("7f3a")),
            ],
        };
        let life = Life { message, recipients: vec!["+65****32".to_owned()] };
        insta::assert_snapshot!(as_text("default", &life), @r"
        Message 2123929381893046272 of `default` to +65****32, from template `otp`: sent.
        Expires 2026-11-21T00:05:00Z; not verified; guesses: 0; waiting: 0.

        TIME                  EVENT        CHANNEL   PROVIDER  TRY  ERROR  COST   DETAIL
        2026-11-21T00:00:00Z  plan         whatsapp
        2026-11-21T00:00:00Z  sent_failed  whatsapp  meta      1    5012          no account
        2026-11-21T00:00:00Z  sent         sms       gateway   1           0.032  7f3a
        ");
    }
}
