//! Source encodings, PEP 263.

use std::borrow::Cow;

/// The text of a source file: UTF-8, or what its coding cookie says as far as that is a Latin-1 relative; bytes that
/// cannot be decoded become U+FFFD, since the names that matter are ASCII.
pub(super) fn decode(source: &[u8]) -> Cow<'_, str> {
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    match std::str::from_utf8(source) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if cookie(source).is_some_and(is_latin) => Cow::Owned(source.iter().map(|&b| char::from(b)).collect()),
        Err(_) => String::from_utf8_lossy(source),
    }
}

/// The encoding named by a comment in one of the first two lines (`# -*- coding: latin-1 -*-`).
pub(super) fn cookie(source: &[u8]) -> Option<&[u8]> {
    let mut lines = source.split(|b| matches!(b, b'\n' | b'\r')).filter(|l| !l.is_empty());
    for line in [lines.next()?, lines.next().unwrap_or_default()] {
        let line = line.trim_ascii_start();
        if !line.starts_with(b"#") {
            if line.is_empty() {
                continue;
            }
            return None;
        }
        for (at, _) in line.windows(7).enumerate().filter(|(_, w)| [&b"coding:"[..], b"coding="].contains(w)) {
            let name = line.get(at + 7..).unwrap_or_default().trim_ascii_start();
            let end = name.iter().position(|b| !(b.is_ascii_alphanumeric() || b"-_.".contains(b)));
            let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
            if !name.is_empty() {
                return Some(name);
            }
        }
    }
    None
}

/// Single-byte encodings whose letters agree with Latin-1, or differ only beyond ASCII.
fn is_latin(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let prefixes: [&[u8]; 9] =
        [b"latin", b"iso-8859", b"iso8859", b"iso_8859", b"iso-latin", b"l1", b"cp125", b"windows-125", b"koi8"];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}
