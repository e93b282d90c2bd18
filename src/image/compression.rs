//! Compressed streams, recognised by their first bytes: media types and file names are not always right.

use std::io::{self, BufRead, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;

use super::blob::Blob;
use super::chunk::Chunk;
use super::gunzip::Gunzip;

/// How much memory unpacking xz may take, in KiB: the highest level (`xz -9`) needs 65 MiB.
const XZ_MEMORY: u32 = 72 << 10;

/// How a stream that was found is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredCompression {
    /// Not at all.
    None,
    /// gzip, RFC 1952, one member or several.
    Gzip,
    /// Zstandard, RFC 8878, one frame or several.
    Zstd,
    /// xz, "The .xz File Format" 1.2, one stream or several.
    Xz,
    /// bzip2, one stream or several.
    Bzip2,
    /// Something that is recognised but not supported; its name.
    Unsupported(&'static str),
}

impl StoredCompression {
    /// Looks at the start of a stream.
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
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

/// What inflates a gzip stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inflate {
    /// The faster way, for one member of this stored length in bytes, as nearly all layers are.
    Single(u64),
    /// zlib-rs: slower, but any number of members; what it does not read, nobody does, and it says what is wrong.
    Members,
}

/// Decompresses a stream, all its members or frames.
pub enum Decoder<R: BufRead> {
    Plain(R),
    Gzip(Box<Gunzip<R>>),
    Members(Box<Members<R>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, R>>),
    Xz(Box<XzReader<R>>),
    Bzip2(Box<MultiBzDecoder<R>>),
}

impl<R: BufRead> Decoder<R> {
    /// # Errors
    /// If the compression is not supported.
    pub fn new(compression: StoredCompression, inflate: Inflate, source: R) -> io::Result<Self> {
        match (compression, inflate) {
            (StoredCompression::None, _) => Ok(Self::Plain(source)),
            (StoredCompression::Gzip, Inflate::Single(len)) => Ok(Self::Gzip(Box::new(Gunzip::new(source, len)))),
            (StoredCompression::Gzip, Inflate::Members) => {
                Ok(Self::Members(Box::new(Members { member: Some(GzDecoder::new(source)), rest: None })))
            }
            (StoredCompression::Zstd, _) => Ok(Self::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(source)?))),
            (StoredCompression::Xz, _) => Ok(Self::Xz(Box::new(XzReader::new_mem_limit(source, true, XZ_MEMORY)))),
            (StoredCompression::Bzip2, _) => Ok(Self::Bzip2(Box::new(MultiBzDecoder::new(source)))),
            (StoredCompression::Unsupported(name), _) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("compressed with {name}, which is not supported (gzip, zstd, xz and bzip2 are)"),
            )),
        }
    }

    /// Puts the next piece of the stream into `chunk`; it is empty only at the end.
    pub fn next(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        match self {
            Self::Plain(source) => chunk.fill(source),
            Self::Gzip(decoder) => decoder.next(chunk),
            Self::Members(decoder) => chunk.fill(decoder),
            Self::Zstd(decoder) => chunk.fill(decoder),
            Self::Xz(decoder) => chunk.fill(decoder),
            Self::Bzip2(decoder) => chunk.fill(decoder),
        }
    }

    /// The compressed stream, as far as it was not needed; none after an error.
    pub fn into_inner(self) -> Option<R> {
        match self {
            Self::Plain(source) => Some(source),
            Self::Gzip(decoder) => Some(decoder.into_inner()),
            Self::Members(decoder) => decoder.rest,
            Self::Zstd(decoder) => Some(decoder.finish()),
            Self::Xz(decoder) => Some(decoder.into_inner()),
            Self::Bzip2(decoder) => Some(decoder.into_inner()),
        }
    }
}

/// Reads the members of a gzip stream one after the other (RFC 1952 section 2.2).
pub struct Members<R: BufRead> {
    /// The one that is read.
    member: Option<GzDecoder<R>>,
    /// The stream, when the last one has been read.
    rest: Option<R>,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(buf)?;
            if count > 0 || buf.is_empty() {
                return Ok(count);
            }
            let Some(mut source) = self.member.take().map(GzDecoder::into_inner) else { break };
            match source.fill_buf()? {
                [] => self.rest = Some(source),
                [0x1f, ..] => self.member = Some(GzDecoder::new(source)),
                _ => {
                    let what = "something follows the compressed data that is no gzip";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                }
            }
        }
        Ok(0)
    }
}

/// Whether `error`, of a decoder that expects a single member, is one about which [`Inflate::Members`] should be asked.
pub fn may_have_members(compression: StoredCompression, error: &io::Error) -> bool {
    compression == StoredCompression::Gzip
        && matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

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

    /// As layers are read: zlib is asked about what is not a single member.
    fn decode(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let compression = StoredCompression::of(bytes);
        let single = Decoder::new(compression, Inflate::Single(bytes.len() as u64), bytes).and_then(read);
        match single {
            Err(error) if may_have_members(compression, &error) => {
                read(Decoder::new(compression, Inflate::Members, bytes)?)
            }
            read => read,
        }
    }

    #[test]
    fn all_members_and_frames_are_read() {
        assert_eq!(decode(&[gzip(b"one "), gzip(b""), gzip(b"two")].concat()).unwrap(), b"one two");
        let frame = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
        assert_eq!(decode(&[&skippable, &frame(b"one ")[..], &frame(b"two")].concat()).unwrap(), b"one two");
        assert_eq!(decode(b"plain").unwrap(), b"plain");
    }

    /// As xz 5.4 and bzip2 1.0.8 wrote it.
    #[test]
    fn xz_and_bzip2() {
        let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        let xz = [
            bytes(
                "fd377a585a000004e6d6b446020021011c00000010cf58cc0100066f6e652074776f0000383264958b58237c00011f07162eb8731fb6f37d010000000004595a",
            ),
            bytes(
                "fd377a585a00000ae1fb0ca10200210110000000a8708e86010005207468726565000000d269c1637fe988422654f5843688a753d0e6e411135d466468c2cda6688c4f1d000136066b81f940189b4b9a01000000000a595a",
            ),
        ];
        let bzip2 = [
            bytes("425a6839314159265359818432890000019180400002018480200021800c013835dc5dc914e142420610ca24"),
            bytes("425a6831314159265359d7e33c39000000118040000240140020002183419a08b01c5dc914e142435f8cf0e4"),
        ];
        for streams in [&xz, &bzip2] {
            assert_eq!(decode(&streams.concat()).unwrap(), b"one two three");
            for len in 7..streams[0].len() {
                assert!(decode(&streams[0][..len]).is_err(), "{len}");
            }
            let mut damaged = streams[0].clone();
            damaged[30] ^= 1;
            assert!(decode(&damaged).is_err());
        }
        // `xz --lzma2=dict=256MiB`
        let hungry = "fd377a585a000004e6d6b44602002101200000000988a576010000780000000045aeef83f8ee160a00011901a52c81cc1fb6f37d010000000004595a";
        assert!(decode(&bytes(hungry)).unwrap_err().to_string().contains("memory"));
    }

    #[test]
    fn truncated_and_unknown_streams_are_errors() {
        let member = gzip(&[7; 3000]);
        let stream = [&member[..], &gzip(b"end")].concat();
        for len in (2..stream.len()).filter(|&len| len != member.len()) {
            assert!(decode(&stream[..len]).is_err(), "{len} of {} bytes", stream.len());
        }
        let whole = zstd::encode_all(&[7; 1000][..], 1).unwrap();
        assert!(decode(&whole[..whole.len() - 2]).is_err());
        assert!(decode(b"\x04\x22\x4d\x18....").unwrap_err().to_string().contains("lz4"));
    }

    #[test]
    fn checksum_and_length_of_gzip_are_checked_and_nothing_may_follow() {
        let stream = gzip(b"content");
        for at in stream.len() - 8..stream.len() {
            let mut damaged = stream.clone();
            damaged[at] ^= 1;
            assert!(decode(&damaged).is_err());
        }
        assert!(decode(&[&stream[..], b"more"].concat()).is_err());
    }
}
