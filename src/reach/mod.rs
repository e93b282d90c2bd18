//! Which files the program can reach, and by which evidence.
//!
//! A graph: a node is a file, an edge is evidence. Reached files' bytes become facts on all threads, while one thread
//! resolves facts to files in the order in which the files were reached. Who reads a file and makes edges of what it says
//! is an [`Analyser`](analyser::Analyser): a folder each, and a line in the list in `analysers.rs`.

mod ahead;
pub mod analyser;
mod analysers;
pub mod assumption;
pub mod bundle;
pub mod command;
pub mod context;
pub mod crontab;
mod decoding;
mod doubts;
pub mod elf;
mod engine;
pub mod entrypoint;
pub mod evidence;
pub mod execline;
mod extraction;
pub mod foreign;
mod globs;
pub mod graph;
pub mod hole;
pub mod inetd;
pub mod inittab;
pub mod interpreter;
pub mod login;
pub mod logrotate;
pub mod nix;
pub mod notice;
mod payload;
#[cfg(test)]
mod profile_tests;
pub mod python;
pub mod request;
pub mod rules;
pub mod script;
pub mod shell;
pub mod source;
mod stored;
#[cfg(test)]
mod table_tests;
pub mod text;
mod tools;
pub mod trace;
#[cfg(test)]
mod trial;
pub mod units;
mod words;

pub use assumption::{Assume, Assumed, Assumption};
pub use context::Context;
pub use engine::analyse;
pub use evidence::{Edge, Evidence, EvidenceKind, Uncertainty};
pub use globs::named_nodes;
pub use graph::{Edges, Graph};
pub use request::{Effort, FileName, NameKind, Reach, Request};
pub use rules::Rules;
pub use stored::analyse_again;
pub use tools::tools;
