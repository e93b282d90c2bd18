//! Pieces in which streams are decompressed, hashed and kept.

use std::io::{self, Read};
use std::ops::Range;

/// The most that deflate looks back, in bytes (RFC 1951 section 2).
const WINDOW: usize = 32 << 10;
/// How much is decompressed at once, in bytes: large enough to make system calls cheap, small enough to stay in a
/// core's cache until it is hashed and spooled.
const CHUNK: usize = 256 << 10;

/// A piece of a stream.
pub struct Chunk {
    /// Room for a window to look back on, and for what is decompressed at once.
    buf: Box<[u8]>,
    /// What of `buf` is the piece, as far as nobody has read it.
    content: Range<usize>,
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

    pub fn clear(&mut self) {
        self.content = 0..0;
    }

    /// Fills it with what `source` has next; it is empty only at the end.
    pub fn fill(&mut self, source: &mut impl Read) -> io::Result<()> {
        self.content = 0..0;
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

    /// Fills it with what follows `window`: `make` gets the room with the window in front and where that ends, and says
    /// where what it made ends. Leaves in `window` what the next piece may look back on.
    pub fn follow(&mut self, window: &mut Vec<u8>, make: impl FnOnce(&mut [u8], usize) -> usize) {
        let start = window.len().min(WINDOW);
        self.buf[..start].copy_from_slice(&window[window.len() - start..]);
        let end = make(&mut self.buf, start).clamp(start, self.buf.len());
        self.content = start..end;
        window.clear();
        window.extend_from_slice(&self.buf[end.saturating_sub(WINDOW)..end]);
    }
}
