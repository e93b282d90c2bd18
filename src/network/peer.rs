//! HTTP as daemons speak it, most of them over a socket in the file system.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};

use super::failure::Failure;
use super::{Answer, Body, Headers};

/// One party that is spoken to in the clear and without a proxy, and that may take its time to answer.
#[derive(Debug)]
pub struct Peer {
    agent: Agent,
    root: String,
}

impl Peer {
    /// Whoever listens at this socket.
    pub fn socket(path: PathBuf) -> Self {
        let agent = Agent::with_parts(config(), SocketConnector { path }, NoResolver);
        Self { agent, root: "http://localhost".into() }
    }

    /// Whoever listens at this host and port.
    pub fn host(authority: &str) -> Self {
        Self { agent: config().new_agent(), root: format!("http://{authority}") }
    }

    /// Sends one request and gives the answer to it, whatever its status.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn send(&self, method: &str, path: &str, headers: Headers<'_>, body: Body<'_>) -> Result<Answer, Failure> {
        super::run(&self.agent, method, &format!("{}{path}", self.root), headers, body)
    }
}

fn config() -> Config {
    super::agent_config().proxy(None).build()
}

#[derive(Debug)]
struct SocketConnector {
    path: PathBuf,
}

impl Connector for SocketConnector {
    type Out = SocketTransport;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>, ureq::Error> {
        let stream = UnixStream::connect(&self.path)?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(SocketTransport { stream, buffers, open: true }))
    }
}

/// An open socket. There are no time limits: a daemon packs an image before it answers, and this machine does not go away.
#[derive(Debug)]
struct SocketTransport {
    stream: UnixStream,
    buffers: LazyBuffers,
    open: bool,
}

impl Transport for SocketTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(self.stream.write_all(&self.buffers.output()[..amount])?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let input = self.buffers.input_append_buf();
        let amount = loop {
            match self.stream.read(input) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.buffers.input_appended(amount);
        self.open = amount > 0;
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.open
    }
}

impl Drop for SocketTransport {
    fn drop(&mut self) {
        // It is closed in any case.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// Nothing has to be looked up.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &ureq::http::Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut none = self.empty();
        none.push(([127, 0, 0, 1], 0).into());
        Ok(none)
    }
}
