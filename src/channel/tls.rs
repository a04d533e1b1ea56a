//! Whom outgoing connections trust, and which cryptography they use.
//!
//! Trusted are the certificate authorities of the operating system, for SMTP and HTTP alike: the operator's own
//! authority is then installed where every other program looks for it, and distrust arrives with the system's updates.
//! A provider may name further authorities (`ca_file`); none can switch verification off (security F11).

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_rustls::TlsConnector;

use super::SettingsError;

/// TLS for a protocol of our own: the system's authorities and those of `extra_ca` (PEM), which must hold one at least.
pub(super) fn connector(extra_ca: Option<&[u8]>) -> Result<TlsConnector, SettingsError> {
    install_crypto();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = extra_ca {
        let bad = || SettingsError::new("ca_file", "holds no usable certificate in PEM form");
        let extra: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| bad())?;
        let (usable, unusable) = roots.add_parsable_certificates(extra);
        if usable == 0 || unusable > 0 {
            return Err(bad());
        }
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Makes ring the process's cryptography for TLS, unless something else was installed before.
///
/// The HTTP client is built without a default of its own. [`super::web::client`] and `connector` call this before they
/// build one; calling it again does nothing.
pub fn install_crypto() {
    // The error says that a provider is in place already, which is all that is asked for.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
