//! Paths in output. Names in an image may hold anything but `/` and NUL.

use bstr::{BStr, BString, ByteSlice};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::text::is_hidden;

/// `path` with control characters, others that steer instead of showing, and bytes that are no UTF-8 escaped (`\n`, `\x1B`), so
/// that it is one line, is what it seems to be, and cannot steer a terminal. A backslash is escaped where anything else is.
pub fn printable(path: &BStr) -> String {
    let text = path.to_str();
    if let Ok(text) = text
        && !text.chars().any(is_hidden)
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(path.len() + 8);
    for (start, end, c) in path.char_indices() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c)
                || (c == char::REPLACEMENT_CHARACTER && path.get(start..end) != Some("\u{fffd}".as_bytes())) =>
            {
                for byte in path.get(start..end).unwrap_or_default() {
                    out.push_str(&format!("\\x{byte:02X}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// A path, serialised as `path` (bytes that are no UTF-8 are replaced), and in hex as `path_hex` where it is no UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathText(pub BString);

impl Serialize for PathText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &*self.0.to_str_lossy())?;
        if self.0.to_str().is_err() {
            let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
            map.serialize_entry("path_hex", &hex)?;
        }
        map.end()
    }
}

/// `value` as one word of a shell's command line.
pub fn shell_word(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_escaped() {
        assert_eq!(printable("/a b/ü\\".into()), "/a b/ü\\");
        assert_eq!(printable("/a\n\x1b[31m\\".into()), "/a\\n\\x1B[31m\\\\");
        assert_eq!(printable(b"/\xff\xc3\xbc".as_bstr()), "/\\xFFü");
        assert_eq!(printable("/\u{9b}".into()), "/\\xC2\\x9B");
        assert_eq!(printable("/\u{202e}gpj.sh".into()), "/\\xE2\\x80\\xAEgpj.sh");
        assert_eq!(printable("/\u{200b}\u{2028}\u{7f}".into()), "/\\xE2\\x80\\x8B\\xE2\\x80\\xA8\\x7F");
    }
}
