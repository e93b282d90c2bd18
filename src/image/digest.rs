//! Content digests: checking that bytes are what a manifest says they are.
//! OCI image spec, descriptor.md, "Digests"; SHA-256 and SHA-512 are the registered algorithms.

use std::io::{self, Read};

pub use oci_spec::image::Digest;
use oci_spec::image::DigestAlgorithm;
use sha2::Digest as _;

/// A digest being computed.
#[derive(Clone)]
pub enum Hasher {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// One of SHA-256.
    pub fn sha256() -> Self {
        Self::Sha256(sha2::Sha256::new())
    }

    /// A hasher of the algorithm of `digest`; none if that is not supported.
    pub fn like(digest: &Digest) -> Option<Self> {
        match digest.algorithm() {
            DigestAlgorithm::Sha256 => Some(Self::Sha256(sha2::Sha256::new())),
            DigestAlgorithm::Sha512 => Some(Self::Sha512(sha2::Sha512::new())),
            _ => None,
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    /// The digest of the bytes so far, as in `sha256:…`.
    pub fn finish(self) -> String {
        match self {
            Self::Sha256(hasher) => format!("sha256:{}", hex(&hasher.finalize())),
            Self::Sha512(hasher) => format!("sha512:{}", hex(&hasher.finalize())),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 digest of some bytes, as in `sha256:…`.
pub fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&sha2::Sha256::digest(bytes)))
}

/// The SHA-256 digest of a whole stream.
///
/// # Errors
/// If it cannot be read.
pub fn sha256_of(mut reader: impl Read) -> io::Result<String> {
    let mut hasher = Hasher::sha256();
    let mut buf = vec![0; 256 << 10];
    loop {
        match reader.read(&mut buf)? {
            0 => return Ok(hasher.finish()),
            count => hasher.update(&buf[..count]),
        }
    }
}

/// Hashes a whole stream with the algorithm of `digest` and compares; false also for an unknown algorithm.
pub fn matches(mut reader: impl Read, digest: &Digest) -> io::Result<bool> {
    let Some(mut hasher) = Hasher::like(digest) else { return Ok(false) };
    let mut buf = vec![0; 256 << 10];
    loop {
        match reader.read(&mut buf) {
            Ok(0) => return Ok(hasher.finish() == digest.as_ref()),
            Ok(n) => hasher.update(&buf[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Computes digests over what is read through it.
pub struct HashingReader<R> {
    source: R,
    hasher: Option<Hasher>,
}

impl<R> HashingReader<R> {
    pub fn new(source: R, hasher: Option<Hasher>) -> Self {
        Self { source, hasher }
    }

    /// The digest of what was read, if one was asked for.
    pub fn finish(self) -> Option<String> {
        self.hasher.map(Hasher::finish)
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buf)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buf[..n]);
        }
        Ok(n)
    }
}
