//! Requests to one repository of one registry: who asks is proved where that is asked for, what fails in passing is tried again, and
//! what is secret goes to the registry alone.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::challenge::{Challenge, TokenServer, challenges};
use super::credentials::{Credentials, Login};
use super::remote::RemoteImage;
use super::token::{self, Authorization};
use super::trouble::Trouble;
use crate::network::{Address, Answer, Body, Failure, Headers, Network, Patience, Reason};

/// How often a request is sent again because the registry asks who sends it.
const PROOFS: usize = 2;
/// How often it may be refused in all: a token that another thread has got may end before it is shown.
const REFUSALS: usize = 8;
/// How many redirections are followed.
const REDIRECTIONS: usize = 5;

/// What is to be done in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read from it.
    Pull,
    /// Write to it as well.
    Push,
}

/// What goes with a request, and can be sent again.
#[derive(Clone, Copy)]
pub enum Payload<'p> {
    /// Nothing.
    Empty,
    /// Bytes in memory.
    Bytes(&'p [u8]),
    /// So many bytes of a file, from some place on; who is told how far in the file sending is.
    Part(&'p File, u64, u64, &'p dyn Fn(u64)),
}

/// One repository, and what is known about how to speak to its registry.
pub struct Session {
    network: Arc<Network>,
    credentials: Credentials,
    /// The registry's name, for logins.
    domain: String,
    host: String,
    repository: String,
    access: Access,
    /// Another repository there that is read from.
    source: Option<String>,
    root: OnceLock<Result<Address, Trouble>>,
    /// Whether an answer has come: who has never answered is not asked again and again.
    answered: AtomicBool,
    proof: Mutex<Proof>,
}

#[derive(Default)]
struct Proof {
    authorization: Option<Authorization>,
    /// Who gave it, to have another before it ends.
    server: Option<TokenServer>,
}

impl Session {
    /// Nothing is sent yet.
    pub fn new(network: Arc<Network>, image: &RemoteImage, access: Access) -> Self {
        Self {
            network,
            credentials: Credentials::of_environment(),
            domain: image.domain().into(),
            host: image.host().into(),
            repository: image.repository().into(),
            access,
            source: None,
            root: OnceLock::new(),
            answered: AtomicBool::new(false),
            proof: Mutex::default(),
        }
    }

    /// The same, which may also take blobs from another repository of the registry.
    pub fn with_source(mut self, repository: &str) -> Self {
        self.source = Some(repository.to_owned()).filter(|source| *source != self.repository);
        self
    }

    /// With logins from elsewhere.
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// The registry's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The other repository that blobs may be taken from.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// For pauses between tries.
    pub fn patience(&self) -> Patience {
        Patience::new(self.network.settings().pause)
    }

    /// Where something of the repository is: `manifests/latest`.
    ///
    /// # Errors
    /// If the registry cannot be reached.
    pub fn address(&self, place: &str) -> Result<Address, Trouble> {
        Ok(self.root()?.at(format!("/v2/{}/{place}", self.repository)))
    }

    /// Sends a request to somewhere in the repository and gives the answer, whatever its status, but for those that pass.
    ///
    /// # Errors
    /// If there is no answer, or no way to prove who asks.
    pub fn send(
        &self,
        method: &str,
        address: &Address,
        headers: Headers<'_>,
        payload: Payload<'_>,
    ) -> Result<Answer, Trouble> {
        self.send_again(method, address, headers, payload, Some(self.patience()))
    }

    /// Sends a request of which a part may have had an effect when it fails: it is sent again only if the registry asks who sends it.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_once(
        &self,
        method: &str,
        address: &Address,
        headers: Headers<'_>,
        payload: Payload<'_>,
    ) -> Result<Answer, Trouble> {
        self.send_again(method, address, headers, payload, None)
    }

    /// Sends a request until there is an answer that counts, or no patience left.
    fn send_again(
        &self,
        method: &str,
        address: &Address,
        headers: Headers<'_>,
        payload: Payload<'_>,
        mut patience: Option<Patience>,
    ) -> Result<Answer, Trouble> {
        let (mut refused, mut proofs) = (0, 0);
        loop {
            let header = self.header_for(address)?;
            let answer = self.exchange(method, address, headers, payload, header.as_deref());
            let known = self.answered.fetch_or(answer.is_ok(), Ordering::Relaxed);
            let asked = match &answer {
                Ok(answer) if matches!(answer.status, 408 | 429 | 500 | 502..=504) => answer.retry_after(),
                Ok(answer)
                    if answer.status == 401
                        && proofs < PROOFS
                        && refused < REFUSALS
                        && self.is_registry(address)? =>
                {
                    refused += 1;
                    proofs += usize::from(self.prove(answer, header.as_deref())?);
                    continue;
                }
                Err(failure) if failure.is_passing() && (known || failure.reason == Reason::Broken) => None,
                Ok(_) | Err(_) => return answer.map_err(|failure| Trouble::unanswered(address.authority(), &failure)),
            };
            if !patience.as_mut().is_some_and(|patience| patience.wait(asked)) {
                return answer.map_err(|failure| Trouble::unanswered(address.authority(), &failure));
            }
            if let Ok(answer) = answer {
                answer.finish();
            }
        }
    }

    /// Sends a request that has no body, and follows where the answer leads: blobs are often kept elsewhere. Whoever keeps them is
    /// not shown who asks.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn fetch(&self, method: &str, place: &str, headers: Headers<'_>) -> Result<Answer, Trouble> {
        let mut address = self.address(place)?;
        for _ in 0..=REDIRECTIONS {
            let answer = self.send(method, &address, headers, Payload::Empty)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let next = answer.header("location").and_then(|location| address.follow(location));
            let next = next.ok_or_else(|| Trouble::new(format!("{address} leads nowhere")))?;
            if address.is_https() && !next.is_https() && !self.network.is_insecure(next.authority()) {
                return Err(Trouble::new(format!("{address} leads to {next}, in the clear, which is not followed")));
            }
            answer.finish();
            address = next;
        }
        Err(Trouble::new(format!("{} leads from one place to another without end", self.host)))
    }

    fn exchange(
        &self,
        method: &str,
        address: &Address,
        headers: Headers<'_>,
        payload: Payload<'_>,
        authorization: Option<&str>,
    ) -> Result<Answer, Failure> {
        let mut all = headers.to_vec();
        all.extend(authorization.map(|header| ("authorization", header)));
        match payload {
            Payload::Empty => self.network.send(method, address, &all, Body::Empty),
            Payload::Bytes(bytes) => self.network.send(method, address, &all, Body::Bytes(bytes)),
            Payload::Part(file, from, length, sent) => {
                let mut part = PartReader { file, at: from, end: from + length, sent };
                self.network.send(method, address, &all, Body::Stream(&mut part, length))
            }
        }
    }

    /// Who asks is shown to the registry alone.
    fn header_for(&self, address: &Address) -> Result<Option<String>, Trouble> {
        if self.is_registry(address)? { self.authorization() } else { Ok(None) }
    }

    fn is_registry(&self, address: &Address) -> Result<bool, Trouble> {
        Ok(self.root()?.same_origin(address))
    }

    /// The registry itself, by the protocol that it speaks.
    fn root(&self) -> Result<&Address, Trouble> {
        self.root.get_or_init(|| self.find_root()).as_ref().map_err(Clone::clone)
    }

    fn find_root(&self) -> Result<Address, Trouble> {
        let (https, http) = (Address::root(true, &self.host), Address::root(false, &self.host));
        if !self.network.may_be_plain(&self.host) {
            return Ok(https);
        }
        let ask = |root: &Address| {
            let answer = self.network.send("GET", &root.at("/v2/"), &[], Body::Empty)?;
            let status = answer.status;
            answer.finish();
            Ok::<_, Failure>(status)
        };
        let unanswered = |failure: &Failure| Trouble::unanswered(&self.host, failure);
        if self.network.is_insecure(&self.host) {
            return match ask(&https) {
                Ok(_) => Ok(https),
                Err(_) => ask(&http).map(|_| http).map_err(|failure| unanswered(&failure)),
            };
        }
        // This machine: what speaks TLS says 400 to who does not, or nothing.
        match ask(&http) {
            Ok(status) if status != 400 => Ok(http),
            Err(failure) if failure.reason == Reason::Unreachable => Err(unanswered(&failure)),
            _ => Ok(https),
        }
    }

    /// The header that proves who asks, renewed if it is about to end; none as long as nobody has asked for one.
    fn authorization(&self) -> Result<Option<String>, Trouble> {
        let mut proof = self.proof.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &proof.authorization else { return Ok(None) };
        if known.until.is_none_or(|until| Instant::now() < until) {
            return Ok(Some(known.header.clone()));
        }
        let Some(server) = proof.server.clone() else { return Ok(Some(known.header.clone())) };
        let renewed = self.token(&server)?;
        let header = renewed.header.clone();
        proof.authorization = Some(renewed);
        Ok(Some(header))
    }

    /// Does what an answer of 401 to a request with the header `used` asks for; whether it was not another thread that has done it.
    fn prove(&self, answer: &Answer, used: Option<&str>) -> Result<bool, Trouble> {
        let headers = answer.headers.get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
        let mut proof = self.proof.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have done it meanwhile.
        if proof.authorization.as_ref().is_some_and(|known| Some(known.header.as_str()) != used) {
            return Ok(false);
        }
        for challenge in challenges(headers) {
            match challenge {
                Challenge::Bearer(server) => {
                    proof.authorization = Some(self.token(&server)?);
                    proof.server = Some(server);
                    return Ok(true);
                }
                Challenge::Basic => {
                    if let Some(Login::Password(user, password)) = self.login()? {
                        proof.authorization =
                            Some(Authorization { header: token::basic(&user, &password), until: None });
                        return Ok(true);
                    }
                }
            }
        }
        // Without a proof the request is sent again as it was: some registries say 401 once too often.
        Ok(true)
    }

    fn token(&self, server: &TokenServer) -> Result<Authorization, Trouble> {
        let login = self.login()?;
        token::fetch(&self.network, self.root()?, server, &self.scopes(server), login.as_ref())
    }

    /// What a token is to allow: what is going to be done, and what the registry asks for besides.
    fn scopes(&self, server: &TokenServer) -> Vec<String> {
        let actions = if self.access == Access::Push { "pull,push" } else { "pull" };
        let mut scopes = vec![format!("repository:{}:{actions}", self.repository)];
        scopes.extend(self.source.as_ref().map(|source| format!("repository:{source}:pull")));
        let own = format!("repository:{}:", self.repository);
        scopes.extend(
            server
                .scope
                .iter()
                .flat_map(|scope| scope.split(' '))
                .filter(|scope| !scope.starts_with(&own))
                .map(Into::into),
        );
        scopes.dedup();
        scopes
    }

    fn login(&self) -> Result<Option<Login>, Trouble> {
        self.credentials.find(&self.domain, &self.repository).map_err(Trouble::new)
    }
}

/// Reads a part of a file, whoever else reads it.
struct PartReader<'f> {
    file: &'f File,
    at: u64,
    end: u64,
    sent: &'f dyn Fn(u64),
}

impl Read for PartReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buf.len());
        let count = self.file.read_at(&mut buf[..want], self.at)?;
        self.at += count as u64;
        (self.sent)(self.at);
        Ok(count)
    }
}
