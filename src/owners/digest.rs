//! Content hashes as package records write them.

use std::io;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use sha2::digest::DynDigest;

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

/// An algorithm that records name by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// The one with this number in OpenPGP (RFC 9580, section 9.5), if it is known here.
    pub(crate) fn of_openpgp(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Md5),
            2 => Some(Self::Sha1),
            8 => Some(Self::Sha256),
            9 => Some(Self::Sha384),
            10 => Some(Self::Sha512),
            _ => None,
        }
    }
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

    /// A hexadecimal hash as in the headers of rpm's packages.
    pub(crate) fn hex(algorithm: Algorithm, text: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Md5 => Self::md5_hex(text),
            Algorithm::Sha1 => decode(HEXLOWER_PERMISSIVE, text, 20).map(Self::Sha1),
            Algorithm::Sha256 => Self::sha256_hex(text),
            Algorithm::Sha384 => decode(HEXLOWER_PERMISSIVE, text, 48).map(Self::Sha384),
            Algorithm::Sha512 => decode(HEXLOWER_PERMISSIVE, text, 64).map(Self::Sha512),
        }
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

    /// Whether a file has this hash whose content `read` gives to what it is given, piece by piece.
    pub(crate) fn is_of(&self, read: impl FnOnce(&mut dyn FnMut(&[u8])) -> io::Result<()>) -> bool {
        let (mut hasher, want): (Box<dyn DynDigest>, &[u8]) = match self {
            Self::Md5(want) => (Box::<md5::Md5>::default(), want),
            Self::Sha1(want) => (Box::<sha1::Sha1>::default(), want),
            Self::Sha256(want) => (Box::<sha2::Sha256>::default(), want),
            Self::Sha384(want) => (Box::<sha2::Sha384>::default(), want),
            Self::Sha512(want) => (Box::<sha2::Sha512>::default(), want),
        };
        read(&mut |piece| hasher.update(piece)).is_ok() && *hasher.finalize() == *want
    }
}

fn decode(encoding: data_encoding::Encoding, text: &[u8], len: usize) -> Option<Box<[u8]>> {
    encoding.decode(text).ok().filter(|bytes| bytes.len() == len).map(Into::into)
}

/// How a kind of record writes hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Written {
    /// Hexadecimal MD5: dpkg's `md5sums`.
    Md5,
    /// SHA-1 in apk's form.
    Apk,
    /// SHA-256 in RECORD's form.
    Record,
    /// Hexadecimal SHA-256: conda.
    Conda,
}

impl Written {
    /// The hash of the content that `read` gives to what it is given, piece by piece.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) fn of(self, read: impl FnOnce(&mut dyn FnMut(&[u8])) -> io::Result<()>) -> io::Result<String> {
        let mut hasher: Box<dyn DynDigest> = match self {
            Self::Md5 => Box::<md5::Md5>::default(),
            Self::Apk => Box::<sha1::Sha1>::default(),
            Self::Record | Self::Conda => Box::<sha2::Sha256>::default(),
        };
        read(&mut |piece| hasher.update(piece))?;
        let hash = hasher.finalize();
        Ok(match self {
            Self::Md5 | Self::Conda => HEXLOWER_PERMISSIVE.encode(&hash),
            Self::Apk => format!("Q1{}", BASE64.encode(&hash)),
            Self::Record => format!("sha256={}", BASE64URL_NOPAD.encode(&hash)),
        })
    }

    /// That of these bytes.
    #[cfg(test)]
    pub(crate) fn of_bytes(self, content: &[u8]) -> String {
        self.of(|take| {
            take(content);
            Ok(())
        })
        .unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Digest {
        fn matches(&self, content: &[u8]) -> bool {
            self.is_of(|take| {
                take(content);
                Ok(())
            })
        }
    }

    #[test]
    fn reads_what_it_writes() {
        assert!(Digest::md5_hex(Written::Md5.of_bytes(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(Digest::apk(Written::Apk.of_bytes(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(Digest::record(Written::Record.of_bytes(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(Digest::sha256_hex(Written::Conda.of_bytes(b"x").as_bytes()).unwrap().matches(b"x"));
        assert!(!Digest::md5_hex(Written::Md5.of_bytes(b"x").as_bytes()).unwrap().matches(b"y"));
    }

    #[test]
    fn knows_the_forms_in_the_wild() {
        // `pip` as INSTALLER, from a RECORD and from an Alpine database (`Q1` of an empty file).
        let installer = Digest::record(b"sha256=zuuue4knoyJ-UwPPXg8fezS7VCrXJQrAP7zeNuwvFQg").unwrap();
        assert!(installer.matches(b"pip\n"));
        assert!(Digest::apk(b"Q12jmj7l5rSw0yVb/vlWAYkK/YBwk=").unwrap().matches(b""));
        assert_eq!(Written::Md5.of_bytes(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Digest::record(b"sha256="), None);
        assert_eq!(Digest::record(b"sha256=AAAA"), None);
        assert_eq!(Digest::record(b"crc32=AAAA"), None);
        assert_eq!(Digest::record(b""), None);
    }
}
