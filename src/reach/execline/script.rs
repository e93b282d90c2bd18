//! What an execline script says: words and blocks of words.
//!
//! The syntax is that of <https://skarnet.org/software/execline/execlineb.html>: words are separated by white space, `"` and
//! `\` quote, `#` at the start of a word begins a comment, `{` and `}` that stand alone enclose a block.

use serde::{Deserialize, Serialize};

use crate::reach::decoding;
use crate::reach::shell::shebang::Shebang;

/// How many words and blocks are read of one script.
const MAX_ITEMS: usize = 20_000;

/// How deep blocks may nest; deeper ones count as part of the one that they stand in.
const MAX_DEPTH: usize = 32;

/// A script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExeclineScript {
    /// The `#!` line.
    pub shebang: Option<Shebang>,
    /// All of it.
    pub items: Vec<Item>,
    /// There was more than is read.
    pub cut: bool,
}

/// A part of an argument vector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// A word, quotes removed, and its 1-based line.
    Word(Box<str>, u32),
    /// `{ … }`
    Block(Vec<Item>),
}

/// Reads a script.
pub fn read(bytes: &[u8]) -> ExeclineScript {
    let text = decoding::text(bytes);
    let mut open: Vec<Vec<Item>> = vec![Vec::new()];
    let mut deeper = 0_usize;
    let mut words = Words { chars: text.chars().peekable(), line: 1 };
    let mut count = 0;
    while let Some((word, quoted, line)) = words.next_word() {
        count += 1;
        if count > MAX_ITEMS {
            break;
        }
        match word.as_str() {
            "{" if !quoted && open.len() > MAX_DEPTH => deeper += 1,
            "}" if !quoted && deeper > 0 => deeper -= 1,
            "{" if !quoted => open.push(Vec::new()),
            "}" if !quoted => close(&mut open),
            _ => {
                open.last_mut().into_iter().for_each(|innermost| innermost.push(Item::Word(word.as_str().into(), line)))
            }
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    ExeclineScript { shebang: Shebang::parse(bytes), items: open.pop().unwrap_or_default(), cut: count > MAX_ITEMS }
}

/// Ends the innermost block. A brace that closes nothing is passed over.
fn close(open: &mut Vec<Vec<Item>>) {
    if open.len() > 1
        && let Some(block) = open.pop()
        && let Some(outer) = open.last_mut()
    {
        outer.push(Item::Block(block));
    }
}

struct Words<'t> {
    chars: std::iter::Peekable<std::str::Chars<'t>>,
    line: u32,
}

impl Words<'_> {
    fn bump(&mut self) -> Option<char> {
        let c = self.chars.next();
        self.line += u32::from(c == Some('\n'));
        c
    }

    /// The next word, whether any of it was quoted, and its line.
    fn next_word(&mut self) -> Option<(String, bool, u32)> {
        loop {
            match self.chars.peek()? {
                '#' => while self.bump().is_some_and(|c| c != '\n') {},
                c if c.is_ascii_whitespace() => {
                    self.bump();
                }
                _ => break,
            }
        }
        let (mut word, mut quoted, line) = (String::new(), false, self.line);
        while let Some(&c) = self.chars.peek() {
            match c {
                '"' => {
                    quoted = true;
                    self.bump();
                    while let Some(c) = self.bump().filter(|&c| c != '"') {
                        word.push(if c == '\\' { self.escaped() } else { c });
                    }
                }
                '\\' => {
                    quoted = true;
                    self.bump();
                    word.extend(self.bump());
                }
                c if c.is_ascii_whitespace() => break,
                c => {
                    word.push(c);
                    self.bump();
                }
            }
        }
        Some((word, quoted, line))
    }

    /// What follows a backslash within quotes.
    fn escaped(&mut self) -> char {
        match self.bump() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some(c) => c,
            None => '\\',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(items: &[Item]) -> String {
        let one = |item: &Item| match item {
            Item::Word(word, line) => format!("{word}:{line}"),
            Item::Block(items) => format!("[{}]", shown(items)),
        };
        items.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_blocks_quotes_and_comments() {
        let read = |text: &str| shown(&read(text.as_bytes()).items);
        assert_eq!(
            read("#!/usr/bin/execlineb -P\n# x\nif { test -f /a } # y\ncat /a"),
            "if:3 [test:3 -f:3 /a:3] cat:4 /a:4"
        );
        assert_eq!(read(r#"echo "a b\n\"" c\ d "{" a#b"#), "echo:1 a b\n\":1 c d:1 {:1 a#b:1");
        assert_eq!(read("a { b { c"), "a:1 [b:1 [c:1]]");
        assert_eq!(read("a } b"), "a:1 b:1");
    }

    #[test]
    fn depth_is_bounded() {
        let script = read("{ ".repeat(100_000).as_bytes());
        assert!(script.cut);
        let mut depth = 0;
        let mut items = script.items;
        while let Some(Item::Block(inner)) = items.pop() {
            (depth, items) = (depth + 1, inner);
        }
        assert_eq!(depth, MAX_DEPTH);
    }
}
