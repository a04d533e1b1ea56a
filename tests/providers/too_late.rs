//! What may be in somebody else's hands by now is not written any more, however far its way to the socket has come.

use std::time::{Duration, Instant};

use verifyd::{
    channel::{
        DeliveryError, Provider,
        http::{Body, HttpProvider, HttpSettings},
        smpp::SmppSettings,
        smtp::{SmtpProvider, SmtpSettings, Tls},
    },
    core::plan::Outgoing,
};

use crate::{
    gateway_stub::Stub,
    mail_peer::MailPeer,
    samples::{Sample, mail, sms},
    smsc::{Centre, Listening, settings},
};

/// Hands it over when its time is over already. Whether it may have been taken.
async fn late(provider: &impl Provider, sample: &Sample) -> bool {
    let message = Outgoing { until: Instant::now(), ..sample.outgoing() };
    match provider.deliver(&message).await {
        Err(DeliveryError::Unavailable { maybe_taken, .. }) => maybe_taken,
        other => panic!("{:?}", other.map_err(|error| error.to_string())),
    }
}

#[tokio::test]
async fn a_gateway_gets_nothing_late_on_a_new_connection_or_an_old_one() {
    let stub = Stub::start().await;
    let provider = HttpProvider::new(HttpSettings::new(&stub.url())).unwrap();
    assert!(!late(&provider, &sms("late")).await);
    for text in ["first", "second"] {
        provider.deliver(&sms(text).outgoing()).await.unwrap();
        assert!(!late(&provider, &sms("late")).await);
        assert!(stub.one().body.contains(text));
    }
}

#[tokio::test]
async fn a_gateway_that_is_asked_by_get_gets_nothing_late() {
    let stub = Stub::start().await;
    let mut settings = HttpSettings::new(&stub.url());
    settings.method = "GET".to_owned();
    settings.body = Body::Query(vec![("body".to_owned(), "{{text}}".to_owned())]);
    let provider = HttpProvider::new(settings).unwrap();
    assert!(!late(&provider, &sms("late")).await);
    provider.deliver(&sms("intime").outgoing()).await.unwrap();
    assert_eq!(stub.one().path_and_query, "/send?body=intime");
}

#[tokio::test]
async fn a_mail_server_gets_no_mail_late() {
    let mut peer = MailPeer::start(&[]).await;
    let mut settings = SmtpSettings::new("localhost", "Shop <no-reply@shop.test>");
    (settings.port, settings.tls) = (peer.port, Tls::None);
    let provider = SmtpProvider::new(settings).unwrap();
    assert!(!late(&provider, &mail("user@mail.test", "late", "<p>late</p>")).await);
    provider.deliver(&mail("user@mail.test", "in time", "<p>in time</p>").outgoing()).await.unwrap();
    assert!(peer.mail().await.text().contains("in time"));
}

#[tokio::test]
async fn a_message_centre_gets_nothing_late() {
    let mut centre = Centre::start(&[]).await;
    let listening =
        Listening::to(SmppSettings { response_timeout: Duration::from_millis(500), ..settings(centre.port) });
    centre.saw("bind").await;
    // Whoever waits for the answer only knows that none came.
    assert!(late(&*listening.provider, &sms("late")).await);
    listening.provider.deliver(&sms("in time").outgoing()).await.unwrap();
    assert_eq!(centre.saw("submit").await["text"], "in time");
}
