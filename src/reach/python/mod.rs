//! Python: what a file imports, and where the interpreter would find it.
//!
//! | part | does | needs |
//! |---|---|---|
//! | `reading` | turns bytes into facts: scopes, imports, calls, names, strings; says what calls mean | |
//! | `search` | finds what names stand for: environments, modules, distributions, zip files | facts of zipped sources |
//! | `metadata` | knows which distributions are reached, and which entry points may be loaded | search |
//! | `running` | keeps what runs: read code, reached modules, names in use, scopes that have still to run | search |
//! | `reaching` | imports: a module, its data, its distribution, what the profiles' rules say | all of these |
//! | `asking` | answers what code asks for by calls and strings: computed imports, listings, commands | reaching |
//! | `codecs` | answers which codecs code looks up | reaching |
//!
//! `resolver` holds the parts as [`Python`]. `starting` takes what sets the analysis off (an interpreter, a program, a
//! snippet) and puts the bodies of modules on the agenda; `scopes` runs what is on it: names in use wake functions that
//! wait, import statements go to `reaching`, calls and strings to `asking` and `codecs`, which import in turn. Modules that
//! are reached come back as facts, through [`Python::supply`]. Where a name stands is a `site`, and `names` has those that
//! mean something everywhere.

mod analyser;
mod asking;
mod bundled;
mod codecs;
mod command_line;
mod compiled;
mod embedding;
mod hint;
mod intake;
mod metadata;
mod names;
mod plugins;
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
mod triggers;

pub use compiled::{HEAD, Interpreters, Source, is_valid};
pub use reading::extension::ExtensionFacts;
pub use reading::{bytecode, extract, facts, pickled};
pub use resolver::{Python, Role};
pub use search::environment::{self, is_interpreter};
