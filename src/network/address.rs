//! URLs of HTTP (RFC 9110 section 4.2), as far as registries use them.

use std::fmt;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    https: bool,
    /// Host and, where one is given, port.
    authority: String,
    /// Path and query, from the first slash on.
    rest: String,
}

impl Address {
    /// The root of a host.
    pub fn root(https: bool, authority: &str) -> Self {
        Self { https, authority: authority.to_ascii_lowercase(), rest: "/".into() }
    }

    /// An absolute URL; none if it is not one of HTTP, or holds a user's name.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let sound =
            !authority.is_empty() && authority.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
        let rest = rest.split('#').next().unwrap_or_default();
        let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        let clean = rest.bytes().all(|b| b.is_ascii_graphic());
        (sound && clean).then(|| Self { rest, ..Self::root(https, authority) })
    }

    /// Another place on the same host.
    pub fn at(&self, rest: impl Into<String>) -> Self {
        Self { rest: rest.into(), ..self.clone() }
    }

    /// Where a `Location` leads that came from here (RFC 9110 section 10.2.2).
    pub fn follow(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let scheme = if self.https { "https" } else { "http" };
        let path = self.rest.split('?').next().unwrap_or_default();
        let absolute = match location {
            "" => return None,
            _ if location.starts_with("//") => format!("{scheme}:{location}"),
            _ if location.starts_with('/') => format!("{scheme}://{}{location}", self.authority),
            _ if location.starts_with('?') => format!("{scheme}://{}{path}{location}", self.authority),
            _ => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{scheme}://{}{folder}/{location}", self.authority)
            }
        };
        Self::parse(&absolute)
    }

    /// The same with more in its query.
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> Self {
        let mut rest = self.rest.clone();
        for (key, value) in pairs {
            rest.push(if rest.contains('?') { '&' } else { '?' });
            rest.push_str(&format!("{key}={}", escaped(value)));
        }
        self.at(rest)
    }

    /// What stands behind the question mark.
    pub fn query(&self) -> &str {
        self.rest.split_once('?').map_or("", |(_, query)| query)
    }

    /// Whether it is spoken to under encryption.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Host and port, as they are written.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host alone, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        host_of(&self.authority)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        port_of(&self.authority).unwrap_or(if self.https { 443 } else { 80 })
    }

    /// Whether both are the same party: what is secret may be shown to either, or to neither.
    pub fn same_origin(&self, other: &Self) -> bool {
        self.https == other.https && self.host() == other.host() && self.port() == other.port()
    }

    /// All of it. Not to be shown: queries hold signatures.
    pub fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority, self.rest)
    }
}

impl fmt::Display for Address {
    /// What may be shown of it: the host.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority)
    }
}

/// The host of an authority.
pub fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or(authority),
    }
}

fn port_of(authority: &str) -> Option<u16> {
    let behind = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    behind.rsplit_once(':')?.1.parse().ok()
}

/// For a value in a query (RFC 3986 section 2).
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_lead_on() {
        let from = Address::parse("http://r.example:5000/v2/a/blobs/uploads/?x=1").unwrap();
        for (location, url) in [
            ("https://Store.example/x?sig=1#frag", "https://store.example/x?sig=1"),
            ("//cdn.example/x", "http://cdn.example/x"),
            ("/v2/y?_state=a%3D", "http://r.example:5000/v2/y?_state=a%3D"),
            ("uuid", "http://r.example:5000/v2/a/blobs/uploads/uuid"),
            ("?page=2", "http://r.example:5000/v2/a/blobs/uploads/?page=2"),
        ] {
            assert_eq!(from.follow(location).unwrap().url(), url);
        }
        for bad in ["", "ftp://x/", "http://user:secret@x/", "http:///x", "/a b", "/a\r\nX: y", "http://h\u{e9}/"] {
            assert_eq!(from.follow(bad), None, "{bad:?}");
        }
        assert_eq!(
            from.with_query(&[("scope", "repository:a/b:pull,push")]).rest,
            "/v2/a/blobs/uploads/?x=1&scope=repository%3Aa%2Fb%3Apull%2Cpush"
        );
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let origin = |a: &str, b: &str| Address::parse(a).unwrap().same_origin(&Address::parse(b).unwrap());
        assert!(origin("https://r.example/a", "https://R.example:443/b"));
        assert!(origin("http://[::1]:80/", "http://[::1]/"));
        assert!(!origin("https://r.example/", "http://r.example/"));
        assert!(!origin("https://r.example/", "https://r.example:5000/"));
        assert!(!origin("https://r.example/", "https://r.example.evil.example/"));
    }

    #[test]
    fn no_query_is_shown() {
        assert_eq!(Address::parse("https://s.example/x?signature=secret").unwrap().to_string(), "s.example");
    }
}
