//! Text that is part of x86-64 instructions: compilers write short strings where they are needed, a few bytes an instruction
//! (`"nl".to_owned()` is `movw $0x6c6e, (%rax)`), so that they stand nowhere in the data.
//!
//! Instructions are those of Intel's Software Developer's Manual, volume 2. Where they begin is not known: what looks like one
//! counts, and yields chance words at worst. What vector instructions copy is in the data.

use super::masks::{blocks, mask};

/// Further apart in the code, stores belong to different strings. In bytes.
const MAX_APART: usize = 32;
/// How many stores one string is made of at most.
const MAX_STORES: usize = 16;

/// Bytes that are stored at a distance from a register.
#[derive(Clone, Copy, Debug)]
struct Store {
    base: u8,
    offset: i32,
    value: u64,
    size: usize,
}

/// What is known while code is read.
#[derive(Debug, Default)]
struct Reader {
    /// Constants in registers, and where they were loaded.
    registers: [Option<(u64, usize)>; 16],
    /// Where the last of them was loaded.
    loaded: Option<usize>,
    stores: Vec<Store>,
    last: usize,
}

/// Shows the texts that instructions in `code` write.
pub(super) fn texts(code: &[u8], mut look: impl FnMut(&[u8])) {
    let mut reader = Reader::default();
    for (start, block) in blocks(code) {
        // `mov` of a constant: B8 to BF, C6, C7.
        let constants = mask(&block, |byte| (byte & 0xf8 == 0xb8) | (byte & 0xfe == 0xc6));
        // Most stores are of registers, and few of those hold a constant.
        let is_near = |loaded: usize| start.saturating_sub(loaded) <= MAX_APART;
        let near = constants != 0 || reader.loaded.is_some_and(is_near);
        let mut left = if near { constants | mask(&block, |byte| byte == 0x89) } else { 0 };
        while left != 0 {
            let at = start + left.trailing_zeros() as usize;
            left &= left - 1;
            let Some(&opcode) = code.get(at) else { break };
            match opcode {
                0xb8..=0xbf => reader.load(code, at, &mut look),
                0x89 if reader.loaded.is_none_or(|loaded| at - loaded > MAX_APART) => {}
                _ => {
                    if let Some(store) = reader.store(code, at) {
                        reader.add(at, store, &mut look);
                    }
                }
            }
        }
    }
    reader.flush(&mut look);
}

/// The REX prefix before an opcode, and whether the one for operands of 16 bits stands before both.
fn prefixes(code: &[u8], at: usize) -> (u8, bool) {
    let before = |distance: usize| at.checked_sub(distance).and_then(|at| code.get(at)).copied().unwrap_or_default();
    let rex = Some(before(1)).filter(|byte| byte & 0xf0 == 0x40);
    (rex.unwrap_or_default(), before(if rex.is_some() { 2 } else { 1 }) == 0x66)
}

/// So many bytes as a little-endian number.
fn number(code: &[u8], at: usize, size: usize) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..size)?.copy_from_slice(code.get(at..at + size)?);
    Some(u64::from_le_bytes(bytes))
}

/// The register and the distance that an operand in memory is given by, and how many bytes say so: a ModRM byte, maybe a SIB byte
/// without index, maybe a displacement.
fn memory(code: &[u8], at: usize, rex: u8) -> Option<(u8, i32, usize)> {
    let modrm = *code.get(at)?;
    let (mode, register) = (modrm >> 6, modrm & 7);
    let sib = usize::from(register == 4);
    let indexed = sib == 1 && code.get(at + 1)? & 0x3f != 0x24;
    if mode == 3 || (mode == 0 && register == 5) || indexed {
        return None;
    }
    let place = at + 1 + sib;
    let (offset, size) = match mode {
        0 => (0, 0),
        1 => (i32::from(code.get(place)?.cast_signed()), 1),
        _ => ((number(code, place, 4)? as u32).cast_signed(), 4),
    };
    Some((register | (rex & 1) << 3, offset, 1 + sib + size))
}

impl Reader {
    /// `mov reg, imm`: B8 and up.
    fn load(&mut self, code: &[u8], at: usize, look: &mut impl FnMut(&[u8])) {
        let (rex, _) = prefixes(code, at);
        let size = if rex & 8 == 0 { 4 } else { 8 };
        let Some(value) = number(code, at + 1, size) else { return };
        let register = usize::from(code[at] & 7 | (rex & 1) << 3);
        self.registers[register] = Some((value, at));
        self.loaded = Some(at);
        // Swift keeps short strings in registers.
        let bytes = value.to_le_bytes();
        let text = bytes.iter().position(|&b| b == 0).map_or(&bytes[..], |end| &bytes[..end]);
        let ends = value.checked_shr(text.len() as u32 * 8).unwrap_or_default() == 0;
        if ends && text.iter().all(is_text) {
            show(text, look);
        }
    }

    /// `mov [mem], imm` (C6 /0, C7 /0), and `mov [mem], reg` (89 /r) of a register with a constant.
    fn store(&self, code: &[u8], at: usize) -> Option<Store> {
        let (rex, is_short) = prefixes(code, at);
        let (base, offset, length) = memory(code, at + 1, rex)?;
        let field = code.get(at + 1)? >> 3 & 7;
        let wide = if rex & 8 != 0 {
            8
        } else if is_short {
            2
        } else {
            4
        };
        let (value, size) = match code[at] {
            0x89 => {
                let (value, loaded) = self.registers[usize::from(field | (rex & 4) << 1)]?;
                (Some(value).filter(|_| at - loaded <= MAX_APART)?, wide)
            }
            _ if field != 0 => return None,
            0xc6 => (number(code, at + 1 + length, 1)?, 1),
            // The upper half of eight bytes is the sign.
            _ => (number(code, at + 1 + length, wide.min(4))?, wide),
        };
        Some(Store { base, offset, value, size })
    }

    fn add(&mut self, at: usize, store: Store, look: &mut impl FnMut(&[u8])) {
        let is_other = self.stores.iter().any(|before| before.base != store.base || before.offset == store.offset);
        if is_other || at - self.last > MAX_APART || self.stores.len() == MAX_STORES {
            self.flush(look);
        }
        self.last = at;
        self.stores.push(store);
    }

    /// Shows the texts that the stores so far make, whatever their order.
    fn flush(&mut self, look: &mut impl FnMut(&[u8])) {
        self.stores.sort_by_key(|store| store.offset);
        let mut text: Vec<u8> = Vec::new();
        let mut start = 0;
        for store in self.stores.drain(..) {
            let gap = usize::try_from(i64::from(store.offset) - start).unwrap_or(usize::MAX);
            if gap > text.len() {
                show(&text, look);
                text.clear();
                start = store.offset.into();
            }
            let place = if text.is_empty() { 0 } else { gap };
            text.resize(text.len().max(place + store.size), 0);
            text[place..place + store.size].copy_from_slice(&store.value.to_le_bytes()[..store.size]);
        }
        show(&text, look);
    }
}

/// Shows each run of text.
fn show(bytes: &[u8], look: &mut impl FnMut(&[u8])) {
    bytes.split(|byte| !is_text(byte)).filter(|run| run.len() >= 2).for_each(look);
}

fn is_text(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~')
}

#[cfg(test)]
mod tests {
    fn texts(code: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        super::texts(code, |text| found.push(String::from_utf8(text.to_vec()).unwrap()));
        found
    }

    /// As rustc and g++ write them.
    #[test]
    fn texts_that_are_stored_in_parts() {
        assert_eq!(texts(b"\x66\xc7\x00nl"), ["nl"], "movw $'nl', (%rax)");
        assert_eq!(texts(b"\xc6\x40\x02c\x66\xc7\x00ta"), ["tac"], "movb $'c', 2(%rax); movw $'ta', (%rax)");
        assert_eq!(texts(b"\xc7\x00unxz\xc7\x40\x03zip2"), ["unxzip2"], "two that overlap");
        assert_eq!(texts(b"\xc7\x44\x24\x10gunz\x66\xc7\x44\x24\x14ip\xc6\x44\x24\x16\0"), ["gunzip"], "16(%rsp)");
        let register = b"\x48\xb8systemct\x48\x89\x06\xc6\x46\x08l";
        assert_eq!(texts(register), ["systemct", "systemctl"], "movabs; mov %rax, (%rsi); movb");
        let string = b"\x48\xc7\x44\x24\x08\x02\0\0\0\x66\xc7\x44\x24\x10nl";
        assert_eq!(texts(string), ["nl"], "a length before the text");
        assert_eq!(texts(b"\xbfnl\0\0"), ["nl"], "mov $'nl', %edi");
        assert_eq!(texts(b"\x66\x41\xc7\x45\x00nl\x41\xc6\x45\x02\0"), ["nl"], "0(%r13)");
    }

    #[test]
    fn what_is_no_text() {
        assert!(texts(b"\xc7\x00\x01\x02\x03\x04\xb8\x01\0\0\0\xbb\x6en\x01\x01").is_empty());
        assert_eq!(texts(b"\xc7\x00sort\xc7\x43\x04cat\0"), ["sort", "cat"], "of two registers");
        assert_eq!(texts(b"\x66\xc7\x00od\xc3\x66\xc7\x00nl"), ["od", "nl"], "one or the other");
        assert_eq!(
            texts(&[&b"\x66\xc7\x00so"[..], &[0x90; 64], b"\x66\xc7\x40\x02rt"].concat()),
            ["so", "rt"],
            "far apart"
        );
        for end in 0..12 {
            texts(&b"\x48\xc7\x84\x24\x08\x01\0\0text"[..end]);
        }
        texts(&[0xc7; 400]);
        texts(&[0x89; 400]);
        texts(&[0xb8; 400]);
    }
}
