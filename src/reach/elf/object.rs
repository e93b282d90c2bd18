//! The outside of an ELF file: headers, segments, sections, dynamic table, symbols.
//!
//! Follows the System V gABI and `elf(5)`. Every table is bounded by the file, every offset checked, and what
//! is damaged reads as absent: the loader itself needs no section headers, so neither does this.

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::dynamic::{self, Dyn, Dynamic};
use goblin::elf::header::{self, Header};
use goblin::elf::program_header::{self as ph, ProgramHeader};
use goblin::elf::section_header::{self as sh, SectionHeader};
use goblin::elf::sym::Sym;

/// A parsed ELF file over its bytes.
pub(super) struct Object<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) header: Header,
    pub(super) ctx: Ctx,
    segments: Vec<ProgramHeader>,
    sections: Vec<SectionHeader>,
    dynamic: Vec<Dyn>,
}

/// A stretch of the file that is mapped into memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region<'a> {
    /// Virtual address of its first byte.
    pub(super) address: u64,
    pub(super) bytes: &'a [u8],
}

/// A note: who defined it, its type and its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note<'a> {
    pub(super) owner: &'a [u8],
    pub(super) kind: u32,
    pub(super) descriptor: &'a [u8],
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

impl<'a> Object<'a> {
    /// Reads the headers; `None` for anything that is not ELF.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(b"\x7fELF") {
            return None;
        }
        let header = goblin::elf::Elf::parse_header(bytes).ok()?;
        let ctx = context(&header)?;
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        // An offset past the end is refused here, so that no sum of offset and size can overflow below.
        let inside = |offset: u64| offset < bytes.len() as u64;
        let segments = if inside(header.e_phoff) {
            ProgramHeader::parse(bytes, at(header.e_phoff), header.e_phnum.into(), ctx).unwrap_or_default()
        } else {
            Vec::new()
        };
        let sections = if header.e_shentsize != 0 && inside(header.e_shoff) {
            SectionHeader::parse(bytes, at(header.e_shoff), header.e_shnum.into(), ctx).unwrap_or_default()
        } else {
            Vec::new()
        };
        let sound = segments.iter().all(|s| s.p_type != ph::PT_DYNAMIC || s.p_offset <= bytes.len() as u64);
        let dynamic = if sound { Dynamic::parse(bytes, &segments, ctx).ok().flatten() } else { None };
        let dynamic = dynamic.map(|table| table.dyns).unwrap_or_default();
        Some(Self { bytes, header, ctx, segments, sections, dynamic })
    }

    pub(super) fn is_64(&self) -> bool {
        self.ctx.container.is_big()
    }

    fn slice(&self, offset: u64, size: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(offset).ok()?;
        let end = usize::try_from(offset.checked_add(size)?).ok()?;
        self.bytes.get(start..end)
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

    /// The mapped bytes from virtual address `address` to the end of its segment's file part.
    pub(super) fn mapped(&self, address: u64) -> Option<&'a [u8]> {
        self.segments.iter().filter(|s| s.p_type == ph::PT_LOAD).find_map(|s| {
            let skip = address.checked_sub(s.p_vaddr)?;
            let left = s.p_filesz.checked_sub(skip).filter(|&left| left > 0)?;
            let offset = s.p_offset.checked_add(skip)?;
            let left = left.min((self.bytes.len() as u64).saturating_sub(offset));
            self.slice(offset, left)
        })
    }

    /// The program interpreter.
    pub(super) fn interpreter(&self) -> Option<&'a [u8]> {
        let segment = self.segments.iter().find(|s| s.p_type == ph::PT_INTERP)?;
        let raw = self.slice(segment.p_offset, segment.p_filesz)?;
        Some(until_nul(raw)).filter(|path| !path.is_empty())
    }

    /// Whether it has an address at which it is started.
    pub(super) fn starts(&self) -> bool {
        self.header.e_entry != 0
    }

    /// Values of all dynamic entries with this tag, in order.
    pub(super) fn dynamic(&self, tag: u64) -> impl Iterator<Item = u64> + '_ {
        self.dynamic.iter().filter(move |entry| entry.d_tag == tag).map(|entry| entry.d_val)
    }

    fn dynamic_strings(&self) -> &'a [u8] {
        let Some(table) = self.dynamic(dynamic::DT_STRTAB).next().and_then(|address| self.mapped(address)) else {
            return &[];
        };
        let size = self.dynamic(dynamic::DT_STRSZ).next().and_then(|size| usize::try_from(size).ok());
        table.get(..size.unwrap_or(table.len())).unwrap_or(table)
    }

    /// Strings named by all dynamic entries with this tag, in order.
    pub(super) fn dynamic_text(&self, tag: u64) -> Vec<&'a [u8]> {
        let strings = self.dynamic_strings();
        let text = |offset: u64| name_at(strings, usize::try_from(offset).ok()?);
        self.dynamic(tag).filter_map(text).filter(|text| !text.is_empty()).collect()
    }

    /// The dynamic symbols with their names.
    pub(super) fn symbols(&self) -> Vec<(&'a [u8], Sym)> {
        let strings = self.dynamic_strings();
        let Some(table) = self.dynamic(dynamic::DT_SYMTAB).next().and_then(|address| self.mapped(address)) else {
            return Vec::new();
        };
        let entry = if self.is_64() { 24 } else { 16 };
        let count = self.symbol_count(entry).min(table.len() / entry);
        let symbols = Sym::parse(table, 0, count, self.ctx).unwrap_or_default();
        let name = |sym: &Sym| name_at(strings, sym.st_name).unwrap_or_default();
        symbols.into_iter().map(|sym| (name(&sym), sym)).filter(|(name, _)| !name.is_empty()).collect()
    }

    /// How many dynamic symbols there are: no entry says so, but the hash tables imply it.
    fn symbol_count(&self, entry: usize) -> usize {
        if let Some(table) = self.dynamic(dynamic::DT_HASH).next().and_then(|address| self.mapped(address))
            // s390x and Alpha use 64-bit words here: their `nchain` reads as 0, and the next source serves.
            && let Some(chains) = self.u32_at(table, 4).filter(|&chains| chains > 0)
        {
            return chains as usize;
        }
        if let Some(table) = self.dynamic(dynamic::DT_GNU_HASH).next().and_then(|address| self.mapped(address))
            && let Some(count) = self.gnu_hash_count(table)
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
    fn gnu_hash_count(&self, table: &[u8]) -> Option<usize> {
        let [buckets, first, blooms] = [0, 4, 8].map(|at| self.u32_at(table, at));
        let (buckets, first, blooms) = (buckets? as usize, first? as usize, blooms? as usize);
        let word = if self.is_64() { 8 } else { 4 };
        let start = blooms.checked_mul(word)?.checked_add(16)?;
        let chains = buckets.checked_mul(4)?.checked_add(start)?;
        let heads = table.get(start..chains)?;
        let highest = (0..buckets).filter_map(|at| self.u32_at(heads, at * 4)).max().unwrap_or(0) as usize;
        if highest < first {
            return Some(first);
        }
        let mut last = highest;
        loop {
            let chain = self.u32_at(table, (last - first).checked_mul(4)?.checked_add(chains)?)?;
            last += 1;
            if chain & 1 == 1 {
                return Some(last);
            }
        }
    }

    fn section_bytes(&self, section: &SectionHeader) -> Option<&'a [u8]> {
        if section.sh_type == sh::SHT_NOBITS {
            return None;
        }
        self.slice(section.sh_offset, section.sh_size)
    }

    /// The section of this name.
    pub(super) fn section(&self, name: &[u8]) -> Option<&'a [u8]> {
        let names = self.sections.get(usize::from(self.header.e_shstrndx))?;
        let names = self.section_bytes(names)?;
        let found = self.sections.iter().find(|s| name_at(names, s.sh_name) == Some(name))?;
        self.section_bytes(found)
    }

    /// Mapped data: sections that are loaded and hold neither code nor tables of the loader. Without section
    /// headers everything that is loaded.
    pub(super) fn data(&self) -> Vec<Region<'a>> {
        let flags = u64::from(sh::SHF_ALLOC | sh::SHF_EXECINSTR);
        let wanted =
            |s: &&SectionHeader| s.sh_type == sh::SHT_PROGBITS && s.sh_flags & flags == u64::from(sh::SHF_ALLOC);
        let region = |s: &SectionHeader| Some(Region { address: s.sh_addr, bytes: self.section_bytes(s)? });
        let regions = self.bounded(self.sections.iter().filter(wanted).filter_map(region));
        if regions.is_empty() { self.loaded(|_| true) } else { regions }
    }

    /// Mapped code.
    pub(super) fn code(&self) -> Vec<Region<'a>> {
        let flags = u64::from(sh::SHF_ALLOC | sh::SHF_EXECINSTR);
        let wanted = |s: &&SectionHeader| s.sh_type == sh::SHT_PROGBITS && s.sh_flags & flags == flags;
        let region = |s: &SectionHeader| Some(Region { address: s.sh_addr, bytes: self.section_bytes(s)? });
        let regions = self.bounded(self.sections.iter().filter(wanted).filter_map(region));
        if regions.is_empty() { self.loaded(|s| s.is_executable()) } else { regions }
    }

    fn loaded(&self, wanted: impl Fn(&ProgramHeader) -> bool) -> Vec<Region<'a>> {
        let loaded = self.segments.iter().filter(|s| s.p_type == ph::PT_LOAD && wanted(s));
        let region =
            |s: &ProgramHeader| Some(Region { address: s.p_vaddr, bytes: self.slice(s.p_offset, s.p_filesz)? });
        self.bounded(loaded.filter_map(region))
    }

    /// Takes regions while they are no more than a file can have without overlaps: a hostile one may name the
    /// same bytes any number of times.
    fn bounded(&self, regions: impl Iterator<Item = Region<'a>>) -> Vec<Region<'a>> {
        let mut left = self.bytes.len();
        let fits = |region: &Region| {
            let enough = left.checked_sub(region.bytes.len());
            left = enough.unwrap_or(left);
            enough.is_some()
        };
        regions.take(MAX_REGIONS).take_while(fits).collect()
    }

    /// Every note.
    pub(super) fn notes(&self) -> Vec<Note<'a>> {
        let segments = self.segments.iter().filter(|s| s.p_type == ph::PT_NOTE).map(|s| (s.p_offset, s.p_filesz));
        let sections = self.sections.iter().filter(|s| s.sh_type == sh::SHT_NOTE).map(|s| (s.sh_offset, s.sh_size));
        let mut areas: Vec<_> = segments.chain(sections).collect();
        // A note section is usually part of a note segment: one look at each start is enough.
        areas.sort_by_key(|&(offset, size)| (offset, std::cmp::Reverse(size)));
        areas.dedup_by_key(|&mut (offset, _)| offset);
        let areas = areas.into_iter().take(MAX_NOTE_AREAS).filter_map(|(offset, size)| self.slice(offset, size));
        areas.flat_map(|area| self.notes_in(area)).collect()
    }

    fn notes_in(&self, area: &'a [u8]) -> Vec<Note<'a>> {
        let mut notes = Vec::new();
        let mut at = 0usize;
        while let Some((note, end)) = self.note_at(area, at) {
            notes.push(note);
            at = end;
        }
        notes
    }

    /// The note at `at` and where the next one starts.
    fn note_at(&self, area: &'a [u8], at: usize) -> Option<(Note<'a>, usize)> {
        let name_size = self.u32_at(area, at)? as usize;
        let size = self.u32_at(area, at.checked_add(4)?)? as usize;
        let kind = self.u32_at(area, at.checked_add(8)?)?;
        let name_at = at.checked_add(12)?;
        let start = name_at.checked_add(name_size.checked_next_multiple_of(4)?)?;
        let owner = until_nul(area.get(name_at..name_at.checked_add(name_size)?)?);
        let descriptor = area.get(start..start.checked_add(size)?)?;
        let end = start.checked_add(size.checked_next_multiple_of(4)?)?;
        Some((Note { owner, kind, descriptor }, end))
    }
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
