//! Assignments in shell code, of words and of arrays.

use super::facts::{Array, Assignment, Command, Word};
use super::lexer::{is_name, is_name_start};
use super::reader::{ShellReader, single};

/// Commands whose arguments may be assignments.
const DECLARES: [&str; 6] = ["export", "declare", "typeset", "local", "readonly", "env"];

impl ShellReader {
    pub(super) fn assign(&mut self, name: &str, value: Word) {
        self.facts.assignments.push(Assignment { name: name.into(), value, line: self.line });
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
                        Some(word) => words.push(word),
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
