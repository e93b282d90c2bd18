//! Connections to hosts: one kept set of them a host, with its certificates, its proxy, and whether it may be spoken to in the clear.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Proxy};

use super::address::{Address, host_of};
use super::failure::{Failure, Reason};
use super::proxies::Proxies;
use super::{Answer, Body, Headers};

/// How long a host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(30);
/// How long nothing may happen on a connection. A registry that puts a large blob in its place says nothing meanwhile.
const SILENCE: Duration = Duration::from_secs(120);

/// How the network is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Files with certificates (PEM) that are trusted besides those of the system.
    pub ca: Vec<PathBuf>,
    /// Hosts (with their port where one is named) whose certificate does not matter, and that may be spoken to in the clear.
    pub insecure: Vec<String>,
    /// The first pause before something is tried again; each is twice as long as the one before.
    pub pause: Duration,
}

impl Default for Settings {
    /// What the system trusts, nobody insecure, half a second.
    fn default() -> Self {
        Self { ca: Vec::new(), insecure: Vec::new(), pause: Duration::from_millis(500) }
    }
}

/// The network, with the connections that are open.
#[derive(Debug)]
pub struct Network {
    settings: Settings,
    proxies: Proxies,
    roots: OnceLock<Result<RootCerts, Failure>>,
    agents: Mutex<HashMap<(bool, String), Agent>>,
}

impl Network {
    /// Nothing is connected yet.
    pub fn new(settings: Settings) -> Self {
        let proxies = Proxies::of_environment();
        Self { settings, proxies, roots: OnceLock::new(), agents: Mutex::default() }
    }

    /// How it is used.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the user said that this host is not to prove who it is.
    pub fn is_insecure(&self, authority: &str) -> bool {
        let named = |one: &String| one.eq_ignore_ascii_case(authority) || one.eq_ignore_ascii_case(host_of(authority));
        self.settings.insecure.iter().any(named)
    }

    /// Whether this host may be spoken to in the clear: this machine, and insecure ones.
    pub fn may_be_plain(&self, authority: &str) -> bool {
        is_loopback(host_of(authority)) || self.is_insecure(authority)
    }

    /// Sends one request and gives the answer to it, whatever its status. Redirections are not followed.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn send(
        &self,
        method: &str,
        address: &Address,
        headers: Headers<'_>,
        body: Body<'_>,
    ) -> Result<Answer, Failure> {
        if !address.is_https() && !self.may_be_plain(address.authority()) {
            let text = format!("{address} is to be spoken to in the clear; allow that with --insecure {address}");
            return Err(Failure::new(Reason::Protocol, text));
        }
        super::run(&self.agent(address)?, method, &address.url(), headers, body)
    }

    fn agent(&self, address: &Address) -> Result<Agent, Failure> {
        let key = (address.is_https(), address.authority().to_owned());
        let known = |agents: &HashMap<_, Agent>| agents.get(&key).cloned();
        if let Some(agent) = known(&self.agents.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(agent);
        }
        let agent = self.connectable(address)?;
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(agents.entry(key).or_insert(agent).clone())
    }

    fn connectable(&self, address: &Address) -> Result<Agent, Failure> {
        let proxy = self.proxies.choose(address.is_https(), address.host(), address.port());
        let proxy = proxy.map(Proxy::new).transpose().map_err(|error| Failure::of(&error))?;
        let mut tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .disable_verification(self.is_insecure(address.authority()));
        if address.is_https() {
            tls = tls.root_certs(self.roots.get_or_init(|| roots(&self.settings.ca)).clone()?);
        }
        let config = super::agent_config()
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .max_idle_connections_per_host(8)
            .proxy(proxy)
            .tls_config(tls.build());
        Ok(config.build().new_agent())
    }
}

/// Whether a host is this machine (RFC 6761 section 6.3; RFC 1122 section 3.2.1.3; RFC 4291 section 2.5.3).
pub fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The certificates that are trusted: those of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` where these are set, and more.
fn roots(more: &[PathBuf]) -> Result<RootCerts, Failure> {
    let found = rustls_native_certs::load_native_certs();
    let mut certificates: Vec<Certificate<'static>> =
        found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    for file in more {
        let wrong = |why: &str| Failure::new(Reason::Certificate, format!("--ca {}: {why}", file.display()));
        let text = std::fs::read(file).map_err(|error| wrong(&error.to_string()))?;
        let before = certificates.len();
        for item in ureq::tls::parse_pem(&text) {
            if let PemItem::Certificate(certificate) = item.map_err(|_| wrong("is malformed"))? {
                certificates.push(certificate);
            }
        }
        if certificates.len() == before {
            return Err(wrong("holds no certificate in PEM form"));
        }
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_insecure_hosts_are_spoken_to_in_the_clear() {
        let network = Network::new(Settings {
            insecure: vec!["lab.example:5000".into(), "old.example".into()],
            ..Settings::default()
        });
        for host in ["localhost", "localhost:5000", "127.0.0.1:80", "[::1]:5000", "lab.example:5000", "old.example:81"]
        {
            assert!(network.may_be_plain(host), "{host}");
        }
        for host in ["lab.example", "localhost.example", "127.0.0.1.example", "r.example", "128.0.0.1"] {
            assert!(!network.may_be_plain(host), "{host}");
        }
        let address = Address::parse("http://r.example/v2/").unwrap();
        let refused = network.send("GET", &address, &[], Body::Empty).err().unwrap();
        assert!(refused.to_string().contains("--insecure r.example"), "{refused}");
    }
}
