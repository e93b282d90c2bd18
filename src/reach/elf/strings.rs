//! Strings of an ELF file that may name something: a library, a path, a Python module, a command.

use rustc_hash::FxHashSet;

/// At most this many bytes of each kind of string are kept of one file.
const BUDGET: usize = 4 << 20;
const MAX_PATH: usize = 512;
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 2..=200;

/// What kinds of strings are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Identifiers and dotted names.
    pub(super) names: bool,
    /// Command lines for a shell.
    pub(super) commands: bool,
    /// Single words that may be commands.
    pub(super) words: bool,
}

/// Sorts strings by what they may name.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub(super) wanted: Wanted,
    pub(super) libraries: Set,
    pub(super) paths: Set,
    pub(super) names: Set,
    pub(super) commands: Set,
    pub(super) words: Set,
    pub(super) sources: Set,
}

/// A set of strings with a budget.
#[derive(Debug, Default)]
pub(super) struct Set {
    items: FxHashSet<Box<str>>,
    bytes: usize,
}

impl Set {
    fn add(&mut self, text: &str) {
        if self.bytes + text.len() <= BUDGET && !self.items.contains(text) {
            self.bytes += text.len();
            self.items.insert(text.into());
        }
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.items.contains(text)
    }

    /// The strings in byte order.
    pub(super) fn into_sorted(self) -> Vec<Box<str>> {
        let mut items: Vec<_> = self.items.into_iter().collect();
        items.sort_unstable();
        items
    }
}

impl Collector {
    /// Looks at one whole string.
    pub(super) fn add(&mut self, text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else { return };
        if text.starts_with('/') {
            if text.len() <= MAX_PATH * 8 {
                text.split([':', ';']).filter(|part| is_path(part)).for_each(|part| self.paths.add(part));
            }
            return;
        }
        if is_library(text) {
            self.libraries.add(text);
        }
        if self.wanted.names {
            if is_dotted_name(text) {
                self.names.add(text);
            } else if is_python_source(text) {
                self.sources.add(text);
            }
        }
        match text.split_once(' ') {
            Some((word, rest)) if self.wanted.commands && is_command(word) && is_arguments(rest) => {
                self.commands.add(word)
            }
            None if self.wanted.words && is_command(text) => self.words.add(text),
            _ => {}
        }
    }

    /// Looks for library names within text that has no separators between strings.
    pub(super) fn add_glued(&mut self, text: &str) {
        for (at, _) in text.match_indices(".so") {
            let part_of_name = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
            let head = text.get(..at).unwrap_or_default();
            let start = head.rfind(|c| !part_of_name(c)).map_or(0, |before| before + 1);
            let tail = text.get(at + 3..).unwrap_or_default();
            let mut end = at + 3;
            for (dot, _) in tail.match_indices('.') {
                let digits = tail.get(dot + 1..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
                if at + 3 + dot != end || digits == 0 {
                    break;
                }
                end += 1 + digits;
            }
            // Other strings may be glued to its front: every "lib" may be where it starts.
            let name = text.get(start..end).unwrap_or_default();
            for (lib, _) in name.match_indices("lib").take(8) {
                name.get(lib..).filter(|name| is_library(name)).into_iter().for_each(|name| self.libraries.add(name));
            }
        }
    }
}

/// An absolute path without blanks, wildcards or format specifications.
pub(super) fn is_path(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+@,=~#".contains(&b);
    (2..=MAX_PATH).contains(&text.len())
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(plain)
        && text.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// A shared library's file name (`libz.so.1`, `pam_unix.so`), maybe below a relative directory.
pub(super) fn is_library(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b);
    if text.len() < 4 || text.len() > 255 || text.starts_with(['/', '.', '-']) || !text.bytes().all(plain) {
        return false;
    }
    let stem = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    stem.strip_suffix(".so").is_some_and(|stem| stem.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// `a`, `a.b`, `_a.b_c` …; also mypyc's helper modules, whose names start with a hash (`3f…__mypyc`).
pub(super) fn is_dotted_name(text: &str) -> bool {
    let part = |part: &str| {
        let mut bytes = part.bytes();
        let first = bytes.next();
        first.is_some_and(|b| b == b'_' || b.is_ascii_alphabetic() || (b.is_ascii_digit() && part.ends_with("__mypyc")))
            && bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric())
    };
    NAME_LENGTHS.contains(&text.len()) && text.split('.').all(part)
}

fn is_python_source(text: &str) -> bool {
    text.lines().take(400).any(|line| {
        let line = line.trim_start();
        line.strip_prefix("import ").is_some_and(|rest| rest.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()))
            || (line.starts_with("from ") && line.contains(" import "))
    })
}

fn is_command(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._+-".contains(&b);
    (2..=40).contains(&word.len()) && word.starts_with(|c: char| c.is_ascii_lowercase()) && word.bytes().all(plain)
}

/// Whether what follows the first word of a line makes it a command line rather than a sentence.
fn is_arguments(text: &str) -> bool {
    text.len() <= 400 && text.starts_with(['-', '%', '/', '$', '<', '>', '|', '"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_libraries_paths_and_names_apart() {
        for name in ["libz.so", "libssl.so.1.1", "pam_unix.so", "engines-3/afalg.so", "libstdc++.so.6"] {
            assert!(is_library(name), "{name}");
        }
        for name in ["lib%s.so", ".so", "so", "libz.so.x", "/lib/libz.so", "a b.so", "..so.1"] {
            assert!(!is_library(name), "{name}");
        }
        assert!(is_path("/etc/ssl/openssl.cnf") && is_path("/usr/lib/python3.11/"));
        assert!(!is_path("/proc/%d/maps") && !is_path("/") && !is_path("//host") && !is_path("/a b") && !is_path("/*"));
        for name in ["json", "_a.b_c", "os.path", "3f0c__mypyc", "3f0c__mypyc.init_x"] {
            assert!(is_dotted_name(name), "{name}");
        }
        for name in ["x", "a..b", ".a", "a.", "1a", "a-b", "a b"] {
            assert!(!is_dotted_name(name), "{name}");
        }
    }

    #[test]
    fn sorts_strings_by_kind() {
        let mut found =
            Collector { wanted: Wanted { names: true, commands: true, words: true }, ..Collector::default() };
        for text in
            ["/usr/lib/a:/etc/b", "libz.so.1", "gzip -dc %s", "import json\n", "os.path", "a, b", "tar", "so it goes"]
        {
            found.add(text.as_bytes());
        }
        let texts = |set: Set| set.into_sorted().join(" ");
        assert_eq!(texts(found.paths), "/etc/b /usr/lib/a");
        assert_eq!(texts(found.libraries), "libz.so.1");
        assert_eq!(texts(found.commands), "gzip");
        assert_eq!(texts(found.words), "libz.so.1 os.path tar");
        assert_eq!(texts(found.names), "os.path tar");
        assert_eq!(texts(found.sources), "import json\n");
    }

    #[test]
    fn finds_libraries_in_glued_text() {
        let mut found = Collector::default();
        found.add_glued("cannot openlibssl.so.3libcrypto.so.1.1: no such filelibz.so");
        let found = found.libraries.into_sorted();
        assert!(found.iter().any(|name| &**name == "libssl.so.3"), "{found:?}");
        assert!(found.iter().any(|name| &**name == "libcrypto.so.1.1"), "{found:?}");
        assert!(found.iter().any(|name| &**name == "libz.so"), "{found:?}");
    }
}
