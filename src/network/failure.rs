//! What went wrong on the way, in words that name what to do and hold nothing secret.

use std::error::Error as _;
use std::fmt;
use std::io;

use rustls::CertificateError;

/// Of which kind a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody answers at that address.
    Unreachable,
    /// The other side could not prove who it is: nobody who is trusted has signed its certificate.
    Certificate,
    /// Its certificate is another host's, or of another time.
    Invalid,
    /// What answers does not speak TLS.
    NotTls,
    /// An answer began or was expected, and did not come: worth another try.
    Broken,
    /// What answers does not keep to the protocol, or it is not allowed to speak to it so.
    Protocol,
}

/// That no answer came.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Of which kind it is.
    pub reason: Reason,
    text: String,
}

impl Failure {
    /// A failure in these words.
    pub fn new(reason: Reason, text: String) -> Self {
        Self { reason, text }
    }

    /// Whether the same request may have an answer another time.
    pub fn is_passing(&self) -> bool {
        matches!(self.reason, Reason::Broken | Reason::Unreachable)
    }

    /// What the client library says. Its texts with addresses in them are left out.
    pub(super) fn of(error: &ureq::Error) -> Self {
        let new = |reason, text: &str| Self::new(reason, text.into());
        match error {
            ureq::Error::Io(error) => Self::of_io(error),
            ureq::Error::Rustls(error) => Self::of_tls(error),
            ureq::Error::HostNotFound => new(Reason::Unreachable, "there is no such host"),
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                new(Reason::Unreachable, "no answer in time")
            }
            ureq::Error::Timeout(_) => new(Reason::Broken, "no answer in time"),
            ureq::Error::ConnectionFailed => new(Reason::Unreachable, "cannot connect"),
            ureq::Error::ConnectProxyFailed(_) => new(Reason::Unreachable, "the proxy does not connect"),
            ureq::Error::InvalidProxyUrl => new(Reason::Protocol, "the proxy's address is malformed"),
            ureq::Error::Protocol(error) => Self::new(Reason::Broken, format!("no proper answer: {error}")),
            ureq::Error::Tls(text) => new(Reason::Certificate, text),
            _ => new(Reason::Protocol, "no proper answer"),
        }
    }

    /// What the system says.
    pub fn of_io(error: &io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(tls);
        }
        if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
            return Self::of(inner);
        }
        let reason = match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied => Reason::Unreachable,
            // The resolver's errors have no kind.
            _ if error.to_string().starts_with("failed to lookup address") => Reason::Unreachable,
            _ => Reason::Broken,
        };
        let text = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Self::new(reason, text)
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateHandshakeMessage { .. } => {
                Self::new(Reason::NotTls, "it does not speak TLS".into())
            }
            rustls::Error::InvalidCertificate(problem) => Self::of_certificate(problem),
            other => Self::new(Reason::Certificate, other.to_string()),
        }
    }

    fn of_certificate(problem: &CertificateError) -> Self {
        let (reason, what) = match problem {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => {
                (Reason::Invalid, "its certificate is of another time (is this machine's clock right?)")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                (Reason::Invalid, "its certificate is another host's (is the name right?)")
            }
            _ => (Reason::Certificate, "its certificate is not trusted"),
        };
        Self::new(reason, format!("{what}: {problem}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_decides_what_helps() {
        for (problem, reason) in [
            (CertificateError::UnknownIssuer, Reason::Certificate),
            (CertificateError::Revoked, Reason::Certificate),
            (CertificateError::Expired, Reason::Invalid),
            (CertificateError::NotValidForName, Reason::Invalid),
        ] {
            assert_eq!(Failure::of_tls(&rustls::Error::InvalidCertificate(problem)).reason, reason);
        }
    }
}
