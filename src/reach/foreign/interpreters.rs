//! The command lines of interpreters: `perlrun(1)`, `ruby(1)`, `php(1)`, `node(1)`, `lua(1)`, `gawk(1)`, `tclsh(1)`, `expect(1)`,
//! and of those of which no more is known than that they run what they are given.

use super::language::Language;
use super::{LANGUAGE, package};
use crate::reach::interpreter::{Interpreter, Invocation, Runs};

/// All of them.
pub(super) static INTERPRETERS: [&Interpreter; 8] = [&PERL, &RUBY, &PHP, &JAVASCRIPT, &LUA, &TCL, &AWK, &OTHER];

static PERL: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::Perl),
    |args| read(&Options { code: "eE", valued: "MmIxFDVCid", ..NONE }, args),
);
static RUBY: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::Ruby),
    |args| read(&Options { code: "e", valued: "CEIrFWxKTi0", ..NONE }, args),
);
static PHP: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::Php),
    |args| read(&Options { code: "rBRE", file: "fF", valued: "cdgSzt", ..NONE }, args),
);
static JAVASCRIPT: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::JavaScript),
    |args| {
        let run = args.first().is_some_and(|first| matches!(first.as_str(), "run" | "x"));
        let args = if run { args.get(1..).unwrap_or_default() } else { args };
        read(
            &Options {
                code: "ep",
                valued: "rC",
                long_code: &["eval", "print"],
                long_valued: &[
                    "require",
                    "import",
                    "loader",
                    "experimental-loader",
                    "conditions",
                    "env-file",
                    "config",
                ],
                ..NONE
            },
            args,
        )
    },
);
static LUA: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::Lua),
    |args| read(&Options { code: "e", valued: "ljO", ..NONE }, args),
);
static TCL: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::Tcl),
    |args| read(&Options { code: "c", file: "f", valued: "e", ..NONE }, args),
);
static AWK: Interpreter = interpreter(
    |name| Language::of_interpreter(name) == Some(Language::Awk),
    |args| {
        let options = Options {
            code: "e",
            file: "fE",
            valued: "vFWil",
            long_code: &["source"],
            long_file: &["file", "exec"],
            long_valued: &["assign", "field-separator", "include", "load"],
            takes_next: true,
            operand_is_code: true,
        };
        read(&options, args)
    },
);
static OTHER: Interpreter = interpreter(package::is_interpreter, |args| {
    read(&Options { code: "", long_code: &["eval"], file: "fs", long_file: &["script", "load", "file"], ..NONE }, args)
});

/// How an interpreter's options are written. What is in none of the lists takes no value.
struct Options {
    /// Short options whose value is code.
    code: &'static str,
    /// Short options whose value is the file to run.
    file: &'static str,
    /// Short options with another value.
    valued: &'static str,
    long_code: &'static [&'static str],
    long_file: &'static [&'static str],
    long_valued: &'static [&'static str],
    /// The value of any short option may be the next word.
    takes_next: bool,
    /// The first word that is no option is the program's text.
    operand_is_code: bool,
}

const NONE: Options = Options {
    code: "",
    file: "",
    valued: "",
    long_code: &[],
    long_file: &[],
    long_valued: &[],
    takes_next: false,
    operand_is_code: false,
};

const fn interpreter(is_named: fn(&str) -> bool, read: for<'a> fn(&'a [String]) -> Invocation<'a>) -> Interpreter {
    Interpreter { language: LANGUAGE, is_named, is_launcher: |_| false, read }
}

fn read<'a>(options: &Options, args: &'a [String]) -> Invocation<'a> {
    let mut i = 0;
    let operand = |word| if options.operand_is_code { Runs::Code(word) } else { Runs::File(word) };
    while let Some(arg) = args.get(i) {
        i += 1;
        let after = |i: usize| args.get(i..).unwrap_or_default();
        let runs = |runs, arguments| Invocation { runs, arguments };
        if arg == "-" {
            return runs(Runs::Input, after(i));
        }
        if arg == "--" {
            return match args.get(i) {
                Some(word) => runs(operand(word), after(i + 1)),
                None => runs(Runs::Input, &[]),
            };
        }
        if let Some(long) = arg.strip_prefix("--") {
            let (name, attached) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let takes = |names: &[&str]| names.contains(&name);
            let next = || attached.or_else(|| args.get(i).map(String::as_str));
            let used = i + usize::from(attached.is_none());
            if takes(options.long_code) {
                return next().map_or(runs(Runs::Nothing, &[]), |code| runs(Runs::Code(code), after(used)));
            }
            if takes(options.long_file) {
                return next().map_or(runs(Runs::Nothing, &[]), |file| runs(Runs::File(file), after(used)));
            }
            i += usize::from(attached.is_none() && takes(options.long_valued));
            continue;
        }
        let Some(short) = arg.strip_prefix('-') else { return runs(operand(arg), after(i)) };
        match value_of(options, short) {
            None => {}
            Some((kind, attached)) => {
                let value = if attached.is_empty() { args.get(i).map_or("", String::as_str) } else { attached };
                let used = i + usize::from(attached.is_empty());
                match kind {
                    Kind::Code => return runs(Runs::Code(value), after(used)),
                    Kind::File => return runs(Runs::File(value), after(used)),
                    // `-i.bak`, `-MCPAN`: those that stand alone mean the next word only where it cannot be the program.
                    Kind::Value => {
                        let next = options.takes_next || (short.len() == 1 && takes_next(short));
                        i += usize::from(attached.is_empty() && next);
                    }
                }
            }
        }
    }
    Invocation { runs: Runs::Prompt, arguments: &[] }
}

/// Options whose value may be the next word, in all of the languages that have them; of the others it is always attached.
fn takes_next(short: &str) -> bool {
    matches!(short, "I" | "r" | "C" | "c" | "d" | "g" | "S" | "z" | "t" | "v" | "F" | "W" | "l" | "M" | "m")
}

enum Kind {
    Code,
    File,
    Value,
}

/// The first option in a group that has a value, and what is attached to it.
fn value_of<'a>(options: &Options, group: &'a str) -> Option<(Kind, &'a str)> {
    group.char_indices().find_map(|(at, c)| {
        let kind = if options.code.contains(c) {
            Kind::Code
        } else if options.file.contains(c) {
            Kind::File
        } else if options.valued.contains(c) {
            Kind::Value
        } else {
            return None;
        };
        Some((kind, group.get(at + c.len_utf8()..).unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn runs(line: &str, expected: &Runs<'_>, arguments: &[&str]) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (name, args) = words.split_first().unwrap();
        let found = INTERPRETERS.iter().find(|interpreter| (interpreter.is_named)(name)).unwrap();
        let invocation = (found.read)(args);
        assert_eq!(
            (&invocation.runs, invocation.arguments),
            (expected, &*arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()),
            "{line}"
        );
    }

    #[test]
    fn scripts_and_code_are_told_from_options() {
        runs("perl -w -T a.pl x", &Runs::File("a.pl"), &["x"]);
        runs("perl -lane CODE x", &Runs::Code("CODE"), &["x"]);
        runs("perl -MPOSIX -I lib -e CODE", &Runs::Code("CODE"), &[]);
        runs("perl -i.bak -pe CODE x", &Runs::Code("CODE"), &["x"]);
        runs("perl -0777 -ne CODE", &Runs::Code("CODE"), &[]);
        runs("ruby -r json -W0 a.rb x", &Runs::File("a.rb"), &["x"]);
        runs("ruby -rjson -e CODE", &Runs::Code("CODE"), &[]);
        runs("php -d a=b -f a.php -- x", &Runs::File("a.php"), &["--", "x"]);
        runs("php8.2 -r CODE", &Runs::Code("CODE"), &[]);
        runs("php a.php x", &Runs::File("a.php"), &["x"]);
        runs("node --require ./x.js --max-old-space-size=1 a.js x", &Runs::File("a.js"), &["x"]);
        runs("node -e CODE", &Runs::Code("CODE"), &[]);
        runs("bun run a.ts", &Runs::File("a.ts"), &[]);
        runs("lua5.4 -l x -e CODE", &Runs::Code("CODE"), &[]);
        runs("tclsh a.tcl x", &Runs::File("a.tcl"), &["x"]);
        runs("expect -c CODE", &Runs::Code("CODE"), &[]);
        runs("awk -F: -v a=b CODE file", &Runs::Code("CODE"), &["file"]);
        runs("gawk -f a.awk file", &Runs::File("a.awk"), &["file"]);
        runs("awk -v a=b -f a.awk file", &Runs::File("a.awk"), &["file"]);
        runs("awk -F : -f a.awk file", &Runs::File("a.awk"), &["file"]);
        runs("gawk -i inplace -f a.awk file", &Runs::File("a.awk"), &["file"]);
        runs("gawk -i inplace CODE -f", &Runs::Code("CODE"), &["-f"]);
        runs("awk -v a=b -- CODE -f", &Runs::Code("CODE"), &["-f"]);
        runs("mawk CODE", &Runs::Code("CODE"), &[]);
        runs("guile -s a.scm x", &Runs::File("a.scm"), &["x"]);
        runs("perl -", &Runs::Input, &[]);
        runs("node", &Runs::Prompt, &[]);
    }
}
