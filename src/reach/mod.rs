//! Which files the program can reach, and by which evidence.
//!
//! A graph: a node is a file, an edge is evidence. Reached files' bytes become facts on all threads, while one thread
//! resolves facts to files in the order in which the files were reached.

mod ahead;
pub mod command;
pub mod context;
pub mod elf;
pub mod engine;
pub mod entrypoint;
pub mod evidence;
mod extraction;
mod facts;
pub mod graph;
#[cfg(test)]
mod profile_tests;
pub mod python;
pub mod rules;
pub mod shell;
mod stored;
pub mod text;
pub mod trace;

pub use context::Context;
pub use engine::{Effort, Reach, Request, analyse};
pub use evidence::{Edge, Evidence, EvidenceKind, Uncertainty};
pub use graph::{Edges, Graph, Hint};
pub use stored::analyse_again;
