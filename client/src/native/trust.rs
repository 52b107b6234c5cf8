//! Certificates that cannot be used, in words: those of the TLS library are for its programmers.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use crate::transport::{TransportError, TransportFault};

/// What an error of a connection says of the certificate of its other end, if it is about that.
pub(super) fn of_certificate(error: &(dyn Error + 'static)) -> Option<TransportError> {
    match of_library(error)? {
        rustls::Error::InvalidCertificate(why) => Some(TransportError::new(TransportFault::Untrusted, words(why))),
        _ => None,
    }
}

/// What it means that the other end answers a first message of TLS with something else.
pub(super) const NO_TLS: &str = "what responds there does not speak TLS: the address may be one of http, with its port";

/// Whether the other end of a connection does not speak TLS.
pub(super) fn is_no_tls(error: &(dyn Error + 'static)) -> bool {
    let is_other = |why: &rustls::Error| {
        matches!(
            why,
            rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)
        )
    };
    of_library(error).is_some_and(is_other)
}

/// The error of the TLS library. Those who pass it on put it into an error of input and output, and that into another:
/// as sources of one another they are not to be found, since such an error has the source of what is in it.
fn of_library<'a>(mut error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    loop {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        error = error.downcast_ref::<io::Error>()?.get_ref()?;
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
            // As it is, as tokio-rustls passes it on, and as hyper-rustls does.
            let (once, twice) = (
                io::Error::other(tls.clone()),
                io::Error::other(io::Error::other(tls.clone())),
            );
            for error in [&tls as &(dyn Error + 'static), &once, &twice] {
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

    #[test]
    fn a_port_of_http_is_told() {
        let tls = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        assert!(is_no_tls(&tls) && is_no_tls(&io::Error::other(io::Error::other(tls.clone()))));
        assert!(!is_no_tls(&rustls::Error::HandshakeNotComplete) && !is_no_tls(&io::Error::other("broken")));
    }
}
