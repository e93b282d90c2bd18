//! The headers of an ELF file as `elf(5)` and the System V gABI have them, read for being written again.

use std::ops::Range;

use goblin::container::Ctx;
use goblin::elf::header::{self, Header};
use goblin::elf::program_header::ProgramHeader;
use goblin::elf::section_header::{self as sh, SectionHeader};
use scroll::Pwrite;
use scroll::ctx::TryIntoCtx;

use crate::reach::elf;

/// Reads bytes of a file at an offset.
pub(super) type ReadAt<'a> = dyn Fn(u64, &mut [u8]) -> std::io::Result<()> + 'a;

/// More headers than any linker makes for a program or library.
const MAX_HEADERS: u16 = 2048;
/// Longer names are no section names.
const MAX_NAMES: u64 = 1 << 20;
const UNWRITABLE: &str = "its headers cannot be written";

/// A file's headers.
pub(super) struct Headers {
    /// Class and byte order.
    ctx: Ctx,
    pub(super) header: Header,
    pub(super) segments: Vec<ProgramHeader>,
    pub(super) sections: Vec<SectionHeader>,
    /// The names that section headers point into.
    names: Vec<u8>,
}

impl Headers {
    /// Reads the headers of a file of `size` bytes; nothing for what is no whole, plain program or library.
    pub(super) fn read(size: u64, read: &ReadAt<'_>) -> Option<Self> {
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
        let sections = SectionHeader::parse_from(&table, 0, header.e_shnum.into(), ctx).ok()?;
        let names = sections.get(usize::from(header.e_shstrndx))?;
        let names = bytes(names.sh_offset, names.sh_size).filter(|names| names.len() as u64 <= MAX_NAMES)?;
        Some(Self { ctx, header, segments, sections, names })
    }

    /// The name of a section.
    pub(super) fn name(&self, section: &SectionHeader) -> &[u8] {
        let rest = self.names.get(section.sh_name..).unwrap_or_default();
        rest.split(|&byte| byte == 0).next().unwrap_or_default()
    }

    /// Length of the section headers in bytes.
    pub(super) fn table_size(&self) -> u64 {
        u64::from(self.header.e_shnum) * u64::from(self.header.e_shentsize)
    }

    /// Bytes in a word of the file's class: what its section headers are aligned to.
    pub(super) fn word(&self) -> u64 {
        if self.ctx.container.is_big() { 8 } else { 4 }
    }

    /// The bytes of an ELF header of the file's class and byte order.
    ///
    /// # Errors
    /// If it is of another class or byte order, in words for the user.
    pub(super) fn encode_header(&self, header: Header) -> Result<Vec<u8>, &'static str> {
        let mut bytes = vec![0; Header::size(self.ctx)];
        bytes.pwrite_with(header, 0, self.ctx.le).map_err(|_| UNWRITABLE)?;
        Ok(bytes)
    }

    /// The bytes of program headers of the file's class and byte order, one after the other.
    ///
    /// # Errors
    /// As [`Headers::encode_header`].
    pub(super) fn encode_segments(&self, segments: Vec<ProgramHeader>) -> Result<Vec<u8>, &'static str> {
        self.encode(segments, ProgramHeader::size(self.ctx))
    }

    /// The bytes of section headers of the file's class and byte order, one after the other.
    ///
    /// # Errors
    /// As [`Headers::encode_header`].
    pub(super) fn encode_sections(&self, sections: Vec<SectionHeader>) -> Result<Vec<u8>, &'static str> {
        self.encode(sections, SectionHeader::size(self.ctx))
    }

    /// Headers of one kind, of `size` bytes each.
    fn encode<T: TryIntoCtx<Ctx, Error = goblin::error::Error>>(
        &self,
        headers: Vec<T>,
        size: usize,
    ) -> Result<Vec<u8>, &'static str> {
        let mut bytes = vec![0; headers.len() * size];
        for (header, slot) in headers.into_iter().zip(bytes.chunks_exact_mut(size)) {
            slot.pwrite_with(header, 0, self.ctx).map_err(|_| UNWRITABLE)?;
        }
        Ok(bytes)
    }
}

/// Whether a section has bytes in the file.
pub(super) fn has_bytes(section: &SectionHeader) -> bool {
    !matches!(section.sh_type, sh::SHT_NOBITS | sh::SHT_NULL) && section.sh_size > 0
}

/// Where a section is that has bytes.
pub(super) fn place_of(section: &SectionHeader) -> Range<u64> {
    section.sh_offset..end_of(section)
}

/// Where a section that has bytes ends.
pub(super) fn end_of(section: &SectionHeader) -> u64 {
    end(section.sh_offset, section.sh_size)
}

/// Where something ends; past every file's end if the sum is too large.
pub(super) fn end(start: u64, length: u64) -> u64 {
    start.saturating_add(length)
}
