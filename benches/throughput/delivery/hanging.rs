//! What a provider that takes requests and never answers does to the messages of another, and a hundred such receivers of
//! callbacks to what another is told.

use std::{path::Path, time::Duration};

use super::{
    hearers::Hearers,
    times::{self, ARRIVED_WITHIN, Times},
};
use crate::{
    Fallible,
    phases::Running,
    postgres::Postgres,
    product::{Installation, create_template},
    sink::Sink,
    work::TEMPLATE,
};

/// The template whose only channel is the hanging provider's.
const STUCK: &str = "stuck";
/// Receivers of callbacks that hang.
const RECEIVERS: usize = 100;
const PER_SECOND: u32 = 200;
const ALONE: Duration = Duration::from_secs(4);
/// Longer than the limit for one hand-over and for one callback, so that the stuck ones come back.
const TOGETHER: Duration = Duration::from_secs(18);

/// From the answer to a send.
pub(crate) struct Beside {
    /// Until the good provider had the message.
    pub(crate) handed_over: Times,
    /// Until the good receiver was told that it was sent.
    pub(crate) told: Times,
}

/// The good ones: alone, and with one in five of all messages going to the hanging provider while the receivers hang.
pub(crate) fn measure(binary: &Path, postgres: &Postgres) -> Fallible<(Beside, Beside)> {
    let (provider, hearers) = (Sink::start()?, Hearers::start()?);
    provider.hang(true);
    let installation = Installation::on_postgres_with(binary, "hanging", postgres, &configuration(&provider))?;
    let running = Running::start(installation, postgres.pid())?;
    let templates = running.installation.request(&running.server, "/v1/template-configs");
    create_template(&running.server, &templates, STUCK, "whatsapp")?;
    running.installation.create_callback(&hearers.good(), "sent")?;
    let alone = beside(&running, &hearers, ALONE, |_| TEMPLATE, |_| true)?;
    for number in 0..RECEIVERS {
        running.installation.create_callback(&hearers.other(number), "sent")?;
    }
    hearers.hang();
    let template = |number| if number % 5 == 0 { STUCK } else { TEMPLATE };
    let together = beside(&running, &hearers, TOGETHER, template, |number| number % 5 != 0)?;
    Ok((alone, together))
}

fn beside(
    running: &Running,
    hearers: &Hearers,
    time: Duration,
    template: fn(u32) -> &'static str,
    counted: fn(u32) -> bool,
) -> Fallible<Beside> {
    let answers = times::send(running, PER_SECOND, time, template, counted)?;
    let handed_over = times::delivered(running, &answers)?;
    let told = hearers.wait_for(answers.len(), ARRIVED_WITHIN);
    Ok(Beside { handed_over, told: times::times(&answers, |id| told.get(&id).copied())? })
}

fn configuration(provider: &Sink) -> String {
    format!(
        r#"
[[provider]]
name = "hanging"
kind = "http"
channels = ["whatsapp"]
url = "http://{}/"

[callbacks]
dangerous_plain_http = true
dangerous_allow_networks = ["127.0.0.0/8"]
"#,
        provider.address
    )
}
