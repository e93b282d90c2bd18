//! Python: what a file imports, and where the interpreter would find it.

pub mod extract;
pub mod facts;
