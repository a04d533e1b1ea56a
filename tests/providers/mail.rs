//! The SMTP provider against aiosmtpd.

use std::time::Duration;

use verifyd::channel::{
    DeliveryError, Provider, Refusal,
    smtp::{Login, SmtpProvider, SmtpSettings, Tls},
};

use crate::{
    mail_peer::{MailPeer, Seen},
    samples::{CODE, Certificate, Kind, TempDir, kind, mail, sms},
};

fn settings(peer: &MailPeer) -> SmtpSettings {
    let mut settings = SmtpSettings::new("localhost", "Shop <no-reply@shop.test>");
    settings.port = peer.port;
    settings.tls = Tls::None;
    settings
}

async fn send(provider: &SmtpProvider, to: &str) -> Result<(), DeliveryError> {
    let html = format!("<p>Your code is <b>{CODE}</b></p>");
    provider
        .deliver(&mail(to, "Your code", &html).outgoing())
        .await
        .map(|accepted| assert_eq!(accepted.reference, None))
}

async fn failure(provider: &SmtpProvider, to: &str) -> Kind {
    kind(&send(provider, to).await.unwrap_err())
}

/// What a mail on a connection used before looks like.
fn assert_follows(seen: &Seen, to: &str) {
    let wanted = ["RSET", "MAIL FROM:<no-reply@shop.test>", &format!("RCPT TO:<{to}>"), "DATA"];
    assert_eq!(seen.commands(), wanted);
}

#[tokio::test]
async fn a_mail_arrives_with_both_bodies_over_one_connection() {
    let mut peer = MailPeer::start(&[]).await;
    let provider = SmtpProvider::new(settings(&peer)).unwrap();
    send(&provider, "user@mail.test").await.unwrap();
    let seen = peer.mail().await;
    assert_eq!(seen.commands()[1..], ["MAIL FROM:<no-reply@shop.test>", "RCPT TO:<user@mail.test>", "DATA"]);
    assert!(seen.commands()[0].starts_with("EHLO "));
    assert!(seen.text().contains("\r\n\r\nYour code is 735912\r\n"), "{}", seen.text());
    assert!(seen.text().contains("\r\n\r\n<p>Your code is <b>735912</b></p>\r\n"), "{}", seen.text());
    let header = |name: &str| seen.headers().into_iter().find(|header| header.0 == name).unwrap().1;
    assert_eq!(header("From"), "Shop <no-reply@shop.test>");
    assert_eq!(header("To"), "user@mail.test");
    assert_eq!(header("Message-ID"), "<1725407449772531712@shop.test>");
    assert_eq!(header("Auto-Submitted"), "auto-generated");

    send(&provider, "other@mail.test").await.unwrap();
    assert_follows(&peer.mail().await, "other@mail.test");
}

#[tokio::test]
async fn nothing_in_a_text_becomes_a_command_a_header_or_a_second_mail() {
    let mut peer = MailPeer::start(&[]).await;
    let provider = SmtpProvider::new(settings(&peer)).unwrap();
    let ends = ["\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\r\r\n", "\n\r", "\0"];
    let smuggled = "MAIL FROM:<x@evil.test>\r\nRCPT TO:<y@evil.test>\r\nDATA\r\nSubject: z\r\n\r\nz\r\n.\r\n";
    for before in ends {
        for after in ends {
            for long in ["", &"ä".repeat(2_000)] {
                let html = format!("a{long}{before}.{after}{smuggled}");
                provider.deliver(&mail("user@mail.test", "Ваш код: 1 — \"да\"", &html).outgoing()).await.unwrap();
                let seen = peer.mail().await;
                assert_eq!(seen.commands().len(), 4, "{html:?}");
                let names: Vec<_> = seen.headers().into_iter().map(|(name, _)| name).collect();
                let wanted =
                    ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"];
                assert_eq!(names, wanted);
            }
        }
    }
}

#[tokio::test]
async fn refusals_keep_their_kind_their_silence_and_the_connection() {
    let mut peer = MailPeer::start(&[]).await;
    let provider = SmtpProvider::new(settings(&peer)).unwrap();
    assert_eq!(failure(&provider, "nobody@mail.test").await, Kind::Refused(Refusal::Unreachable));
    assert_eq!(failure(&provider, "busy@mail.test").await, Kind::Unavailable(None));
    assert_eq!(failure(&provider, "spam@mail.test").await, Kind::Refused(Refusal::Intercepted));
    let connection = peer.mail().await.commands().iter().filter(|line| line.starts_with("EHLO")).count();
    assert_eq!(connection, 1);
    let error = send(&provider, "nobody@mail.test").await.unwrap_err().to_string();
    assert_eq!(error, "the provider refused the message: SMTP 550 5.1.1");
    send(&provider, "user@mail.test").await.unwrap();
    assert!(peer.mail().await.commands().iter().all(|line| !line.starts_with("EHLO")));
}

#[tokio::test]
async fn a_connection_in_doubt_is_not_used_again() {
    let mut peer = MailPeer::start(&[]).await;
    let mut settings = settings(&peer);
    settings.data_timeout = Duration::from_millis(300);
    let provider = SmtpProvider::new(settings).unwrap();
    for doubtful in ["slow@mail.test", "hangup@mail.test"] {
        send(&provider, "user@mail.test").await.unwrap();
        peer.mail().await;
        assert_eq!(failure(&provider, doubtful).await, Kind::Unavailable(None));
        assert_follows(&peer.mail().await, doubtful);
        send(&provider, "user@mail.test").await.unwrap();
        assert!(peer.mail().await.commands()[0].starts_with("EHLO "));
    }
}

#[tokio::test]
async fn starttls_and_tls_log_in_under_a_named_authority() {
    let (dir, certificate) = (TempDir::new(), Certificate::new());
    let (cert, key) = certificate.write(&dir);
    for tls in [Tls::Starttls, Tls::Implicit] {
        let mut arguments = vec!["--cert", &cert, "--key", &key, "--login", "shop:s3cret"];
        if tls == Tls::Implicit {
            arguments.push("--implicit");
        }
        let mut peer = MailPeer::start(&arguments).await;
        let with = |password: &str, trusted: bool| {
            let mut settings = settings(&peer);
            settings.tls = tls;
            settings.login = Some(Login { username: "shop".to_owned(), password: password.to_owned() });
            settings.extra_ca = trusted.then(|| certificate.certificate.clone().into_bytes());
            SmtpProvider::new(settings).unwrap()
        };
        let good = with("s3cret", true);
        let (stranger, liar) = (with("s3cret", false), with("wrong", true));
        assert_eq!(failure(&stranger, "user@mail.test").await, Kind::Unavailable(None), "{tls:?}");
        assert_eq!(failure(&liar, "user@mail.test").await, Kind::Refused(Refusal::Provider), "{tls:?}");
        send(&good, "user@mail.test").await.unwrap();
        let seen = peer.mail().await;
        assert_eq!((seen.field("tls").as_bool(), seen.field("login").as_str()), (Some(true), Some("shop")), "{tls:?}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail() {
    let peer = MailPeer::start(&[]).await;
    let mut settings = settings(&peer);
    settings.tls = Tls::Starttls;
    let error = send(&SmtpProvider::new(settings).unwrap(), "user@mail.test").await.unwrap_err();
    assert_eq!(kind(&error), Kind::Unavailable(None));
    assert!(error.to_string().contains("STARTTLS"), "{error}");
}

#[tokio::test]
async fn a_server_that_never_greets_is_given_up_in_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = SmtpSettings::new("localhost", "no-reply@shop.test");
    settings.port = listener.local_addr().unwrap().port();
    settings.connect_timeout = Duration::from_millis(100);
    assert_eq!(failure(&SmtpProvider::new(settings).unwrap(), "user@mail.test").await, Kind::Unavailable(None));
}

#[tokio::test]
async fn many_mails_at_once_keep_to_the_allowed_connections() {
    let mut peer = MailPeer::start(&[]).await;
    let mut settings = settings(&peer);
    settings.connections = 2;
    let provider = SmtpProvider::new(settings).unwrap();
    let all = futures_util::future::join_all((0..20).map(|_| send(&provider, "user@mail.test"))).await;
    assert!(all.iter().all(Result::is_ok));
    let mut opened = 0;
    for _ in 0..20 {
        opened += usize::from(peer.mail().await.commands()[0].starts_with("EHLO"));
    }
    assert!((1..=2).contains(&opened), "{opened}");
}

#[tokio::test]
async fn a_mail_server_takes_no_short_messages() {
    let provider = SmtpProvider::new(SmtpSettings::new("localhost", "no-reply@shop.test")).unwrap();
    let error = provider.deliver(&sms("x").outgoing()).await.unwrap_err();
    assert_eq!(kind(&error), Kind::Refused(Refusal::BadAddress));
}

#[test]
fn settings_that_cannot_work_name_their_key() {
    type Change = fn(&mut SmtpSettings);
    let cases: [(&str, Change); 4] = [
        ("from", |settings| settings.from = "Shop".to_owned()),
        ("from", |settings| settings.from = "Shop\r\n <a@shop.test>".to_owned()),
        ("connections", |settings| settings.connections = 0),
        ("ca_file", |settings| settings.extra_ca = Some(b"secret".to_vec())),
    ];
    for (key, change) in cases {
        let mut settings = SmtpSettings::new("localhost", "no-reply@shop.test");
        change(&mut settings);
        let error = SmtpProvider::new(settings).err().unwrap();
        assert_eq!(error.key, key, "{error}");
    }
}
