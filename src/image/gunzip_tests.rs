//! Held against flate2 throughout: what it writes is read, and what it refuses is refused.

use std::io::{BufReader, Read, Write};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::image::compression::tests::read;
use crate::image::compression::{Decoder, StoredCompression, may_have_members};

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads a stream from buffers of so many bytes.
fn gunzip(stream: &[u8], buffer: usize) -> io::Result<Vec<u8>> {
    let source = BufReader::with_capacity(buffer, stream);
    read(Decoder::Gzip(Box::new(Gunzip::new(source, stream.len() as u64))))
}

fn zlib(stream: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    MultiGzDecoder::new(stream).read_to_end(&mut out)?;
    Ok(out)
}

/// Text with repetitions near and far, and some that nothing compresses.
fn content(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut bytes = Vec::with_capacity(len + 600);
    while bytes.len() < len {
        match noise() % 4 {
            0 => bytes.extend((0..noise()).map(|_| noise())),
            1 => bytes.extend(std::iter::repeat_n(noise(), 600)),
            2 => bytes.extend_from_slice(b"the quick brown fox jumps over the lazy dog. "),
            _ => {
                let back = bytes.len().min(30_000 + usize::from(noise()));
                let from = bytes.len() - back;
                bytes.extend_from_within(from..from + back.min(200));
            }
        }
    }
    bytes.truncate(len);
    bytes
}

#[test]
fn streams_longer_than_the_buffers_at_every_level() {
    let bytes = content(900_000);
    for level in 0..=9 {
        let stream = gzip(&bytes, level);
        for buffer in [1, 7, 4096, 1 << 20] {
            assert!(gunzip(&stream, buffer).unwrap() == bytes, "level {level}, buffers of {buffer}");
        }
    }
}

/// Whether it is refused in a way that makes zlib be asked.
fn is_left_to_zlib(stream: &[u8]) -> bool {
    [1, 3, 64, 4096].into_iter().all(|buffer| match gunzip(stream, buffer) {
        Ok(_) => false,
        Err(error) => may_have_members(StoredCompression::Gzip, &error),
    })
}

#[test]
fn more_than_one_member_is_left_to_zlib() {
    let parts: [&[u8]; 5] = [b"", b"one", &[0; 5], b"two", b""];
    for level in [0, 1, 9] {
        for (first, second) in parts.iter().flat_map(|first| parts.map(|second| (first, second))) {
            assert!(is_left_to_zlib(&[gzip(first, level), gzip(second, level)].concat()), "level {level}");
        }
    }
}

#[test]
fn a_trailer_is_only_where_the_deflate_stream_ends() {
    // The true checksum and length stand at the very end, but other bytes are in front of them: what zlib refuses.
    for (level, content) in [(0, &b"content"[..]), (1, b""), (6, b"content"), (9, &[7; 9000])] {
        let member = gzip(content, level);
        let (deflated, trailer) = member.split_at(member.len() - 8);
        for between in 1..20 {
            for byte in [0, 1, 0x1f, 255] {
                let stream = [deflated, &vec![byte; between], trailer].concat();
                assert!(zlib(&stream).is_err());
                assert!(is_left_to_zlib(&stream), "level {level}, {between} times {byte}");
            }
        }
        // Trailers that repeat.
        assert!(is_left_to_zlib(&[&member[..], trailer].concat()));
        assert!(is_left_to_zlib(&[&member[..], &trailer[4..]].concat()));
    }
}

#[test]
fn headers_with_every_field() {
    let mut encoder = flate2::GzBuilder::new()
        .filename("layer.tar")
        .comment("x")
        .extra([7; 300])
        .mtime(5)
        .write(Vec::new(), Compression::fast());
    encoder.write_all(b"content").unwrap();
    let stream = encoder.finish().unwrap();
    for buffer in [1, 64, 4096] {
        assert_eq!(gunzip(&stream, buffer).unwrap(), b"content");
    }
}

#[test]
fn flushed_streams_of_parallel_compressors() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    for piece in content(300_000).chunks(70_001) {
        encoder.write_all(piece).unwrap();
        encoder.flush().unwrap();
    }
    assert!(gunzip(&encoder.finish().unwrap(), 4096).unwrap() == content(300_000));
}

#[test]
fn truncated_streams_and_wrong_trailers_are_refused() {
    let stream = gzip(&content(3000), 6);
    for len in 0..stream.len() {
        assert!(gunzip(&stream[..len], 64).is_err(), "{len} of {} bytes", stream.len());
    }
    for at in stream.len() - 8..stream.len() {
        let mut stream = stream.clone();
        stream[at] ^= 1;
        assert!(gunzip(&stream, 64).is_err());
    }
    assert!(gunzip(&[&stream[..], b"more"].concat(), 64).is_err());
}

/// Bits as deflate packs them: the lowest first.
fn pack(fields: &[(u32, u32)]) -> Vec<u8> {
    let bits = fields.iter().flat_map(|&(value, width)| (0..width).map(move |bit| value >> bit & 1));
    let bits: Vec<u32> = bits.collect();
    bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (at, bit)| sum | (bit << at) as u8)).collect()
}

#[test]
fn what_only_zlib_reads_is_refused_so_that_it_is_asked() {
    // An empty dynamic block whose only code is that of its end.
    let mut fields = vec![(1, 1), (2, 2), (0, 5), (0, 5), (14, 4)];
    // Lengths of the codes of lengths, in their odd order (RFC 1951 section 3.2.7): 1 for "many zeros" and for "1".
    fields.extend((0..18).map(|at| (u32::from(at == 2 || at == 17), 3)));
    // 138 and 118 zeros, then a length of 1 for the end of the block and for a distance.
    fields.extend([(1, 1), (127, 7), (1, 1), (107, 7), (0, 1), (0, 1)]);
    fields.push((0, 1));
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    stream.extend(pack(&fields));
    stream.extend([0; 8]);
    assert_eq!(zlib(&stream).unwrap(), b"");
    assert!(is_left_to_zlib(&stream));
}

proptest! {
    #[test]
    fn whatever_is_written_is_read(bytes in prop::collection::vec(0u8..9, 0..5000), level in 0u32..=9, buffer in 1usize..99) {
        prop_assert_eq!(gunzip(&gzip(&bytes, level), buffer).unwrap(), bytes);
    }

    #[test]
    fn whatever_is_damaged_is_refused_or_read_as_zlib_does(
        bytes in prop::collection::vec(0u8..9, 0..2000), level in 0u32..=9,
        at in any::<prop::sample::Index>(), with in any::<u8>(), cut in 0usize..30,
    ) {
        let mut stream = gzip(&bytes, level);
        let at = at.index(stream.len());
        stream[at] = with;
        stream.truncate(stream.len() - cut.min(stream.len() - 1));
        if let Ok(read) = gunzip(&stream, 50) {
            prop_assert_eq!(read, zlib(&stream).unwrap());
        }
    }
}
