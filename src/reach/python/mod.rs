//! Python: what a file imports, and where the interpreter would find it.

mod analyser;
mod asking;
mod codecs;
mod command_line;
mod conditions;
mod embedding;
mod hint;
mod intake;
mod metadata;
mod names;
mod reaching;
mod reading;
mod resolver;
mod running;
mod scopes;
mod search;
mod site;
mod starting;
#[cfg(test)]
mod tests;

pub use reading::extension::ExtensionFacts;
pub use reading::{bytecode, extract, facts, pickled};
pub use resolver::{Python, Role};
pub use search::environment::{self, is_interpreter};
