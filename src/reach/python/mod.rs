//! Python: what a file imports, and where the interpreter would find it.

mod archive;
mod builtins;
pub mod bytecode;
mod calls;
mod codecs;
mod computed;
mod data;
mod distributions;
pub mod environment;
mod extension;
pub mod extract;
pub mod facts;
mod files;
mod imports;
mod indirect;
mod listing;
mod live;
mod metadata;
mod modules;
pub mod pickled;
mod programs;
mod resolver;
mod resources;
mod scopes;
mod site;
#[cfg(test)]
mod tests;
mod uses;

pub use environment::is_interpreter;
pub use extension::ExtensionFacts;
pub use resolver::{Python, Role};
