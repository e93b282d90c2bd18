//! What tars are read from: a blob whose contents can be jumped over, or a stream that is hashed as it goes by.

use std::cell::Cell;
use std::io::{self, BufRead};

use super::blob::Blob;
use super::chunk::Chunk;
use super::compression::Decoder;
use super::digest::Hasher;
use super::spool::Spool;
use crate::tarball::TarInput;

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

impl TarInput for BlobInput<'_> {
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

thread_local! {
    /// Whether this thread waits for another one to hash a chunk. It may read another layer meanwhile, which must not wait in
    /// turn: there may be thousands of layers.
    static JOINING: Cell<bool> = const { Cell::new(false) };
}

/// Reads a stream once: every byte is hashed, and kept in a spool where there is one. While one chunk is hashed and
/// spooled, the next one is decompressed; by another thread, if one has nothing else to do.
pub struct Streamed<'s, R: BufRead> {
    source: Decoder<R>,
    hashers: Vec<Hasher>,
    spool: Option<Spool<'s>>,
    /// Hashed and spooled, and partly read.
    chunk: Chunk,
    /// What follows it.
    next: Chunk,
    started: bool,
    at: u64,
}

impl<'s, R: BufRead + Send> Streamed<'s, R> {
    pub fn new(source: Decoder<R>, hashers: Vec<Hasher>, spool: Option<Spool<'s>>) -> Self {
        Self { source, hashers, spool, chunk: Chunk::new(), next: Chunk::new(), started: false, at: 0 }
    }

    /// Sees to it that there is something in `chunk`; false at the end.
    fn refill(&mut self) -> io::Result<bool> {
        if !self.chunk.is_empty() {
            return Ok(true);
        }
        let plain = matches!(self.source, Decoder::Plain(_));
        if !plain && !self.started {
            self.source.next(&mut self.next)?;
            self.started = true;
        }
        let Self { source, hashers, spool, chunk, next, .. } = self;
        if plain {
            source.next(chunk)?;
        } else {
            std::mem::swap(chunk, next);
        }
        if chunk.is_empty() {
            return Ok(false);
        }
        let mut keep = || {
            hashers.iter_mut().for_each(|hasher| hasher.update(chunk.unread()));
            spool.as_mut().map_or(Ok(()), |spool| spool.write(chunk.unread()))
        };
        if plain {
            // What has only been copied is hashed sooner where it is than by another core.
            keep()?;
            return Ok(true);
        }
        let (decompressed, kept) = if JOINING.replace(true) {
            (source.next(next), keep())
        } else {
            let both = rayon::join(|| source.next(next), keep);
            JOINING.set(false);
            both
        };
        kept?;
        decompressed?;
        Ok(true)
    }

    /// Reads what is left, and gives back the source, the digests and what was spooled.
    pub fn finish(mut self) -> io::Result<(Decoder<R>, Vec<Hasher>, Option<Spool<'s>>)> {
        self.skip(u64::MAX)?;
        Ok((self.source, self.hashers, self.spool))
    }
}

impl<R: BufRead + Send> TarInput for Streamed<'_, R> {
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() && self.refill()? {
            let count = self.chunk.unread().len().min(buf.len() - filled);
            buf[filled..filled + count].copy_from_slice(&self.chunk.unread()[..count]);
            filled += count;
            self.chunk.consume(count);
        }
        self.at += filled as u64;
        Ok(filled)
    }

    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 && self.refill()? {
            let step = self.chunk.unread().len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.chunk.consume(step);
            left -= step as u64;
        }
        self.at += count - left;
        Ok(count - left)
    }

    fn position(&self) -> u64 {
        self.at
    }
}
