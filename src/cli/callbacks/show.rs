//! Callbacks for people and for scripts.

use serde_json::{Value, json};

use crate::{
    cli::{CliError, Common, apps::rfc3339, output::say},
    core::callback::{Callback, Topic},
    service::CallbackSecrets,
};

/// What is shown once.
pub(super) fn secrets(common: &Common, made: &CallbackSecrets) -> Result<(), CliError> {
    let (callback, secrets) = (&made.callback, &made.secrets);
    let mut json = as_json(callback);
    json["webhook_secret"] = json!(secrets.webhook);
    let mut lines = vec![format!("Callback:        {}", callback.id), format!("Webhook secret:  {}", secrets.webhook)];
    if !callback.username.is_empty() {
        json["secret"] = json!(secrets.callback);
        lines.push(format!("User name:       {}", callback.username));
        lines.push(format!("Callback secret: {}", secrets.callback));
    }
    lines.push("The secrets are not shown again.".to_owned());
    say(common.json, &json, &lines.join("\n"))
}

pub(super) fn in_full(common: &Common, callback: &Callback) -> Result<(), CliError> {
    let json = as_json(callback);
    let lines = json.as_object().into_iter().flatten().map(|(key, value)| match value {
        Value::String(text) => format!("{key}: {text}"),
        Value::Array(words) => {
            format!("{key}: {}", words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        }
        other => format!("{key}: {other}"),
    });
    say(common.json, &json, &lines.collect::<Vec<_>>().join("\n"))
}

pub(super) fn as_json(callback: &Callback) -> Value {
    let health = &callback.health;
    json!({
        "id": callback.id.to_string(),
        "url": callback.url,
        "description": callback.description,
        "username": callback.username,
        "events": callback.topics.iter().map(Topic::as_str).collect::<Vec<_>>(),
        "enabled": callback.enabled,
        "disabled_reason": health.disabled_reason,
        "healthy": health.failing_since.is_none(),
        "failing_since": health.failing_since.map(rfc3339),
        "last_status": health.last_status,
        "delivered": health.delivered,
        "failed": health.failed,
        "created_at": rfc3339(callback.created_at),
    })
}

pub(super) fn as_row(callback: &Callback) -> Vec<String> {
    let health = &callback.health;
    vec![
        callback.id.to_string(),
        if callback.enabled { "enabled" } else { "disabled" }.to_owned(),
        health.failing_since.map_or_else(|| "normal".to_owned(), |since| format!("failing since {}", rfc3339(since))),
        health.delivered.to_string(),
        health.failed.to_string(),
        callback.url.clone(),
        callback.description.clone(),
    ]
}
