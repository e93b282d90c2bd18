//! Which byte code an interpreter would take in the place of its source.
//!
//! Python looks for `__pycache__/MODULE.TAG.pyc` (PEP 3147; Python 2 for `MODULE.pyc` beside the source) and takes it if its head has
//! the interpreter's magic number and, by PEP 552, the time and size of the source, its hash, or a flag that nothing is to be compared.

use std::collections::BTreeSet;

use bstr::BStr;
use siphasher::sip::{SipHasher13, SipHasher24};

use crate::reach::Edges;
use crate::rootfs::Tree;

/// A version of Python, as in 3.11.
type Version = (u8, u8);

/// The magic numbers of released interpreters (`Lib/importlib/_bootstrap_external.py`, `Python/import.c` of 2.7).
const MAGIC: &[(Version, &[u16])] = &[
    ((2, 7), &[62211]),
    ((3, 3), &[3230]),
    ((3, 4), &[3310]),
    ((3, 5), &[3350, 3351]),
    ((3, 6), &[3379]),
    ((3, 7), &[3394]),
    ((3, 8), &[3413]),
    ((3, 9), &[3425]),
    ((3, 10), &[3439]),
    ((3, 11), &[3495]),
    ((3, 12), &[3531]),
    ((3, 13), &[3571]),
    ((3, 14), &[3627]),
];

/// Bytes of the head, of any version.
pub const HEAD: usize = 16;

/// The file that byte code is made from, as the interpreter sees it.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Modification time in seconds since 1970.
    pub mtime: i64,
    /// Bytes.
    pub size: u64,
}

/// The versions of `CPython` that run.
#[derive(Debug)]
pub struct Interpreters(BTreeSet<Version>);

impl Interpreters {
    /// Those whose program or library is reached, by its name (`python3.11`, `libpython3.11.so.1.0`); without `edges` all that are there.
    pub fn found(tree: &Tree, edges: Option<&Edges>) -> Self {
        let runs = |node| edges.is_none_or(|edges| edges.is_reached(node)) && !tree.inode(node).is_dir();
        Self(tree.iter().filter(|&node| runs(node)).filter_map(|node| version_of_program(tree.name(node))).collect())
    }

    /// Which of them would look at this byte code: none if it is another's.
    pub fn of(&self, name: &BStr, cached: bool) -> Option<Version> {
        let version = if cached { tagged(name)? } else { (2, 7) };
        self.0.contains(&version).then_some(version)
    }
}

/// The version in the name of an interpreter, or of its library.
fn version_of_program(name: &[u8]) -> Option<Version> {
    let rest = name.strip_prefix(b"lib").unwrap_or(name).strip_prefix(b"python")?;
    version(rest.split(|&byte| byte == b'.'))
}

/// The version in the tag of `module.cpython-311.pyc`, `module.cpython-311.opt-1.pyc`.
fn tagged(name: &[u8]) -> Option<Version> {
    let tag = name.split(|&byte| byte == b'.').nth(1)?.strip_prefix(b"cpython-")?;
    let (major, minor) = tag.split_at_checked(1)?;
    version([major, minor].into_iter())
}

/// A version of two numbers; what follows letters in the second (`11m`) does not count.
fn version<'a>(mut parts: impl Iterator<Item = &'a [u8]>) -> Option<Version> {
    let mut number = || {
        let part = parts.next()?;
        let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(&part[..digits]).ok()?.parse().ok()
    };
    Some((number()?, number()?))
}

/// Whether an interpreter of `version` takes byte code with this head for `source`, whose content is asked for only if its hash counts.
pub fn is_valid(head: &[u8], version: Version, source: Source, content: impl FnOnce() -> Option<Vec<u8>>) -> bool {
    let word = |at: usize| Some(u32::from_le_bytes(*head.get(at..)?.first_chunk()?));
    let (Some(magic), [_, _, b'\r', b'\n', ..]) = (word(0), head) else { return false };
    let known = MAGIC.iter().find(|(of, _)| *of == version);
    if known.is_some_and(|(_, numbers)| !numbers.iter().any(|&number| u32::from(number) == magic & 0xffff)) {
        return false;
    }
    // Interpreters compare the lower 32 bits.
    let (mtime, size) = (Some(source.mtime as u32), Some(source.size as u32));
    if version < (3, 3) {
        return word(4) == mtime;
    }
    if version < (3, 7) {
        return word(4) == mtime && word(8) == size;
    }
    match word(4) {
        Some(0) => word(8) == mtime && word(12) == size,
        // Never compared.
        Some(0b01) => true,
        Some(0b11) => content().is_some_and(|content| head.get(8..16) == Some(&hash(version, magic, &content))),
        _ => false,
    }
}

/// The hash of a source (`_imp.source_hash`): `SipHash` with the magic number as key, of fewer rounds from 3.11 on.
fn hash(version: Version, magic: u32, content: &[u8]) -> [u8; 8] {
    let key = u64::from(magic);
    let hash = match version < (3, 11) {
        true => SipHasher24::new_with_keys(key, 0).hash(content),
        false => SipHasher13::new_with_keys(key, 0).hash(content),
    };
    hash.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `py_compile` writes for `x = 1\n`, last changed at 1700000000: by its three modes, where the version has them.
    const HEADS: &[(Version, &str, &str, &str)] = &[
        ((2, 7), "03f30d0a00f153656300000000000000", "", ""),
        ((3, 6), "330d0d0a00f1536506000000e3000000", "", ""),
        (
            (3, 7),
            "420d0d0a0000000000f1536506000000",
            "420d0d0a0300000020329d810db227ea",
            "420d0d0a0100000020329d810db227ea",
        ),
        (
            (3, 8),
            "550d0d0a0000000000f1536506000000",
            "550d0d0a030000001506f08f32bf3ff3",
            "550d0d0a010000001506f08f32bf3ff3",
        ),
        (
            (3, 9),
            "610d0d0a0000000000f1536506000000",
            "610d0d0a03000000f1d665a9e50fdffa",
            "610d0d0a01000000f1d665a9e50fdffa",
        ),
        (
            (3, 10),
            "6f0d0d0a0000000000f1536506000000",
            "6f0d0d0a03000000d94aade28c8cbebf",
            "6f0d0d0a01000000d94aade28c8cbebf",
        ),
        (
            (3, 11),
            "a70d0d0a0000000000f1536506000000",
            "a70d0d0a030000004c0372aa93f75252",
            "a70d0d0a010000004c0372aa93f75252",
        ),
        (
            (3, 12),
            "cb0d0d0a0000000000f1536506000000",
            "cb0d0d0a030000001522561917f5df08",
            "cb0d0d0a010000001522561917f5df08",
        ),
        (
            (3, 13),
            "f30d0d0a0000000000f1536506000000",
            "f30d0d0a03000000e786e2893651120e",
            "f30d0d0a01000000e786e2893651120e",
        ),
    ];
    const CONTENT: &[u8] = b"x = 1\n";
    const SOURCE: Source = Source { mtime: 1_700_000_000, size: CONTENT.len() as u64 };

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn with_content(content: &[u8]) -> impl FnOnce() -> Option<Vec<u8>> {
        move || Some(content.to_vec())
    }

    #[test]
    fn byte_code_of_every_version_is_valid_for_its_source_alone() {
        for &(version, stamped, checked, unchecked) in HEADS {
            let valid = |head: &str, source, content| is_valid(&bytes(head), version, source, with_content(content));
            assert!(valid(stamped, SOURCE, CONTENT), "{version:?}");
            assert!(!valid(stamped, Source { mtime: SOURCE.mtime + 1, ..SOURCE }, CONTENT), "{version:?}");
            assert_eq!(valid(stamped, Source { size: 7, ..SOURCE }, CONTENT), version == (2, 7), "{version:?}");
            if checked.is_empty() {
                continue;
            }
            let later = Source { mtime: 1, size: 7 };
            assert!(valid(checked, later, CONTENT), "{version:?}");
            assert!(!valid(checked, later, b"x = 2\n"), "{version:?}");
            assert!(valid(unchecked, later, b"x = 2\n"), "{version:?}");
        }
    }

    #[test]
    fn byte_code_of_another_version_is_not() {
        for &(version, ..) in HEADS {
            for &(other, stamped, ..) in HEADS.iter().filter(|(other, ..)| *other != version) {
                assert!(!is_valid(&bytes(stamped), version, SOURCE, || None), "{other:?} for {version:?}");
            }
        }
    }

    #[test]
    fn damaged_heads_are_not_valid() {
        for &(version, stamped, ..) in HEADS {
            for end in 0..8 {
                assert!(!is_valid(&bytes(stamped)[..end], version, SOURCE, || None), "{version:?}");
            }
        }
        let flags = bytes("610d0d0a0400000000f1536506000000");
        assert!(!is_valid(&flags, (3, 9), SOURCE, with_content(CONTENT)));
    }

    #[test]
    fn names_say_which_interpreter() {
        let programs: &[(&str, Option<Version>)] = &[
            ("python3.11", Some((3, 11))),
            ("libpython3.11.so.1.0", Some((3, 11))),
            ("libpython3.7m.so.1.0", Some((3, 7))),
            ("python2.7", Some((2, 7))),
            ("python3", None),
            ("python3.so", None),
            ("pythonic", None),
        ];
        for &(name, version) in programs {
            assert_eq!(version_of_program(name.as_bytes()), version, "{name}");
        }
        let compiled: &[(&str, Option<Version>)] = &[
            ("m.cpython-39.pyc", Some((3, 9))),
            ("m.cpython-311.opt-1.pyc", Some((3, 11))),
            ("m.pypy39.pyc", None),
            ("m.pyc", None),
            ("m.cpython-.pyc", None),
        ];
        for &(name, version) in compiled {
            assert_eq!(tagged(name.as_bytes()), version, "{name}");
        }
    }
}
