//! Code in languages without an analyser of their own: Perl, Ruby, PHP, JavaScript, Lua, Tcl, awk, and any that a `#!` line
//! may name. What such code loads is left to rules, which keep all of a runtime's libraries; what it *starts* is read: strings
//! are commands, words of commands and paths.

mod analyser;
mod call;
mod facts;
mod interpreters;
mod language;
mod lexer;
mod libraries;
mod names;
mod package;
mod quotes;
mod reader;
mod started;

pub use analyser::Foreign;
pub use facts::{ForeignFacts, Literal};
pub use language::Language;
pub use reader::read;

/// What notices call all of these languages.
const LANGUAGE: &str = "foreign";
#[cfg(test)]
mod tests;
