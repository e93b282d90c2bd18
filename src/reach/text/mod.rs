//! Text configuration (INI, TOML, YAML, JSON, nginx, systemd units, Procfile, crontab, `.env`): the files,
//! modules and commands it names.
//!
//! One reader for all of them: lines with a key and a value, and words. What a key means is decided when the
//! facts are resolved, so that facts depend on the bytes alone.

mod analyser;
mod facts;
mod markup;
mod names;
mod resolve;

pub use analyser::Text;
pub use facts::{KeyValue, TextFacts, read};
pub use names::is_configuration;
pub(in crate::reach) use resolve::data_directory;
pub use resolve::resolve;

#[cfg(test)]
mod tests;
