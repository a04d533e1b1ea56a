//! What a provider that takes requests and never answers does to the messages of another.

use std::{path::Path, time::Duration};

use super::times::{self, Times};
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
const PER_SECOND: u32 = 200;
const ALONE: Duration = Duration::from_secs(4);
/// Longer than the limit for one hand-over, so that the stuck ones come back.
const TOGETHER: Duration = Duration::from_secs(14);

/// The good provider's messages: alone, and with one in five of all going to the hanging one.
pub(crate) fn measure(binary: &Path, postgres: &Postgres) -> Fallible<(Times, Times)> {
    let hanging = Sink::start()?;
    hanging.hang(true);
    let provider = format!(
        "[[provider]]\nname = \"hanging\"\nkind = \"http\"\nchannels = [\"whatsapp\"]\nurl = \"http://{}/\"\n",
        hanging.address
    );
    let installation = Installation::on_postgres_with(binary, "hanging", postgres, &provider)?;
    let running = Running::start(installation, postgres.pid())?;
    let templates = running.installation.request(&running.server, "/v1/template-configs");
    create_template(&running.server, &templates, STUCK, "whatsapp")?;
    let alone = times::measure(&running, PER_SECOND, ALONE, |_| TEMPLATE, |_| true)?;
    let template = |number| if number % 5 == 0 { STUCK } else { TEMPLATE };
    let together = times::measure(&running, PER_SECOND, TOGETHER, template, |number| number % 5 != 0)?;
    Ok((alone, together))
}
