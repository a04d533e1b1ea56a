//! `verifyd message …`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    CliError, Common,
    apps::rfc3339,
    output::{no_such, say, table},
};
use crate::{app::App, core::id::MessageId, service::Life};

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
    say(common.json, &as_json(id, &owner, &life), &as_text(id, &owner, &life))
}

fn as_json(id: MessageId, owner: &str, life: &Life) -> Value {
    let message = &life.message;
    let events = message.events.iter().map(|event| {
        json!({
            "at": rfc3339(event.at),
            "event": event.kind,
            "channel": event.channel,
            "provider": event.provider,
            "attempt": event.attempt,
            "error_code": event.error_code,
            "detail": event.detail,
            "delivery": event.delivery.map(|delivery| delivery.to_string()),
        })
    });
    json!({
        "message_id": id.to_string(),
        "app": owner,
        "template_id": message.template_id,
        "to": life.recipients,
        "created_at": rfc3339(message.created_at),
        "expires_at": rfc3339(message.expires_at),
        "guesses": message.guesses,
        "verified_at": message.verified_at.map(rfc3339),
        "waiting": message.waiting,
        "events": events.collect::<Vec<_>>(),
    })
}

fn as_text(id: MessageId, owner: &str, life: &Life) -> String {
    let message = &life.message;
    let to = if life.recipients.is_empty() { "(forgotten)".to_owned() } else { life.recipients.join(", ") };
    let verified = message.verified_at.map_or_else(|| "no".to_owned(), rfc3339);
    let rows = message.events.iter().map(|event| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            rfc3339(event.at),
            event.kind.clone(),
            text(&event.channel),
            text(&event.provider),
            event.attempt.map(|attempt| attempt.to_string()).unwrap_or_default(),
            if event.error_code == 0 { String::new() } else { event.error_code.to_string() },
            text(&event.detail),
        ]
    });
    let titles = ["TIME", "EVENT", "CHANNEL", "PROVIDER", "TRY", "ERROR", "DETAIL"];
    let head = [
        format!("Message {id} of `{owner}` to {to}, from template `{}`", message.template_id),
        format!("expires {}, verified {verified}, {} guesses", rfc3339(message.expires_at), message.guesses),
        format!("{} deliveries wait", message.waiting),
    ];
    format!("{}\n\n{}", head.join("\n"), table(&titles, &rows.collect::<Vec<_>>()))
}
