//! The outside of an ELF file: headers, segments, sections, dynamic table, symbols.
//!
//! Follows the System V gABI and `elf(5)`. Every table is bounded by the file, every offset checked, and what
//! is damaged reads as absent: the loader itself needs no section headers, so neither does this.

use std::cell::RefCell;

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::dynamic::{self, Dyn, Dynamic};
use goblin::elf::header::{self, Header};
use goblin::elf::program_header::{self as ph, ProgramHeader};
use goblin::elf::section_header::{self as sh, SectionHeader};
use goblin::elf::sym::Sym;
use memchr::memmem;

use crate::reach::source::Source;

/// An ELF file of which parts are read when they are asked for: the file may be larger than memory.
pub(super) struct Object<'a> {
    source: &'a dyn Source,
    pub(super) header: Header,
    pub(super) ctx: Ctx,
    segments: Vec<ProgramHeader>,
    sections: Vec<SectionHeader>,
    /// What section headers point into for their names.
    names: Vec<u8>,
    dynamic: Vec<Dyn>,
    /// What was read last for the sake of a few bytes, and where it starts in the file.
    window: RefCell<(u64, Vec<u8>)>,
    /// How much of a part is in memory at once.
    piece: usize,
}

/// A stretch of the file that is mapped into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Virtual address of its first byte.
    pub(super) address: u64,
    offset: u64,
    pub(super) size: u64,
}

impl Part {
    /// Its first bytes, at most so many.
    pub(super) fn first(self, size: u64) -> Self {
        Self { size: size.min(self.size), ..self }
    }

    /// Whether so many bytes at an address are in it.
    pub(super) fn holds(&self, (address, length): (u64, usize)) -> bool {
        let at = address.checked_sub(self.address);
        at.and_then(|at| at.checked_add(length as u64)).is_some_and(|end| end <= self.size)
    }
}

/// A part and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region<'a> {
    /// Virtual address of its first byte.
    pub(super) address: u64,
    pub(super) bytes: &'a [u8],
}

/// A note: who defined it, its type and its content.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) owner: Vec<u8>,
    pub(super) kind: u32,
    pub(super) descriptor: Vec<u8>,
}

/// The class and byte order that an ELF header names (`e_ident`, elf(5)); nothing for others than the known ones.
pub fn context(header: &header::Header) -> Option<Ctx> {
    let container = match header.e_ident[header::EI_CLASS] {
        header::ELFCLASS32 => Container::Little,
        header::ELFCLASS64 => Container::Big,
        _ => return None,
    };
    let endian = match header.e_ident[header::EI_DATA] {
        header::ELFDATA2LSB => Endian::Little,
        header::ELFDATA2MSB => Endian::Big,
        _ => return None,
    };
    Some(Ctx::new(container, endian))
}

/// How much of a part is in memory at once, unless more is asked for. In bytes; a multiple of every word's size.
const PIECE: usize = 1 << 20;
/// How much is read where a few bytes are wanted: the next ones are often beside them.
const WINDOW: u64 = 4096;
/// No table of names is larger, in bytes: that of the largest libraries has some 50 MB.
const MAX_NAMES: u64 = 256 << 20;
/// No dynamic table is larger, and no table of the names of sections.
const MAX_TABLE: u64 = 16 << 20;

/// Sections that are loaded but can name no file, module or command, and may be gigabytes.
///
/// - `.nv_fatbin`, `__nv_relfatbin`: programs for GPUs as `nvcc` embeds them (see fatbinary(1) and "Fat binaries" in NVIDIA's
///   CUDA Compiler Driver manual): code for a processor without a file system, mostly compressed. The host hands the block to the
///   driver as a whole; the names by which it calls what is in there are C strings in `.rodata`.
/// - `.eh_frame`, `.eh_frame_hdr`, `.gcc_except_table`: where to go on when something is thrown: offsets and numbers (Linux
///   Standard Base, "Exception Frames").
const NAMELESS: [&[u8]; 5] = [b".nv_fatbin", b"__nv_relfatbin", b".eh_frame", b".eh_frame_hdr", b".gcc_except_table"];

impl<'a> Object<'a> {
    /// Reads the headers; `None` for anything that is not ELF.
    pub(super) fn parse(source: &'a dyn Source) -> Option<Self> {
        Self::parse_in_pieces(source, PIECE)
    }

    /// The same, for a file whose parts are read in pieces of this size.
    pub(super) fn parse_in_pieces(source: &'a dyn Source, piece: usize) -> Option<Self> {
        let start = read(source, 0, source.size().min(64))?;
        if !start.starts_with(b"\x7fELF") {
            return None;
        }
        let header = goblin::elf::Elf::parse_header(&start).ok()?;
        let ctx = context(&header)?;
        let size = u64::from(header.e_phnum) * ProgramHeader::size(ctx) as u64;
        let segments = read(source, header.e_phoff, size)
            .and_then(|table| ProgramHeader::parse(&table, 0, header.e_phnum.into(), ctx).ok())
            .unwrap_or_default();
        let sections = sections(source, &header, ctx).unwrap_or_default();
        let names = sections.get(usize::from(header.e_shstrndx)).filter(|names| names.sh_size <= MAX_TABLE);
        let names = names.and_then(|names| read(source, names.sh_offset, names.sh_size)).unwrap_or_default();
        let dynamic = dynamic_table(source, &segments, ctx).unwrap_or_default();
        let window = RefCell::default();
        Some(Self { source, header, ctx, segments, sections, names, dynamic, window, piece })
    }

    pub(super) fn is_64(&self) -> bool {
        self.ctx.container.is_big()
    }

    /// Unsigned 32-bit value at the start of `bytes`, in the file's byte order.
    pub(super) fn u32_at(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let raw = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.ctx.le.is_little() { u32::from_le_bytes(raw) } else { u32::from_be_bytes(raw) })
    }

    /// Address-sized value at the start of `bytes`, in the file's byte order.
    pub(super) fn word_at(&self, bytes: &[u8], at: usize) -> Option<u64> {
        if !self.is_64() {
            return self.u32_at(bytes, at).map(u64::from);
        }
        let raw = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(if self.ctx.le.is_little() { u64::from_le_bytes(raw) } else { u64::from_be_bytes(raw) })
    }

    /// What is mapped from virtual address `address` to the end of its segment's file part.
    pub(super) fn mapped(&self, address: u64) -> Option<Part> {
        self.segments.iter().filter(|s| s.p_type == ph::PT_LOAD).find_map(|s| {
            let skip = address.checked_sub(s.p_vaddr)?;
            let left = s.p_filesz.checked_sub(skip).filter(|&left| left > 0)?;
            let offset = s.p_offset.checked_add(skip)?;
            let size = left.min(self.source.size().checked_sub(offset)?);
            Some(Part { address, offset, size })
        })
    }

    /// Shows the `size` bytes that are mapped from an address on: a few, for they are read with their neighbours.
    pub(super) fn peek<T>(&self, address: u64, size: u64, look: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let part = self.mapped(address).filter(|part| part.size >= size)?;
        let mut window = self.window.borrow_mut();
        let (start, bytes) = &mut *window;
        if part.offset < *start || part.offset + size > *start + bytes.len() as u64 {
            *bytes = Vec::new();
            *bytes = read(self.source, part.offset, WINDOW.max(size).min(self.source.size() - part.offset))?;
            *start = part.offset;
        }
        let from = (part.offset - *start) as usize;
        look(bytes.get(from..from + size as usize)?)
    }

    fn peek_u32(&self, address: u64) -> Option<u32> {
        self.peek(address, 4, |bytes| self.u32_at(bytes, 0))
    }

    /// Shows the bytes of a part, and the address of the first of them: one piece after the other, each of which begins with
    /// the last `overlap` bytes of the one before.
    pub(super) fn pieces(&self, part: Part, overlap: usize, mut look: impl FnMut(u64, &[u8])) {
        let (mut bytes, mut kept, mut at) = (Vec::new(), 0, 0);
        while at < part.size {
            let more = (self.piece as u64).min(part.size - at);
            let end = kept + more as usize;
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            if self.source.read_at(part.offset + at, &mut bytes[kept..end]).is_err() {
                return;
            }
            look(part.address.wrapping_add(at - kept as u64), &bytes[..end]);
            let next = end.min(overlap);
            bytes.copy_within(end - next..end, 0);
            kept = next;
            at += more;
        }
    }

    /// Whether each of the texts, of which none is longer than 64 bytes, is in one of the parts.
    pub(super) fn find<const N: usize>(&self, parts: &[Part], texts: [&[u8]; N]) -> [bool; N] {
        let finders = texts.map(memmem::Finder::new);
        let mut found = [false; N];
        for &part in parts {
            self.pieces(part, 64, |_, bytes| {
                for (found, finder) in found.iter_mut().zip(&finders) {
                    *found = *found || finder.find(bytes).is_some();
                }
            });
        }
        found
    }

    /// All bytes of a part.
    pub(super) fn bytes(&self, part: Part) -> Option<Vec<u8>> {
        read(self.source, part.offset, part.size)
    }

    /// The program interpreter.
    pub(super) fn interpreter(&self) -> Option<Vec<u8>> {
        let segment = self.segments.iter().find(|s| s.p_type == ph::PT_INTERP)?;
        let raw = read(self.source, segment.p_offset, segment.p_filesz.min(MAX_TABLE))?;
        Some(until_nul(&raw).to_vec()).filter(|path| !path.is_empty())
    }

    /// Whether it has an address at which it is started.
    pub(super) fn starts(&self) -> bool {
        self.header.e_entry != 0
    }

    /// Values of all dynamic entries with this tag, in order.
    pub(super) fn dynamic(&self, tag: u64) -> impl Iterator<Item = u64> + '_ {
        self.dynamic.iter().filter(move |entry| entry.d_tag == tag).map(|entry| entry.d_val)
    }

    /// Where the dynamic strings are.
    fn dynamic_strings(&self) -> Option<Part> {
        let table = self.mapped(self.dynamic(dynamic::DT_STRTAB).next()?)?;
        // What would end behind the segment is no size.
        let size = self.dynamic(dynamic::DT_STRSZ).next().filter(|&size| size <= table.size);
        Some(Part { size: size.unwrap_or(table.size), ..table })
    }

    /// Strings named by all dynamic entries with this tag, in order.
    pub(super) fn dynamic_text(&self, tag: u64) -> Vec<Vec<u8>> {
        let Some(strings) = self.dynamic_strings() else { return Vec::new() };
        let text = |offset: u64| {
            let left = strings.size.checked_sub(offset)?.min(MAX_NAME as u64);
            let bytes = read(self.source, strings.offset.checked_add(offset)?, left)?;
            Some(until_nul(&bytes).to_vec())
        };
        self.dynamic(tag).filter_map(text).filter(|text| !text.is_empty()).collect()
    }

    /// Shows the dynamic symbols with their names.
    pub(super) fn symbols(&self, mut look: impl FnMut(&[u8], &Sym)) {
        let (Some(strings), Some(table)) = (
            self.dynamic_strings()
                .and_then(|strings| self.bytes(Part { size: strings.size.min(MAX_NAMES), ..strings })),
            self.dynamic(dynamic::DT_SYMTAB).next().and_then(|address| self.mapped(address)),
        ) else {
            return;
        };
        let entry = Sym::size(self.ctx.container);
        let count = (self.symbol_count(entry) as u64).min(table.size / entry as u64);
        // Pieces end where symbols do, but for the smallest ones of tests.
        let mut left = Vec::new();
        self.pieces(Part { size: count * entry as u64, ..table }, 0, |_, bytes| {
            left.extend_from_slice(bytes);
            let whole = left.len() / entry;
            for sym in Sym::parse(&left, 0, whole, self.ctx).unwrap_or_default() {
                match name_at(&strings, sym.st_name) {
                    Some(name) if !name.is_empty() => look(name, &sym),
                    _ => {}
                }
            }
            left.drain(..whole * entry);
        });
    }

    /// How many dynamic symbols there are: no entry says so, but the hash tables imply it.
    fn symbol_count(&self, entry: usize) -> usize {
        if let Some(address) = self.dynamic(dynamic::DT_HASH).next()
            // s390x and Alpha use 64-bit words here: their `nchain` reads as 0, and the next source serves.
            && let Some(chains) = self.peek_u32(address.wrapping_add(4)).filter(|&chains| chains > 0)
        {
            return chains as usize;
        }
        if let Some(address) = self.dynamic(dynamic::DT_GNU_HASH).next()
            && let Some(count) = self.gnu_hash_count(address)
        {
            return count;
        }
        let section = self.sections.iter().find(|s| s.sh_type == sh::SHT_DYNSYM);
        if let Some(section) = section {
            return usize::try_from(section.sh_size).unwrap_or(usize::MAX) / entry;
        }
        // Linkers place the string table right after the symbols.
        let (symbols, strings) = (self.dynamic(dynamic::DT_SYMTAB).next(), self.dynamic(dynamic::DT_STRTAB).next());
        let gap = strings.zip(symbols).and_then(|(strings, symbols)| strings.checked_sub(symbols)).unwrap_or(0);
        usize::try_from(gap).unwrap_or(usize::MAX) / entry
    }

    /// Walks `DT_GNU_HASH`: the last chain that starts highest ends at the last symbol.
    fn gnu_hash_count(&self, table: u64) -> Option<usize> {
        let [buckets, first, blooms] = [0, 4, 8].map(|at| self.peek_u32(table.wrapping_add(at)));
        let (buckets, first, blooms) = (buckets?, u64::from(first?), u64::from(blooms?));
        let word = if self.is_64() { 8 } else { 4 };
        let start = blooms.checked_mul(word)?.checked_add(16)?;
        let chains = table.checked_add(u64::from(buckets).checked_mul(4)?.checked_add(start)?)?;
        let heads = self.mapped(table.checked_add(start)?).filter(|heads| heads.size >= u64::from(buckets) * 4)?;
        let mut highest = 0;
        // The pieces end where words do.
        self.pieces(Part { size: u64::from(buckets) * 4, ..heads }, 0, |_, bytes| {
            highest = (0..bytes.len() / 4).filter_map(|at| self.u32_at(bytes, at * 4)).fold(highest, u32::max);
        });
        let mut last = u64::from(highest);
        if last < first {
            return usize::try_from(first).ok();
        }
        loop {
            let chain = self.peek_u32((last - first).checked_mul(4)?.checked_add(chains)?)?;
            last += 1;
            if chain & 1 == 1 {
                return usize::try_from(last).ok();
            }
        }
    }

    fn part(&self, section: &SectionHeader) -> Option<Part> {
        let end = section.sh_offset.checked_add(section.sh_size)?;
        let part = Part { address: section.sh_addr, offset: section.sh_offset, size: section.sh_size };
        (section.sh_type != sh::SHT_NOBITS && end <= self.source.size()).then_some(part)
    }

    /// The section of this name.
    pub(super) fn section(&self, name: &[u8]) -> Option<Part> {
        let found = self.sections.iter().find(|s| name_at(&self.names, s.sh_name) == Some(name))?;
        self.part(found)
    }

    /// Mapped data: sections that are loaded and hold neither code nor tables of the loader, and may hold names. Without
    /// section headers everything that is loaded.
    pub(super) fn data(&self) -> Vec<Part> {
        let nameless = |s: &SectionHeader| name_at(&self.names, s.sh_name).is_some_and(|name| NAMELESS.contains(&name));
        let sections = self.loaded_sections(0);
        if sections.is_empty() {
            return self.loaded(|_| true);
        }
        self.bounded(sections.into_iter().filter(|s| !nameless(s)).filter_map(|s| self.part(s)))
    }

    /// Mapped code.
    pub(super) fn code(&self) -> Vec<Part> {
        let sections = self.loaded_sections(sh::SHF_EXECINSTR.into());
        if sections.is_empty() {
            return self.loaded(ProgramHeader::is_executable);
        }
        self.bounded(sections.into_iter().filter_map(|s| self.part(s)))
    }

    /// Sections that are loaded, and code or not: of which there is something in the file.
    fn loaded_sections(&self, code: u64) -> Vec<&SectionHeader> {
        let flags = u64::from(sh::SHF_ALLOC | sh::SHF_EXECINSTR);
        let wanted = |s: &&SectionHeader| {
            let holds = s.sh_type == sh::SHT_PROGBITS && self.part(s).is_some();
            holds && s.sh_flags & flags == u64::from(sh::SHF_ALLOC) | code
        };
        self.sections.iter().filter(wanted).collect()
    }

    fn loaded(&self, wanted: impl Fn(&ProgramHeader) -> bool) -> Vec<Part> {
        let size = self.source.size();
        let loaded = self.segments.iter().filter(|s| s.p_type == ph::PT_LOAD && wanted(s));
        let part = |s: &ProgramHeader| {
            let inside = s.p_offset.checked_add(s.p_filesz).is_some_and(|end| end <= size);
            inside.then_some(Part { address: s.p_vaddr, offset: s.p_offset, size: s.p_filesz })
        };
        self.bounded(loaded.filter_map(part))
    }

    /// Takes parts while they are no more than a file can have without overlaps: a hostile one may name the
    /// same bytes any number of times.
    fn bounded(&self, parts: impl Iterator<Item = Part>) -> Vec<Part> {
        let mut left = self.source.size();
        let fits = |part: &Part| {
            let enough = left.checked_sub(part.size);
            left = enough.unwrap_or(left);
            enough.is_some()
        };
        parts.take(MAX_REGIONS).take_while(fits).collect()
    }

    /// Every note.
    pub(super) fn notes(&self) -> Vec<Note> {
        let segments = self.segments.iter().filter(|s| s.p_type == ph::PT_NOTE).map(|s| (s.p_offset, s.p_filesz));
        let sections = self.sections.iter().filter(|s| s.sh_type == sh::SHT_NOTE).map(|s| (s.sh_offset, s.sh_size));
        let mut areas: Vec<_> = segments.chain(sections).collect();
        // A note section is usually part of a note segment: one look at each start is enough.
        areas.sort_by_key(|&(offset, size)| (offset, std::cmp::Reverse(size)));
        areas.dedup_by_key(|&mut (offset, _)| offset);
        let areas = areas.into_iter().filter(|&(_, size)| size <= MAX_TABLE).take(MAX_NOTE_AREAS);
        let areas = areas.filter_map(|(offset, size)| read(self.source, offset, size));
        areas.flat_map(|area| self.notes_in(&area)).collect()
    }

    fn notes_in(&self, area: &[u8]) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut at = 0usize;
        while let Some((note, end)) = self.note_at(area, at) {
            notes.push(note);
            at = end;
        }
        notes
    }

    /// The note at `at` and where the next one starts.
    fn note_at(&self, area: &[u8], at: usize) -> Option<(Note, usize)> {
        let name_size = self.u32_at(area, at)? as usize;
        let size = self.u32_at(area, at.checked_add(4)?)? as usize;
        let kind = self.u32_at(area, at.checked_add(8)?)?;
        let name_at = at.checked_add(12)?;
        let start = name_at.checked_add(name_size.checked_next_multiple_of(4)?)?;
        let owner = until_nul(area.get(name_at..name_at.checked_add(name_size)?)?).to_vec();
        let descriptor = area.get(start..start.checked_add(size)?)?.to_vec();
        let end = start.checked_add(size.checked_next_multiple_of(4)?)?;
        Some((Note { owner, kind, descriptor }, end))
    }
}

/// Bytes of the file, if there are so many.
fn read(source: &dyn Source, offset: u64, size: u64) -> Option<Vec<u8>> {
    if offset.checked_add(size)? > source.size() {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(size).ok()?];
    source.read_at(offset, &mut bytes).ok()?;
    Some(bytes)
}

fn sections(source: &dyn Source, header: &Header, ctx: Ctx) -> Option<Vec<SectionHeader>> {
    let size = SectionHeader::size(ctx) as u64;
    if header.e_shentsize == 0 || header.e_shoff == 0 {
        return None;
    }
    let mut count = u64::from(header.e_shnum);
    if count == 0 {
        // There are so many that the first header, which stands for none, says how many.
        let first = SectionHeader::parse_from(&read(source, header.e_shoff, size)?, 0, 1, ctx).ok()?;
        count = first.first()?.sh_size;
    }
    let table = read(source, header.e_shoff, count.checked_mul(size).filter(|&size| size <= MAX_TABLE)?)?;
    SectionHeader::parse_from(&table, 0, usize::try_from(count).ok()?, ctx).ok()
}

fn dynamic_table(source: &dyn Source, segments: &[ProgramHeader], ctx: Ctx) -> Option<Vec<Dyn>> {
    let segment = segments.iter().find(|s| s.p_type == ph::PT_DYNAMIC)?;
    let table = read(source, segment.p_offset, segment.p_filesz.min(MAX_TABLE))?;
    let place = ProgramHeader { p_offset: 0, p_filesz: table.len() as u64, ..segment.clone() };
    Dynamic::parse(&table, &[place], ctx).ok().flatten().map(|table| table.dyns)
}

/// Files have up to four areas of notes, each seen as a segment and as a section.
const MAX_NOTE_AREAS: usize = 32;

/// More regions than any linker makes (`-ffunction-sections` is undone when linking).
const MAX_REGIONS: usize = 1024;

/// Longer names are cut: no compiler writes them, and a table without a NUL must not be searched for each.
const MAX_NAME: usize = 1 << 14;

fn name_at(strings: &[u8], at: usize) -> Option<&[u8]> {
    let rest = strings.get(at..)?;
    Some(until_nul(rest.get(..MAX_NAME).unwrap_or(rest)))
}

/// The bytes before the first NUL, or all of them.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).and_then(|end| bytes.get(..end)).unwrap_or(bytes)
}
