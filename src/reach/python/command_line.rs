//! The command line of a Python interpreter: see `python(1)`, "COMMAND LINE OPTIONS".

use crate::reach::interpreter::{Interpreter, Invocation, Runs};

/// Python's interpreter.
pub(super) static INTERPRETER: Interpreter =
    Interpreter { language: super::names::NAME, is_named: is_interpreter, is_launcher, read };

/// Whether a file of this name is a Python interpreter.
pub fn is_interpreter(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy")) else { return false };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(digits, "" | "t" | "d" | "td" | "m" | "dm" | "u" | "mu")
}

/// pip writes `#!/bin/sh` and `'''exec' /path/python "$0" "$@"` where the path is too long for the kernel.
fn is_launcher(head: &[u8]) -> bool {
    head.starts_with(b"#!") && head.split(|&b| b == b'\n').nth(1).is_some_and(|line| line.starts_with(b"'''exec'"))
}

/// Splits the arguments of an interpreter into what it runs and what that is passed.
fn read(args: &[String]) -> Invocation<'_> {
    let (runs, arguments) = split(args);
    Invocation { runs, arguments }
}

fn split(args: &[String]) -> (Runs<'_>, &[String]) {
    let mut prompt = false;
    let mut i = 0;
    while let Some(arg) = args.get(i) {
        i += 1;
        let rest = args.get(i..).unwrap_or_default();
        if arg == "-" {
            return (Runs::Input, rest);
        }
        if let Some(long) = arg.strip_prefix("--") {
            match long {
                "version" | "help" | "help-all" | "help-env" | "help-xoptions" => return (Runs::Nothing, rest),
                "check-hash-based-pycs" => i += 1,
                _ => {}
            }
            continue;
        }
        let Some(short) = arg.strip_prefix('-') else {
            return (if prompt { Runs::Prompt } else { Runs::File(arg) }, rest);
        };
        for (at, c) in short.char_indices() {
            let attached = short.get(at + 1..).unwrap_or_default();
            match c {
                'c' | 'm' => {
                    let (value, rest) = match (attached, rest.split_first()) {
                        ("", Some((value, rest))) => (value.as_str(), rest),
                        ("", None) => return (Runs::Nothing, rest),
                        _ => (attached, rest),
                    };
                    let what = if c == 'c' { Runs::Code(value) } else { Runs::Module(value) };
                    return (what, rest);
                }
                'W' | 'X' | 'Q' => {
                    if attached.is_empty() {
                        i += 1;
                    }
                    break;
                }
                'V' | 'h' => return (Runs::Nothing, rest),
                'i' => prompt = true,
                _ => {}
            }
        }
    }
    (Runs::Prompt, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_runs_among_the_options() {
        use Runs::*;
        for (line, what, args) in [
            ("-m demo.app -x", Module("demo.app"), 1),
            ("-Bum demo", Module("demo"), 0),
            ("-mdemo a b", Module("demo"), 2),
            ("-W ignore -X dev -u app.py run", File("app.py"), 1),
            ("-Wignore -Xdev app.py", File("app.py"), 0),
            ("--check-hash-based-pycs never app.pyz", File("app.pyz"), 0),
            ("-c code x", Code("code"), 1),
            ("- x", Input, 1),
            ("-B", Prompt, 0),
            ("-i app.py", Prompt, 0),
            ("", Prompt, 0),
            ("-V", Nothing, 0),
            ("-m", Nothing, 0),
        ] {
            let words: Vec<String> = line.split_ascii_whitespace().map(str::to_owned).collect();
            let (found, rest) = split(&words);
            assert_eq!((found, rest.len()), (what, args), "{line}");
        }
    }

    #[test]
    fn names_of_interpreters() {
        for name in ["python", "python3", "python3.13t", "python3.11d", "python2.7", "pypy3", "pypy", "python3.6m"] {
            assert!(is_interpreter(name), "{name}");
        }
        for name in ["python3-config", "pythonw.exe", "ipython", "python-argcomplete", "perl"] {
            assert!(!is_interpreter(name), "{name}");
        }
    }
}
