//! gzip streams (RFC 1952), inflated by fdeflate: a fifth faster than zlib-rs on layers, and a checksum that is computed
//! by the processor's own instructions besides.
//!
//! It is strict: what fdeflate refuses, zlib may still read (a dynamic block with a single code, say), and zlib says
//! better what is wrong with a stream. So a refusal is no verdict: see [`Decoder::zlib`](super::compression::Decoder).

use std::io::{self, BufRead};

use fdeflate::Decompressor;
use flate2::bufread::GzDecoder;

use super::chunk::{Chunk, WINDOW};

/// fdeflate reads zlib streams (RFC 1950): a header that says "deflate", before the blocks, is all that differs.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x9c];
/// fdeflate takes four bytes after the last block for zlib's checksum, and up to three that it has no use for.
const OVERREAD: usize = 7;

/// The members of a gzip stream, one after the other.
pub struct Gunzip<R> {
    source: R,
    member: Option<Member>,
    /// What the member may look back on: the end of what was inflated last.
    window: Vec<u8>,
}

struct Member {
    inflate: Decompressor,
    checksum: crc32fast::Hasher,
    /// Length so far.
    size: u64,
    /// The last bytes that were taken from the source.
    taken: [u8; OVERREAD],
}

impl<R: BufRead> Gunzip<R> {
    pub fn new(source: R) -> Self {
        Self { source, member: None, window: Vec::with_capacity(WINDOW) }
    }

    /// The compressed stream, as far as it was not needed.
    pub fn into_inner(self) -> R {
        self.source
    }

    /// Fills `chunk`, or as much of it as the member has left; it is empty only at the end of the stream.
    pub fn next(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        chunk.clear();
        while chunk.is_empty() {
            let mut member = match self.member.take() {
                Some(member) => member,
                None if fill(&mut self.source)?.is_empty() => return Ok(()),
                None => self.begin(chunk)?,
            };
            if self.inflate(&mut member, chunk)? {
                self.check(member)?;
                // A member cannot look back into the one before.
                self.window.clear();
            } else {
                self.member = Some(member);
            }
        }
        Ok(())
    }

    /// Reads a member's header.
    fn begin(&mut self, chunk: &mut Chunk) -> io::Result<Member> {
        let header = GzDecoder::new(&mut self.source);
        if header.header().is_none() {
            return Err(invalid("no gzip header"));
        }
        Member::new(&mut chunk.buf)
    }

    /// Inflates until `chunk` is full or the member ends; says whether it does.
    fn inflate(&mut self, member: &mut Member, chunk: &mut Chunk) -> io::Result<bool> {
        let start = self.window.len();
        chunk.buf[..start].copy_from_slice(&self.window);
        let mut end = start;
        while end < chunk.buf.len() && !member.inflate.is_done() {
            let input = fill(&mut self.source)?;
            let last = input.is_empty();
            let (used, made) = member.inflate.read(input, &mut chunk.buf, end, last).map_err(|_| damaged())?;
            if used == 0 && made == 0 && !member.inflate.is_done() {
                return Err(damaged());
            }
            member.take(&input[..used]);
            self.source.consume(used);
            end += made;
        }
        chunk.content = start..end;
        member.checksum.update(chunk.unread());
        member.size += chunk.unread().len() as u64;
        self.window.clear();
        self.window.extend_from_slice(&chunk.buf[end.saturating_sub(WINDOW)..end]);
        Ok(member.inflate.is_done())
    }

    /// Checks what follows a member's last block: its checksum and its length modulo 2^32 (RFC 1952 section 2.3.1).
    fn check(&mut self, member: Member) -> io::Result<()> {
        let checksum = member.checksum.finalize().to_le_bytes();
        let size = (member.size as u32).to_le_bytes();
        let mut trailer = member.taken.to_vec();
        // Where it starts depends on how many bytes fdeflate took that it had no use for. Only with few bytes, or
        // bytes that are made so, more than one place fits; then the next member or the end comes right after it.
        for end in trailer.len() + 1..=trailer.len() + size.len() {
            let mut next = [0];
            self.source.read_exact(&mut next)?;
            trailer.extend(next);
            if trailer[end - 8..] == [checksum, size].concat() && matches!(fill(&mut self.source)?, [] | [0x1f, ..]) {
                return Ok(());
            }
        }
        Err(invalid("wrong checksum or length"))
    }
}

impl Member {
    fn new(buf: &mut [u8]) -> io::Result<Self> {
        let mut inflate = Decompressor::new();
        inflate.ignore_adler32();
        inflate.read(&ZLIB_HEADER, buf, 0, false).map_err(|_| damaged())?;
        Ok(Self { inflate, checksum: crc32fast::Hasher::new(), size: 0, taken: [0; OVERREAD] })
    }

    fn take(&mut self, input: &[u8]) {
        let new = &input[input.len().saturating_sub(OVERREAD)..];
        self.taken.copy_within(new.len().., 0);
        self.taken[OVERREAD - new.len()..].copy_from_slice(new);
    }
}

/// What the source has next; empty at its end.
fn fill<R: BufRead>(source: &mut R) -> io::Result<&[u8]> {
    while let Err(error) = source.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    source.fill_buf()
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn damaged() -> io::Error {
    invalid("damaged or truncated deflate stream")
}

#[cfg(test)]
#[path = "gunzip_tests.rs"]
mod tests;
