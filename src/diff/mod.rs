//! How two images differ: files, packages, and what the config says of how they run.
//!
//! Names are compared by what they stand for: type, content, target, mode, owner and extended attributes. Times are
//! not: two builds of the same recipe differ in all of them.

mod compare;
mod config;
mod files;
mod growth;
mod json;
mod packages;
mod side;
mod text;

#[cfg(test)]
mod tests;

pub use compare::{Diff, Summary};
pub use config::ConfigChange;
pub use files::{Aspect, Changed, File, Files, Sums, file_bytes};
pub use growth::{Baseline, growth};
pub use json::{SCHEMA, write_json};
pub use packages::{Package, Packages};
pub use side::Side;
pub use text::{write_list, write_text};
