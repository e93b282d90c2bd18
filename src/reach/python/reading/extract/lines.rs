//! Line numbers of offsets.

use memchr::memchr2_iter;
use ruff_text_size::TextSize;

/// Where the lines of a source begin.
pub(super) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// Lines end with `\n`, `\r\n` or `\r`, as in the Python tokenizer.
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr2_iter(b'\n', b'\r', bytes) {
            let crlf = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Lines { starts }
    }

    /// The 1-based line that holds `offset`.
    pub(super) fn at(&self, offset: TextSize) -> u32 {
        let line = self.starts.partition_point(|&start| start <= offset.to_u32());
        u32::try_from(line).unwrap_or(u32::MAX)
    }
}
