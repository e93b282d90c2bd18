//! Imports, and what a module brings with it once it is reached: its data, its distribution, the profiles' rules. One
//! leads to the other, so they share [`Reaching`].

mod children;
mod collecting;
mod commands;
mod core;
mod data;
mod globs;
mod import;
mod module;
mod rules;
mod shadow;
mod statements;
mod uses;

pub(super) use self::commands::{is_program, run_strings};
pub(super) use self::core::{By, Reaching};
pub(super) use self::data::{Folders, reach_matching, reach_package};
