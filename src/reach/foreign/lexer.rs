//! Finds the strings in code: quotes, backticks and comments of most languages are alike. What is not certain (a pattern that
//! holds a quote, an apostrophe in text) makes no difference beyond its line, for every line starts anew; there every piece
//! between two quotes counts as a string.

use super::call::Call;
use super::facts::Literal;
use super::language::{Backticks, Language};
use super::names::Words;

/// How many strings are kept of one file.
pub(super) const MAX_LITERALS: usize = 100_000;

/// How many characters one string may have.
const MAX_LITERAL: usize = 64 << 10;

/// How many characters may be looked at in search of the ends of strings: many times what any real file takes.
pub(super) const MAX_AHEAD: usize = 16 << 20;

/// How deep code may stand in strings.
const MAX_NESTED: u32 = 3;

/// What stands between the string before and here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing.
    Touching,
    /// An operator that joins two strings.
    Join,
    /// What separates elements of a list.
    List,
    /// Other things, or there was no string.
    Other,
}

/// Reads code.
#[derive(Debug)]
pub(super) struct Lexer {
    pub language: Language,
    pub chars: Vec<char>,
    /// Where lines end.
    breaks: Vec<usize>,
    pub at: usize,
    pub line: u32,
    /// Where the line started.
    pub start: usize,
    /// The line holds something that may have been taken for what it is not.
    pub unsure: bool,
    /// Outside of `<?php … ?>`.
    pub page: bool,
    /// What is left is data.
    pub data: bool,
    pub gap: Gap,
    /// Brackets that are open.
    pub depth: i32,
    /// The call that starts a program and is open.
    pub call: Option<Call>,
    /// The line of the first call that names no program as a string.
    pub computed: Option<u32>,
    /// The name read last.
    pub name: String,
    /// The last character that is no blank.
    pub last: char,
    pub literals: Vec<Literal>,
    pub words: Words,
    pub ahead: usize,
    /// Where the here-documents end that begin on this line.
    pub body: Option<usize>,
    pub nested: u32,
}

impl Lexer {
    pub fn new(text: &str, language: Language) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let breaks = (0..).zip(&chars).filter(|(_, c)| **c == '\n').map(|(at, _)| at).collect();
        Self {
            language,
            chars,
            breaks,
            at: 0,
            line: 1,
            start: 0,
            unsure: false,
            page: language == Language::Php && text.contains("<?"),
            data: false,
            gap: Gap::Other,
            depth: 0,
            call: None,
            computed: None,
            name: String::new(),
            last: '\n',
            literals: Vec::new(),
            words: Words::default(),
            ahead: 0,
            body: None,
            nested: 0,
        }
    }

    /// Reads all of it.
    pub fn read(mut self) -> Self {
        while let Some(c) = self.peek(0) {
            if self.literals.len() >= MAX_LITERALS {
                break;
            }
            if self.page {
                self.in_page();
                continue;
            }
            if self.at == self.start && self.skip_section() {
                continue;
            }
            match c {
                '\n' => self.end_line(),
                _ if self.comment() => {}
                '"' | '\'' => self.quote(c),
                '`' => self.backticks(),
                '<' if self.here_document() => {}
                '%' if self.language.has_percent_literals() && self.percent_literal() => {}
                '/' if self.language.has_patterns() => self.pattern(),
                '[' if self.language == Language::Lua && self.long_string() => {}
                _ if is_name(c) => self.identifier(),
                _ => self.punctuation(c),
            }
        }
        self.end_line();
        self
    }

    pub fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// The character before this one.
    pub fn before(&self) -> char {
        self.at.checked_sub(1).and_then(|at| self.chars.get(at)).copied().unwrap_or('\n')
    }

    pub fn starts_with(&self, text: &str) -> bool {
        text.chars().zip(0..).all(|(c, ahead)| self.peek(ahead) == Some(c))
    }

    pub fn slice(&self, from: usize, to: usize) -> String {
        self.chars.get(from..to.min(self.chars.len())).unwrap_or_default().iter().collect()
    }

    /// Where the line that `from` is in ends.
    pub fn line_end(&self, from: usize) -> usize {
        let next = self.breaks.partition_point(|&at| at < from);
        self.breaks.get(next).copied().unwrap_or_else(|| self.chars.len().max(from))
    }

    /// The end of a line, or of the text.
    pub fn end_line(&mut self) {
        let end = self.at.min(self.chars.len());
        if self.unsure {
            self.pieces(end);
        }
        if self.language.is_bare() || self.data {
            self.bare(end);
        }
        if self.call.as_ref().is_some_and(|call| call.ends_with_line(self.language, self.depth, self.last)) {
            self.end_call();
        }
        self.at = end + 1;
        self.line += 1;
        if let Some(body) = self.body.take().filter(|&body| body > self.at) {
            self.skip_to(body);
        }
        self.start = self.at;
        self.unsure = false;
    }

    /// Every piece between two quotes of the line.
    fn pieces(&mut self, end: usize) {
        let line = self.slice(self.start, end);
        let started = self.call.is_some();
        for piece in line.split(['"', '\'', '`']).map(str::trim).filter(|piece| piece.len() > 1) {
            let text = piece.chars().take(MAX_LITERAL).collect::<String>().into();
            self.push(Literal { text, line: self.line, started, loose: true, ..Literal::default() });
        }
    }

    /// A line in which commands need no quotes.
    fn bare(&mut self, end: usize) {
        let line = self.slice(self.start, end);
        let line = line.trim();
        if line.is_empty() || ["#", ";", "//", "--"].iter().any(|mark| line.starts_with(mark)) {
            return;
        }
        self.words.add(line);
        self.push(Literal { text: line.into(), line: self.line, loose: true, ..Literal::default() });
        for starter in ["exec ", "spawn ", "|"] {
            for (at, found) in line.match_indices(starter) {
                if self.literals.len() >= MAX_LITERALS || self.ahead > MAX_AHEAD {
                    return;
                }
                let rest = line.get(at + found.len()..).unwrap_or_default().trim_start_matches(['-', ' ']);
                let text = rest.split(']').next().unwrap_or_default();
                self.ahead += text.len();
                if !text.is_empty() {
                    self.push(Literal { text: text.into(), line: self.line, started: true, ..Literal::default() });
                }
            }
        }
    }

    pub fn push(&mut self, literal: Literal) {
        if self.literals.len() < MAX_LITERALS {
            self.literals.push(literal);
        }
    }

    /// A comment, if one begins here. It goes on to the end of the line.
    fn comment(&mut self) -> bool {
        let before = self.before();
        let free = before.is_whitespace() || matches!(before, ';' | '{' | '}' | '(' | ')' | ',');
        if !free && self.at != self.start {
            return false;
        }
        if self.language.has_block_comments() && self.starts_with("/*") {
            let Some(end) = self.find(self.at + 2, self.chars.len(), "*/") else { return false };
            self.skip_to(end + 2);
            return true;
        }
        let attribute = self.language == Language::Php && self.starts_with("#[");
        if attribute || !self.language.line_comments().iter().any(|mark| self.starts_with(mark)) {
            return false;
        }
        let end = self.line_end(self.at);
        if self.language == Language::Php
            && let Some(close) = self.find(self.at, end, "?>")
        {
            self.at = close;
            return true;
        }
        let code = self.at;
        if self.unsure {
            self.pieces(code);
            self.unsure = false;
        }
        self.at = end;
        true
    }

    /// Where a text is found next, before `to`.
    pub fn find(&mut self, from: usize, to: usize, text: &str) -> Option<usize> {
        if self.ahead > MAX_AHEAD {
            return None;
        }
        let wanted: Vec<char> = text.chars().collect();
        let rest = self.chars.get(from..to.min(self.chars.len()))?;
        let found = rest.windows(wanted.len()).position(|window| *window == *wanted);
        self.ahead += found.unwrap_or(rest.len());
        found.map(|at| from + at)
    }

    /// Goes to a place further on.
    fn skip_to(&mut self, to: usize) {
        let skipped = self.chars.get(self.at..to).unwrap_or_default();
        self.line += u32::try_from(skipped.iter().filter(|&&c| c == '\n').count()).unwrap_or(0);
        self.at = to;
    }

    /// Documentation between lines that only hold a mark, and what follows the end of the code.
    fn skip_section(&mut self) -> bool {
        let line = self.slice(self.at, self.line_end(self.at).min(self.at + 200));
        let line = line.trim_end();
        if matches!(line, "__END__" | "__DATA__") && matches!(self.language, Language::Perl | Language::Ruby) {
            self.data = true;
        }
        let end = match self.language {
            Language::Perl if line.starts_with('=') && line.chars().nth(1).is_some_and(char::is_alphabetic) => "\n=cut",
            Language::Ruby if line == "=begin" || line.starts_with("=begin ") => "\n=end",
            Language::Lua if line.trim_start().starts_with("--[[") => "]]",
            _ => return false,
        };
        let found = self.find(self.at, self.chars.len(), end).map(|at| self.line_end(at + 1));
        self.skip_to(found.unwrap_or(self.chars.len()));
        self.start = self.at;
        true
    }

    /// Text outside of PHP's marks says nothing.
    fn in_page(&mut self) {
        let end = self.find(self.at, self.chars.len(), "<?").map_or(self.chars.len(), |at| at + 2);
        self.skip_to(end);
        self.start = self.at;
        self.page = false;
    }

    /// The text from here to the quote that closes it: where it ends, and whether that is on another line. Brackets may
    /// nest. None if nothing closes it.
    pub fn closing(&mut self, from: usize, open: char, close: char) -> Option<(usize, bool)> {
        let mut depth = 0_u32;
        let mut lines = false;
        let mut at = from;
        while let Some(&c) = self.chars.get(at) {
            if at - from > MAX_LITERAL || self.ahead > MAX_AHEAD {
                return None;
            }
            self.ahead += 1;
            match c {
                '\\' => at += 1,
                '\n' => lines = true,
                _ if c == close && depth == 0 => return Some((at, lines)),
                _ if c == close => depth -= 1,
                _ if c == open && open != close => depth += 1,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Reads what stands in a string as code.
    pub fn inner(&mut self, code: &str) {
        if self.nested >= MAX_NESTED || code.len() > MAX_LITERAL || self.ahead > MAX_AHEAD {
            return;
        }
        let (nested, line, ahead) = (self.nested + 1, self.line, self.ahead);
        let inner = Self { nested, line, ahead, page: false, ..Self::new(code, self.language) };
        let inner = inner.read();
        self.ahead = inner.ahead + code.len();
        self.words.merge(inner.words);
        for literal in inner.literals {
            self.push(Literal { follows: false, ..literal });
        }
    }

    fn backticks(&mut self) {
        match self.language.backticks() {
            Backticks::Command => self.delimited('`', '`', true, true),
            Backticks::Template => {
                let tagged = matches!(self.before(), '$') || self.name.starts_with("execa");
                self.delimited('`', '`', tagged, true);
            }
            Backticks::None => self.punctuation('`'),
        }
    }
}

/// Whether a character may be part of a name.
pub(super) fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
