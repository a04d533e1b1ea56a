//! `verifyd recipient …`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{CliError, Common, output::say};
use crate::core::recipient::Recipient;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Send nothing to this address from now on (5013)
    Block(Address),
    /// Lift a block
    Unblock(Address),
}

#[derive(Args)]
pub(super) struct Address {
    /// A phone number in international form, or an email address
    address: String,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let (Command::Block(Address { address }) | Command::Unblock(Address { address })) = &command;
    let recipient = Recipient::parse(address)
        .map_err(|_| CliError::Refused("give a phone number such as +6591234567, or an email address".into()))?;
    let app = common.open().await?;
    let state = match command {
        Command::Block(_) => app.service().block(&recipient).await.map(|()| "blocked"),
        Command::Unblock(_) => app.service().unblock(&recipient).await.map(|_| "not blocked"),
    };
    app.close().await;
    let state = state?;
    let masked = recipient.masked();
    say(common.json, &json!({ "recipient": masked, "state": state }), &format!("{masked} is {state}."))
}
