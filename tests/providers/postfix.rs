//! The SMTP provider against postfix in a private directory (`tests/peers/postfix.sh`): as root, or by a `sudo` that does
//! not ask.

use std::{
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use verifyd::channel::{
    Provider, Refusal,
    smtp::{SmtpProvider, SmtpSettings},
};

use crate::{
    mail_peer::Lines,
    samples::{Certificate, Kind, TempDir, kind, mail},
};

/// Stopped when dropped.
pub(crate) struct Postfix {
    child: Child,
    pub(crate) log: Lines,
    dir: TempDir,
    pub(crate) port: u16,
}

impl Postfix {
    pub(crate) async fn start(certificate: &Certificate) -> Self {
        let dir = TempDir::new();
        let (cert, key) = certificate.write(&dir);
        // Postfix cannot take a port of its own choice and say which.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/postfix.sh"))
            .args([&dir.join("postfix"), &port.to_string(), &cert, &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = Lines::of(&mut child);
        log.with("daemon started").await;
        Self { child, log, dir, port }
    }

    pub(crate) fn mails(&self) -> Vec<String> {
        self.mails_of("user")
    }

    pub(crate) fn mails_of(&self, mailbox: &str) -> Vec<String> {
        let files = fs::read_dir(self.dir.path().join(format!("postfix/mail/{mailbox}/new"))).unwrap();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    /// The mails, which are gone then.
    pub(crate) fn take_mails(&self) -> Vec<String> {
        let mails = self.mails();
        for file in fs::read_dir(self.dir.path().join("postfix/mail/user/new")).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        mails
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.child.wait(); // which closes its standard input, and so ends it
    }
}

#[tokio::test]
async fn a_mail_lies_in_the_mailbox_and_wrong_addresses_are_told_apart() {
    let certificate = Certificate::new();
    let mut postfix = Postfix::start(&certificate).await;
    let mut settings = SmtpSettings::new("localhost", "Shop <no-reply@shop.test>");
    settings.port = postfix.port;
    settings.extra_ca = Some(certificate.certificate.clone().into_bytes());
    let provider = SmtpProvider::new(settings).unwrap();

    provider.deliver(&mail("user@mail.test", "Your code", "<p>Code 735912</p>").outgoing()).await.unwrap();
    let refused = async |to| kind(&provider.deliver(&mail(to, "s", "h").outgoing()).await.unwrap_err());
    assert_eq!(refused("ghost@mail.test").await, Kind::Refused(Refusal::Unreachable));
    assert_eq!(refused("user@elsewhere.test").await, Kind::Refused(Refusal::Provider));

    postfix.log.with("status=sent (delivered to maildir)").await;
    let [mail] = &postfix.mails()[..] else { panic!("not one mail") };
    assert!(mail.contains("\nSubject: Your code\n") && mail.contains("\n\nCode 735912\n"), "{mail}");
    assert!(mail.contains("with ESMTPS id"), "{mail}");
}
