//! String literals of modules compiled by mypyc.
//!
//! mypyc writes its string literals as lines: the number of strings, then each string's length and bytes;
//! numbers are big-endian groups of seven bits, all but the last with the top bit set; a NUL ends the line.

/// The strings of every well-formed line in `bytes` that starts after a NUL.
pub(super) fn strings(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts = memchr::memchr_iter(0, bytes).map(|nul| nul + 1);
    starts.filter_map(|start| Line::read(bytes.get(start..)?)).flatten()
}

/// More strings than this are not in one line: lines are broken after some 70 bytes.
const MAX_STRINGS: usize = 80;

/// A line, or what is left of it.
#[derive(Clone)]
struct Line<'a> {
    strings: usize,
    bytes: &'a [u8],
}

impl<'a> Line<'a> {
    /// Tables of numbers have NULs by the hundred thousand, so what is no line must be found out cheaply.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (strings, bytes) = number(bytes)?;
        let line = Self { strings, bytes };
        let mut rest = line.clone();
        ((1..=MAX_STRINGS).contains(&strings) && rest.by_ref().count() == strings && rest.bytes.first() == Some(&0))
            .then_some(line)
    }
}

impl<'a> Iterator for Line<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.strings = self.strings.checked_sub(1)?;
        let (length, after) = number(self.bytes)?;
        let (text, after) = after.split_at_checked(length)?;
        self.bytes = after;
        Some(text)
    }
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0usize;
    for (at, &byte) in bytes.iter().enumerate().take(4) {
        value = value << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_lines_and_skips_what_is_none() {
        let long = "x".repeat(200);
        let mut bytes = b"junk\0\x03\x04json\x0fcollections.abc\x00\0not a line\0\x01".to_vec();
        bytes.extend_from_slice(&[0x81, 0x48]);
        bytes.extend_from_slice(long.as_bytes());
        bytes.extend_from_slice(b"\0\x02\x05short\0");
        let found: Vec<_> = super::strings(&bytes).collect();
        assert_eq!(found, [b"json".as_slice(), b"collections.abc", b"", long.as_bytes()]);
    }
}
