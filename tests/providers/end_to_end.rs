//! From a call of the API to a mailbox and back: the code in a mail that a real mail server delivered verifies.

use std::sync::Arc;

use poem::{endpoint::BoxEndpoint, test::TestClient};
use serde_json::{Value, json};
use verifyd::{
    app::{App, Role, World},
    config::Config,
    core::entropy::OsEntropy,
    server::shutdown,
};

use crate::{
    mail_peer::MailPeer,
    postfix::Postfix,
    samples::{Certificate, TempDir},
};

/// A new installation whose mail goes to one server.
struct Installation {
    app: App,
    api: TestClient<BoxEndpoint<'static, poem::Response>>,
    key: (String, String),
    _data: TempDir,
}

impl Installation {
    async fn with_mail(port: u16, tls: &str) -> Self {
        let data = TempDir::new();
        let config = format!(
            "data_dir = '{}'\n[[provider]]\nname = 'mail'\nkind = 'smtp'\nchannels = ['email']\nhost = 'localhost'\n\
             port = {port}\nfrom = 'Shop <no-reply@shop.test>'\n{tls}\n",
            data.path().display()
        );
        let world = World { clock: None, entropy: Arc::new(OsEntropy), carriers: None };
        let app = App::build(Config::from_toml(&config).unwrap(), world, Role::Serve).await.unwrap();
        let secret = app.first_start().await.unwrap().unwrap();
        let api = TestClient::new(app.routes(shutdown::channel().1));
        Self { app, api, key: (secret.dev_key, secret.dev_secret.to_string()), _data: data }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (key, secret) = &self.key;
        let answer = self.api.post(path).typed_header(poem::web::headers::Authorization::basic(key, secret));
        let answer = answer.body_json(&body).send().await;
        answer.assert_status_is_ok();
        answer.json().await.value().deserialize()
    }

    /// Makes an email template, sends it to `to`, and has it delivered; the message's id.
    async fn mail(&self, to: &str) -> Value {
        let text = json!({
            "language": "default", "pre_from_name": "Shop", "pre_from_mail": "login@shop.test",
            "pre_subject": "Your code for {{name}}", "template_content": "<p>Hi {{name}}, your code is {{code}}.</p>",
            "pre_param_map": {"name": "you"},
        });
        let template = json!({
            "template_id": "mail", "send_channel_strategy": "email",
            "verify_code_config": {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": 10},
            "email_config": {"template_name": "Mail", "template_custom_configs": [text]},
        });
        self.post("/v1/template-configs", template).await;
        let message = json!({"to": to, "template": {"id": "mail", "params": {"name": "Zoë <3"}}});
        let sent = self.post("/v1/messages", message).await;
        assert_eq!(sent["send_channel"], "email");
        assert_eq!(self.app.worker().step().await.unwrap(), 1);
        sent["message_id"].clone()
    }

    async fn verifies(&self, id: &Value, code: &str) -> bool {
        let answer = self.post("/v1/verifications", json!({"message_id": id, "verify_code": code})).await;
        answer["verified"].as_bool().unwrap()
    }
}

/// Why an installation of this configuration does not start, if so.
pub(crate) async fn problem_at_start(config: &str) -> Option<String> {
    let data = TempDir::new();
    let config = format!("data_dir = '{}'\n{config}", data.path().display());
    let world = World { clock: None, entropy: Arc::new(OsEntropy), carriers: None };
    match App::build(Config::from_toml(&config).unwrap(), world, Role::Serve).await {
        Ok(app) => {
            app.close().await;
            None
        }
        Err(err) => Some(err.to_string()),
    }
}

/// The six digits after the words of the template.
fn code_in(mail: &str) -> &str {
    let (_, rest) = mail.split_once("your code is ").expect("the template's words");
    &rest[..6]
}

#[tokio::test]
async fn the_code_of_a_mail_that_postfix_delivered_verifies() {
    let certificate = Certificate::new();
    let mut postfix = Postfix::start(&certificate).await;
    let authority = TempDir::new();
    let (ca_file, _) = certificate.write(&authority);
    let shop = Installation::with_mail(postfix.port, &format!("ca_file = '{ca_file}'")).await;

    let id = shop.mail("user@mail.test").await;

    postfix.log.with("status=sent (delivered to maildir)").await;
    let [mail] = &postfix.mails()[..] else { panic!("not one mail") };
    assert!(mail.contains("with ESMTPS id") && mail.contains("From: ") && mail.contains("login@shop.test"), "{mail}");
    let code = code_in(mail);
    assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{mail}");
    assert!(shop.verifies(&id, code).await);
}

#[tokio::test]
async fn the_code_of_a_mail_that_aiosmtpd_took_verifies() {
    let mut peer = MailPeer::start(&[]).await;
    let shop = Installation::with_mail(peer.port, "tls = 'none'").await;

    let id = shop.mail("user@mail.test").await;

    let seen = peer.mail().await;
    assert_eq!(seen.field("recipients"), &json!(["user@mail.test"]));
    assert!(shop.verifies(&id, code_in(seen.text())).await);
}
