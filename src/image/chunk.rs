//! Pieces in which streams are decompressed, hashed and kept.

use std::io::{self, Read};
use std::ops::Range;

/// The most that deflate looks back, in bytes (RFC 1951 section 2).
pub const WINDOW: usize = 32 << 10;
/// How much is decompressed at once, in bytes: large enough to make system calls cheap, small enough to stay in a
/// core's cache until it is hashed and spooled.
const CHUNK: usize = 256 << 10;

/// A piece of a stream.
pub struct Chunk {
    /// Room for the window of gzip and for what is decompressed at once.
    pub(super) buf: Box<[u8]>,
    /// What of `buf` is the piece, as far as nobody has read it.
    pub(super) content: Range<usize>,
}

impl Chunk {
    pub fn new() -> Self {
        Self { buf: vec![0; WINDOW + CHUNK].into(), content: 0..0 }
    }

    /// What has not been read yet.
    pub fn unread(&self) -> &[u8] {
        &self.buf[self.content.clone()]
    }

    /// Takes the next `count` bytes as read.
    pub fn consume(&mut self, count: usize) {
        self.content.start = self.content.end.min(self.content.start + count);
    }

    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.content = 0..0;
    }

    /// Fills it with what `source` has next.
    pub(super) fn fill(&mut self, source: &mut impl Read) -> io::Result<()> {
        self.clear();
        while self.content.end < CHUNK {
            match source.read(&mut self.buf[self.content.end..CHUNK]) {
                Ok(0) => break,
                Ok(count) => self.content.end += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
