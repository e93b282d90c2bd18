//! Pieces in which streams are decompressed, hashed and kept.

use std::io::{self, Read};
use std::ops::Range;

/// How much is decompressed at once, in bytes: large enough to make system calls cheap, small enough to stay in a
/// core's cache until it is hashed and spooled.
const CHUNK: usize = 256 << 10;

/// A piece of a stream.
pub struct Chunk {
    buf: Box<[u8]>,
    /// What of `buf` is the piece, as far as nobody has read it.
    content: Range<usize>,
}

impl Chunk {
    pub fn new() -> Self {
        Self { buf: vec![0; CHUNK].into(), content: 0..0 }
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

    /// Fills it with what `source` has next; it is empty only at the end.
    pub fn fill(&mut self, source: &mut impl Read) -> io::Result<()> {
        self.content = 0..0;
        while self.content.end < self.buf.len() {
            match source.read(&mut self.buf[self.content.end..]) {
                Ok(0) => break,
                Ok(count) => self.content.end += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
