//! From an argument vector to what it reaches: the program, the programs it wraps, and what its words name. Shell code is
//! a list of such vectors.
//!
//! An unreadable part of a word is a [`HOLE`](super::hole::HOLE).

mod lookup;
mod operands;
mod program;
mod runner;
mod script;
mod shebang;
mod start;
mod wrapper;

pub use operands::{is_name, names, paths};
pub use program::{Mode, SHELLS};
pub(crate) use runner::{Outcome, Runner};
pub use runner::{Ran, run};
pub use script::run as run_script;
pub(crate) use script::run_code;
pub use shebang::run_interpreter;
pub use start::SHELL;
pub use wrapper::is_wrapper;
