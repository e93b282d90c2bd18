//! Calls that start programs: what stands between their brackets is a command, or words of one.

use super::language::Language;
use super::lexer::{Gap, Lexer, is_name};

/// Functions and methods that start a program, in any of the languages: of their own, or of a library that is for that.
const STARTERS: [&str; 52] = [
    "backtick",
    "can_run",
    "capture",
    "capture2",
    "capture2e",
    "capture3",
    "capturex",
    "command",
    "exec",
    "execFile",
    "execFileSync",
    "execSync",
    "execa",
    "execaCommand",
    "execaSync",
    "execl",
    "execle",
    "execlp",
    "execute",
    "execv",
    "execve",
    "execvp",
    "fork",
    "harness",
    "open",
    "open2",
    "open3",
    "passthru",
    "pcntl_exec",
    "pipeline",
    "pipeline_r",
    "pipeline_rw",
    "pipeline_start",
    "pipeline_w",
    "popen",
    "popen2",
    "popen2e",
    "popen3",
    "posix_spawn",
    "proc_open",
    "process",
    "readpipe",
    "run",
    "run3",
    "shell",
    "shell_exec",
    "spawn",
    "spawnSync",
    "start",
    "system",
    "systemx",
    "which",
];

/// Parts of what variables that hold commands are called.
const COMMANDS: [&str; 9] = ["cmd", "command", "prog", "exe", "binary", "tool", "pager", "editor", "shell"];

/// A call that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// Brackets that were open before it.
    depth: i32,
    line: u32,
    /// `open`: starts something only where a `|` says so.
    needs_pipe: bool,
    /// It has a string among its arguments.
    literal: bool,
    /// It has something else among them.
    variable: bool,
    /// It is sure to start a program.
    sure: bool,
}

impl Call {
    /// Whether a line's end is that of the call, too.
    pub fn ends_with_line(&self, language: Language, depth: i32, last: char) -> bool {
        let goes_on =
            matches!(language, Language::Perl | Language::Php) || matches!(last, ',' | '(' | '.' | '+' | '\\');
        depth <= self.depth && !goes_on
    }
}

impl Lexer {
    /// A name: of a function that starts programs, perhaps, or the beginning of a quote that has one.
    pub(super) fn identifier(&mut self) {
        let (start, before) = (self.at, self.before());
        while self.peek(0).is_some_and(is_name) {
            self.at += 1;
        }
        let name = self.slice(start, self.at);
        let name = if self.language == Language::Perl { self.qualified(name) } else { name };
        let variable = matches!(before, '$' | '@' | '%' | '&');
        if !variable && self.language.has_quote_operators() && self.quote_operator(&name) {
            return;
        }
        self.ask(&name);
        let defined = matches!(&*self.name, "sub" | "def" | "function" | "class" | "module" | "package");
        self.gap = Gap::Other;
        if let Some(call) = &mut self.call {
            call.variable = true;
        } else if !variable && !defined && self.is_called() && STARTERS.binary_search(&name.as_str()).is_ok() {
            let sure = matches!(before, '`' | ' ' | '\t' | '\n' | ';' | '(' | '{' | '=' | ':' | '!' | '@')
                && !matches!(
                    &*name,
                    "open"
                        | "run"
                        | "start"
                        | "command"
                        | "process"
                        | "fork"
                        | "capture"
                        | "execute"
                        | "pipeline"
                        | "shell"
                );
            let (depth, line, needs_pipe) = (self.depth, self.line, name == "open");
            self.call = Some(Call { depth, line, needs_pipe, literal: false, variable: false, sure });
        }
        self.last = 'a';
        self.name = name;
    }

    /// Whether arguments may follow the name that was read: it is neither a key nor assigned to.
    fn is_called(&self) -> bool {
        let next = self.chars.get(self.at..).unwrap_or_default().iter().find(|c| !matches!(c, ' ' | '\t'));
        !next.is_some_and(|c| matches!(c, '=' | ',' | ')' | ';' | ':' | '}' | ']'))
    }

    /// The last part of a name that goes on: `IPC::Open3::open3`, which asks for `IPC::Open3`.
    fn qualified(&mut self, first: String) -> String {
        let mut parts = vec![first];
        while self.starts_with("::") && self.peek(2).is_some_and(is_name) && parts.len() < 16 {
            self.at += 2;
            let start = self.at;
            while self.peek(0).is_some_and(is_name) {
                self.at += 1;
            }
            parts.push(self.slice(start, self.at));
        }
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        if let [outer @ .., last] = names.as_slice()
            && !outer.is_empty()
        {
            self.words.add_module(&names);
            if outer.len() > 1 || last.starts_with(char::is_lowercase) {
                self.words.add_module(outer);
            }
        }
        parts.pop().unwrap_or_default()
    }

    /// Notes a name that may be that of a module.
    fn ask(&mut self, name: &str) {
        match self.language {
            // These ask for modules by strings.
            Language::JavaScript | Language::Lua => {}
            Language::Ruby | Language::Php if !name.starts_with(char::is_uppercase) => {}
            Language::Perl => {
                let rest: String = self.chars.get(self.at..).unwrap_or_default().iter().take(3).collect();
                let asked = matches!(&*self.name, "use" | "require" | "no") || rest.trim_start().starts_with("->");
                if asked {
                    self.words.add_module(&[name]);
                }
            }
            _ => self.words.add(name),
        }
    }

    /// Notes a string that may be the name of a module.
    pub(super) fn ask_by_string(&mut self, text: &str) {
        if self.language == Language::Perl {
            self.words.add_perl(text);
        } else if self.language.is_bare() || (text.len() < 200 && !text.contains(char::is_whitespace)) {
            self.words.add(text);
        }
    }

    pub(super) fn punctuation(&mut self, c: char) {
        self.at += 1;
        match c {
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth -= 1,
            _ => {}
        }
        let ended = self.call.as_ref().is_some_and(|call| match c {
            ')' => self.depth <= call.depth,
            ']' | '}' => self.depth < call.depth,
            ';' => self.depth <= call.depth,
            _ => false,
        });
        if ended {
            self.end_call();
        }
        if self.language == Language::Php && c == '?' && self.peek(0) == Some('>') {
            self.at += 1;
            self.end_call();
            self.page = true;
        }
        if c.is_whitespace() {
            return;
        }
        self.gap = match (self.gap, c) {
            (Gap::Touching, '+' | '.') | (Gap::Join, '.') => Gap::Join,
            (Gap::Touching | Gap::List, ',' | '[' | '(' | '=' | '>') => Gap::List,
            _ => Gap::Other,
        };
        self.last = c;
    }

    /// The arguments of a call are complete.
    pub(super) fn end_call(&mut self) {
        if let Some(call) = self.call.take()
            && call.sure
            && call.variable
            && !call.literal
        {
            self.computed.get_or_insert(call.line);
        }
    }

    /// Whether a string that stands here is given to a call that starts it.
    pub(super) fn is_started(&mut self, text: &str) -> bool {
        let Some(call) = &mut self.call else { return false };
        call.literal = true;
        if call.needs_pipe && text.contains('|') {
            call.needs_pipe = false;
        }
        !call.needs_pipe
    }

    /// Whether what begins at `at` is the value of something that is called a command.
    pub(super) fn is_named(&self, at: usize) -> bool {
        let mut before = self.chars.get(..at).unwrap_or_default().iter().rev().take(200).copied().peekable();
        // The quote may have a name: `= q{…}`.
        while before.next_if(|c| matches!(c, ' ' | '\t' | 'q' | 'x' | 'w')).is_some() {}
        if before.next_if(|c| matches!(c, '=' | ':' | '>')).is_none() {
            return false;
        }
        while before.next_if(|c| matches!(c, ' ' | '\t' | '=' | '|' | '/' | '\'' | '"' | ')' | ']' | '}')).is_some() {}
        let name: String = before.take_while(|&c| is_name(c)).collect();
        let name: String = name.chars().rev().flat_map(char::to_lowercase).collect();
        COMMANDS.iter().any(|part| name.contains(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starters_are_sorted() {
        assert!(STARTERS.is_sorted());
    }
}
