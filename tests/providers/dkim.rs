//! DKIM signatures, looked at by a verifier of another make (`tests/peers/dkim_verify.py`).

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use verifyd::channel::{
    Provider,
    smtp::{DkimSettings, SmtpProvider, SmtpSettings},
};

use crate::{
    postfix::Postfix,
    samples::{Certificate, TempDir, mail},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What `openssl genpkey` makes.
const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const ED25519: &[&str] = &["-algorithm", "ED25519"];

/// A key pair as an operator makes it.
struct KeyPair {
    /// The private key, PEM.
    private: Vec<u8>,
    /// What the DNS says of the public key.
    record: String,
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

impl KeyPair {
    fn new(algorithm: &[&str]) -> Self {
        let private = openssl(&[&["genpkey"], algorithm].concat(), b"");
        let public = openssl(&["pkey", "-pubout", "-outform", "DER"], &private);
        let record = match algorithm {
            ED25519 => format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(&public[public.len() - 32..])),
            _ => format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(public)),
        };
        Self { private, record }
    }

    /// The same RSA key in the older form, PKCS#1.
    fn traditional(self) -> Self {
        let private = openssl(&["rsa", "-traditional"], &self.private);
        assert!(private.starts_with(b"-----BEGIN RSA PRIVATE KEY"));
        Self { private, ..self }
    }

    fn settings(&self) -> DkimSettings {
        DkimSettings { domain: "shop.test".to_owned(), selector: "otp.2026".to_owned(), key: self.private.clone() }
    }

    /// Whether a receiver believes that the domain sent the mail.
    fn verifies(&self, mail: &str) -> bool {
        let child = Command::new(format!("{ROOT}/target/peers-venv/bin/python"))
            .arg(format!("{ROOT}/tests/peers/dkim_verify.py"))
            .args(["otp.2026._domainkey.shop.test", &self.record])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("run tests/peers/setup.sh first");
        child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert!(["good\n", "bad\n"].contains(&&*said), "{said}");
        said == "good\n"
    }
}

/// The mail without what the delivery has put before it, in the lines of the network.
fn as_sent(delivered: &str) -> String {
    let start = delivered.find("DKIM-Signature:").expect("a signature");
    delivered[start..].replace('\n', "\r\n")
}

#[tokio::test]
async fn what_postfix_delivered_verifies_until_a_byte_changes() {
    let certificate = Certificate::new();
    let mut postfix = Postfix::start(&certificate).await;
    let makers: [fn() -> KeyPair; 3] =
        [|| KeyPair::new(RSA), || KeyPair::new(RSA).traditional(), || KeyPair::new(ED25519)];
    for new in makers {
        let keys = new();
        let mut settings = SmtpSettings::new("localhost", "Zoë's Shop <no-reply@shop.test>");
        settings.port = postfix.port;
        settings.extra_ca = Some(certificate.certificate.clone().into_bytes());
        settings.dkim = Some(keys.settings());
        let provider = SmtpProvider::new(settings).unwrap();

        let html = "<p>Code  735912 \n\n.\n..x\t</p>\n\n\n";
        provider.deliver(&mail("user@mail.test", "Your code — 验证码", html).outgoing()).await.unwrap();
        postfix.log.with("status=sent (delivered to maildir)").await;

        let [mail] = &postfix.take_mails()[..] else { panic!("not one mail") };
        let sent = as_sent(mail);
        assert!(keys.verifies(&sent), "{mail}");
        assert!(keys.verifies(&mail.replace('\n', "\r\n")), "with what the delivery put before it: {mail}");
        for (was, is) in [
            ("735912", "735913"),
            ("Subject: ", "Subject: x"),
            ("To: user@", "To: other@"),
            ("MIME-Version: 1.0", "MIME-Version: 1.1"),
            ("From: ", "From: Mallory <m@evil.test>\r\nFrom: "),
            ("t=17", "t=18"),
        ] {
            assert!(sent.contains(was), "no {was} in {sent}");
            assert!(!keys.verifies(&sent.replacen(was, is, 1)), "{was} became {is}");
        }
        assert!(!new().verifies(&sent), "with somebody else's key");
    }
}

#[test]
fn keys_and_names_that_cannot_sign_are_refused_at_start() {
    let refusal = |change: fn(&mut DkimSettings)| {
        let mut dkim = KeyPair::new(ED25519).settings();
        change(&mut dkim);
        let mut settings = SmtpSettings::new("localhost", "no-reply@shop.test");
        settings.dkim = Some(dkim);
        SmtpProvider::new(settings).err().map(|error| (error.key, error.problem))
    };
    assert_eq!(refusal(|_| ()), None);
    let key = |change| refusal(change).expect("a refusal").0;
    assert_eq!(key(|dkim| dkim.domain = "shop.test; x=1".to_owned()), "dkim_domain");
    assert_eq!(key(|dkim| dkim.domain = "shop..test".to_owned()), "dkim_domain");
    assert_eq!(key(|dkim| dkim.selector = "a\r\nb".to_owned()), "dkim_selector");
    assert_eq!(key(|dkim| dkim.key = b"s3cret".to_vec()), "dkim_key_file");
    let curve: &[&str] = &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let short: &[&str] = &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    for arguments in [curve, short] {
        let mut settings = SmtpSettings::new("localhost", "no-reply@shop.test");
        settings.dkim = Some(DkimSettings { key: openssl(arguments, b""), ..KeyPair::new(ED25519).settings() });
        let error = SmtpProvider::new(settings).err().unwrap();
        assert_eq!(error.key, "dkim_key_file", "{arguments:?}");
    }
}

#[tokio::test]
async fn the_settings_of_the_configuration_sign() {
    let dir = TempDir::new();
    fs::write(dir.join("key.pem"), KeyPair::new(ED25519).private).unwrap();
    let config = |key: &str| {
        format!(
            "[[provider]]\nname = 'mail'\nkind = 'smtp'\nchannels = ['email']\nhost = 'localhost'\n\
             from = 'no-reply@shop.test'\ndkim_domain = 'shop.test'\ndkim_selector = 's'\ndkim_key_file = '{key}'"
        )
    };
    for (key, problem) in [
        (dir.join("key.pem"), None),
        (dir.join("none.pem"), Some("`provider.mail.dkim_key_file`")),
        (format!("{ROOT}/Cargo.toml"), Some("`provider.mail.dkim_key_file` holds no usable private key")),
    ] {
        let said = crate::end_to_end::problem_at_start(&config(&key)).await;
        match problem {
            None => assert_eq!(said, None),
            Some(problem) => assert!(said.as_ref().is_some_and(|said| said.starts_with(problem)), "{said:?}"),
        }
    }
}
