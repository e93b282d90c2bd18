//! Addresses of data that code and relocations refer to: where strings start.
//!
//! Linkers merge a string into the tail of a longer one, and Rust and Go store strings without terminators,
//! so the bytes alone do not tell where a string starts. What points to them does.

use goblin::elf::dynamic::{DT_RELA, DT_RELASZ};
use goblin::elf::header::{EM_AARCH64, EM_X86_64};

use super::object::{Object, Region};

/// Sorted start addresses, and the lengths known for some of them.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Sorted, without duplicates.
    pub(super) starts: Vec<u64>,
    /// Start and length of string slices stored as pointer and length (Rust's `&'static str`).
    pub(super) slices: Vec<(u64, usize)>,
}

/// Longest string slice worth noting.
const MAX_SLICE: u64 = 512;

impl References {
    /// Collects what code, relocations and pointers of `object` refer to within `data`.
    pub(super) fn collect(object: &Object, data: &[Region]) -> Self {
        let mut found = Self::default();
        let low = data.iter().map(|r| r.address).min().unwrap_or(0);
        let high = data.iter().map(|r| r.address.saturating_add(r.bytes.len() as u64)).max().unwrap_or(0);
        let within = |address: u64| address > low && address < high;
        for code in object.code() {
            match object.header.e_machine {
                EM_X86_64 => found.scan_x86_64(&code, within),
                EM_AARCH64 => found.scan_aarch64(&code, within),
                _ => {}
            }
        }
        found.scan_relocations(object, within);
        found.scan_pointers(object, data, within);
        found.starts.sort_unstable();
        found.starts.dedup();
        found.slices.sort_unstable();
        found.slices.dedup();
        found
    }

    /// The starts within `from..to`.
    pub(super) fn between(&self, from: u64, to: u64) -> &[u64] {
        let first = self.starts.partition_point(|&at| at < from);
        let last = self.starts.partition_point(|&at| at < to);
        self.starts.get(first..last).unwrap_or_default()
    }

    /// `lea reg, [rip + disp32]`: a REX.W prefix, 8D, and a ModRM byte with mod 00 and r/m 101.
    fn scan_x86_64(&mut self, code: &Region, within: impl Fn(u64) -> bool) {
        for at in memchr::memchr_iter(0x8d, code.bytes) {
            let Some(&[rex, _, modrm, a, b, c, d]) =
                at.checked_sub(1).and_then(|start| code.bytes.get(start..start + 7))
            else {
                continue;
            };
            if rex & 0xf8 == 0x48 && modrm & 0xc7 == 0x05 {
                let next = code.address.wrapping_add(at as u64 + 6);
                let target = next.wrapping_add_signed(i32::from_le_bytes([a, b, c, d]).into());
                if within(target) {
                    self.starts.push(target);
                }
            }
        }
    }

    /// `adrp xN, page` followed at any distance by `add xM, xN, #low12`.
    fn scan_aarch64(&mut self, code: &Region, within: impl Fn(u64) -> bool) {
        let mut pages = [0u64; 32];
        for (index, word) in code.bytes.as_chunks::<4>().0.iter().enumerate() {
            let word = u32::from_le_bytes(*word);
            let register = |shift: u32| ((word >> shift) & 31) as usize;
            if word & 0x9f00_0000 == 0x9000_0000 {
                let immediate = (((word >> 5) & 0x7_ffff) << 2 | ((word >> 29) & 3)) << 11;
                let pages_away = i64::from(immediate.cast_signed() >> 11);
                let here = code.address.wrapping_add(index as u64 * 4) & !0xfff;
                pages[register(0)] = here.wrapping_add_signed(pages_away.wrapping_mul(4096));
            } else if word & 0xffc0_0000 == 0x9100_0000 {
                let target = pages[register(5)].wrapping_add(u64::from((word >> 10) & 0xfff));
                if within(target) {
                    self.starts.push(target);
                }
            }
        }
    }

    /// Addends of `DT_RELA` entries (64-bit: offset, info, addend).
    fn scan_relocations(&mut self, object: &Object, within: impl Fn(u64) -> bool) {
        let (Some(address), Some(size)) = (object.dynamic(DT_RELA).next(), object.dynamic(DT_RELASZ).next()) else {
            return;
        };
        let Some(table) = object.mapped(address).filter(|_| object.is_64()) else { return };
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(table.len());
        for entry in table.get(..size).unwrap_or_default().chunks_exact(24) {
            let (Some(offset), Some(addend)) = (object.word_at(entry, 0), object.word_at(entry, 16)) else { continue };
            if within(addend) {
                self.starts.push(addend);
                let length = object.mapped(offset).and_then(|slot| object.word_at(slot, 8));
                self.note_slice(addend, length);
            }
        }
    }

    /// Words in data that hold an address of data: pointers of position-dependent files and `DT_RELR` targets.
    fn scan_pointers(&mut self, object: &Object, data: &[Region], within: impl Fn(u64) -> bool) {
        let word = if object.is_64() { 8 } else { 4 };
        for region in data {
            for at in (0..region.bytes.len()).step_by(word) {
                if let Some(value) = object.word_at(region.bytes, at)
                    && within(value)
                {
                    self.starts.push(value);
                    self.note_slice(value, object.word_at(region.bytes, at + word));
                }
            }
        }
    }

    fn note_slice(&mut self, start: u64, length: Option<u64>) {
        if let Some(length) = length.filter(|length| (2..=MAX_SLICE).contains(length)) {
            self.slices.push((start, length as usize));
        }
    }
}
