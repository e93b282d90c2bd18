//! The command line of a Python interpreter: see `python(1)`, "COMMAND LINE OPTIONS".

/// What an interpreter is asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Invocation<'a> {
    /// `-m MODULE`
    Module(&'a str),
    /// `-c CODE`
    Code(&'a str),
    /// A file, a directory or a zip file with a `__main__`.
    Script(&'a str),
    /// `-`: code on standard input.
    Input,
    /// A prompt; also `-i` with anything.
    Prompt,
    /// `--version` and the like.
    Nothing,
}

/// Whether a file of this name is a Python interpreter.
pub fn is_interpreter(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy")) else { return false };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(digits, "" | "t" | "d" | "td" | "m" | "dm" | "u" | "mu")
}

/// Splits the arguments of an interpreter into what it runs and what that is passed.
pub(super) fn parse(args: &[String]) -> (Invocation<'_>, &[String]) {
    let mut prompt = false;
    let mut i = 0;
    while let Some(arg) = args.get(i) {
        i += 1;
        let rest = args.get(i..).unwrap_or_default();
        if arg == "-" {
            return (Invocation::Input, rest);
        }
        if let Some(long) = arg.strip_prefix("--") {
            match long {
                "version" | "help" | "help-all" | "help-env" | "help-xoptions" => return (Invocation::Nothing, rest),
                "check-hash-based-pycs" => i += 1,
                _ => {}
            }
            continue;
        }
        let Some(short) = arg.strip_prefix('-') else {
            return (if prompt { Invocation::Prompt } else { Invocation::Script(arg) }, rest);
        };
        for (at, c) in short.char_indices() {
            let attached = short.get(at + 1..).unwrap_or_default();
            match c {
                'c' | 'm' => {
                    let (value, rest) = match (attached, rest.split_first()) {
                        ("", Some((value, rest))) => (value.as_str(), rest),
                        ("", None) => return (Invocation::Nothing, rest),
                        _ => (attached, rest),
                    };
                    let what = if c == 'c' { Invocation::Code(value) } else { Invocation::Module(value) };
                    return (what, rest);
                }
                'W' | 'X' | 'Q' => {
                    if attached.is_empty() {
                        i += 1;
                    }
                    break;
                }
                'V' | 'h' => return (Invocation::Nothing, rest),
                'i' => prompt = true,
                _ => {}
            }
        }
    }
    (Invocation::Prompt, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_runs_among_the_options() {
        use Invocation::*;
        for (line, what, args) in [
            ("-m demo.app -x", Module("demo.app"), 1),
            ("-Bum demo", Module("demo"), 0),
            ("-mdemo a b", Module("demo"), 2),
            ("-W ignore -X dev -u app.py run", Script("app.py"), 1),
            ("-Wignore -Xdev app.py", Script("app.py"), 0),
            ("--check-hash-based-pycs never app.pyz", Script("app.pyz"), 0),
            ("-c code x", Code("code"), 1),
            ("- x", Input, 1),
            ("-B", Prompt, 0),
            ("-i app.py", Prompt, 0),
            ("", Prompt, 0),
            ("-V", Nothing, 0),
            ("-m", Nothing, 0),
        ] {
            let words: Vec<String> = line.split_ascii_whitespace().map(str::to_owned).collect();
            let (found, rest) = parse(&words);
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
