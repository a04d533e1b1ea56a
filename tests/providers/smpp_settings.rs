//! SMPP settings that cannot work.

use std::sync::Arc;

use verifyd::{
    channel::smpp::{SmppProvider, SmppSettings},
    core::{clock::SystemClock, entropy::OsEntropy},
};

#[test]
fn settings_that_cannot_work_name_their_key() {
    type Change = fn(&mut SmppSettings);
    let cases: [(&str, Change); 8] = [
        ("host", |settings| settings.host = "no host".to_owned()),
        ("tls", |settings| settings.tls = false),
        ("ca_file", |settings| settings.extra_ca = Some(b"secret".to_vec())),
        ("system_id", |settings| settings.system_id = "sixteen secrets!".to_owned()),
        ("password", |settings| settings.password = "secret***".to_owned()),
        ("system_type", |settings| settings.system_type = "thirteen secr".to_owned()),
        ("source", |settings| settings.source = "secret secret".to_owned()),
        ("window", |settings| settings.window = 0),
    ];
    for (key, change) in cases {
        let mut settings = SmppSettings::new("smpp.example.com", "otp", "pass");
        change(&mut settings);
        let made = SmppProvider::new("centre", settings, Arc::new(SystemClock::default()), Arc::new(OsEntropy));
        let error = made.err().unwrap();
        assert_eq!(error.key, key, "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
