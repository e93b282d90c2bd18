//! Small ELF files with symbols, and what becomes of them.

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::Elf;
use goblin::elf::header::{self, Header};
use goblin::elf::program_header::{self as ph, ProgramHeader};
use goblin::elf::section_header::{self as sh, SectionHeader};
use proptest::prelude::*;
use scroll::Pwrite;

use super::cut::{Stripping, edit};
use super::strip;
use crate::plan::{Edit, KeepReason, Plan, Verdict};
use crate::rootfs::{Builder, Rootfs};

/// A section: name, type, flags, content, link by name.
type Section = (&'static str, u32, u32, Vec<u8>, &'static str);

const CODE: u32 = sh::SHF_ALLOC | sh::SHF_EXECINSTR;

fn sections() -> Vec<Section> {
    vec![
        (".text", sh::SHT_PROGBITS, CODE, vec![0xc3; 40], ""),
        (".data", sh::SHT_PROGBITS, sh::SHF_ALLOC, b"some data".to_vec(), ""),
        (".bss", sh::SHT_NOBITS, sh::SHF_ALLOC, Vec::new(), ""),
        (".comment", sh::SHT_PROGBITS, 0, b"GCC: 12\0".to_vec(), ""),
        (".debug_info", sh::SHT_PROGBITS, 0, vec![7; 500], ""),
        (".symtab", sh::SHT_SYMTAB, 0, vec![0; 48], ".strtab"),
        (".strtab", sh::SHT_STRTAB, 0, b"\0main\0".to_vec(), ""),
        (".note.later", sh::SHT_NOTE, 0, b"1234".to_vec(), ".text"),
    ]
}

/// The class and byte order of most files.
const USUAL: Ctx = Ctx { container: Container::Big, le: Endian::Little };

/// Writes a library with a segment over each row of sections that are allocated; all but the first at the start of a page.
fn write(ctx: Ctx, sections: &[Section]) -> Vec<u8> {
    let mut list = vec![("", sh::SHT_NULL, 0, Vec::new(), "")];
    list.extend_from_slice(sections);
    list.push((".shstrtab", sh::SHT_STRTAB, 0, Vec::new(), ""));
    let starts = list.iter().scan(0, |at, one| Some(std::mem::replace(at, *at + one.0.len() + 1)));
    let starts: Vec<usize> = starts.collect();
    let names: Vec<u8> = list.iter().flat_map(|one| one.0.bytes().chain([0])).collect();

    let is_loaded = |one: &Section| one.2 & sh::SHF_ALLOC != 0;
    let rows = list.chunk_by(|one, other| is_loaded(one) == is_loaded(other)).filter(|row| is_loaded(&row[0])).count();
    let mut bytes = vec![0; Header::size(ctx) + rows.max(1) * ProgramHeader::size(ctx)];
    let mut segments: Vec<std::ops::Range<usize>> = std::iter::once(0..bytes.len()).collect();
    let mut open = true;
    let mut table = Vec::new();
    for (at, ((name, kind, flags, content, link), &sh_name)) in list.iter().zip(&starts).enumerate() {
        let loaded = flags & sh::SHF_ALLOC != 0;
        bytes.resize(bytes.len().next_multiple_of(if loaded && !open { 4096 } else { 8 }), 0);
        if loaded && !open {
            segments.push(bytes.len()..bytes.len());
        }
        open = loaded || (at == 0);
        let sh_offset = if *kind == sh::SHT_NULL { 0 } else { bytes.len() as u64 };
        let content = if *name == ".shstrtab" { &names } else { content };
        bytes.extend_from_slice(content);
        if loaded {
            segments.last_mut().unwrap().end = bytes.len();
        }
        table.push(SectionHeader {
            sh_name,
            sh_type: *kind,
            sh_flags: u64::from(*flags),
            sh_addr: 0,
            sh_offset,
            sh_size: if *kind == sh::SHT_NOBITS { 64 } else { content.len() as u64 },
            sh_link: list.iter().position(|other| !link.is_empty() && other.0 == *link).unwrap_or(0) as u32,
            sh_info: 0,
            sh_addralign: 8,
            sh_entsize: 0,
        });
    }
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let header = Header {
        e_machine: header::EM_X86_64,
        e_phoff: Header::size(ctx) as u64,
        e_shoff: bytes.len() as u64,
        e_flags: 0x0102_0304,
        e_phnum: segments.len() as u16,
        e_shnum: table.len() as u16,
        e_shstrndx: table.len() as u16 - 1,
        ..Header::new(ctx)
    };
    let segment = |place: &std::ops::Range<usize>| ProgramHeader {
        p_flags: ph::PF_R | ph::PF_X,
        p_offset: place.start as u64,
        p_vaddr: place.start as u64 + if place.start > 0 { 0x10000 } else { 0 },
        p_filesz: place.len() as u64,
        p_memsz: place.len() as u64,
        p_align: if segments.len() > 1 { 4096 } else { 8 },
        ..ProgramHeader::new()
    };
    for section in table {
        let at = bytes.len();
        bytes.resize(at + SectionHeader::size(ctx), 0);
        bytes.pwrite_with(section, at, ctx).unwrap();
    }
    bytes.pwrite_with(header, 0, ctx.le).unwrap();
    for (at, place) in segments.iter().enumerate() {
        bytes.pwrite_with(segment(place), Header::size(ctx) + at * ProgramHeader::size(ctx), ctx).unwrap();
    }
    bytes
}

fn applied(edit: &Edit, before: &[u8]) -> Vec<u8> {
    let mut after = Vec::new();
    let read = |at: u64, out: &mut [u8]| {
        out.copy_from_slice(&before[at as usize..at as usize + out.len()]);
        Ok(())
    };
    let put = |piece: &[u8]| {
        after.extend_from_slice(piece);
        Ok(())
    };
    edit.write(read, put).unwrap();
    after
}

fn outcome(bytes: &[u8]) -> Stripping {
    edit(bytes.len() as u64, &|at, out| {
        let at = usize::try_from(at).unwrap();
        let from = bytes.get(at..at + out.len()).ok_or(std::io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(from);
        Ok(())
    })
}

fn stripped(bytes: &[u8]) -> Vec<u8> {
    match outcome(bytes) {
        Stripping::Edit(edit) => {
            let after = applied(&edit, bytes);
            assert_eq!(after.len() as u64, edit.size());
            after
        }
        other => panic!("{other:?}"),
    }
}

fn names(elf: &Elf<'_>) -> Vec<String> {
    elf.section_headers.iter().map(|one| elf.shdr_strtab.get_at(one.sh_name).unwrap().to_owned()).collect()
}

#[test]
fn debug_information_and_symbols_go_and_nothing_else() {
    let contexts = [Container::Big, Container::Little]
        .into_iter()
        .flat_map(|container| [Endian::Little, Endian::Big].map(|le| Ctx { container, le }));
    for ctx in contexts {
        let before = write(ctx, &sections());
        let after = stripped(&before);
        let (old, new) = (Elf::parse(&before).unwrap(), Elf::parse(&after).unwrap());
        assert_eq!(names(&new), ["", ".text", ".data", ".bss", ".comment", ".note.later", ".shstrtab"]);
        assert_eq!(old.program_headers, new.program_headers);
        let Header { e_shoff, e_shnum, e_shstrndx, .. } = old.header;
        assert_eq!(Header { e_shoff, e_shnum, e_shstrndx, ..new.header }, old.header);
        let end = usize::try_from(old.program_headers[0].p_filesz).unwrap();
        let header = usize::from(old.header.e_ehsize);
        assert_eq!(before[header..end], after[header..end], "what is loaded stays where it is");
        for section in &new.section_headers {
            let name = new.shdr_strtab.get_at(section.sh_name).unwrap();
            let was = old.section_headers.iter().find(|one| old.shdr_strtab.get_at(one.sh_name) == Some(name)).unwrap();
            assert_eq!((was.sh_type, was.sh_flags, was.sh_size), (section.sh_type, section.sh_flags, section.sh_size));
            if let (Some(was), Some(is)) = (was.file_range(), section.file_range()) {
                assert_eq!(before[was], after[is], "{name}");
            }
        }
        let link = new.section_headers[5].sh_link as usize;
        assert_eq!(new.shdr_strtab.get_at(new.section_headers[link].sh_name), Some(".text"));
        assert!(before.len() - after.len() > 500);
        assert_eq!(outcome(&after), Stripping::Nothing, "and nothing is left to do");
    }
}

#[test]
fn files_that_something_else_may_read_are_left_alone() {
    let reason = |bytes: &[u8]| match outcome(bytes) {
        Stripping::LeaveAlone(reason) => reason,
        other => panic!("{other:?}"),
    };
    let plain = write(USUAL, &sections());
    let mut payload = plain.clone();
    payload.extend_from_slice(b"PK\x03\x04");
    assert_eq!(reason(&payload), "data follows its last section");
    let mut marked = plain.clone();
    marked[8..11].copy_from_slice(b"AI\x02");
    assert_eq!(reason(&marked), "its header holds a mark that is not known");
    let with = |at: usize, section: Section| {
        let mut list = sections();
        list.insert(at, section);
        write(USUAL, &list)
    };
    assert_eq!(reason(&with(8, ("pydata", sh::SHT_PROGBITS, 0, vec![1; 9], ""))), "it has a section that is not known");
    assert_eq!(
        reason(&with(3, (".gnu_debugdata", sh::SHT_NOTE, 0, vec![1; 9], ""))),
        "it holds a compressed table of symbols for backtraces"
    );
    // Symbols of less than a page before something that is loaded: nothing would be gained.
    assert_eq!(
        reason(&with(7, (".late", sh::SHT_PROGBITS, sh::SHF_ALLOC, vec![1; 9], ""))),
        "they lie before something that is loaded"
    );
    assert_eq!(
        reason(&with(0, (".init", sh::SHT_NOBITS, CODE, Vec::new(), ""))),
        "it is the debug information of another file"
    );
    // Something between two sections that no header speaks of.
    let hidden = plain.windows(8).position(|bytes| bytes == b"GCC: 12\0").unwrap();
    let mut between = plain.clone();
    let info = between.windows(500).position(|bytes| bytes == [7; 500]).unwrap();
    between[info + 500] = 1;
    assert_eq!(reason(&between), "data follows its last section");
    assert!(hidden < info);
}

/// As patchelf leaves a library: dynamic strings at the end, behind the symbols.
fn patched(ctx: Ctx) -> Vec<u8> {
    let mut list = sections();
    list[4].3 = (0..=255).cycle().take(9000).collect();
    list.push((".late", sh::SHT_PROGBITS, sh::SHF_ALLOC, b"late".to_vec(), ".symtab"));
    list.push((".comment.2", sh::SHT_NOTE, 0, b"5678".to_vec(), ".late"));
    write(ctx, &list)
}

#[test]
fn what_is_loaded_behind_symbols_moves_to_the_front() {
    for ctx in [USUAL, Ctx { container: Container::Little, le: Endian::Big }] {
        let before = patched(ctx);
        let after = stripped(&before);
        assert!(before.len() - after.len() > 8000, "two pages, less what the moved sections take");
        let (old, new) = (Elf::parse(&before).unwrap(), Elf::parse(&after).unwrap());
        assert_eq!(new.program_headers.len(), 2);
        for (was, is) in old.program_headers.iter().zip(&new.program_headers) {
            assert_eq!(ProgramHeader { p_offset: was.p_offset, ..is.clone() }, *was);
            assert_eq!(is.p_offset % is.p_align, is.p_vaddr % is.p_align);
            let skipped = if was.p_offset == 0 { Header::size(ctx) + 2 * ProgramHeader::size(ctx) } else { 0 };
            assert_eq!(before[was.file_range()][skipped..], after[is.file_range()][skipped..]);
        }
        // Numbers of sections before the last that is loaded are in what is loaded.
        let kept =
            ["", ".text", ".data", ".bss", ".comment", "", "", "", ".note.later", ".late", ".comment.2", ".shstrtab"];
        assert_eq!(names(&new), kept);
        for (was, is) in
            old.section_headers.iter().zip(&new.section_headers).filter(|(_, is)| is.sh_type != sh::SHT_NULL)
        {
            assert_eq!((was.sh_name, was.sh_addr, was.sh_size), (is.sh_name, is.sh_addr, is.sh_size));
            if let (Some(was), Some(is)) = (was.file_range(), is.file_range()) {
                assert_eq!(before[was], after[is]);
            }
        }
        let links: Vec<u32> = new.section_headers.iter().map(|one| one.sh_link).collect();
        assert_eq!(links[8..11], [1, 0, 9]);
        assert_eq!(outcome(&after), Stripping::Nothing, "and nothing is left to do");
    }
}

#[test]
fn programs_and_what_hides_something_are_not_moved() {
    let plain = patched(USUAL);
    let before = Stripping::LeaveAlone("they lie before something that is loaded");
    let mut program = plain.clone();
    program[64 + 56] = 3;
    assert_eq!(outcome(&program), before, "a program, for it has an interpreter");
    let mut fixed = plain.clone();
    fixed[16] = 2;
    assert_eq!(outcome(&fixed), before);
    // Bytes that no header speaks of, in what would go: the section behind `.comment` begins later.
    let mut hidden = plain;
    let info = Elf::parse(&hidden).unwrap().header.e_shoff as usize + 5 * SectionHeader::size(USUAL);
    for (at, by) in [(24, 8_i64), (32, -8)] {
        let field = &mut hidden[info + at..info + at + 8];
        let value = u64::from_le_bytes(field.try_into().unwrap()).wrapping_add_signed(by);
        field.copy_from_slice(&value.to_le_bytes());
    }
    assert_eq!(outcome(&hidden), Stripping::LeaveAlone("data follows its last section"));
}

#[test]
fn what_has_nothing_to_lose_is_not_touched() {
    let mut list = sections();
    list.retain(|section| !matches!(section.0, ".debug_info" | ".symtab" | ".strtab"));
    assert_eq!(outcome(&write(USUAL, &list)), Stripping::Nothing);
    assert_eq!(outcome(b"#!/bin/sh\n"), Stripping::Nothing);
    let mut object = write(USUAL, &sections());
    object[16] = 1;
    assert_eq!(outcome(&object), Stripping::Nothing, "relocatable files need their symbols");
}

fn plan_of(rootfs: &Rootfs) -> (Plan, Vec<String>) {
    let mut plan = Plan::keep_all(&rootfs.tree);
    let notes = strip(rootfs, &mut plan).notes();
    (plan, notes)
}

#[test]
fn a_checksum_beside_a_file_or_a_signature_holds_it() {
    let file = write(USUAL, &sections());
    let rootfs = Builder::new()
        .file("/lib/libplain.so", &file)
        .file("/lib/libfreebl3.so", &file)
        .file("/lib/libfreebl3.chk", b"x")
        .file("/lib/libgcrypt.so.20", &file)
        .file("/lib/.libgcrypt.so.20.hmac", b"x")
        .file("/lib/ossl-modules/fips.so", &file)
        .file("/lib/ld-linux-x86-64.so.2", &file)
        .build();
    let (plan, notes) = plan_of(&rootfs);
    let tree = &rootfs.tree;
    let plain = tree.inode_id(tree.get("/lib/libplain.so").unwrap());
    assert_eq!(plan.stripped.keys().copied().collect::<Vec<_>>(), [plain]);
    assert_eq!(plan.rewritten_size(plain), Some(stripped(&file).len() as u64));
    assert_eq!(
        notes,
        [
            "/lib/ld-linux-x86-64.so.2: symbols stay: debuggers find the program by its symbols",
            "/lib/libfreebl3.so and 2 more: symbols stay: something beside it holds a checksum or signature of it",
        ]
    );
}

#[test]
fn debuggers_and_the_users_word_keep_symbols() {
    let file = write(USUAL, &sections());
    let rootfs = Builder::new().file("/opt/app", &file).file("/usr/bin/gdb", b"x").build();
    let (plan, notes) = plan_of(&rootfs);
    assert!(plan.stripped.is_empty());
    assert_eq!(notes, ["/usr/bin/gdb reads symbols, so every file keeps them"]);
    let rootfs = Builder::new().file("/opt/app", &file).build();
    let mut plan = Plan::keep_all(&rootfs.tree);
    plan.set(
        rootfs.tree.get("/opt/app").unwrap(),
        Verdict::Keep(KeepReason::Rule(crate::plan::testing::user_keep("/opt/*"))),
    );
    assert_eq!(strip(&rootfs, &mut plan).files.len(), 1);
    assert!(plan.stripped.is_empty());
}

proptest! {
    #[test]
    fn damaged_headers_are_survived(places in prop::collection::vec((0_usize..2000, any::<u8>()), 1..6), cut in 0_usize..2000) {
        let mut bytes = write(USUAL, &sections());
        let length = bytes.len();
        for (at, byte) in places {
            // Mostly headers: the file's own and the table's.
            let at = if at < 1000 { at % 120 } else { length - 1 - at % 640 };
            bytes[at] = byte;
        }
        bytes.truncate(if cut < 1800 { length } else { cut % length });
        if let Stripping::Edit(edit) = outcome(&bytes) {
            prop_assert!(edit.size() < bytes.len() as u64);
            prop_assert_eq!(applied(&edit, &bytes).len() as u64, edit.size());
        }
    }
}
