//! Turns the layer stream into a blob: reading, hashing, compressing and writing overlap on rayon's threads.
//!
//! The stream is cut into blocks of a fixed size that are compressed independently of each other, so the
//! result does not depend on how many threads there are. gzip blocks are joined into one member as pigz does
//! (each block ends on a byte boundary and sees the 32 KiB before it); zstd blocks are frames of their own,
//! which RFC 8878 section 3 lets follow each other.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use flate2::{Compress, Crc, FlushCompress, Status};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::blob::{BlobDigest, LayerBlob};
use super::compression::Compression;
use super::options::{Event, Progress};
use super::stream::LayerStream;
use crate::{Error, Result};

/// The most that gzip looks back.
const WINDOW: usize = 32 << 10;

/// A gzip member header without name and time, made on an unknown system (RFC 1952 section 2.3).
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// An empty, final deflate block (RFC 1951 section 3.2.6): ends a stream whose blocks were all written as "not the last".
const DEFLATE_END: [u8; 2] = [0x03, 0x00];

/// A number of consecutive blocks of the stream.
#[derive(Default)]
struct Batch {
    /// Buffers, of which the first `used` have content.
    blocks: Vec<Vec<u8>>,
    used: usize,
}

impl Batch {
    fn blocks(&self) -> &[Vec<u8>] {
        &self.blocks[..self.used]
    }

    /// Reads the next blocks of `stream`; only the last block of the stream is shorter than `block_size`.
    fn read(&mut self, stream: &mut LayerStream, block_size: usize, count: usize) -> Result<()> {
        self.used = 0;
        while self.used < count {
            if self.blocks.len() == self.used {
                self.blocks.push(Vec::new());
            }
            let block = &mut self.blocks[self.used];
            block.resize(block_size, 0);
            let n = stream.fill(block)?;
            block.truncate(n);
            self.used += usize::from(n > 0);
            if n < block_size {
                break;
            }
        }
        Ok(())
    }
}

/// Where the blob goes, and its digest so far.
struct Sink<'a> {
    file: &'a File,
    path: &'a Path,
    hasher: Sha256,
    size: u64,
}

impl Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.write_unhashed(bytes)
    }

    fn write_unhashed(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        self.file.write_all(bytes).map_err(Error::io(self.path, "cannot write"))
    }
}

/// Writes the stream of a layer to `file` at its current position; `path` is what the file is called in errors.
/// `progress` is told how many bytes of content are done, and of how many.
pub(super) fn write_layer(
    stream: &mut LayerStream,
    compression: Compression,
    file: &File,
    path: &Path,
    progress: Progress,
) -> Result<LayerBlob> {
    let block_size = compression.block_size();
    let count = (4 * rayon::current_num_threads()).clamp(8, 64);
    let mut writer = BlobWriter::new(compression, file, path)?;
    // Three batches are under way at any time: one is read, one compressed and hashed, one written.
    let mut next = Batch::default();
    let mut current = Batch::default();
    current.read(stream, block_size, count)?;
    while current.used > 0 {
        writer.write(current.blocks(), || next.read(stream, block_size, count))?;
        progress(Event::Packed { done: stream.content_done(), total: stream.content_size() });
        std::mem::swap(&mut current, &mut next);
    }
    writer.finish()
}

/// A blob being written, and what has to be known of the stream so far.
struct BlobWriter<'a> {
    compression: Compression,
    sink: Sink<'a>,
    tar_hasher: Sha256,
    tar_size: u64,
    /// Of the stream before compression; gzip only.
    crc: Crc,
    /// The stream's last bytes, which the next block may refer to; gzip only.
    window: Vec<u8>,
    /// Compressed, and to be written while the next blocks are compressed.
    waiting: Vec<Compressed>,
    /// Buffers that were written and are free.
    spare: Vec<Compressed>,
}

impl<'a> BlobWriter<'a> {
    fn new(compression: Compression, file: &'a File, path: &'a Path) -> Result<Self> {
        let mut sink = Sink { file, path, hasher: Sha256::new(), size: 0 };
        if let Compression::Gzip(_) = compression {
            sink.write(&GZIP_HEADER)?;
        }
        Ok(Self {
            compression,
            sink,
            tar_hasher: Sha256::new(),
            tar_size: 0,
            crc: Crc::new(),
            window: Vec::new(),
            waiting: Vec::new(),
            spare: Vec::new(),
        })
    }

    /// Hashes and compresses the next blocks of the stream, and meanwhile writes those before them and does `besides`.
    ///
    /// # Errors
    /// That of `besides` goes before those of writing and compressing.
    fn write(&mut self, blocks: &[Vec<u8>], besides: impl FnOnce() -> Result<()> + Send) -> Result<()> {
        let Self { compression, sink, tar_hasher, window, waiting, spare, .. } = self;
        let path = sink.path;
        spare.resize_with(blocks.len(), Compressed::default);
        let (mut done, mut written, mut packed) = (Ok(()), Ok(()), Ok(()));
        rayon::scope(|scope| {
            scope.spawn(|_| done = besides());
            scope.spawn(|_| blocks.iter().for_each(|block| tar_hasher.update(block)));
            scope.spawn(|_| {
                written = match compression {
                    Compression::None => blocks.iter().try_for_each(|block| sink.write_unhashed(block)),
                    _ => waiting.iter().try_for_each(|block| sink.write(&block.bytes)),
                };
            });
            packed = match *compression {
                Compression::None => Ok(()),
                Compression::Gzip(level) => deflate_all(level, window, blocks, spare),
                Compression::Zstd(level) => zstd_all(level, blocks, spare),
            };
        });
        done?;
        written?;
        packed.map_err(Error::io(path, "cannot compress"))?;
        self.tar_size += blocks.iter().map(|block| block.len() as u64).sum::<u64>();
        self.spare.iter().for_each(|block| self.crc.combine(&block.crc));
        if let Some(last) = blocks.last() {
            self.window.clear();
            self.window.extend_from_slice(&last[last.len().saturating_sub(WINDOW)..]);
        }
        std::mem::swap(&mut self.waiting, &mut self.spare);
        Ok(())
    }

    /// Writes what is left.
    fn finish(mut self) -> Result<LayerBlob> {
        if self.compression != Compression::None {
            self.waiting.iter().try_for_each(|block| self.sink.write(&block.bytes))?;
        }
        if let Compression::Gzip(_) = self.compression {
            self.sink.write(&DEFLATE_END)?;
            self.sink.write(&self.crc.sum().to_le_bytes())?;
            // The length modulo 2^32.
            self.sink.write(&(self.tar_size as u32).to_le_bytes())?;
        }
        let diff_id = BlobDigest::from_hasher(self.tar_hasher);
        let digest = match self.compression {
            Compression::None => diff_id.clone(),
            _ => BlobDigest::from_hasher(self.sink.hasher),
        };
        let (compression, size, tar_size) = (self.compression, self.sink.size, self.tar_size);
        Ok(LayerBlob { compression, diff_id, digest, size, tar_size })
    }
}

/// A compressed block.
#[derive(Default)]
struct Compressed {
    bytes: Vec<u8>,
    /// Of the block before compression; gzip only.
    crc: Crc,
}

fn deflate_all(level: u32, window: &[u8], blocks: &[Vec<u8>], out: &mut [Compressed]) -> io::Result<()> {
    let level = flate2::Compression::new(level);
    out.par_iter_mut().zip(blocks).enumerate().try_for_each(|(at, (out, block))| {
        let before = match at.checked_sub(1).and_then(|at| blocks.get(at)) {
            Some(block) => &block[block.len().saturating_sub(WINDOW)..],
            None => window,
        };
        // A new one every time: after a reset, zlib-rs 0.6 still lets earlier input influence its choices, and
        // which block it had before depends on the threads.
        let mut deflater = Compress::new(level, false);
        if !before.is_empty() {
            deflater.set_dictionary(before)?;
        }
        out.crc.reset();
        out.crc.update(block);
        deflate(&mut deflater, block, &mut out.bytes)
    })
}

/// Compresses `input` as deflate blocks that end on a byte boundary and are not the stream's last.
fn deflate(deflater: &mut Compress, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    out.clear();
    // Room for the worst case: stored blocks.
    out.reserve(input.len() + input.len() / 1000 + 4096);
    let start = deflater.total_in();
    loop {
        let done = usize::try_from(deflater.total_in() - start).unwrap_or(usize::MAX);
        let left = input.get(done..).unwrap_or_default();
        let status = deflater.compress_vec(left, out, FlushCompress::Sync)?;
        let all_in = deflater.total_in() - start == input.len() as u64;
        // Output space that is left over says that the flush is complete (zlib manual, deflate()).
        if (all_in && out.len() < out.capacity()) || status == Status::StreamEnd {
            return Ok(());
        }
        out.reserve(input.len() / 4 + 1024);
    }
}

fn zstd_all(level: i32, blocks: &[Vec<u8>], out: &mut [Compressed]) -> io::Result<()> {
    out.par_iter_mut().zip(blocks).try_for_each_init(
        || zstd::bulk::Compressor::new(level),
        |compressor, (out, block)| {
            let compressor = compressor.as_mut().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
            out.bytes = compressor.compress(block)?;
            Ok(())
        },
    )
}
