//! The headers of an ELF file as `elf(5)` and the System V gABI have them, read for being written again.

use goblin::container::Ctx;
use goblin::elf::header::{self, Header};
use goblin::elf::program_header::ProgramHeader;
use goblin::elf::section_header::SectionHeader;

use super::edit::Reader;
use crate::reach::elf;

/// More headers than any linker makes for a program or library.
const MAX_HEADERS: u16 = 2048;
/// Longer names are no section names.
const MAX_NAMES: u64 = 1 << 20;

/// A file's headers.
pub(super) struct Headers {
    pub(super) ctx: Ctx,
    pub(super) header: Header,
    /// The ELF header's bytes.
    pub(super) start: Vec<u8>,
    pub(super) segments: Vec<ProgramHeader>,
    pub(super) sections: Vec<SectionHeader>,
    /// The section headers' bytes, one after the other.
    pub(super) table: Vec<u8>,
    /// The names that section headers point into.
    pub(super) names: Vec<u8>,
}

impl Headers {
    /// Reads the headers of a file of `size` bytes; nothing for what is no whole, plain program or library.
    pub(super) fn read(size: u64, read: &Reader<'_>) -> Option<Self> {
        let mut start = vec![0; 64];
        if size < 64 {
            return None;
        }
        read(0, &mut start).ok()?;
        if !start.starts_with(b"\x7fELF") {
            return None;
        }
        let header = goblin::elf::Elf::parse_header(&start).ok()?;
        let ctx = elf::context(&header)?;
        start.truncate(Header::size(ctx));
        let sound = matches!(header.e_type, header::ET_EXEC | header::ET_DYN)
            && usize::from(header.e_ehsize) == Header::size(ctx)
            && usize::from(header.e_phentsize) == ProgramHeader::size(ctx)
            && usize::from(header.e_shentsize) == SectionHeader::size(ctx)
            && (1..=MAX_HEADERS).contains(&header.e_phnum)
            && (2..=MAX_HEADERS).contains(&header.e_shnum)
            && header.e_shstrndx < header.e_shnum
            && header.e_phoff >= u64::from(header.e_ehsize)
            && header.e_shoff >= u64::from(header.e_ehsize);
        if !sound {
            return None;
        }
        let bytes = |at: u64, length: u64| {
            let end = at.checked_add(length)?;
            let mut out = vec![0; usize::try_from(length).ok().filter(|_| end <= size)?];
            read(at, &mut out).ok()?;
            Some(out)
        };
        let segments = bytes(header.e_phoff, u64::from(header.e_phnum) * u64::from(header.e_phentsize))?;
        let table = bytes(header.e_shoff, u64::from(header.e_shnum) * u64::from(header.e_shentsize))?;
        let segments = ProgramHeader::parse(&segments, 0, header.e_phnum.into(), ctx).ok()?;
        // The parser takes an offset of 0 for the absence of a table.
        let shifted = [&[0], table.as_slice()].concat();
        let sections = SectionHeader::parse(&shifted, 1, header.e_shnum.into(), ctx).ok()?;
        let names = sections.get(usize::from(header.e_shstrndx))?;
        let names = bytes(names.sh_offset, names.sh_size).filter(|names| names.len() as u64 <= MAX_NAMES)?;
        Some(Self { ctx, header, start, segments, sections, table, names })
    }

    /// The name of a section.
    pub(super) fn name(&self, section: &SectionHeader) -> &[u8] {
        let rest = self.names.get(section.sh_name..).unwrap_or_default();
        rest.split(|&byte| byte == 0).next().unwrap_or_default()
    }

    /// Writes a number at `at`, as wide as the field there: 2, 4 or 8 bytes.
    pub(super) fn put(&self, bytes: &mut [u8], at: usize, width: usize, value: u64) {
        let little = value.to_le_bytes();
        for (index, byte) in little.iter().take(width).enumerate() {
            let place = if self.ctx.le.is_little() { index } else { width - 1 - index };
            if let Some(slot) = bytes.get_mut(at + place) {
                *slot = *byte;
            }
        }
    }

    pub(super) fn is_64(&self) -> bool {
        self.ctx.container.is_big()
    }
}
