//! Addresses of data that code and relocations refer to: where strings start.
//!
//! Linkers merge a string into the tail of a longer one, and Rust and Go store strings without terminators,
//! so the bytes alone do not tell where a string starts. What points to them does.

use goblin::elf::dynamic::{DT_RELA, DT_RELASZ};
use goblin::elf::header::{EM_AARCH64, EM_X86_64, ET_EXEC};

use super::object::{Object, Part};

/// Start addresses, and the lengths known for some of them.
#[derive(Debug, Default)]
pub(super) struct References {
    starts: Vec<Starts>,
    /// All addresses are between these, the second not included.
    low: u64,
    high: u64,
    slices: Vec<(u64, usize)>,
}

/// Which bytes of a part something refers to: a bit a byte, so that the largest library's take no more than an eighth of its
/// data.
#[derive(Debug)]
struct Starts {
    address: u64,
    size: u64,
    bits: Vec<u64>,
}

impl Starts {
    /// Whether something refers to a byte within `from..to`.
    fn any(&self, from: u64, to: u64) -> bool {
        let (start, end) = (from.max(self.address) - self.address, (to - self.address).min(self.size));
        if start >= end {
            return false;
        }
        let (first, last) = ((start / 64) as usize, ((end - 1) / 64) as usize);
        let from_start = |word: usize| if word == first { u64::MAX << (start % 64) } else { u64::MAX };
        let to_end = |word: usize| if word == last { u64::MAX >> (63 - (end - 1) % 64) } else { u64::MAX };
        (first..=last).any(|word| self.bits[word] & from_start(word) & to_end(word) != 0)
    }
}

/// Longest string slice worth noting.
const MAX_SLICE: u64 = 512;

/// A table of distances has no more entries.
const MAX_ENTRIES: u64 = 1024;

impl References {
    /// Nothing yet, within these parts of a file.
    pub(super) fn within(data: &[Part]) -> Self {
        let low = data.iter().map(|part| part.address).min().unwrap_or(0);
        let high = data.iter().map(|part| part.address.saturating_add(part.size)).max().unwrap_or(0);
        let starts = data.iter().map(|part| {
            let words = part.size.div_ceil(64);
            Starts { address: part.address, size: part.size, bits: vec![0; usize::try_from(words).unwrap_or(0)] }
        });
        let mut starts: Vec<Starts> = starts.collect();
        starts.sort_by_key(|part| part.address);
        Self { starts, low, high, slices: Vec::new() }
    }

    /// Adds what code refers to. Shows the code of x86-64, too, in pieces that begin with so many bytes of the one before.
    pub(super) fn read_code(&mut self, object: &Object, overlap: usize, mut look: impl FnMut(&[u8])) {
        for part in object.code() {
            match object.header.e_machine {
                EM_X86_64 => object.pieces(part, overlap.max(7), |address, bytes| {
                    self.scan_x86_64(address, bytes);
                    if object.header.e_type == ET_EXEC {
                        self.scan_absolute_x86_64(bytes);
                    }
                    look(bytes);
                }),
                EM_AARCH64 => {
                    let mut pages = [0; 32];
                    object.pieces(part, 0, |address, bytes| self.scan_aarch64(address, bytes, &mut pages));
                }
                _ => {}
            }
        }
    }

    /// Adds an address; whether it is one of data.
    pub(super) fn add(&mut self, address: u64) -> bool {
        // Nothing lies at 0, which many words hold.
        if address == 0 || address < self.low || address >= self.high {
            return false;
        }
        // Of parts that overlap, the last to begin has it.
        let next = self.starts.partition_point(|part| part.address <= address);
        if let Some(part) = next.checked_sub(1).and_then(|at| self.starts.get_mut(at))
            && address - part.address < part.size
        {
            let at = address - part.address;
            part.bits[(at / 64) as usize] |= 1 << (at % 64);
        }
        true
    }

    /// Whether the code of such a file is read. Of others only pointers are known.
    pub(super) fn reads_code(object: &Object) -> bool {
        matches!(object.header.e_machine, EM_X86_64 | EM_AARCH64)
    }

    /// Whether something starts within `from..to`.
    pub(super) fn any(&self, from: u64, to: u64) -> bool {
        let first = self.starts.partition_point(|part| part.address <= from).saturating_sub(1);
        self.starts[first..].iter().take_while(|part| part.address < to).any(|part| part.any(from, to))
    }

    /// The starts within `from..to`, in order.
    pub(super) fn between(&self, from: u64, to: u64) -> Vec<u64> {
        self.starts_within(from, to).collect()
    }

    fn starts_within(&self, from: u64, to: u64) -> impl Iterator<Item = u64> {
        let first = self.starts.partition_point(|part| part.address <= from).saturating_sub(1);
        let parts = self.starts[first..].iter().take_while(move |part| part.address < to);
        parts.flat_map(move |part| {
            let (start, end) = (from.max(part.address) - part.address, (to - part.address).min(part.size));
            (start / 64..end.div_ceil(64)).flat_map(move |word| {
                let mut bits = part.bits[word as usize];
                let places = std::iter::from_fn(move || {
                    let place = (bits != 0).then(|| word * 64 + u64::from(bits.trailing_zeros()))?;
                    bits &= bits - 1;
                    Some(place)
                });
                places.filter(move |at| (start..end).contains(at)).map(move |at| part.address + at)
            })
        })
    }

    /// `lea reg, [rip + disp32]`: a REX.W prefix, 8D, and a ModRM byte with mod 00 and r/m 101.
    fn scan_x86_64(&mut self, address: u64, code: &[u8]) {
        for at in memchr::memchr_iter(0x8d, code) {
            let Some(&[rex, _, modrm, a, b, c, d]) = at.checked_sub(1).and_then(|start| code.get(start..start + 7))
            else {
                continue;
            };
            if rex & 0xf8 == 0x48 && modrm & 0xc7 == 0x05 {
                let next = address.wrapping_add(at as u64 + 6);
                self.add(next.wrapping_add_signed(i32::from_le_bytes([a, b, c, d]).into()));
            }
        }
    }

    /// Addresses as they are, in files that the loader does not move: `mov r32, imm32` (B8 and up), `push imm32` (68), and
    /// `mov r/m, imm32` (C7, with one to three bytes that say where to).
    fn scan_absolute_x86_64(&mut self, code: &[u8]) {
        for (at, &byte) in code.iter().enumerate() {
            let places = match byte {
                0xb8..=0xbf | 0x68 => 1..=1,
                0xc7 => 2..=4,
                _ => continue,
            };
            for word in places.filter_map(|behind| code.get(at + behind..)?.first_chunk()) {
                self.add(u32::from_le_bytes(*word).into());
            }
        }
    }

    /// `adrp xN, page` followed at any distance by `add xM, xN, #low12`.
    fn scan_aarch64(&mut self, address: u64, code: &[u8], pages: &mut [u64; 32]) {
        for (index, word) in code.as_chunks::<4>().0.iter().enumerate() {
            let word = u32::from_le_bytes(*word);
            let register = |shift: u32| ((word >> shift) & 31) as usize;
            if word & 0x9f00_0000 == 0x9000_0000 {
                let immediate = (((word >> 5) & 0x7_ffff) << 2 | ((word >> 29) & 3)) << 11;
                let pages_away = i64::from(immediate.cast_signed() >> 11);
                let here = address.wrapping_add(index as u64 * 4) & !0xfff;
                pages[register(0)] = here.wrapping_add_signed(pages_away.wrapping_mul(4096));
            } else if word & 0xffc0_0000 == 0x9100_0000 {
                self.add(pages[register(5)].wrapping_add(u64::from((word >> 10) & 0xfff)));
            }
        }
    }

    /// Targets of tables of distances: where code refers to one, compilers may have put 32-bit distances from the beginning of the table to
    /// strings, in the place of pointers, which would have to be relocated (LLVM's relative lookup tables). What may be such an entry counts.
    pub(super) fn read_relative_tables(&mut self, object: &Object) {
        let tables: Vec<u64> =
            self.starts_within(self.low, self.high).filter(|start| start.is_multiple_of(4)).collect();
        for table in tables {
            for entry in 0..MAX_ENTRIES {
                let distance = object.peek(table + 4 * entry, 4, |bytes| bytes.first_chunk().copied());
                let target = distance.map(|bytes| table.wrapping_add_signed(i32::from_le_bytes(bytes).into()));
                if !target.is_some_and(|target| target != table && self.add(target)) {
                    break;
                }
            }
        }
    }

    /// Addends of `DT_RELA` entries (64-bit: offset, info, addend).
    pub(super) fn read_relocations(&mut self, object: &Object) {
        let (Some(address), Some(size)) = (object.dynamic(DT_RELA).next(), object.dynamic(DT_RELASZ).next()) else {
            return;
        };
        let Some(table) = object.mapped(address).filter(|_| object.is_64()) else { return };
        let table = table.first(size);
        let mut left = Vec::new();
        object.pieces(table, 0, |_, bytes| {
            left.extend_from_slice(bytes);
            let whole = left.len() / 24 * 24;
            for entry in left[..whole].chunks_exact(24) {
                let (Some(offset), Some(addend)) = (object.word_at(entry, 0), object.word_at(entry, 16)) else {
                    continue;
                };
                if self.add(addend) {
                    let length = object.peek(offset, 16, |slot| object.word_at(slot, 8));
                    self.note_slice(addend, length);
                }
            }
            left.drain(..whole);
        });
    }

    /// Words in data that hold an address of data: pointers of position-dependent files and `DT_RELR` targets. The first word
    /// begins where the bytes do.
    pub(super) fn read_pointers(&mut self, object: &Object, data: &[u8]) {
        let word = if object.is_64() { 8 } else { 4 };
        for at in (0..data.len()).step_by(word) {
            if let Some(value) = object.word_at(data, at)
                && self.add(value)
            {
                self.note_slice(value, object.word_at(data, at + word));
            }
        }
    }

    /// Start and length of string slices stored as pointer and length (Rust's `&'static str`), in order.
    pub(super) fn slices(&mut self) -> Vec<(u64, usize)> {
        let mut slices = std::mem::take(&mut self.slices);
        slices.sort_unstable();
        slices.dedup();
        slices
    }

    fn note_slice(&mut self, start: u64, length: Option<u64>) {
        if let Some(length) = length.filter(|length| (2..=MAX_SLICE).contains(length)) {
            self.slices.push((start, length as usize));
        }
    }
}
