//! The string table of modules compiled by Cython.
//!
//! Up to 3.1 every string is a C string of its own. From 3.2 on all strings of a module are one block without
//! separators, plain or compressed (LZSS, zlib, bz2 or zstd), and an array of 32-bit lengths cuts it. Nothing
//! in the file says where the block and the array are, but they give themselves away: every table holds the
//! names `__main__` and `__name__`, and the lengths before theirs add up to where they stand.

use std::io::Read;

use flate2::{Decompress, FlushDecompress};

use super::object::{Object, Region};
use super::references::References;

/// What could be read of a string table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// The strings, one by one.
    Split(Vec<Vec<u8>>),
    /// All strings in one block: the array of lengths was not found.
    Block(Vec<u8>),
    /// There is none: strings are C strings, or cannot be read.
    Absent,
}

/// Limit on the size of a table (the largest known have some 200 kB).
const MAX_TABLE: usize = 8 << 20;
/// The name of the module that runs as a program: every module compares its own with it.
const MARKER: &[u8] = b"__main__";
/// So many places that look like a table, or like its names, are tried.
const MAX_CANDIDATES: usize = 16;
/// Fewer strings than this prove nothing.
const MIN_STRINGS: usize = 8;
/// A plain block starts at most this far before the name that gives it away.
const MAX_LEAD: u64 = 1 << 18;

/// Whether the file was made by Cython.
pub(super) fn is_cython(data: &[Region]) -> bool {
    let marks = ["__pyx", "_cython_", "cython_function_or_method", ".pyx\0", "cython"];
    let finders = marks.map(memchr::memmem::Finder::new);
    data.iter().any(|region| finders.iter().any(|finder| finder.find(region.bytes).is_some()))
}

/// Finds, decompresses and cuts the string table.
pub(super) fn table(object: &Object, data: &[Region], references: &References) -> Table {
    let mut uncut = None;
    for region in data {
        let blocks = deflated(region.bytes).into_iter().chain(zstandard(region.bytes)).chain(lzss(region.bytes));
        for block in blocks.take(MAX_CANDIDATES) {
            if let Some(strings) = cut(object, data, &block) {
                return Table::Split(strings);
            }
            uncut.get_or_insert(block);
        }
    }
    uncut.map_or_else(|| plain(object, data, references), Table::Block)
}

fn is_table(block: &[u8]) -> bool {
    ["__main__", "__name__"].iter().all(|name| memchr::memmem::find(block, name.as_bytes()).is_some())
}

fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr_iter(0x78, bytes).find_map(|at| {
        let stream = bytes.get(at..)?;
        // The second byte of a zlib header makes the first two a multiple of 31 (RFC 1950).
        let check = u16::from_be_bytes([0x78, *stream.get(1)?]);
        if check % 31 != 0 {
            return None;
        }
        let mut block = Vec::with_capacity(1 << 16);
        let mut inflate = Decompress::new(true);
        loop {
            let used = usize::try_from(inflate.total_in()).ok()?;
            let status = inflate.decompress_vec(stream.get(used..)?, &mut block, FlushDecompress::None).ok()?;
            if status == flate2::Status::StreamEnd {
                return is_table(&block).then_some(block);
            }
            if block.len() < block.capacity() || block.len() >= MAX_TABLE {
                return None;
            }
            block.reserve(block.len());
        }
    })
}

fn zstandard(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memmem::find_iter(bytes, &[0x28, 0xb5, 0x2f, 0xfd]).find_map(|at| {
        let decoder = zstd::stream::read::Decoder::with_buffer(bytes.get(at..)?).ok()?.single_frame();
        let mut block = Vec::new();
        decoder.take(MAX_TABLE as u64).read_to_end(&mut block).ok()?;
        is_table(&block).then_some(block)
    })
}

/// Cython's LZSS has no header, so every position may be its start: what is none fails within a few bytes,
/// mostly at a reference to before the start.
fn lzss(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const PROBE: usize = 192;
    (0..bytes.len()).filter_map(|at| {
        let stream = bytes.get(at..)?;
        // The first string cannot refer back.
        if stream.first()? & 1 == 0 {
            return None;
        }
        let probe = decode_lzss(stream, PROBE);
        let text = probe.iter().filter(|&&b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..)).count();
        if probe.len() < PROBE || text < PROBE - 4 {
            return None;
        }
        // Nothing says where it ends: decoding stops at the first reference that cannot be.
        let block = decode_lzss(stream, MAX_TABLE);
        is_table(&block).then_some(block)
    })
}

/// Decodes until `limit` bytes are out, the input ends, or a reference leads to before the start.
///
/// A flag byte, lowest bit first, says for each of eight items whether it is a byte or a reference. A
/// reference is two or three bytes: the distance from its end to here, and the length less three.
fn decode_lzss(stream: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut input = stream.iter().copied();
    let item = |out: &mut Vec<u8>, input: &mut dyn Iterator<Item = u8>, literal: bool| -> Option<()> {
        if literal {
            out.push(input.next()?);
            return Some(());
        }
        let (low, high) = (usize::from(input.next()?), usize::from(input.next()?));
        let (gap, length) = if low & 0x80 == 0 {
            (low, high)
        } else if high & 0x80 == 0 {
            (0x80 + ((high << 2 & 0x180) | (low & 0x7f)), high & 0x1f)
        } else {
            (0x80 + ((high & 0x7f) << 7 | (low & 0x7f)), usize::from(input.next()?))
        };
        let length = length + 3;
        let start = out.len().checked_sub(gap + length)?;
        out.extend_from_within(start..start + length);
        Some(())
    };
    'decode: while let Some(flags) = input.next() {
        for bit in 0..8 {
            if out.len() >= limit || item(&mut out, &mut input, flags >> bit & 1 == 1).is_none() {
                break 'decode;
            }
        }
    }
    out.truncate(limit);
    out
}

/// A table that is not compressed: it starts at an address that code refers to.
fn plain(object: &Object, data: &[Region], references: &References) -> Table {
    let finder = memchr::memmem::Finder::new("__main__");
    for region in data {
        for at in finder.find_iter(region.bytes) {
            let around = |at: Option<usize>| at.and_then(|at| region.bytes.get(at)).is_some_and(|&b| b > b' ');
            if !around(at.checked_sub(1)) && !around(Some(at + 8)) {
                continue;
            }
            let address = region.address.saturating_add(at as u64);
            let starts = references.between(address.saturating_sub(MAX_LEAD).max(region.address), address + 1);
            let blocks = starts
                .iter()
                .rev()
                .take(64)
                .filter_map(|start| region.bytes.get(usize::try_from(start - region.address).ok()?..));
            let split = blocks.filter_map(|block| cut(object, data, block.get(..MAX_TABLE).unwrap_or(block)));
            if let Some(strings) = split.max_by_key(Vec::len) {
                return Table::Split(strings);
            }
            let readable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
            let before = region.bytes.get(..at).unwrap_or_default();
            let start = before.iter().rposition(|b| !readable(b)).map_or(0, |end| end + 1);
            let tail = region.bytes.get(start..).unwrap_or_default();
            let block: Vec<u8> = tail.iter().copied().take_while(readable).take(MAX_TABLE).collect();
            if is_table(&block) {
                return Table::Block(block);
            }
        }
    }
    Table::Absent
}

/// Looks for the array that cuts `block`: the lengths before that of `__main__` add up to where it stands.
fn cut(object: &Object, data: &[Region], block: &[u8]) -> Option<Vec<Vec<u8>>> {
    let markers: Vec<usize> = memchr::memmem::find_iter(block, MARKER).take(MAX_CANDIDATES).collect();
    for region in data {
        let lengths: Vec<u32> =
            (0..region.bytes.len() / 4).filter_map(|at| object.u32_at(region.bytes, at * 4)).collect();
        for (index, _) in lengths.iter().enumerate().filter(|&(_, &length)| length as usize == MARKER.len()) {
            for &marker in &markers {
                let array = start_of_array(&lengths, index, marker).and_then(|start| lengths.get(start..));
                if let Some(strings) = array.and_then(|array| cut_by(array, block)) {
                    return Some(strings);
                }
            }
        }
    }
    None
}

/// Where the array starts whose entries before `index` add up to `sum`.
fn start_of_array(lengths: &[u32], index: usize, mut sum: usize) -> Option<usize> {
    for (at, &length) in lengths.iter().enumerate().take(index).rev() {
        sum = sum.checked_sub(length as usize)?;
        if sum == 0 {
            return Some(at);
        }
    }
    None
}

/// Cuts `block` as far as the strings are UTF-8; `None` unless they hold the names every module needs.
fn cut_by(lengths: &[u32], block: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut strings: Vec<Vec<u8>> = Vec::new();
    let mut rest = block;
    for &length in lengths {
        let Some((text, after)) = rest.split_at_checked(length as usize) else { break };
        if std::str::from_utf8(text).is_err() {
            break;
        }
        strings.push(text.to_vec());
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let holds = |name: &[u8]| strings.iter().any(|text| text == name);
    (strings.len() >= MIN_STRINGS && holds(MARKER) && holds(b"__name__")).then_some(strings)
}
