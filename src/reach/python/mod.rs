//! Python: what a file imports, and where the interpreter would find it.

mod archive;
mod builtins;
mod calls;
mod computed;
mod data;
mod distributions;
mod environment;
pub mod extract;
pub mod facts;
mod files;
mod imports;
mod listing;
mod live;
mod metadata;
mod modules;
mod resolver;
#[cfg(test)]
mod tests;

pub use environment::{Environment, PathEntry, is_interpreter};
pub use modules::{Module, ModuleId, Modules, Source};
pub use resolver::{ExtensionFacts, Python};
