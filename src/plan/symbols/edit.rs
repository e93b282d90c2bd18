//! What of one ELF file can be cut off, and what is written in its place.

use goblin::elf::section_header::{self as sh, SectionHeader};

use super::headers::Headers;

/// Reads bytes of the file at an offset.
pub(super) type Reader<'a> = dyn Fn(u64, &mut [u8]) -> std::io::Result<()> + 'a;

/// The new content of a file, most of which is the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What the file starts with.
    pub head: Vec<u8>,
    /// From the end of `head` up to here the file is as it was.
    pub until: u64,
    /// What follows.
    pub tail: Vec<u8>,
}

impl Edit {
    /// The new size in bytes.
    pub fn size(&self) -> u64 {
        self.until + self.tail.len() as u64
    }

    /// The new content of what was `before`.
    pub fn apply(&self, before: &[u8]) -> Vec<u8> {
        let until = usize::try_from(self.until).unwrap_or(usize::MAX);
        let middle = before.get(self.head.len()..until).unwrap_or_default();
        [&self.head, middle, &self.tail].concat()
    }
}

/// What is to become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
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
pub(super) fn edit(size: u64, read: &Reader<'_>) -> Outcome {
    let Some(headers) = Headers::read(size, read) else { return Outcome::Nothing };
    let kinds: Vec<Kind> = headers.sections.iter().enumerate().map(|(at, one)| kind(&headers, at, one)).collect();
    if !kinds.contains(&Kind::Goes) {
        return Outcome::Nothing;
    }
    match Plan::new(&headers, &kinds, size).and_then(|plan| plan.carry_out(size, read)) {
        Ok(edit) if edit.size() < size => Outcome::Edit(edit),
        Ok(_) => Outcome::Nothing,
        Err(reason) => Outcome::LeaveAlone(reason),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
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

fn kind(headers: &Headers, at: usize, section: &SectionHeader) -> Kind {
    let name = headers.name(section);
    let named = |list: &[&[u8]]| list.iter().any(|prefix| name.starts_with(prefix));
    if section.sh_flags & u64::from(sh::SHF_ALLOC) != 0 {
        return Kind::Loaded;
    }
    match section.sh_type {
        sh::SHT_NULL => Kind::Stays,
        sh::SHT_SYMTAB | sh::SHT_SYMTAB_SHNDX | sh::SHT_REL | sh::SHT_RELA => Kind::Goes,
        sh::SHT_STRTAB if at == usize::from(headers.header.e_shstrndx) => Kind::Stays,
        sh::SHT_STRTAB if name == b".strtab" => Kind::Goes,
        sh::SHT_NOTE => Kind::Stays,
        _ if named(&DEBUG) => Kind::Goes,
        _ if section.sh_size == 0 || named(&HARMLESS) => Kind::Stays,
        _ => Kind::Unknown,
    }
}

/// How far the file stays, and what follows.
struct Plan<'a> {
    headers: &'a Headers,
    kinds: &'a [Kind],
    /// Up to here nothing moves.
    until: u64,
}

impl<'a> Plan<'a> {
    fn new(headers: &'a Headers, kinds: &'a [Kind], size: u64) -> Result<Self, &'static str> {
        let (header, sections) = (&headers.header, &headers.sections);
        // Of the eight bytes after the ABI's version nobody but AppImage makes use.
        if header.e_ident.get(9..16).is_some_and(|padding| padding.iter().any(|&byte| byte != 0)) {
            return Err("its header holds a mark that is not known");
        }
        if kinds.contains(&Kind::Unknown) {
            return Err("it has a section that is not known");
        }
        if sections.iter().any(|one| headers.name(one) == b".gnu_debugdata") {
            return Err("it holds a compressed table of symbols for backtraces");
        }
        let loaded = || sections.iter().zip(kinds).filter(|&(_, &kind)| kind == Kind::Loaded).map(|(one, _)| one);
        if loaded().any(|one| one.sh_type == sh::SHT_NOBITS && one.sh_flags & u64::from(sh::SHF_EXECINSTR) != 0) {
            return Err("it is the debug information of another file");
        }
        let last_loaded = kinds.iter().rposition(|&kind| kind == Kind::Loaded).unwrap_or(0);
        let first_gone = kinds.iter().position(|&kind| kind == Kind::Goes).unwrap_or(kinds.len());
        if first_gone < last_loaded {
            return Err("its sections are in an unusual order");
        }
        let table = u64::from(header.e_phnum) * u64::from(header.e_phentsize);
        let ends = [end(header.e_phoff, table)]
            .into_iter()
            .chain(headers.segments.iter().map(|one| end(one.p_offset, one.p_filesz)))
            .chain(loaded().filter(|one| one.sh_type != sh::SHT_NOBITS).map(|one| end(one.sh_offset, one.sh_size)));
        let until = ends.max().unwrap_or(u64::MAX).max(u64::from(header.e_ehsize));
        if until > size {
            return Err("its end is missing");
        }
        let before = |one: &SectionHeader| has_bytes(one) && one.sh_offset < until;
        if sections.iter().zip(kinds).any(|(one, &kind)| kind == Kind::Goes && before(one)) {
            return Err("they lie before something that is loaded");
        }
        let plan = Self { headers, kinds, until };
        if sections.iter().zip(kinds).any(|(one, &kind)| kind == Kind::Stays && before(one) && plan.moves(one)) {
            return Err("its sections overlap");
        }
        Ok(plan)
    }

    /// Whether a section that stays gets a new place.
    fn moves(&self, section: &SectionHeader) -> bool {
        has_bytes(section) && end(section.sh_offset, section.sh_size) > self.until
    }

    /// Refuses files with bytes behind [`Plan::until`] that no header speaks of.
    fn check_gaps(&self, size: u64, read: &Reader<'_>) -> Result<(), &'static str> {
        const PAYLOAD: &str = "data follows its last section";
        let header = &self.headers.header;
        let table = (header.e_shoff, end(header.e_shoff, self.headers.table.len() as u64));
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

    fn carry_out(&self, size: u64, read: &Reader<'_>) -> Result<Edit, &'static str> {
        self.check_gaps(size, read)?;
        let headers = self.headers;
        let entry = usize::from(headers.header.e_shentsize);
        let stays = |at: usize| self.kinds.get(at).is_some_and(|&kind| kind != Kind::Goes);
        // Where each section is in the new table; those that go are as good as none.
        let mut places = Vec::with_capacity(self.kinds.len());
        let mut next = 0;
        for at in 0..self.kinds.len() {
            places.push(if stays(at) { next } else { 0 });
            next += u64::from(stays(at));
        }
        let place = |index: u64| usize::try_from(index).ok().and_then(|at| places.get(at)).copied().unwrap_or(0);
        let mut tail = Vec::new();
        let mut table = Vec::new();
        for (at, (section, raw)) in headers.sections.iter().zip(headers.table.chunks_exact(entry)).enumerate() {
            if !stays(at) {
                continue;
            }
            let mut raw = raw.to_vec();
            if self.moves(section) {
                let offset = self.append(&mut tail, section, read)?;
                self.field(&mut raw, Field::Offset, offset);
            } else if self.kinds.get(at) == Some(&Kind::Stays) && section.sh_offset > self.until {
                self.field(&mut raw, Field::Offset, self.until);
            }
            self.field(&mut raw, Field::Link, place(section.sh_link.into()));
            let relocates = matches!(section.sh_type, sh::SHT_REL | sh::SHT_RELA);
            if relocates || section.sh_flags & u64::from(sh::SHF_INFO_LINK) != 0 {
                self.field(&mut raw, Field::Info, place(section.sh_info.into()));
            }
            table.extend(raw);
        }
        self.align(&mut tail, if headers.is_64() { 8 } else { 4 });
        let shoff = self.until + tail.len() as u64;
        tail.extend(table);
        let mut head = headers.start.clone();
        let (shoff_at, width) = if headers.is_64() { (40, 8) } else { (32, 4) };
        headers.put(&mut head, shoff_at, width, shoff);
        // e_shnum and e_shstrndx are the last two fields.
        let last = head.len() - 2;
        headers.put(&mut head, last - 2, 2, next);
        headers.put(&mut head, last, 2, place(headers.header.e_shstrndx.into()));
        Ok(Edit { head, until: self.until, tail })
    }

    /// Appends a section's bytes; returns their place in the file.
    fn append(&self, tail: &mut Vec<u8>, section: &SectionHeader, read: &Reader<'_>) -> Result<u64, &'static str> {
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

    fn field(&self, raw: &mut [u8], field: Field, value: u64) {
        let (at, width) = match (field, self.headers.is_64()) {
            (Field::Offset, true) => (24, 8),
            (Field::Link, true) => (40, 4),
            (Field::Info, true) => (44, 4),
            (Field::Offset, false) => (16, 4),
            (Field::Link, false) => (24, 4),
            (Field::Info, false) => (28, 4),
        };
        self.headers.put(raw, at, width, value);
    }
}

/// Fields of a section header.
#[derive(Clone, Copy)]
enum Field {
    Offset,
    Link,
    Info,
}

fn has_bytes(section: &SectionHeader) -> bool {
    !matches!(section.sh_type, sh::SHT_NOBITS | sh::SHT_NULL) && section.sh_size > 0
}

/// Where something ends; past every file's end if the sum is too large.
fn end(start: u64, length: u64) -> u64 {
    start.saturating_add(length)
}
