//! Blobs and manifests are put into a registry (OCI distribution specification, "Push").

use std::fs::File;

use super::session::{Payload, Session};
use super::trouble::Trouble;
use crate::network::{Address, Answer};

/// Up to this length a blob goes in one request, in bytes.
const SMALL: u64 = 4 << 20;

/// The bytes of a blob.
#[derive(Clone, Copy)]
pub enum Content<'c> {
    /// In memory.
    Bytes(&'c [u8]),
    /// The first so many of a file; who is told how many of them are sent.
    File(&'c File, u64, &'c dyn Fn(u64)),
}

impl<'c> Content<'c> {
    fn len(self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, len, _) => len,
        }
    }

    fn from(self, at: u64) -> Payload<'c> {
        match self {
            Self::Bytes(bytes) => Payload::Bytes(bytes.get(at as usize..).unwrap_or_default()),
            Self::File(file, len, sent) => Payload::Part(file, at, len.saturating_sub(at), sent),
        }
    }
}

/// How a blob came into the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was there.
    WasThere,
    /// From another repository.
    Mounted,
    /// It was sent.
    Sent,
}

/// Finds out whether blobs would be taken, by an upload that is begun and given up. Nothing is left of it.
///
/// # Errors
/// If the registry does not let anybody write there, or nobody is there. What may pass until there is something to send is no error.
pub fn try_push(session: &Session) -> Result<(), Trouble> {
    let address = session.address("blobs/uploads/")?;
    let answer = session.send("POST", &address, &[], Payload::Empty)?;
    match answer.status {
        202 => {
            // Registries clear away what is never finished; not all of them let an upload be given up.
            if let Ok(place) = place(session, &address, answer)
                && let Ok(answer) = session.send_once("DELETE", &place, &[], Payload::Empty)
            {
                answer.finish();
            }
            Ok(())
        }
        408 | 429 | 500..=599 => {
            answer.finish();
            Ok(())
        }
        _ => Err(Trouble::refused(session.host(), &format!("write to {}", session.repository()), answer)),
    }
}

/// Whether a manifest or blob is there: `blobs/sha256:…`.
///
/// # Errors
/// If the registry does not say.
pub fn is_there(session: &Session, place: &str) -> Result<bool, Trouble> {
    let answer = session.fetch("HEAD", place, &[("accept", super::pull::MANIFEST_TYPES)])?;
    match answer.status {
        200 => Ok(true),
        404 => Ok(false),
        _ => Err(Trouble::refused(session.host(), &format!("look for {place}"), answer)),
    }
}

/// Sees to it that a blob is in the repository. What breaks off goes on from where the registry says it did.
///
/// # Errors
/// If the registry does not take it.
pub fn blob(session: &Session, digest: &str, content: Content<'_>) -> Result<Came, Trouble> {
    let mut patience = session.patience();
    loop {
        if is_there(session, &format!("blobs/{digest}"))? {
            return Ok(Came::WasThere);
        }
        let Some(place) = begin(session, digest)? else { return Ok(Came::Mounted) };
        let sent = if content.len() <= SMALL {
            finish(session, &place, digest, content.from(0))
        } else {
            stream(session, place, content).and_then(|place| finish(session, &place, digest, Payload::Empty))
        };
        match sent {
            Ok(()) => return Ok(Came::Sent),
            // An upload that the registry knows nothing of, or not all of, begins anew.
            Err(trouble) if trouble.may_pass() && patience.wait(None) => {}
            Err(trouble) => return Err(trouble),
        }
    }
}

/// Asks for a place to send a blob to; none if the registry has taken it from another repository.
fn begin(session: &Session, digest: &str) -> Result<Option<Address>, Trouble> {
    let mut address = session.address("blobs/uploads/")?;
    if let Some(source) = session.source() {
        address = address.with_query(&[("mount", digest), ("from", source)]);
    }
    let answer = session.send("POST", &address, &[], Payload::Empty)?;
    match answer.status {
        201 => Ok(None),
        202 => place(session, &address, answer).map(Some),
        _ => Err(Trouble::refused(session.host(), &format!("take a blob for {}", session.repository()), answer)),
    }
}

/// Where an upload goes on.
fn place(session: &Session, from: &Address, answer: Answer) -> Result<Address, Trouble> {
    let next = answer.header("location").and_then(|location| from.follow(location));
    answer.finish();
    next.ok_or_else(|| Trouble::new(format!("{} does not say where to send a blob", session.host())))
}

/// Sends all of a blob, as often as it breaks off from where it did; where it is finished then.
fn stream(session: &Session, mut address: Address, content: Content<'_>) -> Result<Address, Trouble> {
    let (size, mut at, mut patience) = (content.len(), 0, session.patience());
    loop {
        let range = format!("{at}-{}", size - 1);
        let mut headers = vec![("content-type", "application/octet-stream")];
        // Docker sends all in one piece without saying so, which every registry takes.
        if at > 0 {
            headers.push(("content-range", range.as_str()));
        }
        let trouble = match session.send_once("PATCH", &address, &headers, content.from(at)) {
            Ok(answer) if answer.status == 202 => {
                let have = received(&answer).unwrap_or(size);
                address = place(session, &address, answer)?;
                if have >= size {
                    return Ok(address);
                }
                let text = format!("{} has taken only {have} of {size} bytes of a blob", session.host());
                Trouble::passing(text)
            }
            Ok(answer) => Trouble::refused(session.host(), "take a blob", answer),
            Err(trouble) => trouble,
        };
        if !trouble.may_pass() || !patience.wait(None) {
            return Err(trouble);
        }
        let status = session.send("GET", &address, &[], Payload::Empty)?;
        if status.status != 204 {
            status.finish();
            return Err(trouble);
        }
        let have = received(&status).unwrap_or(0).min(size);
        if have > at {
            patience.restore();
        }
        at = have;
        address = place(session, &address, status)?;
        if at == size {
            return Ok(address);
        }
    }
}

/// How much the registry has: `Range: 0-N`, and `0-0` where that is nothing.
fn received(answer: &Answer) -> Option<u64> {
    let last: u64 = answer.header("range")?.trim_start_matches("bytes=").strip_prefix("0-")?.parse().ok()?;
    Some(if last == 0 { 0 } else { last + 1 })
}

/// Gives an upload its digest.
fn finish(session: &Session, address: &Address, digest: &str, payload: Payload<'_>) -> Result<(), Trouble> {
    let address = address.with_query(&[("digest", digest)]);
    let headers = [("content-type", "application/octet-stream")];
    let answer = session.send_once("PUT", &address, &headers, payload)?;
    match answer.status {
        201 | 204 => {
            answer.finish();
            Ok(())
        }
        _ => Err(Trouble::refused(session.host(), &format!("take the blob {digest}"), answer)),
    }
}

/// Puts a manifest or an index under a digest or a tag; whether the registry has taken note of what it refers to.
///
/// # Errors
/// If the registry does not take it, or says that it is another.
pub fn put_manifest(
    session: &Session,
    reference: &str,
    media_type: &str,
    bytes: &[u8],
    digest: &str,
) -> Result<bool, Trouble> {
    let address = session.address(&format!("manifests/{reference}"))?;
    let answer = session.send("PUT", &address, &[("content-type", media_type)], Payload::Bytes(bytes))?;
    if !matches!(answer.status, 200..=202) {
        let what = format!("take {reference} into {}", session.repository());
        return Err(Trouble::refused(session.host(), &what, answer));
    }
    let other = answer.header("docker-content-digest").filter(|said| *said != digest).map(str::to_owned);
    let noted = answer.header("oci-subject").is_some();
    answer.finish();
    match other {
        Some(other) => Err(Trouble::new(format!("{} has made {other} of the manifest {digest}", session.host()))),
        None => Ok(noted),
    }
}
