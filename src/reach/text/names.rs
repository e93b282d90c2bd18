//! Which files hold configuration, judged by their names.

/// Whether a file of this name may hold configuration.
pub fn is_configuration(name: &[u8]) -> bool {
    const NAMES: [&str; 7] =
        ["Procfile", "Caddyfile", "Pipfile", "supervisord.conf", "config", "passenger_wsgi", "run"];
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
        "desktop",
        "socket",
        "timer",
        "xml",
        "txt",
        "list",
    ];
    let Ok(name) = std::str::from_utf8(name) else { return false };
    // A record: it says by which command a virtual environment was made, and Python reads nothing else of it than folders.
    if name == "pyvenv.cfg" {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
    NAMES.contains(&name)
        || EXTENSIONS.contains(&extension)
        || lower.starts_with(".env")
        || lower.starts_with("procfile.")
}
