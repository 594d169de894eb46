//! The certificate authorities that this machine trusts. gait brings none of its own.

use gait_contract::{Code, Fault};
use rustls_native_certs::load_native_certs;

/// Certificates of the authorities, DER.
pub fn trusted() -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, Fault> {
    let found = load_native_certs();
    if found.certs.is_empty() {
        return Err(Fault::new(
            Code::NetworkAnswer,
            "this machine names no certificate authorities that could be trusted",
        )
        .hint("install the system's certificates (`ca-certificates`), or name a file of them in SSL_CERT_FILE"));
    }
    Ok(found.certs)
}
