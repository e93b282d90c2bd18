//! Python: what a file imports, and where the interpreter would find it.

mod analyser;
mod archive;
mod builtins;
pub mod bytecode;
mod calls;
mod codecs;
mod command_line;
mod computed;
mod conditions;
mod data;
mod distributions;
pub mod environment;
mod extension;
pub mod extract;
pub mod facts;
mod files;
mod hint;
mod imports;
mod indirect;
mod intake;
mod listing;
mod live;
mod metadata;
mod modules;
pub mod pickled;
mod programs;
mod resolver;
mod resources;
mod rules;
mod scopes;
mod site;
#[cfg(test)]
mod tests;
mod uses;

/// The analyser's name.
pub(super) const NAME: &str = "python";

pub use extension::ExtensionFacts;
pub use resolver::{Python, Role};
