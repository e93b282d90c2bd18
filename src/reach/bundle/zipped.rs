//! Zip files of modules: zipapps (PEP 441), pex, shiv, eggs, wheels, a zipped standard library.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use super::budget::{Budget, MAX_MEMBERS};
use super::contents::{Bundle, Contents};
use crate::reach::source::{Source, Stretch};

/// Archives in an archive are read, those in them are not.
const MAX_DEPTH: u32 = 1;

/// How much of an archive is read for its list of members, in bytes: a member takes some ten times as many in memory.
const MAX_LIST: u64 = 16 << 20;

/// How the end of a zip file's directory begins, and how long it is without a comment (APPNOTE.TXT, 4.3.16).
const END: &[u8] = b"PK\x05\x06";
/// Its length.
pub(super) const END_LENGTH: usize = 22;

/// Whether a file that begins like this is a zip file: by itself, or behind a `#!` line.
pub(super) fn begins_zip(head: &[u8]) -> bool {
    let member = |bytes: &[u8]| bytes.starts_with(b"PK\x03\x04");
    let behind = || head.splitn(2, |&b| b == b'\n').nth(1).is_some_and(member);
    member(head) || (head.starts_with(b"#!") && behind())
}

/// Whether a file that ends like this is a zip file without a comment.
pub(super) fn ends_zip(tail: &[u8]) -> bool {
    tail.starts_with(END) && tail.ends_with(b"\0\0")
}

/// What is in a zip file; none if nothing in it runs.
pub fn read(bytes: &[u8]) -> Option<Bundle> {
    read_from(Cursor::new(bytes), bytes.len() as u64)
}

/// The same of a file that may be larger than memory.
pub fn read_parts(file: &dyn Source) -> Option<Bundle> {
    read_from(BufReader::new(Stretch::all(file)), file.size())
}

/// The same of a file of this size.
pub fn read_from(file: impl Read + Seek, size: u64) -> Option<Bundle> {
    let mut contents = Contents::default();
    contents.budget = Budget::for_archive(size);
    add(&mut contents, file, "", 0);
    contents.finish()
}

/// Reads no more than is left.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(usize::try_from(self.left.get()).unwrap_or(usize::MAX));
        if most == 0 && !out.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.inner.read(&mut out[..most])?;
        self.left.set(self.left.get() - read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

fn add<R: Read + Seek>(contents: &mut Contents, file: R, within: &str, depth: u32) {
    let left = Rc::new(Cell::new(MAX_LIST));
    let Ok(mut archive) = zip::ZipArchive::new(Metered { inner: file, left: left.clone() }) else {
        return contents.give_up("its list of members is cut off, damaged or too long");
    };
    left.set(u64::MAX);
    if archive.len() > MAX_MEMBERS {
        contents.give_up("it has too many members");
    }
    for index in 0..archive.len().min(MAX_MEMBERS) {
        let Ok(member) = archive.by_index(index) else {
            contents.give_up("a member of it is damaged or encrypted");
            continue;
        };
        if member.is_dir() {
            continue;
        }
        let path = format!("{within}{}", member.name());
        let Some(unpacked) = contents.unpack(&path, false, member) else {
            contents.give_up("a member of it is damaged, or too large");
            continue;
        };
        if depth < MAX_DEPTH && begins_zip(&unpacked) {
            // Its modules are on the search path as those of a folder of its name would be.
            add(contents, Cursor::new(&unpacked[..]), &format!("{path}/"), depth + 1);
        } else {
            contents.add_file(&path, &unpacked);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn reads_source_byte_code_and_archives_within() {
        let wheel = zipped(&[("inner/__init__.py", b"import csv\n")]);
        let code = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xda\x04json";
        let archive = zipped(&[
            ("__main__.py", b"import a\n"),
            ("a.pyc", code),
            ("data.txt", b"text"),
            (".deps/inner-1-py3-none-any.whl", &wheel),
        ]);
        let behind = [b"#!/usr/bin/env python3\n".as_slice(), &archive].concat();
        assert!(begins_zip(&archive) && begins_zip(&behind) && !begins_zip(b"#!/bin/sh\nPK\x05\x06"));
        assert!(ends_zip(&behind[behind.len() - END_LENGTH..]));
        for bytes in [&archive, &behind] {
            let bundle = read(bytes).unwrap();
            let names: Vec<&str> = bundle.members.iter().map(|member| &*member.name).collect();
            assert_eq!(names, ["__main__", "a", "inner"]);
            assert_eq!(bundle.members[1].names, ["json".into()]);
            assert_eq!((bundle.frozen, bundle.unread), (None, None));
        }
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        let mut archive = zipped(&[("a.py", &[b'#'; 4000]), ("b.py", b"import b\n")]);
        archive[40] ^= 0xff;
        let bundle = read(&archive).unwrap();
        assert!(bundle.unread.is_some());
        assert_eq!(bundle.members.len(), 1);
        let truncated = zipped(&[("a.py", b"import a\n")]);
        let bundle = read(&truncated[..truncated.len() - 10]).unwrap();
        assert!(bundle.unread.unwrap().contains("cut off"));
        let within = zipped(&[("a.whl", &truncated[..truncated.len() - 10])]);
        assert!(read(&within).unwrap().unread.is_some());
        assert_eq!(read(&zipped(&[])), None);
    }

    #[test]
    fn a_list_of_members_without_end_is_not_held_in_memory() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for n in 0..300 {
            let name = format!("{n}{}", "d".repeat(60_000));
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
        }
        let long = writer.finish().unwrap().into_inner();
        assert!(read(&long).unwrap().unread.unwrap().contains("too long"));
    }
}
