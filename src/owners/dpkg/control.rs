//! Paragraphs of `Field: value` lines, as in dpkg's `status`: deb-control(5), Debian Policy 5.1. Wheel metadata has
//! the same shape.

use bstr::ByteSlice;

/// Where dpkg keeps its records.
pub(crate) const ADMIN: &str = "/var/lib/dpkg";

/// One paragraph with all its bytes: all of a file's paragraphs put together are the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stanza<'a> {
    /// From its first byte up to the first of the next paragraph, with the empty lines between.
    pub(crate) raw: &'a [u8],
}

impl<'a> Stanza<'a> {
    /// The first line of a field's value, without the space around it. Field names have no case.
    pub(crate) fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.raw.lines().find_map(|line| {
            let (key, value) = line.split_at_checked(name.len())?;
            let value = value.strip_prefix(b":")?;
            key.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim())
        })
    }

    /// As [`field`](Self::field), as text; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.field(name).unwrap_or_default().to_str_lossy().into_owned()
    }

    /// The paragraph without the bytes of the empty lines after it is empty.
    pub(crate) fn is_blank(&self) -> bool {
        self.raw.trim().is_empty()
    }
}

/// The paragraphs of a file.
pub(crate) fn stanzas(text: &[u8]) -> impl Iterator<Item = Stanza<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = 0;
        let mut blank_seen = false;
        for line in rest.lines_with_terminator() {
            let blank = line.trim().is_empty();
            if blank_seen && !blank {
                break;
            }
            blank_seen |= blank;
            end += line.len();
        }
        let (raw, after) = rest.split_at(end);
        rest = after;
        Some(Stanza { raw })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_without_losing_a_byte() {
        let text = b"Package: a\nDescription: x\n Package: no\n\n\nPACKAGE : no\nPackage:b\r\n\r\nPackage: \xff\n";
        let found: Vec<_> = stanzas(text).collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found.iter().flat_map(|s| s.raw).copied().collect::<Vec<u8>>(), text);
        assert_eq!(found[0].field("package"), Some(&b"a"[..]));
        assert_eq!(found[1].field("Package"), Some(&b"b"[..]));
        assert_eq!(found[2].text("Package"), "\u{fffd}");
        assert_eq!(found[2].field("Version"), None);
        assert_eq!(stanzas(b"").count(), 0);
    }
}
