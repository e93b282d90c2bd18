//! gzip of one member (RFC 1952), inflated by fdeflate: a fifth faster than zlib-rs on layers, with a checksum that is computed
//! by the processor's own instructions besides.
//!
//! fdeflate does not say where a deflate stream ends. Of a single member that is known: eight bytes before the end. So
//! fdeflate gets what is before these, and then, one by one, the four bytes that it wants for zlib's checksum; it is done
//! with the fourth, and not sooner, exactly if the deflate stream ended there. Whatever is else, a second member as well as
//! damage, is refused; that is no verdict, but a case for zlib-rs ([`Inflate::Members`](super::compression::Inflate)).

use std::io::{self, BufRead, Read, Take};

use fdeflate::Decompressor;
use flate2::bufread::GzDecoder;

use super::chunk::Chunk;

/// fdeflate reads zlib streams (RFC 1950): a header that says "deflate", before the blocks, is all that differs in front.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x9c];
/// Length of zlib's checksum, which nobody compares, in bytes.
const ZLIB_CHECKSUM: usize = 4;
/// The checksum and the length modulo 2^32 that end a member, in bytes (RFC 1952 section 2.3.1).
const TRAILER: usize = 8;

/// A gzip stream of one member.
pub struct Gunzip<R> {
    /// As far as the trailer, until that is read.
    source: Take<R>,
    /// None before the header.
    inflate: Option<Box<Decompressor>>,
    checksum: crc32fast::Hasher,
    /// Length so far.
    size: u64,
    /// What deflate may look back on: the end of what was inflated last.
    window: Vec<u8>,
    /// How many bytes fdeflate has got for zlib's checksum.
    fed: usize,
    ended: bool,
}

impl<R: BufRead> Gunzip<R> {
    /// `len` is the stored length of the stream, in bytes.
    pub fn new(source: R, len: u64) -> Self {
        let source = source.take(len.saturating_sub(TRAILER as u64));
        let checksum = crc32fast::Hasher::new();
        Self { source, inflate: None, checksum, size: 0, window: Vec::new(), fed: 0, ended: false }
    }

    /// The compressed stream, as far as it was not needed.
    pub fn into_inner(self) -> R {
        self.source.into_inner()
    }

    /// Fills `chunk`, or as much of it as there is left; it is empty only at the end.
    ///
    /// # Errors
    /// `InvalidData` or `UnexpectedEof` if zlib has to be asked; those of the source.
    pub fn next(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        if self.ended {
            chunk.clear();
            return Ok(());
        }
        let mut inflate = match self.inflate.take() {
            Some(inflate) => inflate,
            None => self.begin()?,
        };
        let (mut failed, mut window) = (Ok(()), std::mem::take(&mut self.window));
        chunk.follow(&mut window, |buf, start| {
            let mut end = start;
            while end < buf.len() && !inflate.is_done() && failed.is_ok() {
                match self.step(&mut inflate, buf, end) {
                    Ok(made) => end += made,
                    Err(error) => failed = Err(error),
                }
            }
            end
        });
        failed?;
        self.window = window;
        self.checksum.update(chunk.unread());
        self.size += chunk.unread().len() as u64;
        if inflate.is_done() {
            self.check()?;
        }
        self.inflate = Some(inflate);
        Ok(())
    }

    /// Reads the header.
    fn begin(&mut self) -> io::Result<Box<Decompressor>> {
        if GzDecoder::new(&mut self.source).header().is_none() {
            return Err(invalid("no gzip header"));
        }
        let mut inflate = Box::new(Decompressor::new());
        inflate.ignore_adler32();
        inflate.read(&ZLIB_HEADER, &mut [], 0, false).map_err(|_| damaged())?;
        Ok(inflate)
    }

    /// Inflates some of the source to `buf[end..]`; says how many bytes that made.
    fn step(&mut self, inflate: &mut Decompressor, buf: &mut [u8], end: usize) -> io::Result<usize> {
        let input = fill(&mut self.source)?;
        if input.is_empty() {
            return self.feed(inflate, buf, end);
        }
        let (used, made) = inflate.read(input, buf, end, false).map_err(|_| damaged())?;
        if used == 0 && made == 0 {
            return Err(damaged());
        }
        self.source.consume(used);
        if inflate.is_done() {
            return Err(invalid("ends before its trailer"));
        }
        Ok(made)
    }

    /// Gives fdeflate one byte more for zlib's checksum.
    fn feed(&mut self, inflate: &mut Decompressor, buf: &mut [u8], end: usize) -> io::Result<usize> {
        let rest: &[u8] = if self.fed < ZLIB_CHECKSUM { &[0] } else { &[] };
        let (used, made) = inflate.read(rest, buf, end, false).map_err(|_| damaged())?;
        self.fed += used;
        if used == 0 && made == 0 || inflate.is_done() && self.fed < ZLIB_CHECKSUM {
            return Err(damaged());
        }
        Ok(made)
    }

    /// Compares the checksum and the length with the trailer.
    fn check(&mut self) -> io::Result<()> {
        let mut trailer = [0; TRAILER];
        self.source.set_limit(TRAILER as u64);
        self.source.read_exact(&mut trailer)?;
        let checksum = self.checksum.clone().finalize().to_le_bytes();
        let size = (self.size as u32).to_le_bytes();
        if trailer[..] != [checksum, size].concat() {
            return Err(invalid("wrong checksum or length"));
        }
        self.ended = true;
        Ok(())
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
