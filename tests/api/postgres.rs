//! Every story about the API, told once more on PostgreSQL.

use std::process::Command;

/// Runs this binary's stories that reach the store again, with a database of its own for each test on the server named.
#[test]
fn the_api_is_the_same_on_postgresql() {
    let Some(server) = std::env::var_os("TEST_POSTGRES_URL") else {
        return eprintln!("TEST_POSTGRES_URL names no server: not run");
    };
    let again = Command::new(std::env::current_exe().unwrap())
        .args([
            "admin::",
            "airtexts::",
            "attacker::",
            "billing::",
            "engagelab::",
            "fallback::",
            "ids::",
            "mailpass::",
            "optora::",
            "sessions::",
        ])
        .env("TEST_API_SERVER", server)
        .env_remove("TEST_POSTGRES_URL")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && !output.contains(" 0 passed"), "{output}");
}
