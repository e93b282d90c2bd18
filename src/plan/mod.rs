//! One verdict a file, with its reason.
//!
//! The order of precedence: `--keep`, `--strip`, keep rules, evidence, strip rules, then pruning of what has an
//! owner and is not reached. Afterwards what a kept symlink needs comes back, byte code that is asked for, too, and directories that nothing is left
//! in go where that is safe. See [`decide`].

mod apply;
mod bytecode;
mod decide;
mod dedupe;
mod directories;
mod directory_links;
mod edit;
mod idle;
mod inputs;
mod links;
mod owned;
pub mod records;
pub mod symbols;
mod totals;
mod verdict;

pub use apply::apply;
pub use bytecode::Bytecode;
pub use decide::decide;
pub use dedupe::dedupe;
pub use edit::Edit;
pub use idle::idle_globs;
pub use inputs::Inputs;
pub use totals::{Amount, Removal, Totals, removals};
pub use verdict::{KeepReason, Plan, StripReason, Verdict};

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
