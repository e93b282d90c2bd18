//! Byte code without source (`.pyc` in the place of a module): the names in it.
//!
//! The layout of code objects differs with every version, the marking of strings in `Python/marshal.c` does not: the
//! bytes are searched for strings that are names. Which of them are imported is not told apart, so that any that is a
//! module counts.

use super::super::names::is_identifier;

/// Longer strings are no names.
const MAX_NAME: usize = 200;
/// Names taken of one file.
const MAX_NAMES: usize = 1 << 16;
/// Marks an object that others refer to.
const FLAG_REF: u8 = 0x80;
/// Bytes before the code: magic number, flags, source's time or hash, its size (PEP 552).
const HEADER: usize = 16;

/// Whether this is the head of a byte code file: the magic number ends in `\r\n`.
pub fn is_bytecode(head: &[u8]) -> bool {
    head.len() >= HEADER && head[2..4] == *b"\r\n"
}

/// Identifiers and dotted names in byte code, sorted.
pub fn names(bytes: &[u8]) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for at in HEADER..bytes.len() {
        let (start, length) = match bytes[at] & !FLAG_REF {
            b'z' | b'Z' => (at + 2, bytes.get(at + 1).copied().map(usize::from)),
            b'a' | b'A' | b'u' | b't' => {
                let length = bytes.get(at + 1..at + 5).and_then(|four| four.try_into().ok());
                (at + 5, length.map(|four| u32::from_le_bytes(four) as usize))
            }
            _ => continue,
        };
        let Some(length) = length.filter(|length| (1..=MAX_NAME).contains(length)) else { continue };
        let Some(text) = bytes.get(start..start + length).and_then(|text| std::str::from_utf8(text).ok()) else {
            continue;
        };
        if text.split(['.', ':']).all(is_identifier) && names.len() < MAX_NAMES {
            names.push(text.into());
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_short_and_long_strings() {
        let mut bytes = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend(b"\xe3\0\xda\x03dep\x7a\x05a.b.c\x75\x04\0\0\0wide)\x01z\x05no no");
        assert!(is_bytecode(&bytes));
        assert_eq!(names(&bytes), ["a.b.c".into(), "dep".into(), "wide".into()]);
        assert!(!is_bytecode(b"print('hello, world')"));
        assert!(names(b"").is_empty());
    }
}
