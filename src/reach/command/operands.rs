//! What a word of a command line may name: files, modules and objects in them.

use crate::reach::hole::HOLE;

/// How many parts of a word are tried.
const MAX_PARTS: usize = 64;

/// The parts of `word` that may be paths: all of it, values after `=`, elements of lists, a value attached to a
/// short option (`-c/etc/app.conf`), the path of a `file:` or `unix:` URL.
pub fn paths(word: &str) -> impl Iterator<Item = &str> {
    let whole = std::iter::once(word);
    let parts = word.split(['=', ':', ',', '@', ' ', '\n', ';', '\'', '"', '(', ')', '[', ']', '<', '>', '|', '&']);
    let parts = parts.filter(move |part| part.len() < word.len()).take(MAX_PARTS);
    whole
        .chain(parts)
        .map(|part| match part.strip_prefix('-') {
            Some(option) => option.find('/').and_then(|at| option.get(at..)).unwrap_or_default(),
            None => {
                let slashes = part.len() - part.trim_start_matches('/').len();
                part.get(slashes.saturating_sub(1)..).unwrap_or(part)
            }
        })
        .filter(|part| !part.is_empty() && !matches!(*part, "." | ".." | "/") && part.len() < 4096)
}

/// The parts of `word` that may name a module or an object in one: `main:app`, `demo.wsgi`,
/// `--worker-class=pkg.Worker`, `-kgevent`.
pub fn names(word: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let values: &[&str] = match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(long), _) => &[long.split_once('=').map_or("", |(_, value)| value)],
        (None, Some(short)) => {
            let attached = short.char_indices().nth(1).and_then(|(at, _)| short.get(at..)).unwrap_or_default();
            &[attached]
        }
        _ => &[word],
    };
    for value in values.iter().flat_map(|value| value.split([',', ' ', ';', '\n', '\t', '"', '\''])).take(MAX_PARTS) {
        let value = value.rsplit_once('=').map_or(value, |(_, value)| value);
        let value = value.split_once('(').map_or(value, |(callee, _)| callee);
        if is_name(value) {
            found.push(value);
        }
    }
    found
}

/// Whether `word` is a dotted name, perhaps with `:attribute` after it.
pub fn is_name(word: &str) -> bool {
    let (module, attribute) = word.split_once(':').unwrap_or((word, "x"));
    let dotted = |name: &str| name.len() < 256 && name.split('.').all(is_identifier);
    dotted(module) && dotted(attribute)
}

fn is_identifier(name: &str) -> bool {
    let start = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    start && name.chars().all(|c| (c.is_alphanumeric() || c == '_') && c != HOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_hide_in_options_lists_and_urls() {
        let found = |word| paths(word).collect::<Vec<_>>();
        assert_eq!(found("/etc/app.conf"), ["/etc/app.conf"]);
        assert_eq!(found("--config=/etc/app.conf")[0], "/etc/app.conf");
        assert_eq!(found("-c/etc/app.conf"), ["/etc/app.conf"]);
        assert!(found("/a.jar:/b.jar").contains(&"/b.jar"));
        assert!(found("file:///srv/app.conf").contains(&"/srv/app.conf"));
        assert!(found("unix:/run/app.sock").contains(&"/run/app.sock"));
        assert_eq!(found("-x"), Vec::<&str>::new());
    }

    #[test]
    fn names_hide_in_options() {
        assert_eq!(names("main:app"), ["main:app"]);
        assert_eq!(names("demo.wsgi"), ["demo.wsgi"]);
        assert_eq!(names("main:create_app('prod')"), ["main:create_app", "prod"]);
        assert_eq!(names("--worker-class=uvicorn.workers.UvicornWorker"), ["uvicorn.workers.UvicornWorker"]);
        assert_eq!(names("-kgevent"), ["gevent"]);
        assert_eq!(names("a.b,c.d"), ["a.b", "c.d"]);
        assert_eq!(names("0.0.0.0:8000"), Vec::<&str>::new());
        assert_eq!(names("/app/main.py"), Vec::<&str>::new());
    }
}
