//! Asks a running server on this machine for its development inbox.

use std::time::Duration;

use reqwest::{Client, redirect::Policy};
use serde_json::Value;

use super::install_crypto;

/// The messages of the server at `url`, newest first; else a few words on why there are none.
pub async fn read(url: &str) -> Result<Vec<Value>, String> {
    install_crypto();
    let client = Client::builder().timeout(Duration::from_secs(5)).redirect(Policy::none()).build();
    let answer = client.map_err(|err| err.to_string())?.get(format!("{url}/inbox")).send().await;
    let answer = answer.map_err(|_| "nothing answers there; is the server running?".to_owned())?;
    if !answer.status().is_success() {
        return Err(format!("it answered {}; is a provider of kind `inbox` configured?", answer.status()));
    }
    answer.json().await.map_err(|_| "its answer is no inbox".to_owned())
}
