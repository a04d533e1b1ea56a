//! Bounces: mails that postfix took and could not deliver, as it tells of them.

use http::{HeaderMap, Method};
use verifyd::channel::{
    News, Provider, Receipt, Report, WebhookRequest,
    smtp::{BounceSettings, SmtpProvider, SmtpSettings},
};

use crate::{
    mail_peer::MailPeer,
    postfix::Postfix,
    samples::{Certificate, mail},
};

fn settings() -> SmtpSettings {
    let mut settings = SmtpSettings::new("localhost", "Shop <no-reply@shop.test>");
    let (to, secret) = ("bounces@mail.test".to_owned(), "7Vd0fWmC1p3hVx2mQZ8yKw".to_owned());
    settings.bounces = Some(BounceSettings { to, secret });
    settings
}

fn read(provider: &SmtpProvider, body: &[u8]) -> News {
    let (method, headers) = (&Method::POST, &HeaderMap::new());
    provider.webhook().unwrap().read(&WebhookRequest { method, query: "", headers, body }).unwrap()
}

#[tokio::test]
async fn a_mail_that_bounces_later_has_failed() {
    let certificate = Certificate::new();
    let mut postfix = Postfix::start(&certificate).await;
    let mut settings = settings();
    settings.port = postfix.port;
    settings.extra_ca = Some(certificate.certificate.clone().into_bytes());
    let provider = SmtpProvider::new(settings).unwrap();
    assert!(provider.refers() && !provider.reports(), "what arrives is never heard of: nothing is late");

    let taken = provider.deliver(&mail("gone@mail.test", "s", "<p>Code 735912</p>").outgoing()).await.unwrap();
    postfix.log.with("to=<bounces@mail.test>").await;

    let [bounce] = &postfix.mails_of("bounces")[..] else { panic!("not one bounce") };
    let news = read(&provider, bounce.as_bytes());
    let reference = taken.reference.unwrap();
    assert!(!reference.contains("1725407449772531712"), "the message's id is nobody's business: {reference}");
    let wanted = Receipt { reference, report: Report::Failed(5012), detail: Some("SMTP 5.1.1".to_owned()) };
    assert_eq!(news.receipts, [wanted]);
    assert!(news.uplinks.is_empty() && news.answer.is_empty());

    let network = bounce.replace('\n', "\r\n");
    assert_eq!(read(&provider, network.as_bytes()).receipts, news.receipts, "in the lines of the network");
    for (was, is) in [
        ("Action: failed", "Action: delayed"),
        ("message/delivery-status", "text/plain"),
        ("<otp.", "<otp"),
        ("Message-ID: <", "X-Message-ID: <"),
    ] {
        let other = bounce.replace(was, is);
        assert_ne!(&other, bounce, "no {was} in {bounce}");
        assert_eq!(read(&provider, other.as_bytes()).receipts, [], "{was} became {is}");
    }
    let headers_only = bounce.replace("Content-Type: message/rfc822", "Content-Type: text/rfc822-headers");
    assert_eq!(read(&provider, headers_only.as_bytes()).receipts, news.receipts);
    for end in 0..bounce.len() {
        read(&provider, &bounce.as_bytes()[..end]); // however much of it comes
    }
    assert_eq!(read(&provider, b"\xff\0 out of office").receipts, []);
}

#[tokio::test]
async fn mails_say_where_their_bounces_go_and_every_try_says_the_same() {
    let mut peer = MailPeer::start(&[]).await;
    let mut settings = settings();
    settings.port = peer.port;
    settings.tls = verifyd::channel::smtp::Tls::None;
    let provider = SmtpProvider::new(settings).unwrap();
    let message = mail("user@mail.test", "s", "h");
    let taken = provider.deliver(&message.outgoing()).await.unwrap().reference.unwrap();
    let seen = peer.mail().await;
    assert!(seen.commands().contains(&"MAIL FROM:<bounces@mail.test>"), "{:?}", seen.commands());
    let header = |name: &str| seen.headers().into_iter().find(|header| header.0 == name).unwrap().1;
    assert_eq!(header("From"), "Shop <no-reply@shop.test>");
    assert_eq!(header("Message-ID"), format!("<{taken}@shop.test>"));
    assert_eq!(provider.deliver(&message.outgoing()).await.unwrap().reference, Some(taken));
}

#[test]
fn bounces_need_an_address_and_a_way_in() {
    for (to, secret) in [("bounces", "s"), ("a b@mail.test", "s"), ("bounces@mail.test", "")] {
        let mut settings = settings();
        settings.bounces = Some(BounceSettings { to: to.to_owned(), secret: secret.to_owned() });
        assert_eq!(SmtpProvider::new(settings).err().unwrap().key, "bounces_to", "{to} {secret}");
    }
    assert!(SmtpProvider::new(SmtpSettings::new("localhost", "a@shop.test")).unwrap().webhook().is_none());
}
