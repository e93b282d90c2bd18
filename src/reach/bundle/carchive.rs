//! What PyInstaller appends to its bootloader: a `CArchive`, and in it a `PYZ` with the modules, see
//! `PyInstaller/archive/readers.py` and `bootloader/src/pyi_archive.h`.

use std::io::BufReader;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::budget::MAX_MEMBERS;
use super::contents::{Bundle, Contents};
use super::toc;
use crate::reach::source::{Source, Stretch};

/// How the cookie behind the table of contents begins.
const MAGIC: &[u8] = b"MEI\x0c\x0b\n\x0b\x0e";
/// The cookie: magic, length of the archive, place and length of its table, Python's version (311), name of its library.
const COOKIE: usize = 8 + 4 * 4 + 64;
/// The bytes of an entry of the table before its name.
const ENTRY: usize = 18;

/// How many bytes at the end of a program the cookie is looked for in: it is followed by no more than the section headers.
pub(super) const TAIL: usize = 64 << 10;

/// No table of contents is larger, in bytes: as many members as are read, with paths of average length.
const MAX_TABLE: u64 = 16 << 20;

/// Whether a program that ends like this carries such an archive.
pub(super) fn is_in(tail: &[u8]) -> bool {
    memmem::rfind(tail, MAGIC).is_some()
}

/// What is in the archive that a program carries; none if there is none, or it cannot be read.
pub fn read(program: &[u8]) -> Option<Bundle> {
    read_parts(&program)
}

/// The same of a program that may be larger than memory.
pub fn read_parts(program: &dyn Source) -> Option<Bundle> {
    let all = Stretch::all(program);
    let behind = all.length().saturating_sub(TAIL as u64);
    let tail = all.part(behind, all.length() - behind)?.whole()?;
    let at = memmem::rfind(&tail, MAGIC)?;
    let mut contents = Contents::default();
    let Some(Cookie { length, table, table_length, version }) = cookie(tail.get(at..)?) else {
        contents.give_up("what says where it lies is cut off or damaged");
        return contents.finish();
    };
    contents.bundle.frozen = Some(version);
    let at = behind + at as u64;
    let start = (at + COOKIE as u64).checked_sub(length as u64).filter(|&start| start <= at);
    let archive = start.and_then(|start| all.part(start, at - start));
    let entries = archive.and_then(|archive| archive.part(table as u64, table_length as u64));
    match (archive, entries) {
        (_, Some(entries)) if entries.length() > MAX_TABLE => contents.give_up("it has too many members"),
        (Some(archive), Some(entries)) => add_entries(&mut contents, archive, &entries.whole()?),
        _ => contents.give_up("its table of contents is not where it says"),
    }
    contents.finish()
}

/// What stands at the end of an archive.
struct Cookie {
    length: usize,
    table: usize,
    table_length: usize,
    version: (u8, u8),
}

fn cookie(bytes: &[u8]) -> Option<Cookie> {
    let bytes = bytes.get(..COOKIE)?;
    let version = number(bytes, 20)?;
    let version = (u8::try_from(version / 100).ok()?, u8::try_from(version % 100).ok()?);
    Some(Cookie { length: number(bytes, 8)?, table: number(bytes, 12)?, table_length: number(bytes, 16)?, version })
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_be_bytes(four.try_into().ok()?)).ok()
}

fn add_entries(contents: &mut Contents, archive: Stretch<'_>, mut entries: &[u8]) {
    for _ in 0..MAX_MEMBERS {
        if entries.is_empty() {
            return;
        }
        let Some((entry, rest)) =
            number(entries, 0).filter(|&length| length >= ENTRY).and_then(|length| entries.split_at_checked(length))
        else {
            break;
        };
        entries = rest;
        if add_entry(contents, archive, entry).is_none() {
            contents.give_up("a member of it is damaged, or too large");
        }
    }
    if !entries.is_empty() {
        contents.give_up("its table of contents is damaged");
    }
}

/// An entry: lengths of itself, place, length of what is stored and of what that unpacks to, whether it is compressed, its
/// kind, its name.
fn add_entry(contents: &mut Contents, archive: Stretch<'_>, entry: &[u8]) -> Option<()> {
    let (at, length) = (number(entry, 4)?, number(entry, 8)?);
    let (&compressed, &kind) = (entry.get(16)?, entry.get(17)?);
    let name = entry.get(ENTRY..)?.split(|&b| b == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    let stored = archive.part(at as u64, length as u64)?;
    // Options of the interpreter, names of files of other bundles, links, the picture that is shown at the start.
    if matches!(kind, b'o' | b'd' | b'n' | b'l') {
        return Some(());
    }
    let code = matches!(kind, b's' | b'm' | b'M' | b'z');
    let stored = BufReader::new(stored);
    let unpacked = match compressed {
        0 => contents.unpack(&name, code, stored)?,
        _ => contents.unpack(&name, code, ZlibDecoder::new(stored))?,
    };
    match kind {
        b's' | b'm' | b'M' => contents.add_code(&name, &unpacked),
        b'z' => add_modules(contents, &unpacked)?,
        _ => contents.add_file(&name, &unpacked),
    }
    Some(())
}

/// The modules of a `PYZ`: its mark, Python's magic number, the place of its table, and that.
fn add_modules(contents: &mut Contents, pyz: &[u8]) -> Option<()> {
    pyz.strip_prefix(b"PYZ\0")?;
    let table = toc::read(pyz.get(number(pyz, 8)?..)?)?;
    for (name, at, length) in table {
        let code = pyz.get(at..at.checked_add(length)?)?;
        // A namespace package has none.
        if code.is_empty() {
            continue;
        }
        // Bundles could be encrypted until version 6.
        match contents.budget.unpack(ZlibDecoder::new(code)) {
            Some(unpacked) => contents.add_code(name, &unpacked),
            None => contents.give_up("modules in it are encrypted or damaged"),
        }
    }
    Some(())
}

#[cfg(test)]
pub(in crate::reach) mod tests {
    use std::io::Write;

    use super::*;
    use crate::reach::elf::fixture::ElfFile;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn be(number: usize) -> [u8; 4] {
        u32::try_from(number).unwrap().to_be_bytes()
    }

    /// A `PYZ` with these modules, as `marshal.dumps([(name, (0, at, length)), …])` lists them.
    fn pyz(modules: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = b"PYZ\0\xa7\r\r\n\0\0\0\0".to_vec();
        let mut table = vec![b'['];
        table.extend(u32::try_from(modules.len()).unwrap().to_le_bytes());
        for (name, code) in modules {
            let code = deflated(code);
            table.extend([b')', 2, b'z', u8::try_from(name.len()).unwrap()]);
            table.extend(name.as_bytes());
            table.extend([b')', 3]);
            for number in [0, out.len(), code.len()] {
                table.push(b'i');
                table.extend(i32::try_from(number).unwrap().to_le_bytes());
            }
            out.extend(code);
        }
        let at = be(out.len());
        out[8..12].copy_from_slice(&at);
        out.extend(table);
        out
    }

    /// A program with this archive: kind, name and content of each entry, and some bytes behind it.
    pub(in crate::reach) fn program(entries: &[(u8, &str, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        let mut table = Vec::new();
        for (kind, name, content) in entries {
            let stored = deflated(content);
            let length = (ENTRY + name.len() + 1).next_multiple_of(16);
            let mut entry = Vec::new();
            for number in [length, archive.len(), stored.len(), content.len()] {
                entry.extend(be(number));
            }
            entry.extend([1, *kind]);
            entry.extend(name.as_bytes());
            entry.resize(length, 0);
            table.extend(entry);
            archive.extend(stored);
        }
        let (at, length) = (archive.len(), table.len());
        archive.extend(table);
        let mut cookie = MAGIC.to_vec();
        for number in [archive.len() + COOKIE, at, length, 311] {
            cookie.extend(be(number));
        }
        cookie.resize(COOKIE, 0);
        archive.extend(cookie);
        let mut program = ElfFile::new().interpreter("/lib64/ld-linux-x86-64.so.2").needed("libc.so.6").build();
        program.extend(archive);
        program.extend([0; 300]);
        program
    }

    /// Byte code with these strings.
    pub(in crate::reach) fn code(strings: &[&str]) -> Vec<u8> {
        let mut out = b"\xe3\0\0\0\0".to_vec();
        for text in strings {
            out.extend([b'z', u8::try_from(text.len()).unwrap()]);
            out.extend(text.as_bytes());
        }
        out
    }

    #[test]
    fn reads_scripts_modules_libraries_and_data() {
        let modules = pyz(&[("app.core", &code(&["json"])), ("six", &code(&["sys"]))]);
        let library = ElfFile::new().needed("libpq.so.5").build();
        let script = code(&["subprocess", "run", "git"]);
        let program = program(&[
            (b's', "main", &script),
            (b'z', "PYZ.pyz", &modules),
            (b'b', "libfoo.so", &library),
            (b'x', "etc/data.txt", b"text"),
            (b'o', "pyi-python-flag", b""),
        ]);
        assert!(is_in(&program[program.len() - 1000..]));
        let bundle = read(&program).unwrap();
        let names: Vec<&str> = bundle.members.iter().map(|member| &*member.name).collect();
        assert_eq!(names, ["app.core", "main", "six"]);
        assert_eq!(bundle.members[1].names, ["git".into(), "run".into(), "subprocess".into()]);
        assert_eq!(bundle.libraries, ["libpq.so.5".into()]);
        assert_eq!((bundle.frozen, bundle.unread), (Some((3, 11)), None));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let encrypted = {
            let mut pyz = pyz(&[("secret", &code(&["json"]))]);
            pyz[12..16].fill(0xff);
            pyz
        };
        let unread = |bytes: &[u8]| read(bytes).and_then(|bundle| bundle.unread);
        assert!(unread(&program(&[(b'z', "PYZ.pyz", &encrypted)])).unwrap().contains("encrypted"));
        let whole = program(&[(b's', "main", &code(&["git"]))]);
        let cookie = memmem::rfind(&whole, MAGIC).unwrap();
        for at in [cookie + 10, cookie + 14, cookie + 18] {
            let mut damaged = whole.clone();
            damaged[at] = 0x7f;
            assert!(unread(&damaged).is_some(), "{at}");
        }
        let truncated = unread(&whole[..cookie + COOKIE - 1]).unwrap();
        assert!(truncated.contains("cut off"), "{truncated}");
        let mut damaged = whole.clone();
        damaged[cookie + 20] = 0x7f;
        assert!(unread(&damaged).unwrap().contains("damaged"), "no version of Python");
        assert_eq!(read(&ElfFile::new().build()), None);
        for end in 0..whole.len() {
            let _ = read(&whole[..end]);
        }
    }
}
