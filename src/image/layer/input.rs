//! What a tar is read from: a blob whose contents can be jumped over, or a stream that is hashed as it goes by.

use std::io::{self, Read};

use crate::image::Blob;
use crate::image::digest::Hasher;
use crate::image::spool::Spool;

/// A source of bytes that can be read and skipped.
pub trait Input {
    /// Fills `buf`; fewer bytes mean that the input ends there.
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize>;
    /// Passes over `count` bytes, or as many as there are; says how many.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
    /// How many bytes have been read or skipped.
    fn position(&self) -> u64;
}

/// Reads the headers of a tar in a blob and jumps over the rest.
#[derive(Debug)]
pub struct BlobInput<'b> {
    blob: &'b Blob,
    at: u64,
}

impl<'b> BlobInput<'b> {
    pub fn new(blob: &'b Blob) -> Self {
        Self { blob, at: 0 }
    }
}

impl Input for BlobInput<'_> {
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.blob.len().saturating_sub(self.at);
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        self.blob.read_exact_at(&mut buf[..want], self.at)?;
        self.at += want as u64;
        Ok(want)
    }

    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let skipped = count.min(self.blob.len().saturating_sub(self.at));
        self.at += skipped;
        Ok(skipped)
    }

    fn position(&self) -> u64 {
        self.at
    }
}

/// How much is read at once: large enough to make system calls cheap, small enough to stay in a core's cache
/// between reading, hashing and spooling.
const CHUNK: usize = 256 << 10;

/// Reads a stream once: every byte is hashed, and kept in a spool where there is one.
pub struct Streamed<'s, R> {
    source: R,
    hashers: Vec<Hasher>,
    spool: Option<Spool<'s>>,
    buf: Box<[u8]>,
    start: usize,
    end: usize,
    at: u64,
}

impl<'s, R: Read> Streamed<'s, R> {
    pub fn new(source: R, hashers: Vec<Hasher>, spool: Option<Spool<'s>>) -> Self {
        Self { source, hashers, spool, buf: vec![0; CHUNK].into(), start: 0, end: 0, at: 0 }
    }

    fn refill(&mut self) -> io::Result<bool> {
        if self.start < self.end {
            return Ok(true);
        }
        self.start = 0;
        self.end = loop {
            match self.source.read(&mut self.buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        let chunk = &self.buf[..self.end];
        for hasher in &mut self.hashers {
            hasher.update(chunk);
        }
        if let Some(spool) = &mut self.spool {
            spool.write(chunk)?;
        }
        Ok(self.end > 0)
    }

    /// Reads what is left, and gives back the source, the digests and what was spooled.
    pub fn finish(mut self) -> io::Result<(R, Vec<Hasher>, Option<Spool<'s>>)> {
        self.skip(u64::MAX)?;
        Ok((self.source, self.hashers, self.spool))
    }
}

impl<R: Read> Input for Streamed<'_, R> {
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() && self.refill()? {
            let count = (self.end - self.start).min(buf.len() - filled);
            buf[filled..filled + count].copy_from_slice(&self.buf[self.start..self.start + count]);
            filled += count;
            self.start += count;
        }
        self.at += filled as u64;
        Ok(filled)
    }

    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 && self.refill()? {
            let step = (self.end - self.start).min(usize::try_from(left).unwrap_or(usize::MAX));
            self.start += step;
            left -= step as u64;
        }
        self.at += count - left;
        Ok(count - left)
    }

    fn position(&self) -> u64 {
        self.at
    }
}
