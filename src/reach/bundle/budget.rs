//! How much of one archive is unpacked.

use std::io::Read;

/// Bytes of all members together: no more is unpacked, however little they take in the archive.
const MAX_TOTAL: u64 = 1 << 30;
/// Bytes of one member.
const MAX_MEMBER: u64 = 128 << 20;
/// Of a small archive so many times its size, and so much in any case: code shrinks to a fifth at best.
const MAX_RATIO: u64 = 20;
const MIN_TOTAL: u64 = 64 << 20;
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
    /// What may be unpacked of an archive of so many bytes.
    pub(super) fn for_archive(size: u64) -> Self {
        Self { left: size.saturating_mul(MAX_RATIO).clamp(MIN_TOTAL, MAX_TOTAL) }
    }

    /// All that `from` gives; none if that is more than is left, or damaged.
    pub(super) fn unpack(&mut self, from: impl Read) -> Option<Vec<u8>> {
        let limit = self.left.min(MAX_MEMBER);
        let mut out = Vec::new();
        let read = from.take(limit + 1).read_to_end(&mut out);
        self.left = self.left.saturating_sub(out.len() as u64);
        (read.is_ok() && out.len() as u64 <= limit).then_some(out)
    }
}
