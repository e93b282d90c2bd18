//! Content hashes as package records write them.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use md5::Digest as _;

/// The hash of a file's content, in the algorithm of the record that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    /// dpkg's `md5sums`, old wheels.
    Md5(Box<[u8]>),
    /// apk's `Z:`, old wheels.
    Sha1(Box<[u8]>),
    /// Wheels, conda.
    Sha256(Box<[u8]>),
    /// Wheels, rarely.
    Sha384(Box<[u8]>),
    /// Wheels, rarely.
    Sha512(Box<[u8]>),
}

impl Digest {
    /// A hexadecimal MD5 as in dpkg's `md5sums`.
    pub(crate) fn md5_hex(text: &[u8]) -> Option<Self> {
        decode(HEXLOWER_PERMISSIVE, text, 16).map(Self::Md5)
    }

    /// A hexadecimal SHA-256 as in conda's `paths_data`.
    pub(crate) fn sha256_hex(text: &[u8]) -> Option<Self> {
        decode(HEXLOWER_PERMISSIVE, text, 32).map(Self::Sha256)
    }

    /// apk's form: `Q1` and base64 for SHA-1, else hexadecimal MD5.
    pub(crate) fn apk(text: &[u8]) -> Option<Self> {
        match text.strip_prefix(b"Q1") {
            Some(rest) => decode(BASE64, rest, 20).map(Self::Sha1),
            None => Self::md5_hex(text),
        }
    }

    /// The second field of a wheel's RECORD: `sha256=` and URL-safe base64 without padding (PEP 376, PEP 427).
    pub(crate) fn record(text: &[u8]) -> Option<Self> {
        let at = text.iter().position(|&b| b == b'=')?;
        let (algorithm, value) = (&text[..at], &text[at + 1..]);
        // Some tools pad all the same.
        let value = value.strip_suffix(b"==").or(value.strip_suffix(b"=")).unwrap_or(value);
        let value = |len| decode(BASE64URL_NOPAD, value, len);
        match algorithm {
            b"md5" => value(16).map(Self::Md5),
            b"sha1" => value(20).map(Self::Sha1),
            b"sha256" => value(32).map(Self::Sha256),
            b"sha384" => value(48).map(Self::Sha384),
            b"sha512" => value(64).map(Self::Sha512),
            _ => None,
        }
    }

    /// Whether `content` has this hash.
    pub(crate) fn matches(&self, content: &[u8]) -> bool {
        match self {
            Self::Md5(want) => md5::Md5::digest(content)[..] == **want,
            Self::Sha1(want) => sha1::Sha1::digest(content)[..] == **want,
            Self::Sha256(want) => sha2::Sha256::digest(content)[..] == **want,
            Self::Sha384(want) => sha2::Sha384::digest(content)[..] == **want,
            Self::Sha512(want) => sha2::Sha512::digest(content)[..] == **want,
        }
    }
}

fn decode(encoding: data_encoding::Encoding, text: &[u8], len: usize) -> Option<Box<[u8]>> {
    encoding.decode(text).ok().filter(|bytes| bytes.len() == len).map(Into::into)
}

/// The hexadecimal MD5 of `content`, for dpkg's `md5sums`.
pub(crate) fn md5_hex(content: &[u8]) -> String {
    HEXLOWER_PERMISSIVE.encode(&md5::Md5::digest(content))
}

/// The SHA-1 of `content` in apk's form.
pub(crate) fn apk_sha1(content: &[u8]) -> String {
    format!("Q1{}", BASE64.encode(&sha1::Sha1::digest(content)))
}

/// The SHA-256 of `content` in RECORD's form.
pub(crate) fn record_sha256(content: &[u8]) -> String {
    format!("sha256={}", BASE64URL_NOPAD.encode(&sha2::Sha256::digest(content)))
}

/// The hexadecimal SHA-256 of `content`, for conda.
pub(crate) fn sha256_hex(content: &[u8]) -> String {
    HEXLOWER_PERMISSIVE.encode(&sha2::Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        assert!(Digest::md5_hex(md5_hex(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(Digest::apk(apk_sha1(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(Digest::record(record_sha256(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(Digest::sha256_hex(sha256_hex(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(!Digest::md5_hex(md5_hex(b"x").as_bytes()).unwrap().matches(b"y"));
    }

    #[test]
    fn knows_the_forms_in_the_wild() {
        // `pip` as INSTALLER, from a RECORD and from an Alpine database (`Q1` of an empty file).
        let installer = Digest::record(b"sha256=zuuue4knoyJ-UwPPXg8fezS7VCrXJQrAP7zeNuwvFQg").unwrap();
        assert!(installer.matches(b"pip\n"));
        assert!(Digest::apk(b"Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=").unwrap().matches(b""));
        assert_eq!(md5_hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Digest::record(b"sha256="), None);
        assert_eq!(Digest::record(b"sha256=AAAA"), None);
        assert_eq!(Digest::record(b"crc32=AAAA"), None);
        assert_eq!(Digest::record(b""), None);
    }
}
