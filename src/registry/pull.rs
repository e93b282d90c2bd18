//! Manifests and blobs are got from a registry (OCI distribution specification, "Pull").

use std::io::{self, Read};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::remote::login_name;
use super::session::Session;
use super::trouble::Trouble;
use crate::network::{Failure, Headers, Patience};

/// What manifests may be.
pub const MANIFEST_TYPES: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json";
/// Largest manifest or config, in bytes (OCI distribution specification, "Pushing Manifests").
const MAX_DOCUMENT: u64 = 4 << 20;
/// Whoever sends so much before a connection breaks deserves as much patience as before.
const WORTH: u64 = 1 << 20;

/// A manifest or an index, as the registry has it.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What the registry says it is.
    pub media_type: String,
    /// Its digest, `sha256:…`, as computed here.
    pub digest: String,
}

/// Gets a manifest or an index by tag or digest; whoever asked for a digest compares.
///
/// # Errors
/// If it is not there or cannot be got.
pub fn manifest(session: &Session, reference: &str) -> Result<Manifest, Trouble> {
    let (place, what) = (format!("manifests/{reference}"), format!("get {reference} of {}", session.repository()));
    let got = document(session, &place, &[("accept", MANIFEST_TYPES)], &what);
    let (media_type, bytes) = got.map_err(|trouble| {
        if trouble.is_absent() && !reference.contains(':') {
            let (host, repository) = (login_name(session.host()), session.repository());
            trouble.and(&format!("`skopeo list-tags docker://{host}/{repository}` lists what is"))
        } else {
            trouble
        }
    })?;
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let digest = digest(&bytes);
    Ok(Manifest { bytes, media_type, digest })
}

/// The digest by which these bytes are named.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)))
}

/// Gets a small blob whole.
///
/// # Errors
/// As [`manifest`].
pub fn small_blob(session: &Session, digest: &str) -> Result<Vec<u8>, Trouble> {
    let (_, bytes) = document(session, &format!("blobs/{digest}"), &[], &format!("get the blob {digest}"))?;
    Ok(bytes)
}

/// Gets something small whole, with its media type.
fn document(session: &Session, place: &str, headers: Headers<'_>, what: &str) -> Result<(String, Vec<u8>), Trouble> {
    let mut patience = session.patience();
    loop {
        let answer = session.fetch("GET", place, headers)?;
        if answer.status != 200 {
            return Err(Trouble::refused(session.host(), what, answer));
        }
        let media_type = answer.header("content-type").unwrap_or_default().to_owned();
        match answer.into_bytes(MAX_DOCUMENT) {
            Ok(bytes) => return Ok((media_type, bytes)),
            Err(failure) if failure.is_passing() && patience.wait(None) => {}
            Err(failure) => return Err(Trouble::unanswered(session.host(), &failure)),
        }
    }
}

/// A blob that is read from its beginning to its end. Where a connection breaks, another one goes on from there.
pub struct BlobReader {
    session: Arc<Session>,
    digest: String,
    size: u64,
    at: u64,
    /// How far the last connection got.
    broke_at: u64,
    body: Option<Box<dyn Read + Send>>,
    patience: Patience,
}

impl BlobReader {
    /// The blob has so many bytes, or reading fails.
    pub fn new(session: Arc<Session>, digest: &str, size: u64) -> Self {
        let patience = session.patience();
        Self { session, digest: digest.into(), size, at: 0, broke_at: 0, body: None, patience }
    }

    /// Reads on.
    ///
    /// # Errors
    /// If the registry does not send it, or not all of it, after several tries.
    pub fn next(&mut self, buf: &mut [u8]) -> Result<usize, Trouble> {
        let want = usize::try_from(self.size - self.at).unwrap_or(usize::MAX).min(buf.len());
        if want == 0 {
            return Ok(0);
        }
        loop {
            let body = match &mut self.body {
                Some(body) => body,
                None => {
                    let opened = self.open()?;
                    self.body.insert(opened)
                }
            };
            match body.read(&mut buf[..want]) {
                Ok(0) => self.again(&Failure::of_io(&io::ErrorKind::UnexpectedEof.into()))?,
                Ok(count) => {
                    self.at += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.again(&Failure::of_io(&error))?,
            }
        }
    }

    /// Waits until another connection is worth a try.
    fn again(&mut self, failure: &Failure) -> Result<(), Trouble> {
        self.body = None;
        if self.at - self.broke_at >= WORTH {
            self.patience.restore();
        }
        self.broke_at = self.at;
        if self.patience.wait(None) {
            return Ok(());
        }
        let (host, digest, at, size) = (self.session.host(), &self.digest, self.at, self.size);
        Err(Trouble::new(format!("{host} breaks off at byte {at} of {size} of the blob {digest}: {failure}")))
    }

    fn open(&self) -> Result<Box<dyn Read + Send>, Trouble> {
        let (digest, size, at) = (&self.digest, self.size, self.at);
        let range = format!("bytes={at}-");
        let range: &[_] = if at > 0 { &[("range", range.as_str())] } else { &[] };
        let answer = self.session.fetch("GET", &format!("blobs/{digest}"), range)?;
        let wrong = |what: String| Trouble::new(format!("{} sends {what} of the blob {digest}", self.session.host()));
        let (first, length) = match answer.status {
            200 => (0, answer.header("content-length").and_then(|length| length.parse::<u64>().ok())),
            206 if at > 0 => {
                let (first, whole) = range_of(answer.header("content-range").unwrap_or_default())
                    .filter(|(first, _)| *first <= at)
                    .ok_or_else(|| wrong("another part than was asked for".into()))?;
                (first, whole)
            }
            _ => return Err(Trouble::refused(self.session.host(), &format!("get the blob {digest}"), answer)),
        };
        if let Some(length) = length.filter(|&length| length != size) {
            return Err(wrong(format!("{length} bytes instead of {size}")));
        }
        let mut body: Box<dyn Read + Send> = Box::new(answer.into_reader());
        // A server that does not know ranges sends all of it again.
        let skipped = io::copy(&mut body.by_ref().take(at - first), &mut io::sink());
        // If it ends before that, reading on says so, and tries again.
        Ok(if skipped.is_ok_and(|skipped| skipped == at - first) { body } else { Box::new(io::empty()) })
    }
}

/// `bytes 5-9/10`: from where on, and how many there are in all.
fn range_of(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = header.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.parse().ok()?, whole.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_answers() {
        assert_eq!(range_of("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(range_of("bytes 5-9/*"), Some((5, None)));
        for bad in ["", "bytes */10", "bytes 5", "items 5-9/10"] {
            assert_eq!(range_of(bad), None, "{bad}");
        }
    }
}
