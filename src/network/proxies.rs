//! Proxies that the environment names, by the conventions of curl and Go: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`, in
//! lower case before upper case.

use std::net::IpAddr;

/// What the environment says.
///
/// Their addresses may hold a password.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<String>,
    http: Option<String>,
    /// Hosts that are spoken to directly.
    except: Vec<String>,
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proxies(…)")
    }
}

impl Proxies {
    /// Those of this process.
    pub fn of_environment() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| {
            let set = variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
            set.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let except = value("no_proxy").unwrap_or_default();
        let except = except.split(',').map(|entry| entry.trim().to_ascii_lowercase()).filter(|entry| !entry.is_empty());
        Self {
            https: value("https_proxy").or_else(|| value("all_proxy")),
            http: value("http_proxy").or_else(|| value("all_proxy")),
            except: except.collect(),
        }
    }

    /// The proxy for a host. This machine is always spoken to directly.
    pub fn choose(&self, https: bool, host: &str, port: u16) -> Option<&str> {
        let proxy = if https { &self.https } else { &self.http };
        let direct = super::agents::is_loopback(host) || self.except.iter().any(|entry| excepts(entry, host, port));
        proxy.as_deref().filter(|_| !direct)
    }
}

/// Whether an entry of `no_proxy` means a host: a name means those below it, too; an address may have a mask.
fn excepts(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Some((net, bits)), Ok(address)) = (entry.split_once('/'), host.parse::<IpAddr>()) {
        return net.parse().is_ok_and(|net| bits.parse().is_ok_and(|bits| covers(net, bits, address)));
    }
    if entry.parse::<IpAddr>().is_ok() {
        return entry.trim_matches(['[', ']']) == host;
    }
    let (name, only) = match entry.rsplit_once(':') {
        Some((name, only)) if !name.contains(':') || name.ends_with(']') => (name, only.parse::<u16>().ok()),
        _ => (entry, None),
    };
    let name = name.trim_matches(['[', ']']).trim_start_matches("*.").trim_start_matches('.');
    let host = host.to_ascii_lowercase();
    let below = host.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    below && !name.is_empty() && only.is_none_or(|only| only == port)
}

fn covers(net: IpAddr, bits: u32, address: IpAddr) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let ((net, most), (address, same)) = (number(net), number(address));
    most == same && bits <= most && (bits == 0 || (net ^ address) >> (128 - bits) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses() {
        let variables = [
            ("https_proxy", "http://p:3128"),
            ("HTTPS_PROXY", "http://other:3128"),
            ("ALL_PROXY", "http://all:3128"),
            ("NO_PROXY", "corp.example, .lab.example,*.wild.example,10.0.0.0/8,fd00::/8,192.0.2.7,only.example:5000"),
        ];
        let of = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let proxies = Proxies::of(of);
        assert_eq!(proxies.choose(true, "r.example", 443), Some("http://p:3128"));
        assert_eq!(proxies.choose(false, "r.example", 80), Some("http://all:3128"));
        for host in [
            "corp.example",
            "r.CORP.example",
            "a.lab.example",
            "b.wild.example",
            "10.9.8.7",
            "fd12::1",
            "192.0.2.7",
            "localhost",
            "127.0.0.5",
            "::1",
        ] {
            assert_eq!(proxies.choose(true, host, 443), None, "{host}");
        }
        for host in ["notcorp.example", "11.0.0.1", "192.0.2.70", "only.example"] {
            assert!(proxies.choose(true, host, 443).is_some(), "{host}");
        }
        assert_eq!(proxies.choose(true, "only.example", 5000), None);
        assert_eq!(Proxies::of(|_| None).choose(true, "r.example", 443), None);
        assert_eq!(Proxies::of(|name| (name == "no_proxy").then(|| "*".into())).choose(true, "r.example", 443), None);
    }
}
