//! What of one ELF file can be cut off, and what is written in its place.

use goblin::elf::header;
use goblin::elf::section_header::{self as sh, SectionHeader};

use super::headers::{Headers, ReadAt};
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
enum SectionRole {
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
const HARMLESS: [&[u8]; 8] = [
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

/// How far the file stays, and what follows.
struct Cut<'a> {
    headers: &'a Headers,
    roles: &'a [SectionRole],
    /// Up to here nothing moves.
    until: u64,
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
        let last_loaded = roles.iter().rposition(|&role| role == SectionRole::Loaded).unwrap_or(0);
        let first_gone = roles.iter().position(|&role| role == SectionRole::Goes).unwrap_or(roles.len());
        if first_gone < last_loaded {
            return Err("its sections are in an unusual order");
        }
        let table = u64::from(elf.e_phnum) * u64::from(elf.e_phentsize);
        let ends = [end(elf.e_phoff, table)]
            .into_iter()
            .chain(headers.segments.iter().map(|one| end(one.p_offset, one.p_filesz)))
            .chain(loaded().filter(|one| one.sh_type != sh::SHT_NOBITS).map(|one| end(one.sh_offset, one.sh_size)));
        let until = ends.max().unwrap_or(u64::MAX).max(u64::from(elf.e_ehsize));
        if until > size {
            return Err("its end is missing");
        }
        let before = |one: &SectionHeader| has_bytes(one) && one.sh_offset < until;
        if sections.iter().zip(roles).any(|(one, &role)| role == SectionRole::Goes && before(one)) {
            return Err("they lie before something that is loaded");
        }
        let cut = Self { headers, roles, until };
        if sections.iter().zip(roles).any(|(one, &role)| role == SectionRole::Stays && before(one) && cut.moves(one)) {
            return Err("its sections overlap");
        }
        Ok(cut)
    }

    /// Whether a section that stays gets a new place.
    fn moves(&self, section: &SectionHeader) -> bool {
        has_bytes(section) && end(section.sh_offset, section.sh_size) > self.until
    }

    /// Refuses files with bytes behind [`Cut::until`] that no header speaks of.
    fn check_gaps(&self, size: u64, read: &ReadAt<'_>) -> Result<(), &'static str> {
        const PAYLOAD: &str = "data follows its last section";
        let header = &self.headers.header;
        let table = (header.e_shoff, end(header.e_shoff, self.headers.table_size()));
        let sections = self.headers.sections.iter().filter(|one| has_bytes(one));
        let mut ranges: Vec<(u64, u64)> =
            sections.map(|one| (one.sh_offset, end(one.sh_offset, one.sh_size))).chain([table]).collect();
        ranges.sort_unstable();
        let mut at = self.until;
        for (start, end) in ranges {
            if start > at {
                let gap = start - at;
                let mut bytes = vec![0; usize::try_from(gap.min(MAX_PADDING)).unwrap_or(0)];
                let readable = gap < MAX_PADDING && read(at, &mut bytes).is_ok();
                if !readable || bytes.iter().any(|&byte| byte != 0) {
                    return Err(PAYLOAD);
                }
            }
            at = at.max(end);
        }
        match at.cmp(&size) {
            std::cmp::Ordering::Less => Err(PAYLOAD),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err("its end is missing"),
        }
    }

    fn carry_out(&self, size: u64, read: &ReadAt<'_>) -> Result<Edit, &'static str> {
        self.check_gaps(size, read)?;
        let headers = self.headers;
        let places = self.places();
        let mut tail = Vec::new();
        let mut table = Vec::new();
        for (section, &role) in headers.sections.iter().zip(self.roles).filter(|&(_, &role)| role != SectionRole::Goes)
        {
            let mut section = section.clone();
            if self.moves(&section) {
                section.sh_offset = self.append(&mut tail, &section, read)?;
            } else if role == SectionRole::Stays && section.sh_offset > self.until {
                section.sh_offset = self.until;
            }
            section.sh_link = place(&places, section.sh_link);
            let relocates = matches!(section.sh_type, sh::SHT_REL | sh::SHT_RELA);
            if relocates || section.sh_flags & u64::from(sh::SHF_INFO_LINK) != 0 {
                section.sh_info = place(&places, section.sh_info);
            }
            table.push(section);
        }
        self.align(&mut tail, headers.word());
        let mut header = headers.header;
        header.e_shoff = self.until + tail.len() as u64;
        header.e_shnum = u16::try_from(table.len()).map_err(|_| "it has too many sections")?;
        header.e_shstrndx = place(&places, header.e_shstrndx.into()) as u16;
        tail.extend(headers.encode_sections(table)?);
        Ok(Edit { head: headers.encode_header(header)?, until: self.until, tail })
    }

    /// Where each section is in the new table; those that go are as good as none.
    fn places(&self) -> Vec<u32> {
        let mut next = 0;
        let place = |role: &SectionRole| {
            let place = next;
            next += u32::from(*role != SectionRole::Goes);
            if *role == SectionRole::Goes { 0 } else { place }
        };
        self.roles.iter().map(place).collect()
    }

    /// Appends a section's bytes; returns their place in the file.
    fn append(&self, tail: &mut Vec<u8>, section: &SectionHeader, read: &ReadAt<'_>) -> Result<u64, &'static str> {
        if section.sh_size + tail.len() as u64 > MAX_TAIL || section.sh_addralign > MAX_PADDING {
            return Err("a section that has to stay is unusually large");
        }
        self.align(tail, section.sh_addralign);
        let start = tail.len();
        tail.resize(start + usize::try_from(section.sh_size).unwrap_or(0), 0);
        let slot = tail.get_mut(start..).unwrap_or_default();
        read(section.sh_offset, slot).map_err(|_| "it cannot be read")?;
        Ok(self.until + start as u64)
    }

    fn align(&self, tail: &mut Vec<u8>, to: u64) {
        let at = self.until + tail.len() as u64;
        let padding = at.next_multiple_of(to.max(1)) - at;
        tail.resize(tail.len() + usize::try_from(padding).unwrap_or(0), 0);
    }
}

/// The new number of the section that had `index`.
fn place(places: &[u32], index: u32) -> u32 {
    usize::try_from(index).ok().and_then(|at| places.get(at)).copied().unwrap_or(0)
}

fn has_bytes(section: &SectionHeader) -> bool {
    !matches!(section.sh_type, sh::SHT_NOBITS | sh::SHT_NULL) && section.sh_size > 0
}

/// Where something ends; past every file's end if the sum is too large.
fn end(start: u64, length: u64) -> u64 {
    start.saturating_add(length)
}
