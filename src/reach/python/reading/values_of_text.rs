//! Values in text of any kind of configuration that may be the name of a module: words that stand alone between what
//! separates values.

/// Longer words name no module.
const MAX_WORD: usize = 48;

/// How many different words of one text count.
const MAX_WORDS: usize = 4096;

/// The words of a text that stand alone: `key: word`, `key = word`, `["word"]`, `- word`, `<key>word</key>`, a line of one
/// word. Each once, in byte order.
pub(in crate::reach::python) fn lone_words(text: &str) -> Vec<&str> {
    let separates =
        |c: char| matches!(c, ':' | '=' | ',' | '[' | ']' | '{' | '}' | '(' | ')' | '<' | '>' | '|' | ';' | '\n');
    let parts = text.split(separates).map(|part| {
        let part = part.split(" #").next().unwrap_or_default().trim();
        let part = part.strip_prefix("- ").unwrap_or(part);
        part.trim_matches(|c: char| matches!(c, '"' | '\'' | '`') || c.is_whitespace())
    });
    let word = |part: &&str| {
        (1..=MAX_WORD).contains(&part.len()) && part.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    };
    let mut words: Vec<&str> = parts.filter(word).collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(MAX_WORDS);
    words
}

/// Whether a file of this name lists what is installed, by names of distributions and not of modules: requirements,
/// constraints, lock files and metadata of projects.
pub(in crate::reach::python) fn lists_distributions(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let name = name.to_ascii_lowercase();
    name.contains("requirements")
        || name.contains("constraints")
        || name.ends_with(".lock")
        || name.starts_with("environment.y")
        || ["pyproject.toml", "pipfile", "setup.cfg", "package.json", "package-lock.json"].contains(&&*name)
}

#[cfg(test)]
mod tests {
    use super::{lists_distributions, lone_words};

    #[test]
    fn lists_of_distributions() {
        assert!(lists_distributions(b"requirements-dev.txt") && lists_distributions(b"poetry.lock"));
        assert!(!lists_distributions(b"plugins.txt") && !lists_distributions(b"settings.toml"));
    }

    #[test]
    fn values_of_every_kind_of_file_stand_alone() {
        for (text, words) in [
            ("codec: colorsys # as ever\n", &["codec", "colorsys"][..]),
            ("codecs:\n  - colorsys\n  - 'sndhdr'\n", &["codecs", "colorsys", "sndhdr"]),
            ("{\"codec\": [\"colorsys\", 1.5]}", &["codec", "colorsys"]),
            ("[main]\ncodec = colorsys\r\n; the time is now\n", &["codec", "colorsys", "main"]),
            ("export CODEC='colorsys'\n", &["colorsys"]),
            ("<codec>colorsys</codec>", &["codec", "colorsys"]),
            ("one word is none of many\ncolorsys\n", &["colorsys"]),
        ] {
            assert_eq!(lone_words(text), words, "{text}");
        }
    }
}
