//! `verifyd template …`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    CliError, Common,
    apps::{find, rfc3339},
    output::{no_such, say, table},
};
use crate::{
    app::App,
    core::template::{Audit, Template},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show an application's templates; they are made and deleted through the API
    List {
        /// The application
        #[arg(long)]
        app: String,
    },
    /// Let a template be used
    Approve(Name),
    /// Forbid a template, and say why
    Reject {
        #[command(flatten)]
        name: Name,
        /// The reason, shown to the application
        #[arg(long)]
        remark: String,
    },
}

#[derive(Args)]
pub(super) struct Name {
    /// The application
    #[arg(long)]
    app: String,
    /// The template
    template_id: String,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let app = common.open().await?;
    let said = match command {
        Command::List { app: name } => list(common, &app, &name).await,
        Command::Approve(name) => audit(common, &app, &name, Audit::Approved, "").await,
        Command::Reject { name, remark } => audit(common, &app, &name, Audit::Rejected, &remark).await,
    };
    app.close().await;
    said
}

async fn audit(common: &Common, app: &App, name: &Name, status: Audit, remark: &str) -> Result<(), CliError> {
    let owner = find(app, &name.app).await?;
    if !app.service().audit_template(owner.id, &name.template_id, status, remark).await? {
        return Err(no_such("template", &name.template_id));
    }
    let text = format!("Template `{}` is {}.", name.template_id, word(status));
    say(common.json, &json!({ "template_id": name.template_id, "status": status.number() }), &text)
}

async fn list(common: &Common, app: &App, name: &str) -> Result<(), CliError> {
    let owner = find(app, name).await?;
    let templates = app.service().app_templates(owner.id).await?;
    let json: Vec<Value> = templates.iter().map(|template| as_json(template)).collect();
    let rows: Vec<_> = templates.iter().map(|template| as_row(template)).collect();
    let titles = ["TEMPLATE", "STATUS", "STRATEGY", "CREATED", "DESCRIPTION"];
    say(common.json, &json!(json), &table(&titles, &rows))
}

fn as_json(template: &Template) -> Value {
    json!({
        "template_id": template.definition.id,
        "status": template.status.number(),
        "send_channel_strategy": template.definition.strategy.to_string(),
        "description": template.definition.description,
        "audit_remark": template.audit_remark,
        "created_at": rfc3339(template.created_at),
    })
}

fn as_row(template: &Template) -> Vec<String> {
    vec![
        template.definition.id.clone(),
        word(template.status).to_owned(),
        template.definition.strategy.to_string(),
        rfc3339(template.created_at),
        template.definition.description.clone().unwrap_or_default(),
    ]
}

const fn word(status: Audit) -> &'static str {
    match status {
        Audit::Pending => "pending",
        Audit::Approved => "approved",
        Audit::Rejected => "rejected",
    }
}
