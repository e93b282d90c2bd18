//! Blobs that were written, and their digests (OCI image specification, descriptor.md, "Digests").

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::compression::Compression;

/// A SHA-256 digest, written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BlobDigest(String);

impl BlobDigest {
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_hasher(Sha256::new_with_prefix(bytes))
    }

    pub fn from_hasher(hasher: Sha256) -> Self {
        let mut text = String::from("sha256:");
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// With the algorithm in front.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone.
    pub fn hex(&self) -> &str {
        self.0.trim_start_matches("sha256:")
    }
}

/// The layer as it was written.
#[derive(Clone, Debug)]
pub(super) struct LayerBlob {
    pub compression: Compression,
    /// Of the uncompressed stream.
    pub diff_id: BlobDigest,
    /// Of the blob.
    pub digest: BlobDigest,
    /// Length of the blob in bytes.
    pub size: u64,
    /// Length of the uncompressed stream in bytes.
    pub tar_size: u64,
}
