//! ELF files: what they load, read and run.
//!
//! [`facts()`] says what a file's bytes say; [`Linker`] turns that into files of one image, as the image's own
//! loader would: see `ld.so(8)` for glibc's, and musl's `ldso/dynlink.c`. What strings name besides, `naming` finds.

mod analyser;
mod beginnings;
mod compilers;
pub mod configuration;
mod cython;
mod dlopen_note;
pub mod facts;
#[cfg(test)]
pub(super) mod fixture;
mod glued;
mod golang;
mod immediates;
pub mod ldcache;
pub mod ldconf;
mod linker;
#[cfg(test)]
mod linker_tests;
mod machine;
mod masks;
mod mypyc;
mod naming;
mod object;
mod references;
mod runs;
mod search;
mod stems;
mod strings;
mod survey;
mod texts;
mod triggers;

pub use analyser::Elf;
pub use dlopen_note::DlopenNote;
pub use facts::{ElfFacts, PythonBinary, facts};
pub use linker::Linker;
pub use object::context;
pub(super) use stems::stems;
