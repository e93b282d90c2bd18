//! From an argument vector to what it reaches: the program, the programs it wraps, and what its words name. Shell code is
//! a list of such vectors.
//!
//! An unreadable part of a word is a [`HOLE`](super::hole::HOLE).

mod absent;
mod given;
mod login;
mod lookup;
mod named;
mod open;
mod operands;
mod plausible;
mod program;
mod recipes;
mod runner;
mod script;
mod shebang;
mod start;
mod wrapper;

pub(crate) use lookup::fits;
pub use open::{OpenCode, Unread};
pub(crate) use open::{run_named, run_open};
pub use operands::{is_name, names, paths};
pub(in crate::reach) use plausible::{is_command_line, is_english};
pub use program::{HOSTS, Mode, SHELLS, reads_shell_code};
pub(crate) use runner::{Operands, Outcome, Runner};
pub use runner::{Ran, run};
pub use script::{BUILTINS, run as run_script};
pub(crate) use script::{run_code, run_lines};
pub use shebang::run_interpreter;
pub use start::SHELL;
pub(crate) use wrapper::unwrapped;
pub use wrapper::{is_wrapper, runs_words};
