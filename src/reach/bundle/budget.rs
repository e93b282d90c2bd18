//! How much of one archive is unpacked.

use std::io::Read;

/// Bytes of all members together: no more is unpacked, however little they take in the archive.
const MAX_TOTAL: u64 = 1 << 30;
/// Bytes of one member.
const MAX_MEMBER: u64 = 256 << 20;
/// Members of an archive.
pub(super) const MAX_MEMBERS: usize = 1 << 17;

/// What may still be unpacked.
#[derive(Debug)]
pub(super) struct Budget {
    left: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MAX_TOTAL }
    }
}

impl Budget {
    /// All that `from` gives; none if that is more than is left, or damaged.
    pub(super) fn unpack(&mut self, from: impl Read) -> Option<Vec<u8>> {
        let limit = self.left.min(MAX_MEMBER);
        let mut out = Vec::new();
        let read = from.take(limit + 1).read_to_end(&mut out);
        self.left = self.left.saturating_sub(out.len() as u64);
        (read.is_ok() && out.len() as u64 <= limit).then_some(out)
    }
}
