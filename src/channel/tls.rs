//! Whom outgoing connections trust, and which cryptography they use.
//!
//! Trusted are the certificate authorities of the operating system, for SMTP and HTTP alike: the operator's own
//! authority is then installed where every other program looks for it, and distrust arrives with the system's updates.
//! A provider may name further authorities (`ca_file`); none can switch verification off (security F11).

/// Makes ring the process's cryptography for TLS, unless something else was installed before.
///
/// The HTTP client is built without a default of its own. [`super::web::client`] calls this before it builds one; calling
/// it again does nothing.
pub fn install_crypto() {
    // The error says that a provider is in place already, which is all that is asked for.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
