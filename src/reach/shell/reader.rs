//! Reads shell code into [`ShellFacts`].

use super::facts::{Command, Piece, ShellFacts, Word};
use super::shebang::Shebang;
use super::substitution::stands_for;

/// How many bytes of a script are read.
const MAX_SIZE: usize = 1 << 20;

/// Why what follows an opening bracket was not read as code.
pub(in crate::reach) const NOT_CLOSED: &str = "a substitution is not closed";

/// How deep code may nest in strings (`eval`, backquotes).
const MAX_STRINGS: u32 = 8;

/// Reads a script. Bytes that are not UTF-8 become U+FFFD; what is past 1 MiB is not read.
pub fn read(bytes: &[u8]) -> ShellFacts {
    let mut facts = read_code(bytes.get(..MAX_SIZE).unwrap_or(bytes));
    facts.shebang = Shebang::parse(bytes);
    if bytes.len() > MAX_SIZE {
        facts.unread = Some("larger than 1 MiB".into());
    }
    facts
}

fn read_code(bytes: &[u8]) -> ShellFacts {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = ShellReader { chars: text.chars().collect(), line: 1, ..ShellReader::default() };
    while reader.at < reader.chars.len() && !reader.ended {
        reader.list(None);
        // A closing parenthesis that nothing opened.
        reader.bump();
    }
    reader.facts
}

/// A here-document whose body has not come yet.
#[derive(Debug)]
struct HereDocument {
    end: String,
    strip_tabs: bool,
    /// Its end is quoted: nothing is substituted in it.
    quoted: bool,
    /// Index of the command it is the input of.
    command: usize,
}

/// What a list stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Subshell,
    /// `case … esac`: patterns come before each list.
    Case,
    /// Any other compound command, closed by a reserved word.
    Group,
}

/// A position in shell code and what was found before it.
#[derive(Debug, Default)]
pub(super) struct ShellReader {
    pub(super) chars: Vec<char>,
    pub(super) at: usize,
    pub(super) line: u32,
    /// Nesting of substitutions.
    pub(super) depth: u32,
    /// Nesting of code in strings.
    strings: u32,
    pub(super) facts: ShellFacts,
    here_documents: Vec<HereDocument>,
    /// The command follows `&&`, `||` or `|`, so that it may not run.
    chained: bool,
    /// `exec program` outside every compound command: the text that follows is never run.
    ended: bool,
    /// The here-string of the command that is being read.
    here_string: Option<Word>,
    /// The file that it reads from.
    from: Option<Word>,
}

impl ShellReader {
    pub(super) fn unread(&mut self, why: &str) {
        self.facts.unread.get_or_insert_with(|| why.into());
    }

    /// Reads the code of a substitution up to `end` and consumes that. Returns what the substitution stands for.
    pub(super) fn nested(&mut self, end: char) -> Vec<Piece> {
        let first = self.facts.commands.len();
        let waiting = std::mem::take(&mut self.here_documents);
        self.depth += 1;
        self.list(Some(end));
        self.depth -= 1;
        self.here_documents = waiting;
        if !self.eat(end) {
            self.unread(NOT_CLOSED);
        }
        stands_for(self.facts.commands.get(first..).unwrap_or_default())
    }

    /// Reads code that stands in a string.
    pub(super) fn code(&mut self, code: &str) -> Vec<Piece> {
        if self.strings >= MAX_STRINGS {
            self.unread("nested too deeply");
            return vec![Piece::Unknown];
        }
        let first = self.facts.commands.len();
        let mut inner = self.inside(code);
        inner.list(None);
        self.facts = inner.facts;
        stands_for(self.facts.commands.get(first..).unwrap_or_default())
    }

    /// Reads commands up to the end of the text, or up to an unmatched `end`, which is not consumed.
    fn list(&mut self, end: Option<char>) {
        let mut open: Vec<Inside> = Vec::new();
        let mut pattern = false;
        while !self.ended {
            self.skip_blanks();
            if pattern {
                pattern = false;
                self.case_pattern(&mut open);
                continue;
            }
            match self.peek() {
                None => return,
                Some('\n') => self.newline(),
                Some(')') => {
                    while open.last() == Some(&Inside::Group) {
                        open.pop();
                    }
                    if open.is_empty() && (end.is_some() || self.depth == 0) {
                        return;
                    }
                    open.pop();
                    self.bump();
                }
                Some('(') => {
                    enter(&mut open, Inside::Subshell);
                    self.bump();
                }
                Some(';') => {
                    self.bump();
                    self.chained = false;
                    let next = self.eat(';') | self.eat('&');
                    pattern = next && open.contains(&Inside::Case);
                    if pattern {
                        self.eat('&');
                        while open.last().is_some_and(|&inside| inside != Inside::Case) {
                            open.pop();
                        }
                    }
                }
                Some(c @ ('&' | '|')) => {
                    self.bump();
                    self.chained = self.eat(c) || c == '|';
                    // The output of a compound command is that of the last one in it, among others.
                    if c == '|'
                        && self.chars.get(self.at.wrapping_sub(2)) != Some(&'|')
                        && let Some(last) = self.facts.commands.last_mut()
                    {
                        last.piped = true;
                    }
                }
                Some(_) => pattern = self.command(&mut open, end),
            }
        }
    }

    /// `word|word)` of a `case`, or the `esac` that ends it.
    fn case_pattern(&mut self, open: &mut Vec<Inside>) {
        while self.peek() == Some('\n') {
            self.newline();
            self.skip_blanks();
        }
        self.eat('(');
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('\n') => return,
                Some(')') => {
                    self.bump();
                    return;
                }
                Some(_) => match self.word() {
                    Some(word) if word.literal().as_deref() == Some("esac") => {
                        open.pop();
                        return;
                    }
                    Some(_) => {}
                    None => {
                        self.bump();
                    }
                },
            }
        }
    }

    /// Consumes a line's end and the here-documents that follow it.
    pub(super) fn newline(&mut self) {
        self.bump();
        self.chained = false;
        for document in std::mem::take(&mut self.here_documents) {
            let mut body = String::new();
            while self.peek().is_some() {
                let mut line = String::new();
                while let Some(c) = self.bump() {
                    if c == '\n' {
                        break;
                    }
                    line.push(c);
                }
                let line = if document.strip_tabs { line.trim_start_matches('\t') } else { &line };
                if line == document.end {
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            let mut at = document.command;
            while let Some(command) = self.facts.commands.get_mut(at) {
                command.input = Some(body.as_str().into());
                if !command.piped {
                    break;
                }
                at += 1;
            }
            if !document.quoted {
                self.substitutions(&body);
            }
        }
    }

    /// Reads the substitutions in the body of a here-document.
    fn substitutions(&mut self, body: &str) {
        if !body.contains(['$', '`']) {
            return;
        }
        if self.strings >= MAX_STRINGS {
            self.unread("nested too deeply");
            return;
        }
        let mut inner = self.inside(body);
        let word = inner.body();
        self.facts = inner.facts;
        self.facts.words.push((word, self.line));
    }

    /// A reader of text that stands in this one.
    fn inside(&mut self, text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            line: self.line,
            depth: self.depth,
            strings: self.strings + 1,
            facts: std::mem::take(&mut self.facts),
            ..Self::default()
        }
    }

    /// Reads a simple command, or the reserved words at the start of a compound one. Returns whether a `case`
    /// pattern comes next.
    fn command(&mut self, open: &mut Vec<Inside>, end: Option<char>) -> bool {
        let mut command = Command { line: self.line, ..Command::default() };
        let nested = self.depth + self.strings > 0 || end.is_some();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('\n' | ';' | '&' | ')') if !self.at_redirection() => break,
                Some('|') => {
                    command.piped = self.peek_at(1) != Some('|');
                    break;
                }
                Some('(') => {
                    if let [name] = command.words.as_slice()
                        && let Some(name) = name.literal()
                        && matches!(self.chars.get(self.at + 1..), Some([')', ..] | [' ', ')', ..]))
                    {
                        self.facts.functions.push(name.into());
                        command.words.clear();
                        while self.bump().is_some_and(|c| c != ')') {}
                        return false;
                    }
                    break;
                }
                _ => {}
            }
            if self.redirection() {
                continue;
            }
            if let Some(name) = self.assignment(&command) {
                self.assigned(name, &mut command);
                continue;
            }
            let Some(word) = self.word() else {
                // Nothing that starts a word: leave it, so that the loop always moves on.
                self.bump();
                break;
            };
            // Digits right before `<` or `>` are a file descriptor.
            if matches!(self.peek(), Some('<' | '>')) && word.literal().is_some_and(|text| is_descriptor(&text)) {
                continue;
            }
            if command.words.is_empty()
                && command.environment.is_empty()
                && let [Piece::Text(text)] = word.0.as_slice()
                && let Some(pattern) = self.reserved(&text.clone(), open)
            {
                return pattern;
            }
            command.words.push(word);
        }
        self.finish(command, nested || !open.is_empty());
        false
    }

    /// Handles a reserved word. `None` if it is none; else whether a `case` pattern comes next.
    fn reserved(&mut self, word: &str, open: &mut Vec<Inside>) -> Option<bool> {
        match word {
            "if" | "while" | "until" | "{" => enter(open, Inside::Group),
            "fi" | "done" | "}" => {
                if open.last() == Some(&Inside::Group) {
                    open.pop();
                }
            }
            "esac" => while open.pop().is_some_and(|inside| inside == Inside::Group) {},
            "then" | "elif" | "else" | "do" | "!" | "coproc" => {}
            "[[" => self.test(),
            "function" => {
                self.skip_blanks();
                if let Some(name) = self.word().and_then(|word| word.literal()) {
                    self.facts.functions.push(name.into());
                }
                self.skip_blanks();
                if self.peek() == Some('(') {
                    while self.bump().is_some_and(|c| c != ')' && c != '\n') {}
                }
            }
            "for" | "select" => {
                enter(open, Inside::Group);
                self.for_words();
            }
            "case" => {
                self.skip_blanks();
                let line = self.line;
                if let Some(subject) = self.word() {
                    self.facts.words.push((subject, line));
                }
                // `in`, perhaps on a line of its own.
                while matches!(self.peek(), Some(' ' | '\t' | '\r' | '\n')) {
                    self.bump();
                }
                self.word();
                enter(open, Inside::Case);
                return Some(true);
            }
            _ => return None,
        }
        Some(false)
    }

    /// `for NAME in WORD…`: every word is a value of the variable.
    fn for_words(&mut self) {
        self.skip_blanks();
        let Some(name) = self.word().and_then(|word| word.literal()) else { return };
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.newline();
            self.skip_blanks();
        }
        if !matches!(self.chars.get(self.at..), Some(['i', 'n', ' ' | '\t' | '\\', ..])) {
            // Without a list it goes over the arguments.
            let arguments = Piece::Variable { name: "@".into(), quoted: true, default: None };
            self.assign(&name, Word(vec![arguments]));
            return;
        }
        self.word();
        loop {
            self.skip_blanks();
            let Some(value) = self.word() else { return };
            if value.is_split() {
                self.assign_fields(&name, value);
            } else {
                self.assign(&name, value);
            }
        }
    }

    /// `[[ … ]]` after its opening word.
    fn test(&mut self) {
        loop {
            self.skip_blanks();
            let line = self.line;
            match self.peek() {
                None | Some(';') => return,
                Some('\n') => self.newline(),
                Some(_) => match self.word() {
                    Some(word) if word.literal().as_deref() == Some("]]") => return,
                    Some(word) => self.facts.words.push((word, line)),
                    None => {
                        self.bump();
                    }
                },
            }
        }
    }

    fn at_redirection(&self) -> bool {
        self.peek() == Some('&') && self.peek_at(1) == Some('>')
    }

    /// Reads a redirection, if one stands here.
    fn redirection(&mut self) -> bool {
        let both = self.at_redirection();
        let operator = self.peek_at(usize::from(both));
        let substitution = !both && self.peek_at(1) == Some('(');
        if !matches!(operator, Some('<' | '>')) || substitution {
            return false;
        }
        let mut text = String::new();
        while let Some(c @ ('<' | '>' | '&' | '|' | '-')) = self.peek() {
            if text == "<<" && !matches!(c, '<' | '-') || (c == '-' && text != "<<") || text.len() == 3 {
                break;
            }
            text.push(c);
            self.bump();
        }
        self.skip_blanks();
        let line = self.line;
        let start = self.at;
        let Some(target) = self.word() else { return true };
        let written = self.chars.get(start..self.at).unwrap_or_default();
        let quoted = written.iter().any(|c| matches!(c, '\'' | '"' | '\\'));
        match text.as_str() {
            "<<" | "<<-" => {
                let end = target.literal().unwrap_or_default();
                let command = self.facts.commands.len();
                self.here_documents.push(HereDocument { end, strip_tabs: text == "<<-", quoted, command });
            }
            "<<<" => {
                self.facts.words.push((target.clone(), line));
                self.here_string = Some(target);
            }
            "<" => {
                self.facts.words.push((target.clone(), line));
                self.from = Some(target);
            }
            _ => self.facts.words.push((target, line)),
        }
        true
    }

    /// Stores a command that is complete.
    fn finish(&mut self, mut command: Command, nested: bool) {
        let name = command.words.first().and_then(Word::literal).unwrap_or_default();
        let code = code_in(&name, &command);
        let exec = name == "exec"
            && command.words.get(1).is_some_and(|word| word.0.iter().any(|piece| *piece != Piece::Text(String::new())));
        let ends = exec && !nested && !self.chained && !matches!(self.peek(), Some('&' | '|'));
        let piped = command.piped;
        let here_string = self.here_string.take();
        command.from = self.from.take();
        if let Some(text) = here_string.as_ref().and_then(Word::literal) {
            command.input = Some(text.into());
        }
        if command.words.is_empty() && !command.environment.is_empty() && !piped {
            return;
        }
        self.assigned_by(&name, &command, here_string.as_ref());
        if !command.words.is_empty() || self.here_documents.iter().any(|doc| doc.command == self.facts.commands.len()) {
            self.facts.commands.push(command);
        }
        for code in code {
            self.code(&code);
        }
        self.ended |= ends;
    }
}

/// The code that stands in the words of a builtin. Where a word is unreadable, its text is still code or not: only
/// literals are read.
fn code_in(name: &str, command: &Command) -> Vec<String> {
    let words: Vec<Option<String>> = command.words.iter().skip(1).map(Word::literal).collect();
    match name {
        "eval" => words.into_iter().collect::<Option<Vec<_>>>().map(|words| words.join(" ")).into_iter().collect(),
        // `trap - INT` and `trap '' INT` run nothing.
        "trap" => {
            let mut operands = words.into_iter().skip_while(|word| word.as_deref() == Some("--"));
            let code = operands.next().flatten().filter(|code| !code.is_empty() && !code.starts_with('-'));
            code.filter(|_| operands.next().is_some()).into_iter().collect()
        }
        "alias" => {
            let values = words.iter().flatten().filter_map(|word| word.split_once('='));
            values.map(|(_, value)| value.to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// How many compound commands are told apart; deeper ones are read as plain commands.
const MAX_OPEN: usize = 256;

fn enter(open: &mut Vec<Inside>, inside: Inside) {
    if open.len() < MAX_OPEN {
        open.push(inside);
    }
}

/// The characters of a word that is a single piece of text; empty for any other.
pub(super) fn single(word: &Word) -> &str {
    if let [Piece::Text(text)] = word.0.as_slice() { text } else { "" }
}

fn is_descriptor(text: &str) -> bool {
    !text.is_empty() && (text.bytes().all(|b| b.is_ascii_digit()) || (text.starts_with('{') && text.ends_with('}')))
}
