//! Shell scripts: the commands they run and the files they name.
//!
//! The reader is a single pass without backtracking over any text, so that hostile input costs no more than
//! its size; it knows the grammar just well enough to tell names of commands from everything else
//! (POSIX.1-2024, "Shell Command Language", with the additions of bash).

mod assignment;
mod change;
pub mod expand;
pub mod facts;
mod lexer;
pub(in crate::reach) mod printed;
pub mod reader;
pub mod shebang;
mod substitution;

mod uses;

#[cfg(test)]
mod tests;
