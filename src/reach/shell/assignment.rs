//! Assignments in shell code, of words and of arrays.

use super::facts::{Array, Assignment, Command, Piece, Word};
use super::lexer::{is_name, is_name_start};
use super::reader::{ShellReader, single};

/// Commands whose arguments may be assignments.
const DECLARES: [&str; 6] = ["export", "declare", "typeset", "local", "readonly", "env"];

impl ShellReader {
    pub(super) fn assign(&mut self, name: &str, value: Word) {
        self.facts.assignments.push(Assignment { name: name.into(), value, fields: false, line: self.line });
    }

    /// Every word that the value is split into is a value.
    pub(super) fn assign_fields(&mut self, name: &str, value: Word) {
        self.facts.assignments.push(Assignment { name: name.into(), value, fields: true, line: self.line });
    }

    /// Notes what a builtin sets: `read NAME <<< WORD`, `printf -v NAME FORMAT WORD`, `getopts OPTIONS NAME`,
    /// `set -- WORD…`.
    pub(super) fn assigned_by(&mut self, builtin: &str, command: &Command, here_string: Option<&Word>) {
        let words = command.words.get(1..).unwrap_or_default();
        match builtin {
            "read" => self.read_names(words, "dinNptu", here_string),
            "mapfile" | "readarray" => self.read_names(words, "dnOsuCc", None),
            "printf" if words.first().is_some_and(|word| single(word) == "-v") => {
                if let Some(name) = words.get(1).and_then(Word::literal) {
                    let values = words.get(3..).filter(|values| !values.is_empty()).or(words.get(2..));
                    for value in values.unwrap_or_default() {
                        self.assign(&name, value.clone());
                    }
                }
            }
            "set" => {
                let mut words = words.iter().peekable();
                while let Some(option) = words.peek().and_then(|word| word.literal()) {
                    if !option.starts_with(['-', '+']) {
                        break;
                    }
                    words.next();
                    if option == "--" {
                        break;
                    }
                    if option.ends_with('o') {
                        words.next();
                    }
                }
                let words: Vec<Word> = words.cloned().collect();
                if !words.is_empty() {
                    self.facts.arrays.push(Array { name: "@".into(), words, line: self.line });
                }
            }
            "getopts" => {
                if let Some(name) = words.get(1).and_then(Word::literal) {
                    self.assign(&name, Word(vec![Piece::Unknown]));
                }
            }
            _ => {}
        }
    }

    /// The names that `read` sets: one word of its input each, which is which depends on `IFS`, the last one all that is left.
    /// Some options take a value, see `bash(1)`.
    fn read_names(&mut self, words: &[Word], valued_options: &str, input: Option<&Word>) {
        let mut names = Vec::new();
        let mut valued = false;
        for word in words {
            let text = word.literal().unwrap_or_default();
            if text.starts_with('-') {
                valued = text.ends_with(|c| valued_options.contains(c));
            } else if !std::mem::take(&mut valued) && text.starts_with(is_name_start) {
                names.push(text);
            }
        }
        for (i, name) in names.iter().enumerate() {
            let value = input.cloned().unwrap_or_else(|| Word(vec![Piece::Unknown]));
            if i + 1 == names.len() {
                self.assign(name, value.clone());
            }
            if input.is_some() {
                self.assign_fields(name, value);
            } else if i + 1 < names.len() {
                self.assign(name, value);
            }
        }
    }

    /// The length of `NAME=`, `NAME+=` or `NAME[…]=` that starts here, where an assignment may stand.
    pub(super) fn assignment(&self, command: &Command) -> Option<usize> {
        if command.words.first().is_some_and(|word| !DECLARES.contains(&single(word))) {
            return None;
        }
        if !is_name_start(self.peek()?) {
            return None;
        }
        let mut len = 1;
        while is_name(self.peek_at(len)?) {
            len += 1;
        }
        let name = len;
        if self.peek_at(len) == Some('[') {
            while self.peek_at(len)? != ']' && len < name + 64 {
                len += 1;
            }
            len += 1;
        }
        if self.peek_at(len) == Some('+') {
            len += 1;
        }
        (self.peek_at(len) == Some('=')).then_some(name)
    }

    /// Reads the assignment to the name of `len` characters that starts here.
    pub(super) fn assigned(&mut self, len: usize, command: &mut Command) {
        let line = self.line;
        let mut name = String::new();
        for _ in 0..len {
            name.extend(self.bump());
        }
        while self.bump().is_some_and(|c| c != '=') {}
        if self.peek() == Some('(') {
            self.bump();
            let mut words = Vec::new();
            loop {
                self.skip_blanks();
                match self.peek() {
                    None => break,
                    Some(')') => {
                        self.bump();
                        break;
                    }
                    Some('\n') => self.newline(),
                    Some(_) => match self.word() {
                        Some(word) => words.push(without_index(word)),
                        None => {
                            self.bump();
                        }
                    },
                }
            }
            self.facts.arrays.push(Array { name: name.into(), words, line });
            return;
        }
        let value = self.word().unwrap_or_default();
        if command.words.first().is_some_and(|word| single(word) == "env") {
            // For `env` the assignment is an argument; the reader of its arguments expects it there.
            let mut word = Word::text(&format!("{name}="));
            word.0.extend(value.0.iter().cloned());
            command.words.push(word);
        } else if command.words.is_empty() {
            command.environment.push((name.as_str().into(), value.clone()));
        }
        self.assign(&name, value);
    }
}

/// The value of an array's element that says its own index: `[key]=value`.
fn without_index(mut word: Word) -> Word {
    if let Some(Piece::Text(text)) = word.0.first_mut()
        && text.starts_with('[')
        && let Some((_, value)) = text.split_once("]=")
    {
        *text = value.to_owned();
    }
    word
}
