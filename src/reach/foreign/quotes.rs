//! The ways to quote a string: see `perlop(1)`, "Quote-Like Operators"; Ruby's `doc/syntax/literals`; PHP's and Lua's manuals.

use super::facts::Literal;
use super::language::Language;
use super::lexer::{Gap, Lexer, MAX_AHEAD, is_name};
use crate::reach::hole::HOLE;

/// How many elements of a list of words count.
const MAX_ELEMENTS: usize = 2000;

impl Lexer {
    /// `"…"` or `'…'`.
    pub(super) fn quote(&mut self, quote: char) {
        // An apostrophe in a text.
        if quote == '\'' && is_name(self.before()) {
            self.unsure = true;
            self.at += 1;
            return;
        }
        self.delimited(quote, quote, false, quote == '"');
    }

    /// A string whose opening quote stands here. One that nothing closes on its line may be none at all.
    pub(super) fn delimited(&mut self, open: char, close: char, command: bool, interpolates: bool) {
        let from = self.at + 1;
        let Some((end, lines)) = self.closing(from, open, close) else {
            self.unsure = true;
            self.at += 1;
            return;
        };
        let at = self.at;
        self.literal(at, (from, end), command, interpolates);
        if lines {
            self.unsure |= matches!(open, '"' | '\'' | '`');
            if let Some(last) = self.literals.last_mut() {
                last.loose = !last.started && open != '`';
            }
            self.gap = Gap::Other;
            self.at = self.line_end(self.at);
        } else {
            self.at = end + 1;
        }
        self.last = '"';
    }

    /// A string of these characters, whose quote begins at `at`.
    fn literal(&mut self, at: usize, (from, end): (usize, usize), command: bool, interpolates: bool) {
        let raw = self.slice(from, end);
        let (text, code) = unescaped(&raw, self.language, interpolates);
        self.ask_by_string(&text);
        let started = self.is_started(&text) || command;
        let named = self.is_named(at);
        if self.gap == Gap::Join
            && let Some(before) = self.literals.last()
        {
            let text = format!("{}{text}", before.text).into();
            self.push(Literal { text, line: self.line, started, named, ..Literal::default() });
        }
        let follows = self.gap == Gap::List;
        self.push(Literal { text: text.into(), line: self.line, started, follows, named, loose: false });
        for code in code {
            self.inner(&code);
        }
        self.gap = Gap::Touching;
    }

    /// `q{…}`, `qq{…}`, `qw(…)`, `qx{…}`, and patterns: `name` was read, what comes next may open the quote.
    pub(super) fn quote_operator(&mut self, name: &str) -> bool {
        if !matches!(name, "q" | "qq" | "qw" | "qx" | "m" | "qr" | "s" | "tr" | "y") {
            return false;
        }
        let mut open = self.at;
        while self.chars.get(open).is_some_and(|c| matches!(c, ' ' | '\t')) {
            open += 1;
        }
        let Some(&quote) = self.chars.get(open) else { return false };
        let spaced = open > self.at;
        if is_name(quote) || quote.is_whitespace() || matches!(quote, ',' | ';' | ')' | '=') || (spaced && quote == '#')
        {
            return false;
        }
        let close = closing_of(quote);
        if !name.starts_with('q') || name == "qr" {
            let Some((end, false)) = self.closing(open + 1, quote, close) else { return false };
            let pattern = self.slice(open, end);
            self.unsure |= pattern.contains(['"', '\'', '`']);
            self.at = end + 1;
            if matches!(name, "s" | "tr" | "y") && quote == close {
                // What replaces it may be code: only its end is skipped.
                if let Some((end, false)) = self.closing(self.at, quote, close) {
                    self.unsure |= self.slice(self.at, end).contains(['"', '\'', '`']);
                    self.at = end + 1;
                }
            }
            self.gap = Gap::Other;
            return true;
        }
        self.at = open;
        if name == "qw" {
            self.word_list(quote, close)
        } else {
            self.delimited(quote, close, name == "qx", name != "q")
        }
        true
    }

    /// A list of words: each is a string.
    fn word_list(&mut self, open: char, close: char) {
        let Some((end, _)) = self.closing(self.at + 1, open, close) else {
            self.unsure = true;
            self.at += 1;
            return;
        };
        let text = self.slice(self.at + 1, end);
        let named = self.is_named(self.at);
        for (number, word) in text.split_whitespace().take(MAX_ELEMENTS).enumerate() {
            let started = self.is_started(word);
            self.ask_by_string(word);
            let follows = number > 0 || self.gap == Gap::List;
            self.push(Literal { text: word.into(), line: self.line, started, follows, named, loose: false });
        }
        self.line += u32::try_from(text.matches('\n').count()).unwrap_or(0);
        self.at = end + 1;
        if text.contains('\n') {
            self.start = self.at;
        }
        self.gap = Gap::Touching;
    }

    /// Ruby's `%x(…)`, `%w[…]`, `%q{…}`.
    pub(super) fn percent_literal(&mut self) -> bool {
        if is_name(self.last) || matches!(self.last, ')' | ']' | '"') && !self.before().is_whitespace() {
            return false;
        }
        let kind = self.peek(1).filter(|c| matches!(c, 'x' | 'q' | 'Q' | 'w' | 'W' | 'i' | 'I'));
        let Some(open) = self.peek(if kind.is_some() { 2 } else { 1 }) else { return false };
        let bracket = matches!(open, '(' | '[' | '{' | '<' | '|' | '!' | '/');
        if !bracket || (kind.is_none() && !matches!(open, '(' | '[' | '{')) {
            return false;
        }
        self.at += if kind.is_some() { 2 } else { 1 };
        let close = closing_of(open);
        match kind {
            Some('w' | 'W' | 'i' | 'I') => self.word_list(open, close),
            kind => self.delimited(open, close, kind == Some('x'), kind != Some('q')),
        }
        true
    }

    /// `<<WORD`, `<<"WORD"`, `<<~WORD`, `<<-WORD`, `<<<WORD`: the lines up to that word are a string.
    pub(super) fn here_document(&mut self) -> bool {
        if !self.language.has_here_documents() || !self.starts_with("<<") {
            return false;
        }
        let mut at = self.at + 2;
        while self.chars.get(at).is_some_and(|c| matches!(c, '<' | '~' | '-' | '\\')) {
            at += 1;
        }
        let quote = self.chars.get(at).copied().filter(|c| matches!(c, '"' | '\'' | '`'));
        at += usize::from(quote.is_some());
        let of_end = |c: char| quote.map_or_else(|| is_name(c), |quote| c != quote && c != '\n');
        let rest = self.chars.get(at..).unwrap_or_default();
        let end: String = rest.iter().take_while(|&&c| of_end(c)).take(64).collect();
        let after = at + end.chars().count() + usize::from(quote.is_some());
        if end.is_empty() || end.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let body = self.body.unwrap_or(0).max(self.line_end(after) + 1);
        let mut close = body;
        loop {
            let line_end = self.line_end(close);
            if close >= self.chars.len() || close - body > 64 << 10 || self.ahead > MAX_AHEAD {
                return false;
            }
            let line = self.slice(close, line_end);
            self.ahead += line.len() + 1;
            let line = line.trim_start();
            // In PHP more of the statement may follow the word.
            if line.strip_prefix(end.as_str()).is_some_and(|rest| !rest.starts_with(is_name)) {
                break;
            }
            close = line_end + 1;
        }
        let (line, own) = (self.line, self.at);
        self.line += 1;
        self.literal(own, (body, close), quote == Some('`'), quote != Some('\''));
        self.line = line;
        self.gap = Gap::Other;
        self.at = after;
        // What follows on the line is read first.
        self.body = Some(self.line_end(close) + 1);
        true
    }

    /// Lua's `[[…]]`.
    pub(super) fn long_string(&mut self) -> bool {
        if !self.starts_with("[[") {
            return false;
        }
        let Some(end) = self.find(self.at + 2, self.at + (64 << 10), "]]") else { return false };
        let at = self.at;
        self.literal(at, (at + 2, end), false, false);
        self.at = if self.line_end(at) < end { self.line_end(at) } else { end + 2 };
        true
    }

    /// `/…/` where an operand is expected, or a division.
    pub(super) fn pattern(&mut self) {
        let operand = matches!(self.last, '(' | ',' | '=' | '~' | '!' | '&' | '|' | '{' | ';' | '[' | ':' | '?' | '\n')
            || matches!(&*self.name, "split" | "grep" | "if" | "unless" | "and" | "or" | "return" | "when" | "match");
        let end = if operand { self.closing(self.at + 1, '/', '/') } else { None };
        if let Some((end, false)) = end {
            let pattern = self.slice(self.at, end);
            self.unsure |= pattern.contains(['"', '\'', '`']);
            self.at = end;
        }
        self.punctuation('/');
    }
}

fn closing_of(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    }
}

/// The characters of a string, with [`HOLE`]s for code that stands in it; and that code.
fn unescaped(raw: &str, language: Language, interpolates: bool) -> (String, Vec<String>) {
    let chars: Vec<char> = raw.chars().collect();
    let (mut text, mut code) = (String::new(), Vec::new());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        match (c, next) {
            ('\\', Some(next)) => {
                match next {
                    'n' | 'r' if interpolates => text.push('\n'),
                    't' if interpolates => text.push('\t'),
                    '\n' => {}
                    _ => text.push(next),
                }
                at += 2;
            }
            _ if interpolates && opens_code(language, c, next) => {
                let rest = chars.get(at..).unwrap_or_default();
                let inner = braced(rest);
                code.push(inner.iter().collect());
                text.push(HOLE);
                let before = rest.iter().position(|&c| c == '{').unwrap_or(0);
                at += before + inner.len() + 2;
            }
            _ => {
                text.push(c);
                at += 1;
            }
        }
    }
    (text, code)
}

/// Whether code stands in a string from here on.
fn opens_code(language: Language, c: char, next: Option<char>) -> bool {
    match language {
        Language::Ruby => c == '#' && next == Some('{'),
        Language::JavaScript => c == '$' && next == Some('{'),
        Language::Php => (c == '{' && next == Some('$')) || (c == '$' && next == Some('{')),
        Language::Perl => matches!(c, '@' | '$') && next == Some('{'),
        _ => false,
    }
}

/// What stands between the first brace and the one that closes it.
fn braced(chars: &[char]) -> &[char] {
    let Some(open) = chars.iter().position(|&c| c == '{') else { return &[] };
    let mut depth = 0_u32;
    for (at, c) in chars.iter().enumerate().skip(open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return chars.get(open + 1..at).unwrap_or_default(),
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    chars.get(open + 1..).unwrap_or_default()
}
