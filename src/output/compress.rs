//! Turns the layer stream into a blob: reading, hashing, compressing and writing overlap on rayon's threads.
//!
//! The stream is cut into blocks of a fixed size that are compressed independently of each other, so the
//! result does not depend on how many threads there are. gzip blocks are joined into one member as pigz does
//! (each block ends on a byte boundary and sees the 32 KiB before it); zstd blocks are frames of their own,
//! which RFC 8878 section 3 lets follow each other.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use flate2::{Compress, Crc, FlushCompress, Status};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::layer::Layer;
use crate::{Error, Result};

/// How the layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// A plain tar.
    None,
    /// gzip (RFC 1952), level 0 to 9.
    Gzip(u32),
    /// zstd (RFC 8878), level 1 to 22. Docker loads it from version 23 on.
    Zstd(i32),
}

impl Compression {
    /// gzip at its usual level.
    pub const GZIP: Self = Self::Gzip(6);
    /// zstd at its usual level.
    pub const ZSTD: Self = Self::Zstd(3);

    /// The compression called `name` (`gzip`, `zstd`, `none`), at `level` or its usual level.
    ///
    /// # Errors
    /// If there is no such compression or it has no such level.
    pub fn parse(name: &str, level: Option<u32>) -> Result<Self> {
        match (name, level) {
            ("none", None) => Ok(Self::None),
            ("none", Some(_)) => Err(Error::Usage("compression none has no level".into())),
            ("gzip", None) => Ok(Self::GZIP),
            ("gzip", Some(level @ 0..=9)) => Ok(Self::Gzip(level)),
            ("gzip", Some(level)) => Err(Error::Usage(format!("gzip has no level {level}: use 0 to 9"))),
            ("zstd", None) => Ok(Self::ZSTD),
            ("zstd", Some(level @ 1..=22)) => Ok(Self::Zstd(level as i32)),
            ("zstd", Some(level)) => Err(Error::Usage(format!("zstd has no level {level}: use 1 to 22"))),
            _ => Err(Error::Usage(format!("unknown compression {name:?}: use gzip, zstd or none"))),
        }
    }

    /// The media type of a layer compressed so (OCI image specification, "Media Types").
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::None => "application/vnd.oci.image.layer.v1.tar",
            Self::Gzip(_) => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Zstd(_) => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }

    /// Bytes of the stream in a block. zstd blocks cannot see each other, so they are larger.
    fn block_size(self) -> usize {
        match self {
            Self::None => 1 << 20,
            Self::Gzip(_) => 256 << 10,
            Self::Zstd(_) => 2 << 20,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Gzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
        })
    }
}

/// A SHA-256 digest, written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BlobDigest(String);

impl BlobDigest {
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_hasher(Sha256::new_with_prefix(bytes))
    }

    fn from_hasher(hasher: Sha256) -> Self {
        use fmt::Write;
        let mut text = String::from("sha256:");
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// With the algorithm in front.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits alone.
    pub fn hex(&self) -> &str {
        self.0.trim_start_matches("sha256:")
    }
}

/// The layer as it was written.
#[derive(Clone, Debug)]
pub(super) struct LayerBlob {
    pub compression: Compression,
    /// Of the uncompressed stream.
    pub diff_id: BlobDigest,
    /// Of the blob.
    pub digest: BlobDigest,
    /// Length of the blob in bytes.
    pub size: u64,
    /// Length of the uncompressed stream in bytes.
    pub tar_size: u64,
}

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

    /// Reads the next blocks of `layer`; only the last block of the stream is shorter than `block_size`.
    fn read(&mut self, layer: &mut Layer, block_size: usize, count: usize) -> Result<()> {
        self.used = 0;
        while self.used < count {
            if self.blocks.len() == self.used {
                self.blocks.push(Vec::new());
            }
            let block = &mut self.blocks[self.used];
            block.resize(block_size, 0);
            let n = layer.fill(block)?;
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

/// Writes `layer` to `file` at its current position; `path` is what the file is called in errors.
/// `progress` is told how many bytes of content are done, and of how many.
pub(super) fn write_layer(
    layer: &mut Layer,
    compression: Compression,
    file: &File,
    path: &Path,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<LayerBlob> {
    let block_size = compression.block_size();
    let count = (4 * rayon::current_num_threads()).clamp(8, 64);
    let mut sink = Sink { file, path, hasher: Sha256::new(), size: 0 };
    let mut tar_hasher = Sha256::new();
    let mut crc = Crc::new();
    let mut tar_size = 0u64;
    if let Compression::Gzip(_) = compression {
        sink.write(&GZIP_HEADER)?;
    }
    // Three batches are under way at any time: one is read, one compressed and hashed, one written.
    let mut reading = Batch::default();
    let mut current = Batch::default();
    let mut window = Vec::new();
    let mut compressed: Vec<Compressed> = Vec::new();
    let mut writing: Vec<Compressed> = Vec::new();
    current.read(layer, block_size, count)?;
    while current.used > 0 {
        compressed.resize_with(current.used, Compressed::default);
        let (mut read, mut write, mut packed) = (Ok(()), Ok(()), Ok(()));
        rayon::scope(|scope| {
            scope.spawn(|_| read = reading.read(layer, block_size, count));
            scope.spawn(|_| current.blocks().iter().for_each(|block| tar_hasher.update(block)));
            scope.spawn(|_| {
                write = match compression {
                    Compression::None => current.blocks().iter().try_for_each(|block| sink.write_unhashed(block)),
                    _ => writing.iter().try_for_each(|block| sink.write(&block.bytes)),
                };
            });
            packed = match compression {
                Compression::None => Ok(()),
                Compression::Gzip(level) => deflate_all(level, &window, current.blocks(), &mut compressed),
                Compression::Zstd(level) => zstd_all(level, current.blocks(), &mut compressed),
            };
        });
        read?;
        write?;
        packed.map_err(Error::io(path, "cannot compress"))?;
        progress(layer.content_done(), layer.content_size());
        tar_size += current.blocks().iter().map(|block| block.len() as u64).sum::<u64>();
        compressed.iter().for_each(|block| crc.combine(&block.crc));
        if let Some(last) = current.blocks().last() {
            window.clear();
            window.extend_from_slice(&last[last.len().saturating_sub(WINDOW)..]);
        }
        std::mem::swap(&mut current, &mut reading);
        std::mem::swap(&mut compressed, &mut writing);
    }
    if compression != Compression::None {
        writing.iter().try_for_each(|block| sink.write(&block.bytes))?;
    }
    if let Compression::Gzip(_) = compression {
        sink.write(&DEFLATE_END)?;
        sink.write(&crc.sum().to_le_bytes())?;
        // The length modulo 2^32.
        sink.write(&(tar_size as u32).to_le_bytes())?;
    }
    let diff_id = BlobDigest::from_hasher(tar_hasher);
    let digest = match compression {
        Compression::None => diff_id.clone(),
        _ => BlobDigest::from_hasher(sink.hasher),
    };
    Ok(LayerBlob { compression, diff_id, digest, size: sink.size, tar_size })
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
