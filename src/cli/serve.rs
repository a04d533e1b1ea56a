//! `verifyd serve`.

use std::io::{self, Write};

use super::{CliError, Common, world};
use crate::app::{App, Role, Welcome, start_tracing};

pub(super) async fn run(common: &Common) -> Result<(), CliError> {
    let config = common.load()?;
    let spans = start_tracing(&config.log, &config.trace)?;
    let app = App::build(config, world(), Role::Serve).await?;
    let welcome = app.first_start().await?;
    let has_inbox = app.inbox().is_some();
    app.serve(|url| greet(url, welcome.as_ref(), has_inbox)).await?;
    if let Some(spans) = spans {
        spans.flush().await;
    }
    Ok(())
}

/// Standard output is for the person at the terminal; the log is elsewhere.
fn greet(url: &str, welcome: Option<&Welcome>, has_inbox: bool) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "verifyd is listening on {url} (API description: {url}/docs)");
    let Some(welcome) = welcome else { return };
    let key = format!("{}:{}", welcome.dev_key, welcome.dev_secret.as_str());
    let _ = writeln!(
        out,
        "\nThis is a new installation. It has an application `default`, a template `otp`, and this key, shown only now:\n\
         \n  export KEY={key}\n\
         \nSend a code, and verify it:\n\
         \n  curl -u $KEY {url}/v1/messages -d '{{\"to\":\"+6591234567\",\"template\":{{\"id\":\"otp\"}}}}'\
         \n  curl -u $KEY {url}/v1/verifications -d '{{\"message_id\":\"…\",\"verify_code\":\"…\"}}'\n"
    );
    if has_inbox {
        let _ = writeln!(out, "Messages go to the development inbox: `verifyd inbox`, or {url}/inbox\n");
    }
}
