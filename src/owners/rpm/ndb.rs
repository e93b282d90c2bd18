//! `Packages.db`, the format of rpm's own that SUSE uses: rpm's `lib/backend/ndb/rpmpkg.c`.
//!
//! A header of 32 bytes, then slots of 16 bytes up to the end of some pages of 4096; each slot that is used says where its blob
//! is and how many blocks of 16 bytes it has. Numbers are little-endian. What indexes (`Index.db`) are made from it is told apart by
//! the generation in the header: rpm makes them again if theirs is another one.

use super::database::{Damage, MAX_HEADERS, Record};

const MAGIC: &[u8] = b"RpmP";
const SLOT_MAGIC: &[u8] = b"Slot";
const BLOB_MAGIC: &[u8] = b"BlbS";

const BLOCK: usize = 16;
const PAGE: usize = 4096;
/// The slots that the header takes.
const HEADER_SLOTS: usize = 2;
/// What stands in front of a blob, and behind it.
const HEAD: usize = 16;
const TAIL: usize = 12;

const DAMAGED: Damage = Damage("a damaged slot");

struct Slot<'a> {
    number: u32,
    /// Its blocks: head, blob, tail.
    blocks: &'a [u8],
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn slots(main: &[u8]) -> Result<Vec<Slot<'_>>, Damage> {
    if main.get(..4) != Some(MAGIC) || number(main, 4) != Some(0) {
        return Err(Damage("no database of this format, or of a later version"));
    }
    let pages = number(main, 12).map_or(0, |pages| pages as usize);
    let table = pages.checked_mul(PAGE).and_then(|end| main.get(..end)).ok_or(DAMAGED)?;
    let mut slots = Vec::new();
    let mut total = 0usize;
    for slot in table.chunks_exact(BLOCK).skip(HEADER_SLOTS) {
        let field = |at| number(slot, at).map_or(0, |value| value as usize);
        if !slot.starts_with(SLOT_MAGIC) {
            return Err(DAMAGED);
        }
        let (offset, blocks) = (field(8), field(12));
        if offset == 0 {
            continue;
        }
        let start = offset.checked_mul(BLOCK).filter(|&start| start >= table.len()).ok_or(DAMAGED)?;
        let end = blocks.checked_mul(BLOCK).and_then(|len| start.checked_add(len)).ok_or(DAMAGED)?;
        let blocks = main.get(start..end).ok_or(DAMAGED)?;
        let is_own = blocks.starts_with(BLOB_MAGIC) && blocks.get(4..8) == slot.get(4..8);
        total += blocks.len();
        if !is_own || field(4) == 0 || total > main.len() || slots.len() == MAX_HEADERS {
            return Err(DAMAGED);
        }
        slots.push(Slot { number: field(4) as u32, blocks });
    }
    Ok(slots)
}

/// The headers of a database.
pub fn records(main: &[u8]) -> Result<Vec<Record>, Damage> {
    let blob = |slot: &Slot<'_>| {
        let len = number(slot.blocks, 12)? as usize;
        let end = HEAD.checked_add(len).filter(|end| end + TAIL <= slot.blocks.len())?;
        Some(Record { number: slot.number, blob: slot.blocks.get(HEAD..end)?.to_vec() })
    };
    slots(main)?.iter().map(|slot| blob(slot).ok_or(Damage("a damaged blob"))).collect()
}

/// The database anew, with the headers that `keeps` says yes to. Blobs move as they are; the generation is the next one.
pub fn with_only(main: &[u8], keeps: &dyn Fn(u32) -> bool) -> Result<Vec<u8>, Damage> {
    let mut slots = slots(main)?;
    slots.retain(|slot| keeps(slot.number));
    let pages = (slots.len() + HEADER_SLOTS).div_ceil(PAGE / BLOCK).max(1);
    let mut out = main.get(..HEADER_SLOTS * BLOCK).ok_or(DAMAGED)?.to_vec();
    let generation = number(main, 8).ok_or(DAMAGED)?.wrapping_add(1);
    out[8..12].copy_from_slice(&generation.to_le_bytes());
    out[12..16].copy_from_slice(&(pages as u32).to_le_bytes());
    let mut offset = pages * PAGE / BLOCK;
    let all = pages * PAGE / BLOCK - HEADER_SLOTS;
    for slot in slots.iter().map(Some).chain(std::iter::repeat(None)).take(all) {
        let blocks = slot.map_or(0, |slot| slot.blocks.len() / BLOCK);
        let at = if blocks > 0 { offset } else { 0 };
        out.extend_from_slice(SLOT_MAGIC);
        for value in [slot.map_or(0, |slot| slot.number), at as u32, blocks as u32] {
            out.extend(value.to_le_bytes());
        }
        offset += blocks;
    }
    for slot in &slots {
        out.extend_from_slice(slot.blocks);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::rpm::testing::ndb as database;

    #[test]
    fn blobs_are_read_and_some_are_left_out() {
        let all = database(&[(1, b"first"), (3, &[7; 100]), (8, b"third")]);
        let list = |bytes: &[u8]| records(bytes).unwrap().into_iter().map(|r| (r.number, r.blob)).collect::<Vec<_>>();
        assert_eq!(list(&all), [(1, b"first".to_vec()), (3, vec![7; 100]), (8, b"third".to_vec())]);
        let some = with_only(&all, &|number| number != 3).unwrap();
        assert_eq!(list(&some), [(1, b"first".to_vec()), (8, b"third".to_vec())]);
        assert_eq!(some.len(), 4096 + 2 * 48);
        // Version, number of pages and next number are as before; the generation is not, so that rpm makes its index again.
        assert_eq!(&some[..20], &[&b"RpmP\0\0\0\0\x08\0\0\0\x01\0\0\0\x09\0\0\0"[..]].concat());
        // The checksum of a blob stays with it.
        assert_eq!(&some[some.len() - 12..], b"sum!\x05\0\0\0BlbE");
        assert_eq!(with_only(&all, &|_| false).unwrap().len(), 4096);
    }

    #[test]
    fn damaged_databases_are_refused() {
        let all = database(&[(1, b"first"), (2, b"second")]);
        let damaged = |at: usize, bytes: &[u8]| {
            let mut all = all.clone();
            all[at..at + bytes.len()].copy_from_slice(bytes);
            records(&all)
        };
        // A later version; more pages than there are; a blob beyond the end, in the slots, of another package, longer than its blocks.
        for (at, bytes) in [
            (4, [1; 4]),
            (12, [9; 4]),
            (40, [0xff; 4]),
            (40, [1, 0, 0, 0]),
            (36, [5, 0, 0, 0]),
            (4096 + 44, [99, 0, 0, 0]),
        ] {
            assert!(damaged(at, &bytes).is_err(), "{at}");
        }
        assert!(records(&all[..all.len() - 1]).is_err() && records(&all[..4000]).is_err() && records(b"").is_err());
    }
}
