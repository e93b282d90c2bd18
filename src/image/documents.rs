//! The manifests, indexes and configs of one input: each is small, and together they are bounded, however many there are.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::digest::{Digest, Hasher};
use super::platform::Platform;
use super::source::{Kind, Source};
use super::store::read_document;

/// How many bytes of documents are looked at in one input.
const MAX_TOGETHER: u64 = 64 << 20;
/// How many values one document may have: each takes some eighty bytes when it is read.
const MAX_VALUES: usize = 1 << 18;

/// Reads JSON.
///
/// # Errors
/// Says which document is malformed, and where.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, String> {
    // What is in strings counts too; that is no matter.
    if bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).nth(MAX_VALUES).is_some() {
        return Err(format!("{name}: more than {MAX_VALUES} values are too many for a manifest or config"));
    }
    serde_json::from_slice(bytes).map_err(|e| format!("{name}: {e}"))
}

/// The documents of a stored image.
pub struct Documents<'s> {
    source: &'s dyn Source,
    looked_at: u64,
    /// What configs say, by the name of their file. Many manifests may have one config.
    platforms: HashMap<String, (String, Platform)>,
}

impl<'s> Documents<'s> {
    pub fn of(source: &'s dyn Source) -> Self {
        Self { source, looked_at: 0, platforms: HashMap::new() }
    }

    /// Counts bytes that are read or kept.
    ///
    /// # Errors
    /// If that is too much.
    pub fn count(&mut self, bytes: u64) -> Result<(), String> {
        self.looked_at = self.looked_at.saturating_add(bytes);
        if self.looked_at > MAX_TOGETHER {
            let limit = MAX_TOGETHER >> 20;
            return Err(format!(
                "its manifests and configs have more than {limit} MiB together; store fewer images in it"
            ));
        }
        Ok(())
    }

    /// The document in this file, checked against its digest and size where they are given; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be read or is another.
    pub fn read(
        &mut self,
        file: &str,
        kind: Kind,
        expected: Option<(&Digest, u64)>,
    ) -> Result<Option<Vec<u8>>, String> {
        let Some(blob) = self.source.document(file, kind)? else { return Ok(None) };
        let Some((digest, size)) = expected else {
            let bytes = read_document(&blob, file)?;
            self.count(bytes.len() as u64)?;
            return Ok(Some(bytes));
        };
        let Some(mut hasher) = Hasher::like(digest) else {
            return Err(format!("{digest}: digests of this kind are not supported"));
        };
        if blob.len() != size {
            return Err(format!("{digest} has {} bytes where its descriptor says {size}", blob.len()));
        }
        let bytes = read_document(&blob, digest.as_ref())?;
        self.count(bytes.len() as u64)?;
        hasher.update(&bytes);
        let found = hasher.finish();
        if found != digest.as_ref() {
            return Err(format!("{digest} does not match its digest (it is {found})"));
        }
        Ok(Some(bytes))
    }

    /// The digest of the config in this file, and the platform that it states; none if it is not there. Of the config itself
    /// nothing is kept: only one of those that are listed is wanted.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn config(
        &mut self,
        file: &str,
        expected: Option<(&Digest, u64)>,
        digest_of: impl FnOnce(&[u8]) -> Result<String, String>,
    ) -> Result<Option<(String, Platform)>, String> {
        if let Some(known) = self.platforms.get(file) {
            return Ok(Some(known.clone()));
        }
        let Some(bytes) = self.read(file, Kind::Config, expected)? else { return Ok(None) };
        let digest = digest_of(&bytes)?;
        let config: Value = parse(&bytes, expected.map_or(file, |(digest, _)| digest.as_ref()))?;
        let text = |field: &str| config.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let platform = Platform { os: text("os"), architecture: text("architecture"), variant: text("variant") };
        self.platforms.insert(file.to_owned(), (digest.clone(), platform.clone()));
        Ok(Some((digest, platform)))
    }
}
