//! A server that cannot keep its promises does not start, and says why.

use std::{
    fs::{Permissions, set_permissions},
    io::Read,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{database::Database, installation::Installation, process::wait};

/// Tries to serve; what it said when it gave up.
fn refusal(installation: &Installation) -> String {
    let words = installation.serve();
    let begun = Instant::now();
    let mut child = Command::new(&words[0]).args(&words[1..]).stderr(Stdio::piped()).spawn().unwrap();
    let status = wait(&mut child);
    assert!(!status.success(), "it started, and stopped again");
    assert!(begun.elapsed().as_secs() < 10, "it took {:?} to refuse", begun.elapsed());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

/// An installation whose configuration has one more line.
fn configured(settings: &'static str) -> Installation {
    Installation::empty(Database::Sqlite, settings)
}

#[test]
fn a_second_server_on_the_same_data_directory_is_refused_and_the_first_goes_on() {
    let installation = Installation::empty(Database::Sqlite, "");
    let first = installation.start("http://127.0.0.1:1/");
    let said = refusal(&installation);
    assert!(said.contains("is in use by another verifyd"), "{said}");
    assert!(std::net::TcpStream::connect(first.address).is_ok());
    first.kill();
    installation.start("http://127.0.0.1:1/").stop();
}

#[test]
fn a_key_ring_that_others_can_read_is_refused() {
    let installation = Installation::empty(Database::Sqlite, "");
    installation.start("http://127.0.0.1:1/").stop();
    let keys = installation.data().join("keyring.json");
    assert_eq!(std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604] {
        set_permissions(&keys, Permissions::from_mode(mode)).unwrap();
        let said = refusal(&installation);
        assert!(said.contains("keyring.json") && said.contains("600"), "{mode:o}: {said}");
    }
    set_permissions(&keys, Permissions::from_mode(0o600)).unwrap();
    installation.start("http://127.0.0.1:1/").stop();
}

#[test]
fn a_key_that_nobody_knows_is_refused_by_its_name() {
    let said = refusal(&configured("delivery.leese = \"5s\""));
    assert!(said.contains("delivery.leese") && said.contains("lease"), "{said}");
}

#[test]
fn an_inbox_that_other_machines_could_read_is_refused() {
    let installation = configured("");
    let file = installation.config();
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, _) = text.split_once("[[provider]]").unwrap();
    let head = head.replace("127.0.0.1:0", "0.0.0.0:0");
    let inbox = "[[provider]]\nname = \"inbox\"\nkind = \"inbox\"\nchannels = [\"sms\"]\n";
    // With it, and without any provider, which means the same.
    for (text, remedy) in [(format!("{head}{inbox}"), "allow_remote_listener"), (head.clone(), "listen on 127.0.0.1")] {
        std::fs::write(&file, &text).unwrap();
        let said = refusal(&installation);
        assert!(said.contains("inbox") && said.contains(remedy), "{text}: {said}");
    }
}
