//! `verifyd recipient …`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CliError, Common, apps::find, output::say};
use crate::{app::App, core::recipient::Recipient};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Send nothing to this address from now on (5013)
    Block(Address),
    /// Lift a block
    Unblock(Address),
    /// Forgive an application's recipient all sends and wrong guesses so far
    Unlock {
        /// The application
        #[arg(long)]
        app: String,
        #[command(flatten)]
        address: Address,
    },
}

#[derive(Args)]
pub(super) struct Address {
    /// A phone number in international form, or an email address
    address: String,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let (Command::Block(Address { address })
    | Command::Unblock(Address { address })
    | Command::Unlock { address: Address { address }, .. }) = &command;
    let recipient = Recipient::parse(address)
        .map_err(|_| CliError::Refused("give a phone number such as +6591234567, or an email address".into()))?;
    let app = common.open().await?;
    let state = change(&app, command, &recipient).await;
    app.close().await;
    let state = state?;
    let masked = recipient.masked();
    say(common.json, &json!({ "recipient": masked, "state": state }), &format!("{masked} is {state}."))
}

/// What the recipient is from now on.
async fn change(app: &App, command: Command, recipient: &Recipient) -> Result<&'static str, CliError> {
    let service = app.service();
    Ok(match command {
        Command::Block(_) => service.block(recipient).await.map(|()| "blocked")?,
        Command::Unblock(_) => service.unblock(recipient).await.map(|_| "not blocked")?,
        Command::Unlock { app: name, .. } => {
            let owner = find(app, &name).await?;
            service.unlock(owner.id, recipient).await.map(|()| "unlocked")?
        }
    })
}
