//! Whether a text that stands where any text may is a command.

/// Programs that are called like words of everyday English, or like machines: where a string is no command line, they are no programs.
const ENGLISH: [&str; 91] = [
    "an",
    "animate",
    "apropos",
    "apt",
    "ar",
    "arch",
    "as",
    "at",
    "base",
    "batch",
    "bind",
    "c",
    "cal",
    "case",
    "chat",
    "clear",
    "col",
    "column",
    "comm",
    "compare",
    "composite",
    "conjure",
    "convert",
    "crash",
    "cut",
    "date",
    "delta",
    "dialog",
    "diff",
    "dig",
    "display",
    "edit",
    "editor",
    "env",
    "error",
    "ex",
    "expand",
    "factor",
    "file",
    "find",
    "flex",
    "fold",
    "free",
    "from",
    "get",
    "groups",
    "head",
    "host",
    "i386",
    "id",
    "identify",
    "import",
    "info",
    "install",
    "join",
    "kill",
    "last",
    "less",
    "link",
    "linux32",
    "linux64",
    "locale",
    "look",
    "make",
    "man",
    "more",
    "nice",
    "open",
    "paste",
    "patch",
    "print",
    "rename",
    "reset",
    "script",
    "select",
    "sort",
    "split",
    "stream",
    "sum",
    "tee",
    "test",
    "time",
    "top",
    "touch",
    "type",
    "view",
    "w",
    "watch",
    "who",
    "x86_64",
    "yes",
];

/// Whether a program is called like a word of everyday English, so that the word alone is no evidence.
pub(in crate::reach) fn is_english(word: &str) -> bool {
    ENGLISH.binary_search(&word).is_ok()
}

/// Whether a text is written like a command: with an option or another command after its first word.
pub(in crate::reach) fn is_command_line(text: &str) -> bool {
    let text = text.trim_start_matches('|').trim_start();
    text.len() < 500
        && text.split_once(' ').is_some_and(|(first, rest)| {
            let pipe = rest.contains(" | ") || rest.trim_end().ends_with('|');
            let option = rest.split(' ').next().is_some_and(|word| word.starts_with('-') && word.len() > 1);
            !first.is_empty() && (option || pipe)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_sorted() {
        assert!(ENGLISH.is_sorted());
    }

    #[test]
    fn command_lines_have_options_or_pipes() {
        for line in ["sort -u", "| gzip -c", "ps ax | cat", "gzip -dc x |"] {
            assert!(is_command_line(line), "{line}");
        }
        for line in ["sort", "find the file", "file - a file", "", "make it so"] {
            assert!(!is_command_line(line), "{line}");
        }
    }
}
