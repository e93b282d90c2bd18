//! The `#!` line of a script: see `execve(2)`, "Interpreter scripts".

use serde::{Deserialize, Serialize};

/// How many bytes of a file the kernel looks at (`BINPRM_BUF_SIZE`, Linux 5.1 and later).
pub const LIMIT: u64 = 256;

/// An interpreter and the one argument the kernel passes to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shebang {
    /// The interpreter's path as written.
    pub interpreter: Box<str>,
    /// Everything after it, as one argument; empty where there is none.
    pub argument: Box<str>,
}

impl Shebang {
    /// Reads the first line of a file's content. What comes after 256 bytes does not count.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"#!")?;
        let line = rest.split(|&b| b == b'\n' || b == 0).next()?;
        let line = line.get(..line.len().min(LIMIT as usize - 2))?;
        let line = std::str::from_utf8(line).ok()?.trim_matches([' ', '\t', '\r']);
        let (interpreter, argument) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        if interpreter.is_empty() {
            return None;
        }
        Some(Self { interpreter: interpreter.into(), argument: argument.trim_start_matches([' ', '\t']).into() })
    }

    /// The argument vector that runs the script, without the script itself.
    pub fn argv(&self) -> Vec<String> {
        let mut argv = vec![self.interpreter.to_string()];
        if !self.argument.is_empty() {
            argv.push(self.argument.to_string());
        }
        argv
    }

    /// The file name of the program that reads the script: what `env` runs where the interpreter is `env`, or what another
    /// program is given to run (`#!/command/with-contenv sh`, `#!/bin/busybox sh`).
    pub fn program(&self) -> &str {
        let base = base_name(&self.interpreter);
        if base != "env" {
            let passed_on = self.argument.split([' ', '\t']).next().filter(|word| !word.is_empty());
            let passed_on = passed_on.filter(|word| !word.starts_with('-') && crate::reach::command::is_wrapper(base));
            return passed_on.map_or(base, base_name);
        }
        let words = self.argument.split([' ', '\t']).filter(|word| !word.is_empty());
        let named = words.map(|word| word.strip_prefix("-S").unwrap_or(word));
        named
            .filter(|word| !word.is_empty() && !word.starts_with('-') && !word.contains('='))
            .map(base_name)
            .next()
            .unwrap_or(base)
    }
}

/// The part of a path after its last slash.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, String, String) {
        let found = Shebang::parse(text.as_bytes()).unwrap();
        (found.interpreter.to_string(), found.argument.to_string(), found.program().to_owned())
    }

    #[test]
    fn splits_at_the_first_blank_only() {
        assert_eq!(parsed("#!/bin/sh\necho"), ("/bin/sh".into(), "".into(), "sh".into()));
        assert_eq!(parsed("#! /bin/bash  -e -x \n"), ("/bin/bash".into(), "-e -x".into(), "bash".into()));
        assert_eq!(parsed("#!/usr/bin/env python3\r\n"), ("/usr/bin/env".into(), "python3".into(), "python3".into()));
        assert_eq!(parsed("#!/usr/bin/env -S A=b python3 -u").2, "python3");
        assert_eq!(parsed("#!/usr/bin/env -Spython3 -u").2, "python3");
        assert_eq!(parsed("#!/command/with-contenv bash").2, "bash");
        assert_eq!(parsed("#!/bin/busybox sh").2, "sh");
        assert_eq!(parsed("#!/usr/bin/perl x").2, "perl");
        assert_eq!(Shebang::parse(b"#!\n"), None);
        assert_eq!(Shebang::parse(b"\x7fELF"), None);
    }

    #[test]
    fn stops_where_the_kernel_stops() {
        let long = format!("#!/{}", "x".repeat(1000));
        assert_eq!(Shebang::parse(long.as_bytes()).unwrap().interpreter.len(), 254);
    }
}
