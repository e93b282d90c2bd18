//! The data that the page's script works on, as JSON in which every text is what is to be shown: the script puts it on the page
//! as it is.

use std::io::{self, Write};

use bstr::BStr;
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

use super::super::paths::printable;
use crate::text::is_hidden;

/// A value as JSON that may stand in a `script` element. Characters that steer instead of showing are escaped twice, so that
/// the script reads what the template would print: `\x1B`.
///
/// # Errors
/// None that a value of the page's could bring about.
pub fn island(value: &impl Serialize) -> io::Result<String> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Shown)).map_err(io::Error::from)?;
    let json = String::from_utf8(out).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    // A closing tag cannot stand in it, nor the beginning of a comment.
    Ok(json.replace('<', "\\u003c"))
}

struct Shown;

/// What stands for a hidden character; backslashes are doubled for JSON.
fn write_shown<W: ?Sized + Write>(out: &mut W, c: char) -> io::Result<()> {
    let shown = printable(BStr::new(c.encode_utf8(&mut [0; 4])));
    out.write_all(shown.replace('\\', "\\\\").as_bytes())
}

impl Formatter for Shown {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| is_hidden(c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            write_shown(out, c)?;
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => out.write_all(b"\\\""),
            CharEscape::ReverseSolidus => out.write_all(b"\\\\"),
            CharEscape::Solidus => out.write_all(b"/"),
            CharEscape::Backspace => write_shown(out, '\u{8}'),
            CharEscape::FormFeed => write_shown(out, '\u{c}'),
            CharEscape::LineFeed => write_shown(out, '\n'),
            CharEscape::CarriageReturn => write_shown(out, '\r'),
            CharEscape::Tab => write_shown(out, '\t'),
            CharEscape::AsciiControl(byte) => write_shown(out, char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_that_are_shown() {
        let value = serde_json::json!({"a\u{202e}b": ["</script>\u{1b}\u{9b}\u{200b}\n", "plain \\ \"ü\""]});
        let json = island(&value).unwrap();
        assert!(!json.contains('<') && !json.chars().any(is_hidden), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        let expected = serde_json::json!({
            "a\\xE2\\x80\\xAEb": ["</script>\\x1B\\xC2\\x9B\\xE2\\x80\\x8B\\n", "plain \\ \"ü\""]
        });
        assert_eq!(read, expected);
    }
}
