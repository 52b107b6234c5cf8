//! Certificates that cannot be used, in words: those of the TLS library are for its programmers.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::transport::{TransportError, TransportFault};

/// What an error of a connection says of the certificate of its other end, if it is about that.
pub(super) fn of_certificate(error: &(dyn Error + 'static)) -> Option<TransportError> {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let tls = match inside {
        Some(inside) => inside.downcast_ref::<rustls::Error>(),
        None => error.downcast_ref::<rustls::Error>(),
    };
    match tls? {
        rustls::Error::InvalidCertificate(why) => Some(TransportError::new(TransportFault::Untrusted, words(why))),
        _ => None,
    }
}

fn words(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired, or the clock of this machine is wrong"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet, or the clock of this machine is wrong"
        }
        CertificateError::Revoked => "its certificate was revoked",
        CertificateError::UnknownIssuer => "no authority that this machine trusts has signed its certificate",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another host"
        }
        _ => "its certificate cannot be used, or no authority that this machine trusts has signed it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_the_library_is_shown() {
        let other = rustls::OtherError(std::sync::Arc::new(io::Error::other("CaUsedAsEndEntity")));
        for why in [
            CertificateError::UnknownIssuer,
            CertificateError::Expired,
            CertificateError::NotValidForName,
            CertificateError::Other(other),
            CertificateError::BadEncoding,
        ] {
            let tls = rustls::Error::InvalidCertificate(why);
            for error in [&tls as &(dyn Error + 'static), &io::Error::other(tls.clone())] {
                let error = of_certificate(error).unwrap();
                assert_eq!(error.fault(), TransportFault::Untrusted);
                assert!(
                    error.to_string().starts_with("its certificate") || error.to_string().starts_with("no authority")
                );
            }
        }
        assert!(of_certificate(&rustls::Error::HandshakeNotComplete).is_none());
        assert!(of_certificate(&io::Error::other("broken")).is_none());
    }
}
