//! Characters and words of shell code.

use super::facts::{Change, Piece, Word, is_positional};
use super::reader::{NOT_CLOSED, ShellReader};

/// How long `{a,b}` may be, in characters; a longer one is plain text.
const MAX_BRACES: usize = 2000;

/// How deep substitutions may nest.
const MAX_DEPTH: u32 = 40;

/// Where a word ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// At a blank or an operator.
    Blank,
    /// At a closing double quote.
    Quote,
    /// At the brace that closes `${`.
    Brace,
    /// At the end of the text, which is that of a here-document.
    End,
}

impl ShellReader {
    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    /// Consumes `c` if it is next.
    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.bump();
        }
        found
    }

    /// Skips blanks, continued lines and, at the start of a word, a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(' ' | '\t' | '\r'), _) => {
                    self.bump();
                }
                (Some('\\'), Some('\n')) => {
                    self.bump();
                    self.bump();
                }
                (Some('#'), _) => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    /// Reads a word; `None` if none starts here.
    pub(super) fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let word = self.pieces(Until::Blank);
        (self.at > start).then_some(word)
    }

    fn pieces(&mut self, until: Until) -> Word {
        let mut word = Word::default();
        let start = self.at;
        while let Some(c) = self.peek() {
            match (until, c) {
                (Until::Blank, ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | ')') => break,
                (Until::Blank, '<' | '>') if self.peek_at(1) == Some('(') && self.at == start => {
                    self.process_substitution();
                    word.0.push(Piece::Unknown);
                }
                (Until::Blank, '<' | '>') => break,
                (Until::Blank, '(') => {
                    // An extended glob, as in `@(a|b)`; any other parenthesis ends the word.
                    let glob =
                        self.at > start && matches!(self.chars.get(self.at - 1), Some('@' | '?' | '*' | '+' | '!'));
                    if !glob {
                        break;
                    }
                    self.skip_parentheses();
                    word.0.push(Piece::Unknown);
                }
                (Until::Quote, '"') | (Until::Brace, '}') => break,
                (_, '\\') => self.escaped(&mut word, until),
                (Until::Blank | Until::Brace, '\'') => self.single_quoted(&mut word),
                (Until::Blank | Until::Brace, '"') => {
                    self.bump();
                    word.0.push(Piece::Text(String::new()));
                    let inner = self.pieces(Until::Quote);
                    self.eat('"');
                    word.0.extend(inner.0);
                }
                (_, '$') => self.dollar(&mut word, until),
                (_, '`') => {
                    self.bump();
                    let code = self.backquoted();
                    let pieces = self.code(&code);
                    substituted(&mut word, pieces, matches!(until, Until::Quote | Until::End));
                }
                (Until::Blank, '~') if self.at == start && matches!(self.peek_at(1), None | Some('/' | ' ' | '\n')) => {
                    self.bump();
                    word.0.push(Piece::Variable { name: "HOME".into(), quoted: true, default: None });
                }
                (Until::Blank, '*' | '?') => {
                    self.bump();
                    word.0.push(Piece::Glob);
                }
                (Until::Blank, '{') => match self.brace_list() {
                    // Patterns in it are expanded only then.
                    Some(choices) if choices.iter().any(|choice| choice.contains(['*', '?', '[', '\\', '~'])) => {
                        word.0.push(Piece::Unknown);
                    }
                    Some(choices) => word.0.push(Piece::Choice(choices)),
                    None => {
                        self.bump();
                        word.push_text(c);
                    }
                },
                _ => {
                    self.bump();
                    word.push_text(c);
                }
            }
        }
        word
    }

    /// `<(code)`, `>(code)`.
    fn process_substitution(&mut self) {
        self.bump();
        self.bump();
        if self.depth < MAX_DEPTH {
            self.nested(')');
        } else {
            self.unread("nested too deeply");
        }
    }

    /// A backslash and what it stands before. Between double quotes it is itself before most characters.
    fn escaped(&mut self, word: &mut Word, until: Until) {
        self.bump();
        match self.bump() {
            None | Some('\n') => {}
            Some(next) => {
                if matches!(until, Until::Quote | Until::End) && !matches!(next, '$' | '`' | '"' | '\\') {
                    word.push_text('\\');
                }
                word.push_text(next);
            }
        }
    }

    fn single_quoted(&mut self, word: &mut Word) {
        self.bump();
        // An empty string is a piece as well: `''` is a word.
        word.0.push(Piece::Text(String::new()));
        while let Some(c) = self.bump() {
            if c == '\'' {
                break;
            }
            word.push_text(c);
        }
    }

    /// Consumes `{a,b}` (brace expansion) if that is what stands here.
    fn brace_list(&mut self) -> Option<Vec<Box<str>>> {
        let mut choices: Vec<Box<str>> = Vec::new();
        let mut choice = String::new();
        for ahead in 1..MAX_BRACES {
            match self.peek_at(ahead)? {
                ',' => choices.push(std::mem::take(&mut choice).into()),
                '}' if !choices.is_empty() => {
                    choices.push(choice.into());
                    self.at += ahead + 1;
                    return Some(choices);
                }
                '}' | ' ' | '\t' | '\n' | '"' | '\'' | ';' | '$' | '`' | '{' => return None,
                c => choice.push(c),
            }
        }
        None
    }

    /// Reads the body of a here-document, where only substitutions mean something.
    pub(super) fn body(&mut self) -> Word {
        self.pieces(Until::End)
    }

    /// Skips a balanced pair of parentheses; substitutions inside it are read.
    fn skip_parentheses(&mut self) {
        let mut open = 0_u32;
        while let Some(c) = self.peek() {
            match c {
                '$' => {
                    self.dollar(&mut Word::default(), Until::Quote);
                    continue;
                }
                '(' => open += 1,
                ')' => open = open.saturating_sub(1),
                _ => {}
            }
            self.bump();
            if open == 0 {
                return;
            }
        }
    }

    /// Reads what follows a `$`.
    fn dollar(&mut self, word: &mut Word, until: Until) {
        self.bump();
        let quoted = matches!(until, Until::Quote | Until::End);
        match self.peek() {
            Some('(' | '{') if self.depth >= MAX_DEPTH => {
                self.unread("nested too deeply");
                word.0.push(Piece::Unknown);
            }
            Some('(') if self.peek_at(1) == Some('(') => {
                self.depth += 1;
                self.skip_parentheses();
                self.depth -= 1;
                word.0.push(Piece::Unknown);
            }
            Some('(') => {
                self.bump();
                let pieces = self.nested(')');
                substituted(word, pieces, quoted);
            }
            Some('{') => {
                self.bump();
                self.depth += 1;
                let pieces = self.parameter(quoted);
                self.depth -= 1;
                word.0.extend(pieces);
            }
            Some('\'') if !quoted => {
                self.bump();
                word.0.push(Piece::Text(String::new()));
                while let Some(c) = self.bump() {
                    match c {
                        '\'' => break,
                        '\\' => match self.bump() {
                            Some('n') => word.push_text('\n'),
                            Some('t') => word.push_text('\t'),
                            Some(c) => word.push_text(c),
                            None => {}
                        },
                        c => word.push_text(c),
                    }
                }
            }
            Some('"') if !quoted => {}
            Some(c) if is_name_start(c) => {
                let name = self.name();
                word.0.push(variable(&name, quoted, None));
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '@' | '*' | '#' | '?' | '$' | '!' | '-') => {
                self.bump();
                word.0.push(variable(&c.to_string(), quoted, None));
            }
            _ => word.push_text('$'),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek()
            && is_name(c)
        {
            name.push(c);
            self.bump();
        }
        name
    }

    /// Reads `${…}` after its opening brace.
    fn parameter(&mut self, quoted: bool) -> Vec<Piece> {
        let length = self.peek() == Some('#') && self.peek_at(1) != Some('}') && self.eat('#');
        let indirect = self.peek() == Some('!') && self.peek_at(1) != Some('}') && self.eat('!');
        let mut name = self.name();
        if name.is_empty()
            && let Some(c) = self.peek()
            && matches!(c, '@' | '*' | '#' | '?' | '$' | '!' | '-')
        {
            self.bump();
            name.push(c);
        }
        let all = matches!(self.chars.get(self.at..), Some(['[', '@' | '*', ']', ..]));
        if self.peek() == Some('[') {
            while self.peek().is_some_and(|c| c != ']' && c != '\n') {
                self.bump();
            }
            self.eat(']');
        }
        if self.peek() == Some(':') && matches!(self.peek_at(1), Some('-' | '=' | '?' | '+')) {
            self.bump();
        }
        let operator = self.peek().filter(|&c| c != '}');
        if operator.is_some() {
            self.bump();
        }
        let start = self.at;
        let argument = self.pieces(Until::Brace);
        let written: String = self.chars.get(start..self.at).unwrap_or_default().iter().take(MAX_PATTERN).collect();
        if !self.eat('}') {
            self.unread(NOT_CLOSED);
        }
        let here = matches!(variable(&name, quoted, None), Piece::Script);
        match operator {
            None if indirect && !name.is_empty() => vec![Piece::Indirect { name: name.into(), quoted }],
            _ if length || indirect || name.is_empty() => vec![Piece::Unknown],
            None => vec![variable(&name, quoted, None)],
            Some('=') => {
                self.assign(&name, argument.clone());
                vec![variable(&name, quoted, Some(argument))]
            }
            Some('-' | '+') => vec![variable(&name, quoted, Some(argument))],
            Some('?') => vec![variable(&name, quoted, None)],
            Some('%') if here && written == "/*" => vec![Piece::ScriptDir],
            // All of `${@:2}`, `${list[@]:1}`.
            Some(':') if name == "@" || all => vec![variable(&name, quoted, None)],
            Some('@') => vec![variable(&name, quoted, None)],
            Some(sign) => match change(sign, &written) {
                Some(change) if here => vec![Piece::Changed { name: "0".into(), quoted, change }],
                Some(change) if name.starts_with(is_name_start) || is_positional(&name) && name != "@" => {
                    vec![Piece::Changed { name: name.into(), quoted, change }]
                }
                _ => vec![Piece::Unknown],
            },
        }
    }

    /// The text up to the closing backquote, one level of escapes taken off.
    fn backquoted(&mut self) -> String {
        let mut code = String::new();
        while let Some(c) = self.bump() {
            match c {
                '`' => return code,
                '\\' if matches!(self.peek(), Some('`' | '\\' | '$')) => code.extend(self.bump()),
                c => code.push(c),
            }
        }
        self.unread(NOT_CLOSED);
        code
    }
}

/// How many characters of a pattern are read.
const MAX_PATTERN: usize = 64;

/// The change that `${NAME…}` asks for, of which `written` follows the first sign.
fn change(sign: char, written: &str) -> Option<Change> {
    let longest = written.starts_with(sign);
    let pattern = written.strip_prefix(sign).unwrap_or(written);
    let readable = pattern.chars().count() < MAX_PATTERN && !pattern.contains(['$', '`', '"', '\'', '[', '(']);
    match sign {
        '#' if readable => Some(Change::Beginning { pattern: pattern.into(), longest }),
        '%' if readable => Some(Change::End { pattern: pattern.into(), longest }),
        ',' if pattern.is_empty() => Some(Change::Lower),
        '^' if pattern.is_empty() => Some(Change::Upper),
        _ => None,
    }
}

/// Adds what a substitution stands for.
fn substituted(word: &mut Word, pieces: Vec<Piece>, quoted: bool) {
    if !quoted {
        word.0.push(Piece::Split);
    }
    word.0.extend(pieces);
}

fn variable(name: &str, quoted: bool, default: Option<Word>) -> Piece {
    match name {
        "0" | "BASH_SOURCE" => Piece::Script,
        "@" | "*" => Piece::Variable { name: "@".into(), quoted, default },
        "#" | "?" | "$" | "!" | "-" => Piece::Unknown,
        _ => Piece::Variable { name: name.into(), quoted, default },
    }
}

/// Whether a variable's name may start with `c`.
pub(super) fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// Whether a variable's name may hold `c`.
pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
