//! HTTP, as registries and daemons speak it: one request, one answer. What is sent again, and to whom credentials go, is decided by
//! those who speak.
//!
//! | file | what it knows |
//! |---|---|
//! | `address` | URLs, and where a `Location` leads |
//! | `agents` | connections: certificates, proxies, which hosts may be spoken to in the clear |
//! | `failure` | what went wrong, in words without what is secret in an address |
//! | `patience` | when to try again |
//! | `peer` | daemons, and sockets in the file system |
//! | `proxies` | `https_proxy` and its like |

mod address;
mod agents;
mod failure;
mod patience;
mod peer;
mod proxies;

use std::io::Read;
use std::time::Duration;

use ureq::config::ConfigBuilder;
use ureq::http::{HeaderMap, Request};
use ureq::typestate::AgentScope;
use ureq::{Agent, SendBody};

pub use address::Address;
pub use agents::{Network, Settings};
pub use failure::{Failure, Reason};
pub use patience::{Patience, retry_after};
pub use peer::Peer;

/// What all connections have in common: statuses and redirections are for those who speak to decide on.
fn agent_config() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("bantam/", env!("CARGO_PKG_VERSION")))
}

/// Header names and values.
pub type Headers<'h> = &'h [(&'static str, &'h str)];

/// What goes with a request.
pub enum Body<'b> {
    /// Nothing.
    Empty,
    /// Bytes in memory.
    Bytes(&'b [u8]),
    /// So many bytes of a stream.
    Stream(&'b mut dyn Read, u64),
}

/// What came back. Whether it is good news is for the caller to say.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: ureq::Body,
}

impl Answer {
    /// The value of a header; none if it is not there or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, as it comes.
    pub fn into_reader(self) -> impl Read + Send + 'static {
        self.body.into_reader()
    }

    /// The body, which is not to be larger than `limit`.
    ///
    /// # Errors
    /// If it is, or if it breaks off.
    pub fn into_bytes(self, limit: u64) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let read = self.body.into_reader().take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| Failure::of_io(&error))?;
        if bytes.len() as u64 > limit {
            return Err(Failure::new(Reason::Protocol, format!("the answer has more than {limit} bytes")));
        }
        Ok(bytes)
    }

    /// Reads what is left of a short body, so that the connection can serve again.
    pub fn finish(self) {
        // What cannot be read is not wanted.
        let _ = self.into_bytes(64 << 10);
    }

    /// How long the sender asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("retry-after")?)
    }
}

/// Sends one request.
fn run(agent: &Agent, method: &str, url: &str, headers: Headers<'_>, body: Body<'_>) -> Result<Answer, Failure> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let malformed = |_| Failure::new(Reason::Protocol, "a request cannot be put into words".into());
    let ran = match body {
        Body::Empty if matches!(method, "POST" | "PUT" | "PATCH") => {
            agent.run(request.body(&[][..]).map_err(malformed)?)
        }
        Body::Empty => agent.run(request.body(()).map_err(malformed)?),
        Body::Bytes(bytes) => agent.run(request.body(bytes).map_err(malformed)?),
        Body::Stream(reader, length) => {
            let request = request.header("content-length", length);
            agent.run(request.body(SendBody::from_reader(reader)).map_err(malformed)?)
        }
    };
    let (parts, body) = ran.map_err(|error| Failure::of(&error))?.into_parts();
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}
