//! What a bundle holds: code, libraries, scripts. Whatever brought it there reads it in the same way.

use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};

use super::budget::Budget;
use crate::reach::elf;
use crate::reach::python::bytecode;
use crate::reach::python::extract::extract;
use crate::reach::python::facts::PythonFacts;
use crate::reach::shell::facts::ShellFacts;
use crate::reach::shell::reader;
use crate::reach::shell::shebang::{Shebang, base_name};

/// Larger members hold no code of a language that is read.
const MAX_SOURCE: usize = 16 << 20;

/// How much of a member is unpacked to see whether it says anything: most are data.
const HEAD: u64 = 4;

/// What the files in an archive say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Major and minor version of the interpreter that it brings along; none if it runs on the image's own.
    pub frozen: Option<(u8, u8)>,
    /// Python modules, by name.
    pub members: Vec<Member>,
    /// Libraries that binaries in it load and that are not in it themselves, sorted.
    pub libraries: Vec<Box<str>>,
    /// First words of command lines in these binaries, sorted.
    pub commands: Vec<Box<str>>,
    /// Shell scripts.
    pub scripts: Vec<ShellFacts>,
    /// `#!` lines of others.
    pub interpreters: Vec<Shebang>,
    /// Why not all of it was read; none if it was.
    pub unread: Option<Box<str>>,
}

/// A Python module in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its dotted name.
    pub name: Box<str>,
    /// What it says.
    pub facts: PythonFacts,
    /// Names that may be those of modules, where nothing tells what is imported (byte code, extension modules); sorted.
    pub names: Vec<Box<str>>,
}

/// A bundle while it is read.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) bundle: Bundle,
    pub(super) budget: Budget,
    /// The file names of what is in it.
    files: Vec<Box<str>>,
}

impl Contents {
    /// Notes that part of it was not read.
    pub(super) fn give_up(&mut self, why: &str) {
        self.bundle.unread.get_or_insert_with(|| why.into());
    }

    /// A member of this name; of one that is not `sure` to say something, and does not look like it, no more than its beginning.
    /// None if it is damaged or too large.
    pub(super) fn unpack(&mut self, name: &str, sure: bool, mut from: impl Read) -> Option<Vec<u8>> {
        let mut head = Vec::new();
        from.by_ref().take(HEAD).read_to_end(&mut head).ok()?;
        if !sure && !may_tell(name, &head) {
            return Some(head);
        }
        self.budget.unpack(Cursor::new(head).chain(from))
    }

    /// Code as the interpreter keeps it: the byte code of a module without the head of a file.
    pub(super) fn add_code(&mut self, name: &str, code: &[u8]) {
        let bytecode::Bytecode { names, facts } = bytecode::read_code(code);
        self.bundle.members.push(Member { name: name.into(), facts, names });
    }

    /// A file of this path.
    pub(super) fn add_file(&mut self, path: &str, bytes: &[u8]) {
        let file = base_name(path);
        self.files.push(file.into());
        if bytes.starts_with(b"\x7fELF") {
            self.add_binary(path, bytes);
        } else if bytes.len() > MAX_SOURCE {
            self.give_up("one of its files is too large to be read");
        } else if let Some(stem) = path.strip_suffix(".py") {
            let member = Member { name: module_name(stem), facts: extract(bytes), names: Vec::new() };
            self.bundle.members.push(member);
        } else if let Some(stem) = path.strip_suffix(".pyc").filter(|_| bytecode::is_bytecode(bytes)) {
            // A copy of a source that is there as well.
            if !path.split('/').any(|part| part == "__pycache__") {
                let bytecode::Bytecode { names, facts } = bytecode::read(bytes);
                self.bundle.members.push(Member { name: module_name(stem), facts, names });
            }
        } else if let Some(shebang) = Shebang::parse(bytes) {
            if crate::reach::command::reads_shell_code(shebang.program()) {
                self.bundle.scripts.push(reader::read(bytes));
            } else {
                self.bundle.interpreters.push(shebang);
            }
        }
    }

    fn add_binary(&mut self, path: &str, bytes: &[u8]) {
        let Some(facts) = elf::facts(bytes) else { return };
        let needed = facts.needed.iter().map(|name| name.to_string().into_boxed_str());
        self.bundle.libraries.extend(needed);
        self.bundle.libraries.extend(facts.libraries);
        self.bundle.commands.extend(facts.commands);
        if let Some(python) = facts.python.filter(|python| !python.modules.is_empty()) {
            let stem =
                path.split_once(".cpython-").or_else(|| path.split_once(".abi3.")).map_or(path, |(stem, _)| stem);
            let name = module_name(stem.trim_end_matches(".so"));
            self.bundle.members.push(Member { name, names: python.names, ..Member::default() });
        }
    }

    /// All that was added, in order. None where there is nothing in it that is run.
    pub(super) fn finish(mut self) -> Option<Bundle> {
        self.files.sort_unstable();
        let within = |name: &str| self.files.binary_search_by(|file| (**file).cmp(base_name(name))).is_ok();
        let bundle = &mut self.bundle;
        bundle.libraries.retain(|name| !within(name));
        for list in [&mut bundle.libraries, &mut bundle.commands] {
            list.sort_unstable();
            list.dedup();
        }
        bundle.members.sort_by(|a, b| a.name.cmp(&b.name));
        let is_empty = bundle.members.is_empty() && bundle.libraries.is_empty() && bundle.unread.is_none();
        (!is_empty).then_some(self.bundle)
    }
}

/// Whether members with this name, and this at their beginning, may say anything.
fn may_tell(name: &str, head: &[u8]) -> bool {
    [".py", ".pyc"].iter().any(|end| name.ends_with(end))
        || [&b"\x7fELF"[..], b"PK\x03\x04", b"#!"].iter().any(|mark| head.starts_with(mark))
}

/// Folders of an archive that are on the search path once it runs: those of shiv, and pex's with a folder a distribution.
const ROOTS: [&str; 3] = ["site-packages", "dist-packages", ".bootstrap"];

/// The dotted name of the module at a path without its suffix.
fn module_name(stem: &str) -> Box<str> {
    let parts: Vec<&str> = stem.split('/').filter(|part| !part.is_empty()).collect();
    let root = parts.iter().rposition(|part| ROOTS.contains(part) || part.ends_with(".whl")).map_or(0, |at| at + 1);
    let mut parts = parts.get(root..).unwrap_or_default();
    if let [package @ .., "__init__"] = parts
        && !package.is_empty()
    {
        parts = package;
    }
    parts.join(".").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::elf::fixture::ElfFile;

    #[test]
    fn modules_are_called_as_programs_import_them() {
        for (stem, name) in [
            ("__main__", "__main__"),
            ("a/b/__init__", "a.b"),
            ("site-packages/click/core", "click.core"),
            (".deps/attrs-25.1.0-py3-none-any.whl/attr/__init__", "attr"),
            (".bootstrap/pex/pex_bootstrapper", "pex.pex_bootstrapper"),
            ("__init__", "__init__"),
        ] {
            assert_eq!(&*module_name(stem), name);
        }
    }

    #[test]
    fn libraries_that_are_in_it_are_not_looked_for_outside() {
        let mut contents = Contents::default();
        let module = ElfFile::new().export("PyInit__fast").needed("libinner.so.1").needed("libouter.so.2");
        contents.add_file("p/_fast.cpython-311-x86_64-linux-gnu.so", &module.string("json").build());
        contents.add_file("p.libs/libinner.so.1", &ElfFile::new().needed("libc.so.6").build());
        contents.add_file("bin/start", b"#!/bin/sh\nexec tool\n");
        contents.add_file("bin/other", b"#!/usr/bin/env ruby\nputs 1\n");
        let bundle = contents.finish().unwrap();
        let libraries: Vec<&str> = bundle.libraries.iter().map(|name| &**name).collect();
        assert_eq!(libraries, ["libc.so.6", "libouter.so.2"]);
        let [member] = bundle.members.as_slice() else { panic!("{:?}", bundle.members) };
        assert_eq!((&*member.name, member.names.as_slice()), ("p._fast", ["json".into()].as_slice()));
        assert_eq!((bundle.scripts.len(), bundle.interpreters[0].program()), (1, "ruby"));
    }

    #[test]
    fn an_archive_of_nothing_that_runs_is_no_bundle() {
        let mut contents = Contents::default();
        contents.add_file("word/document.xml", b"<x/>");
        contents.add_file("a.class", b"\xca\xfe\xba\xbe");
        assert_eq!(contents.finish(), None);
    }
}
