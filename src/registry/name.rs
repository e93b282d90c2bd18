//! Image names: `[DOMAIN/]PATH[:TAG]`, by the grammar of the distribution project's `reference` package.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// The domain that engines assume where a name has none.
const DEFAULT_DOMAIN: &str = "docker.io";
/// An older name of the same.
const LEGACY_DEFAULT_DOMAIN: &str = "index.docker.io";
/// The path prefix they assume on that domain where a name has a single component.
const OFFICIAL: &str = "library/";

const MAX_NAME: usize = 255;
const MAX_TAG: usize = 128;

/// The name and tag of an image; without a tag, `latest`. Shown as engines show it (`app:latest`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageName {
    domain: String,
    path: String,
    tag: String,
}

impl ImageName {
    /// With domain and all, as `io.containerd.image.name` and base image annotations want it.
    pub fn canonical(&self) -> String {
        format!("{}/{}:{}", self.domain, self.path, self.tag)
    }

    /// The host that keeps it, as names have it.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Where that host keeps it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.domain == DEFAULT_DOMAIN {
            let path = match self.path.strip_prefix(OFFICIAL) {
                Some(single) if !single.contains('/') => single,
                _ => &self.path,
            };
            write!(f, "{path}:{}", self.tag)
        } else {
            write!(f, "{}/{}:{}", self.domain, self.path, self.tag)
        }
    }
}

impl FromStr for ImageName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::Usage(format!("{text:?} is not an image name: {why}"));
        if text.contains('@') {
            return Err(wrong("a digest cannot be given to a new image; use NAME:TAG"));
        }
        // A colon after the last slash starts the tag; one before it belongs to a port.
        let (name, tag) = match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (text, "latest"),
        };
        let (domain, path) = match name.split_once('/') {
            Some((first, rest)) if is_domain(first) => (first, rest),
            _ => (DEFAULT_DOMAIN, name),
        };
        let domain = if domain == LEGACY_DEFAULT_DOMAIN { DEFAULT_DOMAIN } else { domain };
        if !valid_domain(domain) {
            return Err(wrong("its domain is malformed"));
        }
        if path.is_empty() || !path.split('/').all(valid_component) {
            return Err(wrong(if path.bytes().any(|b| b.is_ascii_uppercase()) {
                "it must be in lower case"
            } else {
                "use letters, digits and single separators, as in example/app:1.0"
            }));
        }
        if path.len() == 64 && path.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong("64 hexadecimal digits are taken for an image ID"));
        }
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let tag_start = tag.bytes().next().is_some_and(word);
        if !tag_start || tag.len() > MAX_TAG || !tag.bytes().all(|b| word(b) || b == b'.' || b == b'-') {
            return Err(wrong("its tag is malformed"));
        }
        let official = domain == DEFAULT_DOMAIN && !path.contains('/');
        let path = format!("{}{path}", if official { OFFICIAL } else { "" });
        if domain.len() + 1 + path.len() > MAX_NAME {
            return Err(wrong("it is longer than 255 characters"));
        }
        Ok(Self { domain: domain.into(), path, tag: tag.into() })
    }
}

/// Whether the first component of a name is a host rather than a part of the path.
fn is_domain(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.bytes().any(|b| b.is_ascii_uppercase())
}

fn valid_domain(domain: &str) -> bool {
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) if !domain.ends_with(']') => (host, Some(port)),
        _ => (domain, None),
    };
    let port_ok = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let host_ok = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => !v6.is_empty() && v6.bytes().all(|b| b.is_ascii_hexdigit() || b == b':'),
        None => host.split('.').all(|label| {
            let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            !label.is_empty() && plain && !label.starts_with('-') && !label.ends_with('-')
        }),
    };
    port_ok && host_ok
}

/// Lower-case letters and digits, in between single `.`, one or two `_`, or any number of `-`.
fn valid_component(component: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let separators = component.split(|c: char| c.is_ascii() && alphanumeric(c as u8)).filter(|part| !part.is_empty());
    let edges =
        component.bytes().next().is_some_and(alphanumeric) && component.bytes().last().is_some_and(alphanumeric);
    edges && separators.into_iter().all(|s| matches!(s, "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_and_shown_as_engines_do() {
        for (given, shown, canonical) in [
            ("app", "app:latest", "docker.io/library/app:latest"),
            ("team/app:1.0", "team/app:1.0", "docker.io/team/app:1.0"),
            ("index.docker.io/library/app", "app:latest", "docker.io/library/app:latest"),
            ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
            ("host.example:5000/a/b_c--d:T_1", "host.example:5000/a/b_c--d:T_1", "host.example:5000/a/b_c--d:T_1"),
            ("[::1]:5000/app:x", "[::1]:5000/app:x", "[::1]:5000/app:x"),
        ] {
            let name: ImageName = given.parse().unwrap();
            assert_eq!((name.to_string().as_str(), name.canonical().as_str()), (shown, canonical));
        }
    }

    #[test]
    fn malformed_names_are_refused() {
        let digits = "0123456789abcdef".repeat(4);
        let long = "a".repeat(250);
        for bad in [
            "",
            ":tag",
            "App",
            "a..b",
            "a___b",
            "-a",
            "a/",
            "/a",
            "a:",
            "a:b c",
            "a:-b",
            "a@sha256:00",
            &digits,
            &long,
            "host.example:port/a",
            "a b",
            "é",
        ] {
            assert!(bad.parse::<ImageName>().is_err(), "{bad}");
        }
    }
}
