//! The first pass over the data of an ELF file: what it points to, and which compilers left their marks in it.

use memchr::memmem::Finder;

use super::object::{Object, Part};
use super::references::References;

/// What one pass over the data finds out.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) references: References,
    pub(super) marks: Marks,
}

/// Marks of compilers and run-time libraries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) go: bool,
    pub(super) rust: bool,
    pub(super) ada: bool,
    pub(super) pascal: bool,
}

/// What Go's linker puts before what `go version -m` prints (`debug/buildinfo`), what messages of Rust's standard library name
/// as their source, what GNAT's binder and Free Pascal leave.
const TEXTS: [&[u8]; 4] = [b"\xff Go buildinf:", b"/rustc/", b"GNAT Version: ", b"FPC "];
/// Pieces overlap, for a text may lie across two, as may a pointer and the length behind it. Longer than both, and a multiple
/// of every word's size. In bytes.
const OVERLAP: usize = 64;

impl Survey {
    /// Looks at all of the data.
    pub(super) fn of(object: &Object, data: &[Part]) -> Self {
        let mut references = References::within(data);
        references.read_relocations(object);
        let finders = TEXTS.map(Finder::new);
        let mut found = [false; TEXTS.len()];
        for &part in data {
            object.pieces(part, OVERLAP, |_, bytes| {
                references.read_pointers(object, bytes);
                for (found, finder) in found.iter_mut().zip(&finders) {
                    *found = *found || finder.find(bytes).is_some();
                }
            });
        }
        let [go, rust, ada, pascal] = found;
        Self { references, marks: Marks { go, rust, ada, pascal } }
    }
}
