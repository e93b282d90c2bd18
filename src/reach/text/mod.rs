//! Text configuration (INI, TOML, YAML, JSON, nginx, systemd units, Procfile, crontab, `.env`): the files,
//! modules and commands it names.
//!
//! One reader for all of them: lines with a key and a value, and words. What a key means is decided when the
//! facts are resolved, so that facts depend on the bytes alone.

mod analyser;
mod facts;
mod resolve;

pub use analyser::Text;
pub use facts::{KeyValue, TextFacts, read};
pub use resolve::resolve;

/// Whether a file of this name may hold configuration.
pub fn is_configuration(name: &[u8]) -> bool {
    const NAMES: [&str; 8] =
        ["Procfile", "crontab", "Caddyfile", "Pipfile", "supervisord.conf", "config", "passenger_wsgi", "run"];
    const EXTENSIONS: [&str; 18] = [
        "ini",
        "toml",
        "yaml",
        "yml",
        "json",
        "conf",
        "cfg",
        "cnf",
        "config",
        "properties",
        "env",
        "service",
        "socket",
        "timer",
        "xml",
        "cron",
        "txt",
        "list",
    ];
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let lower = name.to_ascii_lowercase();
    let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
    NAMES.contains(&name)
        || EXTENSIONS.contains(&extension)
        || lower.starts_with(".env")
        || lower.starts_with("procfile.")
}

#[cfg(test)]
mod tests;
