//! The string table of modules compiled by Cython.
//!
//! Up to 3.1 every string is a C string of its own. From 3.2 on all strings of a module are one block without
//! separators, plain or compressed (LZSS, zlib, bz2 or zstd), and an array of 32-bit lengths cuts it. Nothing
//! in the file says where the block and the array are, but they give themselves away: every table holds the
//! names `__main__` and `__name__`, and the lengths before theirs add up to where they stand.

use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};

use super::object::{Object, Region};
use super::references::References;

/// What could be read of a string table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StringTable {
    /// The strings, one by one.
    Split(Vec<Vec<u8>>),
    /// All strings in one block: the array of lengths was not found.
    Block(Vec<u8>),
    /// There is none: strings are C strings, or cannot be read.
    Absent,
}

/// Names that most modules have. That the first two are cut right may be chance: they are of one length.
const COMMON: [&[u8]; 8] = [
    MARKER,
    b"__name__",
    b"__test__",
    b"cline_in_traceback",
    b"__module__",
    b"__qualname__",
    b"_is_coroutine",
    b"asyncio.coroutines",
];
/// So many of them leave no doubt.
const CERTAIN: usize = 4;
/// Limit on the size of a table (the largest known have some 200 kB).
const MAX_TABLE: usize = 8 << 20;
/// Limit on the work for one file, in bytes decoded and lengths looked at: a hostile file may look like the
/// start of a table everywhere.
const BUDGET: usize = 128 << 20;
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
pub(super) fn table(object: &Object, data: &[Region], references: &References) -> StringTable {
    let mut budget = BUDGET;
    let mut uncut = None;
    for region in data {
        for decode in [deflated, zstandard, lzss] {
            for block in decode(region.bytes, &mut budget) {
                if let Some((_, strings)) = cut(object, data, &block, &mut budget) {
                    return StringTable::Split(strings);
                }
                uncut.get_or_insert(block);
            }
        }
    }
    uncut.map_or_else(|| plain(object, data, references, &mut budget), StringTable::Block)
}

fn is_table(block: &[u8]) -> bool {
    [MARKER, b"__name__"].iter().all(|name| memchr::memmem::find(block, name).is_some())
}

/// Takes `spent` from the budget; whether there was enough.
fn afford(budget: &mut usize, spent: usize) -> bool {
    *budget = budget.saturating_sub(spent);
    *budget > 0
}

fn deflated(bytes: &[u8], budget: &mut usize) -> Vec<Vec<u8>> {
    let mut blocks = Vec::new();
    for at in memchr::memchr_iter(0x78, bytes) {
        // The second byte of a zlib header makes the first two a multiple of 31 (RFC 1950).
        let Some(stream) = bytes.get(at..) else { break };
        let header = stream.get(1).is_some_and(|&check| u16::from_be_bytes([0x78, check]).is_multiple_of(31));
        if !header || !afford(budget, 64) {
            continue;
        }
        let block = inflate(stream);
        if !afford(budget, block.as_ref().map_or(0, Vec::len)) {
            break;
        }
        blocks.extend(block.filter(|block| is_table(block)));
    }
    blocks
}

/// The whole of a zlib stream, if it is sound and no longer than a table.
fn inflate(stream: &[u8]) -> Option<Vec<u8>> {
    let mut block = Vec::with_capacity(1 << 12);
    let mut inflate = Decompress::new(true);
    loop {
        let used = usize::try_from(inflate.total_in()).ok()?;
        let status = inflate.decompress_vec(stream.get(used..)?, &mut block, FlushDecompress::None).ok()?;
        if status == Status::StreamEnd {
            return Some(block);
        }
        if block.len() < block.capacity() || block.len() >= MAX_TABLE {
            return None;
        }
        block.reserve(block.len());
    }
}

fn zstandard(bytes: &[u8], budget: &mut usize) -> Vec<Vec<u8>> {
    let mut blocks = Vec::new();
    for at in memchr::memmem::find_iter(bytes, &[0x28, 0xb5, 0x2f, 0xfd]) {
        let mut block = Vec::new();
        let decoder = bytes.get(at..).and_then(|stream| zstd::stream::read::Decoder::with_buffer(stream).ok());
        let read = decoder.map(|decoder| decoder.single_frame().take(MAX_TABLE as u64).read_to_end(&mut block));
        if !afford(budget, block.len() + 4096) {
            break;
        }
        if matches!(read, Some(Ok(_))) && is_table(&block) {
            blocks.push(block);
        }
    }
    blocks
}

/// Cython's LZSS has no header, so every position may be its start: what is none fails within a few bytes,
/// mostly at a reference to before the start.
fn lzss(bytes: &[u8], budget: &mut usize) -> Vec<Vec<u8>> {
    const PROBE: usize = 192;
    let mut blocks = Vec::new();
    for at in 0..bytes.len() {
        let Some(stream) = bytes.get(at..) else { break };
        // The first string cannot refer back.
        if stream.first().is_none_or(|flags| flags & 1 == 0) {
            continue;
        }
        let probe = decode_lzss(stream, PROBE);
        let text = probe.iter().filter(|&&b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..)).count();
        if probe.len() < PROBE || text < PROBE - 4 {
            continue;
        }
        // Nothing says where it ends: decoding stops at the first reference that cannot be.
        let block = decode_lzss(stream, MAX_TABLE);
        if is_table(&block) {
            blocks.push(block.clone());
        }
        if blocks.len() >= MAX_CANDIDATES || !afford(budget, block.len()) {
            break;
        }
    }
    blocks
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
fn plain(object: &Object, data: &[Region], references: &References, budget: &mut usize) -> StringTable {
    let finder = memchr::memmem::Finder::new("__main__");
    for region in data {
        for at in finder.find_iter(region.bytes) {
            let around = |at: Option<usize>| at.and_then(|at| region.bytes.get(at)).is_some_and(|&b| b > b' ');
            if !around(at.checked_sub(1)) && !around(Some(at + 8)) {
                continue;
            }
            let address = region.address.saturating_add(at as u64);
            let starts =
                references.between(address.saturating_sub(MAX_LEAD).max(region.address), address.saturating_add(1));
            let blocks = starts
                .iter()
                .rev()
                .take(64)
                .filter_map(|start| region.bytes.get(usize::try_from(start - region.address).ok()?..));
            let mut best: Option<(usize, Vec<Vec<u8>>)> = None;
            for block in blocks {
                let split = cut(object, data, block.get(..MAX_TABLE).unwrap_or(block), budget);
                best = best.into_iter().chain(split).max_by_key(|&(score, _)| score);
            }
            if let Some((_, strings)) = best {
                return StringTable::Split(strings);
            }
            let readable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
            let before = region.bytes.get(..at).unwrap_or_default();
            let start = before.iter().rposition(|b| !readable(b)).map_or(0, |end| end + 1);
            let tail = region.bytes.get(start..).unwrap_or_default();
            let block: Vec<u8> = tail.iter().copied().take_while(readable).take(MAX_TABLE).collect();
            if is_table(&block) {
                return StringTable::Block(block);
            }
        }
    }
    StringTable::Absent
}

/// Looks for the array that cuts `block`: the lengths before that of `__main__` add up to where it stands.
/// Returns how many common names it cuts right, too.
fn cut(object: &Object, data: &[Region], block: &[u8], budget: &mut usize) -> Option<(usize, Vec<Vec<u8>>)> {
    let markers: Vec<usize> = memchr::memmem::find_iter(block, MARKER).take(MAX_CANDIDATES).collect();
    let mut best: Option<(usize, Vec<Vec<u8>>)> = None;
    for region in data {
        let lengths: Vec<u32> =
            (0..region.bytes.len() / 4).filter_map(|at| object.u32_at(region.bytes, at * 4)).collect();
        for (index, _) in lengths.iter().enumerate().filter(|&(_, &length)| length as usize == MARKER.len()) {
            for &marker in &markers {
                let start = start_of_array(&lengths, index, marker, budget).filter(|_| afford(budget, block.len()));
                let Some(strings) = start.and_then(|start| cut_by(lengths.get(start..)?, block)) else { continue };
                let score = COMMON.iter().filter(|name| strings.iter().any(|text| text == *name)).count();
                if best.as_ref().is_none_or(|(known, _)| score > *known) {
                    best = Some((score, strings));
                }
                if score >= CERTAIN {
                    return best;
                }
            }
        }
    }
    best
}

/// Where the array starts whose entries before `index` add up to `sum`.
fn start_of_array(lengths: &[u32], index: usize, mut sum: usize, budget: &mut usize) -> Option<usize> {
    for (at, &length) in lengths.iter().enumerate().take(index).rev() {
        sum = sum.checked_sub(length as usize).filter(|_| afford(budget, 1))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::elf::fixture::ElfFile;

    /// Enough strings for a table; the last is a byte string that is no UTF-8.
    fn strings() -> Vec<Vec<u8>> {
        let names = "No such thing in the list of things that are known to this module, and never will be. \
            Try again with another list of things that are known to other modules, or with none at all|\
            Element|__main__|__name__|__test__|cline_in_traceback|collections.abc|json|lxml.etree|os|re|typing|été";
        let mut all: Vec<Vec<u8>> = names.split('|').map(|name| name.as_bytes().to_vec()).collect();
        all.push(vec![0x80, 0x01, 0xd8]);
        all
    }

    fn lengths_of(strings: &[Vec<u8>]) -> Vec<u8> {
        let count = strings.len() - 1;
        strings.iter().take(count).flat_map(|text| (text.len() as u32).to_le_bytes()).collect()
    }

    /// All literals, in the format [`decode_lzss`] reads.
    fn literals(block: &[u8]) -> Vec<u8> {
        block.chunks(8).flat_map(|chunk| [&[0xff], chunk].concat()).collect()
    }

    fn read(block: &[u8], lengths: &[u8]) -> StringTable {
        let file =
            ElfFile::new().data(b"\x07\x00\x00\x00\xff\xff\xff\xff").data(lengths).data(&[0; 8]).data(block).build();
        let file = file.as_slice();
        let object = Object::parse(&file).unwrap();
        let parts = object.data();
        // What code refers to: the fixture has no code, so the starts of all blocks are given here.
        let mut references = References::within(&parts);
        for part in &parts {
            (0..part.size).step_by(4).for_each(|at| _ = references.add(part.address + at));
        }
        let held: Vec<_> = parts.iter().map(|part| (part.address, object.bytes(*part).unwrap())).collect();
        let data: Vec<_> = held.iter().map(|(address, bytes)| Region { address: *address, bytes }).collect();
        table(&object, &data, &references)
    }

    #[test]
    fn cuts_tables_of_every_kind() {
        let strings = strings();
        let block = strings.concat();
        let lengths = lengths_of(&strings);
        let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut deflate, &block).unwrap();
        let kinds = [block.clone(), deflate.finish().unwrap(), zstd::encode_all(&*block, 9).unwrap(), literals(&block)];
        for (index, kind) in kinds.iter().enumerate() {
            let StringTable::Split(found) = read(kind, &lengths) else { panic!("kind {index} was not cut") };
            assert_eq!(found[..strings.len() - 1], strings[..strings.len() - 1], "kind {index}");
        }
    }

    #[test]
    fn without_lengths_the_block_remains() {
        let block = strings().concat();
        let StringTable::Block(found) = read(&literals(&block), &[]) else { panic!("no block") };
        assert!(found.starts_with(&block));
        assert_eq!(read(b"no table at all, but __main__ and __name__ are named", &[]), StringTable::Absent);
    }

    #[test]
    fn decodes_all_three_forms_of_reference() {
        // "abc", then: distance 0 length 3; 200 literals; distance 0x80+3 length 4; distance 0x80+0x10 length 3+5.
        let mut stream = vec![0b0000_0111, b'a', b'b', b'c', 0, 0];
        assert_eq!(decode_lzss(&stream[..6], 6), b"abcabc");
        let text: Vec<u8> = (0..200u8).collect();
        stream = literals(&text);
        stream.extend_from_slice(&[0b0000_0000, 0x80 | 3, 1, 0x80 | 16, 0x80, 5]);
        let out = decode_lzss(&stream, 212);
        let (first, second) = (200 - 0x83 - 4, 204 - 0x90 - 8);
        assert_eq!(out[200..204], out[first..first + 4]);
        assert_eq!(out[204..212], out[second..second + 8]);
        // A reference to before the start ends it.
        assert_eq!(decode_lzss(&[0b0000_0001, b'a', 0, 0, 1], 100), b"a");
    }
}
