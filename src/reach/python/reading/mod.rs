//! From a file's bytes to facts, which depend on nothing else.

pub mod bytecode;
pub(super) mod callees;
pub(super) mod codec_arguments;
pub(super) mod extension;
pub mod extract;
pub mod facts;
pub(super) mod overview;
pub mod pickled;
pub(super) mod values_of_text;
pub(super) mod words;
