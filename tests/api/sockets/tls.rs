//! The listener behind TLS.

use std::path::PathBuf;

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_rustls::TlsConnector;

use super::*;

/// A directory that goes with its test.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn connector(roots: RootCertStore, protocol: &str) -> TlsConnector {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn tls_serves_both_protocols_and_closes_a_silent_handshake() {
    let directory = Directory(std::env::temp_dir().join(format!("verifyd-tls-{}", std::process::id())));
    std::fs::create_dir_all(&directory.0).unwrap();
    let (chain, key) = (directory.0.join("chain.pem"), directory.0.join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();

    let config = verifyd::server::tls::load(&chain, &key).unwrap();
    let server = start(ListenerSettings { tls: Some(config), ..short() }).await;
    let open = async |protocol| {
        let name = "localhost".try_into().unwrap();
        connector(roots.clone(), protocol).connect(name, server.connect().await).await.unwrap()
    };
    let mut first = open("http/1.1").await;
    first.write_all(GET.as_bytes()).await.unwrap();
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 200 "));

    let mut second = open("h2").await;
    assert_eq!(second.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    second.write_all(PREFACE).await.unwrap();
    let mut frame = [0; 9];
    second.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the first frame is SETTINGS");

    assert_took(closed(server.connect().await).await, short().first_request, "no handshake");
    assert!(verifyd::server::tls::load(&key, &key).is_err());
    assert!(verifyd::server::tls::load(&chain, &directory.0.join("none.pem")).is_err());
}
