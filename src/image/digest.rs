//! Content digests: checking that bytes are what a manifest says they are.
//! OCI image spec, descriptor.md, "Digests"; SHA-256 and SHA-512 are the registered algorithms.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};
use sha2::Digest as _;

use super::Blob;

/// A digest as a descriptor states it: `algorithm:encoded`, well-formed, and of the algorithm's length where that is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Digest {
    text: Box<str>,
    /// Where the colon is.
    colon: usize,
}

impl Digest {
    /// The name of the algorithm, as in `sha256`.
    pub fn algorithm(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// What follows the colon.
    pub fn encoded(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }
}

impl FromStr for Digest {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (algorithm, encoded) = text.split_once(':').ok_or(Malformed)?;
        let is_component =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        let is_encoded = |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'=' | b'_' | b'-');
        let is_hex = |length: usize| {
            encoded.len() == length && encoded.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let fits = match algorithm {
            "sha256" => is_hex(64),
            "sha384" => is_hex(96),
            "sha512" => is_hex(128),
            _ => !encoded.is_empty() && encoded.bytes().all(is_encoded),
        };
        if fits && algorithm.split(['+', '.', '_', '-']).all(is_component) {
            Ok(Self { text: text.into(), colon: algorithm.len() })
        } else {
            Err(Malformed)
        }
    }
}

impl AsRef<str> for Digest {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|Malformed| de::Error::custom(format_args!("malformed digest {text:?}")))
    }
}

/// What is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A digest being computed.
#[derive(Clone)]
pub enum Hasher {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// A hasher of the algorithm of `digest`; none if that is not supported.
    pub fn like(digest: &Digest) -> Option<Self> {
        match digest.algorithm() {
            "sha256" => Some(Self::Sha256(sha2::Sha256::new())),
            "sha512" => Some(Self::Sha512(sha2::Sha512::new())),
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

/// Hashes a whole blob with the algorithm of `digest` and compares; false also for an unknown algorithm.
pub fn matches(blob: &Blob, digest: &Digest) -> io::Result<bool> {
    let Some(mut hasher) = Hasher::like(digest) else { return Ok(false) };
    let mut reader = blob.reader();
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

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_digest_is_well_formed_and_of_its_algorithms_length() {
        let hex = "6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";
        let digest = |text: &str| text.parse::<Digest>().ok();
        let parts = |text: &str| digest(text).map(|found| (found.algorithm().to_owned(), found.encoded().to_owned()));
        for (algorithm, encoded) in [
            ("sha256", hex),
            ("sha512", &hex.repeat(2)),
            ("sha384", &hex.repeat(2)[..96]),
            ("multihash+base58", "QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"),
            ("foo", "bar"),
            ("a.b_c-d", "A=_-"),
        ] {
            let text = format!("{algorithm}:{encoded}");
            assert_eq!(parts(&text), Some((algorithm.to_owned(), encoded.to_owned())));
            assert_eq!(digest(&text).unwrap().to_string(), text);
        }
        for bad in
            ["", "foo", ":", "blah+", "_digest:value", ":blah", "blah:", "FooBar:123abc", "^:foo", "bar^baz:blah"]
        {
            assert_eq!(digest(bad), None, "{bad}");
        }
        let uppercase = hex.to_uppercase();
        for encoded in ["123456*78", "x", &hex[1..], &uppercase, &format!("{hex}0"), "../../x"] {
            assert_eq!(digest(&format!("sha256:{encoded}")), None, "{encoded}");
        }
        assert_eq!(digest(&format!("sha384:{hex}")), None);
        assert_eq!(digest(&format!("sha512:{hex}")), None);
    }
}
