//! ELF files: what they load.

mod cython;
mod dlopen_note;
mod facts;
mod mypyc;
mod object;
mod references;
mod strings;

pub use dlopen_note::DlopenNote;
pub use facts::{ElfFacts, PythonBinary, facts};
