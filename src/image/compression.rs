//! Compressed streams, recognised by their first bytes: media types and file names are not always right.

use std::io::{self, BufRead};

use super::blob::Blob;
use super::chunk::Chunk;
use super::gunzip::Gunzip;

/// How a stream that was found is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredCompression {
    /// Not at all.
    None,
    /// gzip, RFC 1952, one member or several.
    Gzip,
    /// Zstandard, RFC 8878, one frame or several.
    Zstd,
    /// Something that is recognised but not supported; its name.
    Unsupported(&'static str),
}

impl StoredCompression {
    /// Looks at the start of a stream.
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Self::Unsupported("bzip2"),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Unsupported("xz"),
            [0x04, 0x22, 0x4d, 0x18, ..] => Self::Unsupported("lz4"),
            _ => Self::None,
        }
    }

    /// Looks at the start of a blob.
    pub fn of_blob(blob: &Blob) -> io::Result<Self> {
        let mut start = [0; 6];
        let want = usize::try_from(blob.len()).unwrap_or(usize::MAX).min(start.len());
        blob.read_exact_at(&mut start[..want], 0)?;
        Ok(Self::of(&start[..want]))
    }
}

/// Decompresses a stream.
pub enum Decoder<R: BufRead> {
    Plain(R),
    Gzip(Box<Gunzip<R>>),
    /// gzip, read by zlib.
    Zlib(Box<flate2::bufread::MultiGzDecoder<R>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, R>>),
}

impl<R: BufRead> Decoder<R> {
    /// # Errors
    /// If the compression is not supported.
    pub fn new(compression: StoredCompression, source: R) -> io::Result<Self> {
        match compression {
            StoredCompression::None => Ok(Self::Plain(source)),
            StoredCompression::Gzip => Ok(Self::Gzip(Box::new(Gunzip::new(source)))),
            StoredCompression::Zstd => Ok(Self::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(source)?))),
            StoredCompression::Unsupported(name) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("compressed with {name}, which is not supported (gzip and zstd are)"),
            )),
        }
    }

    /// Reads gzip as zlib does: slower, but what zlib does not read, nobody does, and it says what is wrong. For
    /// streams that a decoder of [`Decoder::new`] refused.
    ///
    /// # Errors
    /// If the compression is not supported.
    pub fn zlib(compression: StoredCompression, source: R) -> io::Result<Self> {
        match compression {
            StoredCompression::Gzip => Ok(Self::Zlib(Box::new(flate2::bufread::MultiGzDecoder::new(source)))),
            _ => Self::new(compression, source),
        }
    }

    /// Puts the next piece of the stream into `chunk`; it is empty only at the end.
    pub fn next(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        match self {
            Self::Plain(source) => chunk.fill(source),
            Self::Gzip(decoder) => decoder.next(chunk),
            Self::Zlib(decoder) => chunk.fill(decoder),
            Self::Zstd(decoder) => chunk.fill(decoder),
        }
    }

    /// The compressed stream, as far as it was not needed.
    pub fn into_inner(self) -> R {
        match self {
            Self::Plain(source) => source,
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Zlib(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.finish(),
        }
    }
}

/// Whether `error` is a decoder's of [`Decoder::new`] about which one of [`Decoder::zlib`] should be asked.
pub fn ask_zlib(compression: StoredCompression, error: &io::Error) -> bool {
    compression == StoredCompression::Gzip
        && matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// All that a decoder gives.
    pub fn read(mut decoder: Decoder<impl BufRead>) -> io::Result<Vec<u8>> {
        let (mut out, mut chunk) = (Vec::new(), Chunk::new());
        loop {
            decoder.next(&mut chunk)?;
            if chunk.is_empty() {
                return Ok(out);
            }
            out.extend_from_slice(chunk.unread());
        }
    }

    fn decode(bytes: &[u8]) -> io::Result<Vec<u8>> {
        read(Decoder::new(StoredCompression::of(bytes), bytes)?)
    }

    #[test]
    fn all_members_and_frames_are_read() {
        assert_eq!(decode(&[gzip(b"one "), gzip(b"two")].concat()).unwrap(), b"one two");
        let frame = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
        assert_eq!(decode(&[&skippable, &frame(b"one ")[..], &frame(b"two")].concat()).unwrap(), b"one two");
        assert_eq!(decode(b"plain").unwrap(), b"plain");
    }

    #[test]
    fn truncated_and_unknown_streams_are_errors() {
        let whole = gzip(&[7; 1000]);
        assert!(decode(&whole[..whole.len() - 9]).is_err());
        let whole = zstd::encode_all(&[7; 1000][..], 1).unwrap();
        assert!(decode(&whole[..whole.len() - 2]).is_err());
        assert!(decode(b"\xfd7zXZ\0....").unwrap_err().to_string().contains("xz"));
    }
}
