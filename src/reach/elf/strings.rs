//! Strings of an ELF file that may name something: a library, a path, a Python module, a command.

use std::collections::HashSet;

use super::stems::stems;

/// At most this many bytes of each kind of string are kept of one file.
const BUDGET: usize = 4 << 20;
const MAX_PATH: usize = 512;
/// Longer texts mention nothing. In bytes.
const MAX_MENTIONING: usize = 64 << 10;
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 2..=200;

/// What kinds of strings are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Identifiers and dotted names.
    pub(super) names: bool,
    /// First words of what may be command lines for a shell.
    pub(super) commands: bool,
    /// What is a command line for sure, if its first word is a program.
    pub(super) lines: bool,
    /// Single words that may be commands or folders.
    pub(super) words: bool,
}

/// Sorts strings by what they may name.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub(super) wanted: Wanted,
    pub(super) libraries: Set,
    /// Names of libraries and parts of such names.
    pub(super) stems: Set,
    pub(super) paths: Set,
    /// Absolute paths that are words of longer strings.
    pub(super) mentions: Set,
    pub(super) formats: Set,
    pub(super) relatives: Set,
    pub(super) names: Set,
    pub(super) commands: Set,
    pub(super) lines: Set,
    pub(super) words: Set,
    pub(super) sources: Set,
    /// Short strings that were looked at, by a hash; not all of them. Compressed data is full of the same chance words.
    pub(super) seen: Vec<u64>,
}

/// Which kinds of characters a text has.
#[derive(Clone, Copy, Debug)]
struct Characters(u8);

impl Characters {
    /// ASCII letters, digits, `_`.
    const NAME: u8 = 1;
    const DOT: u8 = 2;
    const SLASH: u8 = 4;
    /// `+` and `-`.
    const SIGN: u8 = 8;
    /// ASCII white space.
    const BLANK: u8 = 16;
    const OTHER: u8 = 32;

    const KINDS: [u8; 256] = {
        let mut kinds = [Self::OTHER; 256];
        let mut byte = 0;
        while byte < 256 {
            let b = byte as u8;
            if b.is_ascii_alphanumeric() || b == b'_' {
                kinds[byte] = Self::NAME;
            } else if b.is_ascii_whitespace() {
                kinds[byte] = Self::BLANK;
            }
            byte += 1;
        }
        kinds[b'.' as usize] = Self::DOT;
        kinds[b'/' as usize] = Self::SLASH;
        kinds[b'+' as usize] = Self::SIGN;
        kinds[b'-' as usize] = Self::SIGN;
        kinds
    };

    fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |kinds, byte| kinds | Self::KINDS[usize::from(byte)]))
    }

    /// Whether it has any of these.
    fn any(self, kinds: u8) -> bool {
        self.0 & kinds != 0
    }

    /// Whether it has none but these.
    fn none_but(self, kinds: u8) -> bool {
        self.0 & !kinds == 0
    }
}

/// How many short strings are remembered: a power of two.
const SEEN: usize = 1 << 15;

/// A set of strings with a budget.
#[derive(Debug, Default)]
pub(super) struct Set {
    items: HashSet<Box<str>>,
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
        if self.has_seen(text) {
            return;
        }
        let Ok(text) = std::str::from_utf8(text) else { return };
        // Most of what stands between other bytes is no text of any kind: one look at its characters tells.
        let has = Characters::of(text);
        let separates = has.any(Characters::BLANK | Characters::SLASH | Characters::DOT);
        if has.any(Characters::OTHER) && !separates && !text.starts_with("lib") {
            return;
        }
        if self.wanted.lines && has.any(Characters::BLANK) && is_line(text) {
            self.lines.add(text);
        }
        if has.any(Characters::SLASH) {
            self.add_mentions(text);
        }
        if has.any(Characters::DOT) || text.starts_with("lib") || has.any(Characters::SLASH) {
            stems(text).for_each(|stem| self.stems.add(stem));
        }
        if text.starts_with('/') {
            if text.len() <= MAX_PATH * 8 {
                text.split([':', ';']).for_each(|part| self.add_path(part));
            }
            return;
        }
        if has.any(Characters::DOT) && is_library(text) {
            self.libraries.add(text);
        }
        if self.wanted.words && has.any(Characters::SLASH) && is_relative(text) {
            self.relatives.add(text);
        }
        if self.wanted.names {
            if has.none_but(Characters::NAME | Characters::DOT) && is_dotted_name(text) {
                self.names.add(text);
            } else if has.any(Characters::BLANK) && is_python_source(text) {
                self.sources.add(text);
            }
        }
        if self.wanted.words && has.none_but(Characters::NAME | Characters::DOT | Characters::SIGN) && is_word(text) {
            self.words.add(text);
        }
        if self.wanted.commands
            && has.any(Characters::BLANK)
            && let Some((word, rest)) = text.split_once(' ')
            && is_command(word)
            && is_arguments(rest)
        {
            self.commands.add(word);
        }
    }

    /// Whether a short string was looked at before, as far as that is remembered; it is from now on.
    fn has_seen(&mut self, text: &[u8]) -> bool {
        let (1..=8, Some(1..)) = (text.len(), text.last()) else { return false };
        let mut word = [0; 8];
        word[..text.len()].copy_from_slice(text);
        let word = u64::from_le_bytes(word);
        // The upper bits of a product depend on all bits of its factors (Knuth, 6.4).
        let place = word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SEEN.trailing_zeros());
        self.seen.resize(SEEN, 0);
        self.seen.get_mut(place as usize).is_some_and(|slot| std::mem::replace(slot, word) == word)
    }

    /// Settings that are compiled in (`mime_table /usr/share/x`, `--datadir=/usr/share/x`), messages.
    fn add_mentions(&mut self, text: &str) {
        // Most strings have none.
        if memchr::memchr(b'/', text.as_bytes()).is_none() {
            return;
        }
        let ends = |c: char| c.is_ascii_whitespace() || "=\"'`,;:()<>[]{}|".contains(c);
        let Some(first) = text.find(ends).filter(|_| text.len() <= MAX_MENTIONING) else { return };
        if text.starts_with('/') || memchr::memchr(b'/', text.as_bytes().get(first..).unwrap_or_default()).is_some() {
            for word in text.split(ends).map(|word| word.trim_end_matches('.')).filter(|word| is_path(word)) {
                self.mentions.add(word);
            }
        }
    }

    fn add_path(&mut self, text: &str) {
        if is_path(text) {
            self.paths.add(text);
        } else if text.contains('%') && is_path(&text.replace('%', "x")) {
            self.formats.add(text);
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

/// A word that may be the name of a program or of a folder.
fn is_word(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
    (2..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().all(plain)
}

/// The end of a path that is put together: `gtk-4.0/modules`, `%s/plugins`.
fn is_relative(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._+-%".contains(&b);
    (3..=200).contains(&text.len()) && text.contains('/') && !text.contains("//") && text.bytes().all(plain)
}

/// Longer texts are no command lines.
const MAX_LINE: usize = 2048;

/// Whether a text is written as a command line is, whatever its first word may be: an option follows it, `exec` stands before
/// it, its output goes to a file or to another command.
fn is_line(text: &str) -> bool {
    // Messages end with a line end.
    if text.len() > MAX_LINE
        || text.ends_with('\n')
        || !text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
    {
        return false;
    }
    let (is_exec, line) = text.strip_prefix("exec ").map_or((false, text), |rest| (true, rest.trim_start()));
    let mut tokens = line.split_ascii_whitespace();
    let Some(first) = tokens.next() else { return false };
    if !is_word(first) && !is_path(first) {
        return false;
    }
    let second = tokens.next();
    let option = |token: &str| {
        let name = token.trim_start_matches('-');
        token.len() - name.len() <= 2
            && token != name
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !name.ends_with([':', ',', ';', '.', ')'])
    };
    let given = |token: &str| token.contains('%') || token.starts_with(['/', '$', '"', '\'']);
    second.is_some_and(option)
        || (is_exec && second.is_none_or(given))
        || (second.is_some() && line.split_ascii_whitespace().skip(1).any(option) && line.contains("%s"))
        || [" | ", " && ", " 2>", " >/", " > /", " >%s", " > %s", " < /", " </", " < %s", " <%s"]
            .iter()
            .any(|mark| line.contains(mark))
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
    fn no_text_of_a_kind_lacks_its_characters() {
        // What each kind of text was before its characters were looked at first.
        let everything = || Wanted { names: true, commands: true, lines: true, words: true };
        for text in [
            "a.so",
            "x/y.so",
            "lib",
            "libz",
            "lib/libz",
            "/usr/lib/libz",
            "a b/libz.so",
            "a.b",
            "a",
            "a-b",
            "a+b.c",
            "g++",
            "a/b",
            "%s/x",
            "import a",
            "x\nfrom a import b",
            "gzip -d",
            "exec x",
            "a\t-b",
            "a\tb",
            "é",
            "a@b",
            "lib%s",
            "",
        ] {
            let mut found = Collector { wanted: everything(), ..Collector::default() };
            found.add(text.as_bytes());
            let path = text.starts_with('/');
            let is = |set: &Set, expected: bool| assert_eq!(set.contains(text), expected, "{text}");
            is(&found.lines, is_line(text));
            is(&found.libraries, !path && is_library(text));
            is(&found.relatives, !path && is_relative(text));
            is(&found.names, !path && is_dotted_name(text));
            is(&found.sources, !path && !is_dotted_name(text) && is_python_source(text));
            is(&found.words, !path && is_word(text));
            assert_eq!(found.stems.into_sorted().len(), stems(text).count(), "{text}");
        }
    }

    #[test]
    fn sorts_strings_by_kind() {
        let mut found = Collector {
            wanted: Wanted { names: true, commands: true, lines: true, words: true },
            ..Collector::default()
        };
        for text in [
            "/usr/lib/a:/etc/b",
            "/usr/lib/a/%s.so",
            "%s/plugins",
            "table /usr/share/m/n.conf",
            "with '--dir=/usr/lib/m'.",
            "libz.so.1",
            "gzip -dc %s",
            "import json\n",
            "os.path",
            "a, b",
            "tar",
            "so it goes",
        ] {
            found.add(text.as_bytes());
        }
        let texts = |set: Set| set.into_sorted().join(" ");
        assert_eq!(texts(found.paths), "/etc/b /usr/lib/a");
        assert_eq!(texts(found.mentions), "/etc/b /usr/lib/a /usr/lib/m /usr/share/m/n.conf");
        assert_eq!(texts(found.formats), "/usr/lib/a/%s.so");
        assert_eq!(texts(found.relatives), "%s/plugins");
        assert_eq!(texts(found.lines), "gzip -dc %s");
        assert_eq!(texts(found.libraries), "libz.so.1");
        assert_eq!(texts(found.commands), "gzip table with");
        assert_eq!(texts(found.words), "libz.so.1 os.path tar");
        assert_eq!(texts(found.names), "os.path tar");
        assert_eq!(texts(found.sources), "import json\n");
    }

    #[test]
    fn tells_command_lines_from_sentences() {
        for text in [
            "exec x86_64-linux-gnu-gcc %w -pthread -fpic -shared -o %o %s",
            "exec tcc %s",
            "/bin/gzip -dc",
            "/usr/sbin/sendmail -t",
            "zcat %s | tar xf -",
            "tar xf %s -C %s",
            "convert '%s' > /dev/null",
            "mail -s 'Report' %s",
        ] {
            assert!(is_line(text), "{text}");
        }
        for text in [
            "exec format error",
            "file %s not found",
            "sort failed",
            "test of %s - no",
            "find the file",
            "/usr/bin/env",
            "-f FILE",
            "locale: %s",
            "split -S:  %s",
            "sort -u %s: no such file\n",
            "time %s",
        ] {
            assert!(!is_line(text), "{text}");
        }
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
