//! The requests that are made of a daemon: Docker's Engine API, "SystemPing", "ImageInspect", "ImageGet" and "ImageLoad".

use std::fs::File;
use std::io::{Read, Seek};

use serde_json::Value;

use super::name::DaemonImage;
use super::place::Place;
use crate::network::{Answer, Body, Headers, Peer, Reason};

/// Largest answer that is no image.
const MAX_ANSWER: u64 = 4 << 20;
/// Where Podman listens that root has started.
const PODMAN: &str = "/run/podman/podman.sock";

/// A daemon on this machine, or wherever `DOCKER_HOST` says.
#[derive(Debug)]
pub struct Daemon {
    peer: Peer,
    place: Place,
}

impl Daemon {
    /// The one that this process's user speaks to.
    ///
    /// # Errors
    /// If the environment names none that can be spoken to.
    pub fn of_environment() -> Result<Self, String> {
        let place = Place::of_environment()?;
        let peer = match &place {
            Place::Socket(path) => Peer::socket(path.clone()),
            Place::Host(host) => Peer::host(host),
        };
        Ok(Self { peer, place })
    }

    /// Whether it answers (Docker's Engine API, "SystemPing").
    ///
    /// # Errors
    /// If it does not.
    pub fn ping(&self) -> Result<(), String> {
        // Whatever it says, it is there.
        self.send("GET", "/_ping", &[], Body::Empty).map(Answer::finish)
    }

    /// An image as a docker-archive, as it comes.
    ///
    /// # Errors
    /// If there is no such image, or no daemon.
    pub fn save(&self, image: &DaemonImage) -> Result<impl Read + Send + 'static + use<>, String> {
        for spelling in image.spellings() {
            let found = self.send("GET", &format!("/images/{spelling}/json"), &[], Body::Empty)?;
            let status = found.status;
            found.finish();
            match status {
                200 => {
                    let answer = self.send("GET", &format!("/images/{spelling}/get"), &[], Body::Empty)?;
                    if answer.status != 200 {
                        return Err(refused("does not give the image", answer));
                    }
                    return Ok(answer.into_reader());
                }
                404 => {}
                status => return Err(format!("the daemon does not say whether it has the image ({status})")),
            }
        }
        Err(format!(
            "the daemon has no such image; `docker pull {image}`, or read it from its registry with docker://{image}"
        ))
    }

    fn send(&self, method: &str, path: &str, headers: Headers<'_>, body: Body<'_>) -> Result<Answer, String> {
        let Self { peer, place } = self;
        peer.send(method, path, headers, body).map_err(|failure| {
            let place = match place {
                Place::Socket(path) => path.display().to_string(),
                Place::Host(host) => host.clone(),
            };
            let podman = std::fs::exists(PODMAN).unwrap_or(false);
            let what = match (failure.reason, podman) {
                (Reason::Unreachable, true) => format!("; Podman listens at DOCKER_HOST=unix://{PODMAN}"),
                (Reason::Unreachable, false) => {
                    "; is it running, may you speak to it, does DOCKER_HOST name it? Podman's is started by `podman system service`".into()
                }
                _ => String::new(),
            };
            format!("cannot speak to the daemon at {place}: {failure}{what}")
        })
    }
}

/// Has a daemon take the archive in a file.
///
/// # Errors
/// If it does not.
pub fn load(daemon: &Daemon, archive: &mut File) -> Result<(), String> {
    let length = archive.metadata().and_then(|meta| archive.rewind().map(|()| meta.len()));
    let length = length.map_err(|error| format!("cannot read the temporary file: {error}"))?;
    let headers = [("content-type", "application/x-tar")];
    let answer = daemon.send("POST", "/images/load?quiet=1", &headers, Body::Stream(archive, length))?;
    if answer.status != 200 {
        return Err(refused("does not take the image", answer));
    }
    // What goes wrong later is in the answer's body: an object a line.
    let body = answer.into_bytes(MAX_ANSWER).map_err(|failure| format!("the daemon breaks off: {failure}"))?;
    let lines = body.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let errors = lines.filter_map(|line| line["error"].as_str().map(str::to_owned));
    errors.into_iter().next().map_or(Ok(()), |error| Err(format!("the daemon does not take the image: {error}")))
}

fn refused(what: &str, answer: Answer) -> String {
    let status = answer.status;
    let body = answer.into_bytes(MAX_ANSWER).unwrap_or_default();
    let body = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    match body["message"].as_str() {
        Some(message) => format!("the daemon {what}: {message}"),
        None => format!("the daemon {what} ({status})"),
    }
}
