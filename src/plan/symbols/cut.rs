//! What of one ELF file can be cut off, and what is written in its place.

use std::ops::Range;

use goblin::elf::header;
use goblin::elf::program_header::ProgramHeader;
use goblin::elf::section_header::{self as sh, SectionHeader};

use super::headers::{Headers, ReadAt, end, end_of, has_bytes, place_of};
use super::holes::Holes;
use crate::plan::edit::Edit;

/// What is to become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stripping {
    /// Nothing can go, or it is no ELF file.
    Nothing,
    /// Something could go but must not, for this reason.
    LeaveAlone(&'static str),
    Edit(Edit),
}

/// Larger rests of sections that stay are not held in memory.
const MAX_TAIL: u64 = 4 << 20;
/// Longer gaps between sections are no padding.
const MAX_PADDING: u64 = 1 << 16;

/// The edit that takes debug information and the static symbol table out of a file of `size` bytes.
pub(super) fn edit(size: u64, read: &ReadAt<'_>) -> Stripping {
    let Some(headers) = Headers::read(size, read) else { return Stripping::Nothing };
    let roles: Vec<SectionRole> =
        headers.sections.iter().enumerate().map(|(at, one)| role(&headers, at, one)).collect();
    if !roles.contains(&SectionRole::Goes) {
        return Stripping::Nothing;
    }
    match Cut::new(&headers, &roles, size).and_then(|cut| cut.carry_out(size, read)) {
        Ok(edit) if edit.size() < size => Stripping::Edit(edit),
        Ok(_) => Stripping::Nothing,
        Err(reason) => Stripping::LeaveAlone(reason),
    }
}

/// What a section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionRole {
    /// Part of the program in memory.
    Loaded,
    /// For people and tools, and small.
    Stays,
    /// Debug information, symbols, relocations for another link.
    Goes,
    /// Who knows who reads it.
    Unknown,
}

/// Note sections and the like that nothing loads.
const HARMLESS: [&[u8]; 9] = [
    // How each part was compiled, for annocheck(1): see annobin(1), "note-format=string".
    b".annobin.notes",
    b".comment",
    b".note",
    b".gnu.build.attributes",
    b".gnu_debuglink",
    b".gnu_debugaltlink",
    b".GCC.command.line",
    b".ARM.attributes",
    b".riscv.attributes",
];

const DEBUG: [&[u8]; 5] = [b".debug_", b".zdebug_", b".gdb_index", b".stab", b".stabstr"];

fn role(headers: &Headers, at: usize, section: &SectionHeader) -> SectionRole {
    let name = headers.name(section);
    let named = |list: &[&[u8]]| list.iter().any(|prefix| name.starts_with(prefix));
    if section.sh_flags & u64::from(sh::SHF_ALLOC) != 0 {
        return SectionRole::Loaded;
    }
    match section.sh_type {
        sh::SHT_NULL => SectionRole::Stays,
        sh::SHT_SYMTAB | sh::SHT_SYMTAB_SHNDX | sh::SHT_REL | sh::SHT_RELA => SectionRole::Goes,
        sh::SHT_STRTAB if at == usize::from(headers.header.e_shstrndx) => SectionRole::Stays,
        sh::SHT_STRTAB if name == b".strtab" => SectionRole::Goes,
        sh::SHT_NOTE => SectionRole::Stays,
        _ if named(&DEBUG) => SectionRole::Goes,
        _ if section.sh_size == 0 || named(&HARMLESS) => SectionRole::Stays,
        _ => SectionRole::Unknown,
    }
}

/// How much of the file stays, and what follows.
struct Cut<'a> {
    headers: &'a Headers,
    roles: &'a [SectionRole],
    /// Up to here everything that stays keeps its place, or moves as `holes` says.
    until: u64,
    /// What goes before that.
    holes: Holes,
}

impl<'a> Cut<'a> {
    fn new(headers: &'a Headers, roles: &'a [SectionRole], size: u64) -> Result<Self, &'static str> {
        let (elf, sections) = (&headers.header, &headers.sections);
        // Of the bytes after the ABI's version nobody but AppImage makes use.
        if elf.e_ident[header::EI_ABIVERSION + 1..].iter().any(|&byte| byte != 0) {
            return Err("its header holds a mark that is not known");
        }
        if roles.contains(&SectionRole::Unknown) {
            return Err("it has a section that is not known");
        }
        if sections.iter().any(|one| headers.name(one) == b".gnu_debugdata") {
            return Err("it holds a compressed table of symbols for backtraces");
        }
        let loaded =
            || sections.iter().zip(roles).filter(|&(_, &role)| role == SectionRole::Loaded).map(|(one, _)| one);
        if loaded().any(|one| one.sh_type == sh::SHT_NOBITS && one.sh_flags & u64::from(sh::SHF_EXECINSTR) != 0) {
            return Err("it is the debug information of another file");
        }
        let table = u64::from(elf.e_phnum) * u64::from(elf.e_phentsize);
        let needed: Vec<Range<u64>> = [0..u64::from(elf.e_ehsize), elf.e_phoff..end(elf.e_phoff, table)]
            .into_iter()
            .chain(headers.segments.iter().map(|one| one.p_offset..end(one.p_offset, one.p_filesz)))
            .chain(loaded().filter(|one| one.sh_type != sh::SHT_NOBITS).map(place_of))
            .collect();
        let until = needed.iter().map(|range| range.end).max().unwrap_or(u64::MAX);
        if until > size {
            return Err("its end is missing");
        }
        let holes = Holes::new(headers, roles, needed)?;
        let cut = Self { headers, roles, until, holes };
        let stays = sections.iter().zip(roles).filter(|&(_, &role)| role == SectionRole::Stays).map(|(one, _)| one);
        if stays.into_iter().any(|one| has_bytes(one) && one.sh_offset < until && end_of(one) > until) {
            return Err("its sections overlap");
        }
        Ok(cut)
    }

    /// Whether a section that stays gets a new place behind everything else.
    fn moves(&self, section: &SectionHeader) -> bool {
        has_bytes(section) && (end_of(section) > self.until || self.holes.touch(&place_of(section)))
    }

    /// Refuses files with bytes in what goes, or behind [`Cut::until`], that no header speaks of.
    fn check_gaps(&self, size: u64, read: &ReadAt<'_>) -> Result<(), &'static str> {
        const PAYLOAD: &str = "data follows its last section";
        let header = &self.headers.header;
        let table = header.e_shoff..end(header.e_shoff, self.headers.table_size());
        let sections = self.headers.sections.iter().filter(|one| has_bytes(one)).map(place_of);
        let mut ranges: Vec<Range<u64>> = sections.chain([table]).collect();
        ranges.sort_unstable_by_key(|range| (range.start, range.end));
        if ranges.iter().any(|range| range.end > size) {
            return Err("its end is missing");
        }
        for part in self.holes.cut.iter().cloned().chain(std::iter::once(self.until..size)) {
            let mut at = part.start;
            for range in ranges.iter().filter(|range| range.end > part.start).chain([&(size..size)]) {
                let start = range.start.min(part.end);
                if start > at && !is_padding(at..start, read) {
                    return Err(PAYLOAD);
                }
                at = at.max(range.end);
            }
        }
        Ok(())
    }

    fn carry_out(&self, size: u64, read: &ReadAt<'_>) -> Result<Edit, &'static str> {
        self.check_gaps(size, read)?;
        let headers = self.headers;
        let until = self.holes.moved(self.until);
        let places = self.places();
        let mut tail = Vec::new();
        let mut table = Vec::new();
        for ((section, &role), place) in headers.sections.iter().zip(self.roles).zip(&places) {
            if role == SectionRole::Goes {
                // What is loaded counts sections (dynamic symbols do): those behind keep their numbers.
                table.extend(place.is_some().then(SectionHeader::default));
                continue;
            }
            let mut section = section.clone();
            if self.moves(&section) {
                section.sh_offset = append(until, &mut tail, &section, read)?;
            } else if role == SectionRole::Stays && section.sh_offset > self.until {
                section.sh_offset = until;
            } else {
                section.sh_offset = self.holes.moved(section.sh_offset);
            }
            section.sh_link = self.number(&places, section.sh_link);
            let relocates = matches!(section.sh_type, sh::SHT_REL | sh::SHT_RELA);
            if relocates || section.sh_flags & u64::from(sh::SHF_INFO_LINK) != 0 {
                section.sh_info = self.number(&places, section.sh_info);
            }
            table.push(section);
        }
        align(until, &mut tail, headers.word());
        let mut header = headers.header;
        header.e_shoff = until + tail.len() as u64;
        header.e_shnum = u16::try_from(table.len()).map_err(|_| "it has too many sections")?;
        header.e_shstrndx = self.number(&places, header.e_shstrndx.into()) as u16;
        tail.extend(headers.encode_sections(table)?);
        let mut head = headers.encode_header(header)?;
        if !self.holes.cut.is_empty() {
            let moved = |one: &ProgramHeader| ProgramHeader { p_offset: self.holes.moved(one.p_offset), ..one.clone() };
            head.extend(headers.encode_segments(headers.segments.iter().map(moved).collect())?);
        }
        let kept = self.holes.between(head.len() as u64..self.until);
        Ok(Edit { head, kept, tail })
    }

    /// Where each section is in the new table, if it is in it: all but those that go at its end.
    fn places(&self) -> Vec<Option<u32>> {
        let last = self.roles.iter().rposition(|&role| role == SectionRole::Loaded).unwrap_or(0);
        let mut next = 0;
        let place = |(at, role): (usize, &SectionRole)| {
            let stays = *role != SectionRole::Goes || at < last;
            next += u32::from(stays);
            stays.then(|| next - 1)
        };
        self.roles.iter().enumerate().map(place).collect()
    }

    /// The new number of the section that had `index`; those that go are as good as none.
    fn number(&self, places: &[Option<u32>], index: u32) -> u32 {
        let at = usize::try_from(index).ok().filter(|&at| self.roles.get(at) != Some(&SectionRole::Goes));
        at.and_then(|at| places.get(at).copied().flatten()).unwrap_or(0)
    }
}

/// Appends a section's bytes to the tail of a file that starts at `until`; returns their place in the file.
fn append(until: u64, tail: &mut Vec<u8>, section: &SectionHeader, read: &ReadAt<'_>) -> Result<u64, &'static str> {
    if section.sh_size + tail.len() as u64 > MAX_TAIL || section.sh_addralign > MAX_PADDING {
        return Err("a section that has to stay is unusually large");
    }
    align(until, tail, section.sh_addralign);
    let start = tail.len();
    tail.resize(start + usize::try_from(section.sh_size).unwrap_or(0), 0);
    let slot = tail.get_mut(start..).unwrap_or_default();
    read(section.sh_offset, slot).map_err(|_| "it cannot be read")?;
    Ok(until + start as u64)
}

fn align(until: u64, tail: &mut Vec<u8>, to: u64) {
    let at = until + tail.len() as u64;
    let padding = at.next_multiple_of(to.max(1)) - at;
    tail.resize(tail.len() + usize::try_from(padding).unwrap_or(0), 0);
}

/// Whether there are only zeros, and not many.
fn is_padding(range: Range<u64>, read: &ReadAt<'_>) -> bool {
    let gap = range.end - range.start;
    let mut bytes = vec![0; usize::try_from(gap.min(MAX_PADDING)).unwrap_or(0)];
    gap < MAX_PADDING && read(range.start, &mut bytes).is_ok() && bytes.iter().all(|&byte| byte == 0)
}
