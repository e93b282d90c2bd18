//! What goes wrong with a registry, in words that say what to do.

use std::fmt;

use super::remote::login_name;
use crate::network::{Answer, Failure, Reason};

/// Why a registry did not do what it was asked.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The status of its answer, if there was one.
    pub status: Option<u16>,
    passing: bool,
    text: String,
}

impl Trouble {
    /// In these words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { status: None, passing: false, text: text.into() }
    }

    /// In these words, about something that may go well another time.
    pub fn passing(text: impl Into<String>) -> Self {
        Self { passing: true, ..Self::new(text) }
    }

    /// No answer came from `host`.
    pub fn unanswered(host: &str, failure: &Failure) -> Self {
        let text = match failure.reason {
            Reason::Unreachable => {
                format!(
                    "cannot reach {host}: {failure}; is its name right, is there a network, is a proxy needed (https_proxy)?"
                )
            }
            Reason::Certificate => {
                format!("{host}: {failure}; name the certificate of its authority with --ca FILE, or in SSL_CERT_FILE")
            }
            Reason::Invalid => format!("{host}: {failure}; if that does not matter, say --insecure {host}"),
            Reason::NotTls => format!("{host}: {failure}; if it may be spoken to in the clear, say --insecure {host}"),
            Reason::Broken => format!("{host}: {failure}"),
            Reason::Protocol => failure.to_string(),
        };
        Self { passing: failure.is_passing(), ..Self::new(text) }
    }

    /// An answer came that is none to the request `what`, as in "get the manifest 1.0 of team/app".
    pub fn refused(host: &str, what: &str, answer: Answer) -> Self {
        let (status, login) = (answer.status, login_name(host));
        let asked = answer.retry_after();
        // Its own words might repeat what it was sent, secrets included: its error code cannot.
        let code = code(&answer.into_bytes(64 << 10).unwrap_or_default());
        let code = code.map_or_else(|| status.to_string(), |code| format!("{status}, {code}"));
        let text = match status {
            401 | 403 => format!(
                "{host} does not let you {what} ({code}); log in with `docker login {login}` or `podman login {login}`, or name the \
                 file with the login in REGISTRY_AUTH_FILE"
            ),
            404 => format!("{host} cannot {what}: it is not there, or not shown without a login ({code})"),
            429 => {
                let when = asked.map_or_else(|| "later".to_owned(), |asked| format!("in {} seconds", asked.as_secs()));
                format!("{host} has had too many requests ({code}) and does not {what}; try again {when}, or log in")
            }
            500..=599 => format!("{host} failed to {what} ({code}), and again each time it was asked; try again later"),
            _ => format!("{host} does not {what} ({code})"),
        };
        // An upload of which the registry has another idea may begin anew.
        let passing = matches!(status, 404 | 408 | 416 | 429 | 500..=599);
        Self { status: Some(status), passing, text }
    }

    /// The same, and what to do.
    #[must_use]
    pub fn and(mut self, advice: &str) -> Self {
        self.text.push_str("; ");
        self.text.push_str(advice);
        self
    }

    /// Whether the same may go well another time.
    pub fn may_pass(&self) -> bool {
        self.passing
    }

    /// Whether that is what it says: that something is not there.
    pub fn is_absent(&self) -> bool {
        self.status == Some(404)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The first code of an error's body (OCI distribution specification, "Error Codes").
fn code(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = body.get("errors")?.get(0)?.get("code")?.as_str()?;
    let sound = code.len() <= 40 && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    sound.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_are_taken_from_errors() {
        assert_eq!(
            code(br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"secret"}]}"#).unwrap(),
            "MANIFEST_UNKNOWN"
        );
        for nothing in [&br#"{"errors":[{"code":"dXNlcjpwYXNz"}]}"#[..], b"{}", b"", b"<html>"] {
            assert_eq!(code(nothing), None);
        }
    }
}
