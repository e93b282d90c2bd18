//! Byte code without source (`.pyc` in the place of a module): the names in it.
//!
//! The layout of code objects differs with every version, the marking of strings in `Python/marshal.c` does not: the
//! bytes are searched for strings. Which of those that are names are imported is not told apart, so that any that is a
//! module counts; what functions of known names are given is not seen, so that it may be anything.

use serde::{Deserialize, Serialize};

use super::super::names::is_identifier;
use super::extract::of_strings;
use super::facts::PythonFacts;

/// Longer strings are no names.
const MAX_NAME: usize = 200;
/// Longer strings are not read.
const MAX_STRING: usize = 1 << 16;
/// Strings taken of one file.
const MAX_STRINGS: usize = 1 << 16;
/// Marks an object that others refer to.
const FLAG_REF: u8 = 0x80;
/// Bytes before the code: magic number, flags, source's time or hash, its size (PEP 552).
const HEADER: usize = 16;

/// Whether this is the head of a byte code file: the magic number ends in `\r\n`.
pub fn is_bytecode(head: &[u8]) -> bool {
    head.len() >= HEADER && head[2..4] == *b"\r\n"
}

/// What byte code says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Bytecode {
    /// Identifiers and dotted names, sorted.
    pub names: Vec<Box<str>>,
    /// What code with these names and strings may do.
    pub facts: PythonFacts,
}

/// Reads byte code.
pub fn read(bytes: &[u8]) -> Bytecode {
    read_code(bytes.get(HEADER..).unwrap_or_default())
}

/// Reads a marshalled code object: byte code without the head of a file.
pub fn read_code(code: &[u8]) -> Bytecode {
    let mut strings = strings(code);
    strings.sort_unstable();
    strings.dedup();
    let facts = of_strings(&strings);
    strings.retain(|text| text.len() <= MAX_NAME && text.split(['.', ':']).all(is_identifier));
    Bytecode { names: strings.into_iter().map(Box::from).collect(), facts }
}

/// The strings in byte code.
fn strings(bytes: &[u8]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for (at, mark) in bytes.iter().enumerate() {
        let (start, length) = match mark & !FLAG_REF {
            b'z' | b'Z' => (at + 2, bytes.get(at + 1).copied().map(usize::from)),
            // `s` is text in Python 2, bytes in Python 3: a program may be named by those, too.
            b'a' | b'A' | b'u' | b't' | b's' => {
                let length = bytes.get(at + 1..at + 5).and_then(|four| four.try_into().ok());
                (at + 5, length.map(|four| u32::from_le_bytes(four) as usize))
            }
            _ => continue,
        };
        let Some(length) = length.filter(|length| (1..=MAX_STRING).contains(length)) else { continue };
        let text = bytes.get(start..start + length).and_then(|text| std::str::from_utf8(text).ok());
        if let Some(text) = text.filter(|text| !text.contains(is_binary) && found.len() < MAX_STRINGS) {
            found.push(text);
        }
    }
    found
}

/// Characters that stand in no text.
fn is_binary(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_short_and_long_strings() {
        let mut bytes = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend(b"\xe3\0\xda\x03dep\x7a\x05a.b.c\x75\x04\0\0\0wide)\x01z\x05no no");
        assert!(is_bytecode(&bytes));
        assert_eq!(read(&bytes).names, ["a.b.c".into(), "dep".into(), "wide".into()]);
        assert!(!is_bytecode(b"print('hello, world')"));
        assert!(read(b"").names.is_empty());
    }
}
