//! Runs the commands of shell code.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::open::{OpenCode, Unread};
use super::program::{Mode, SHELLS};
use super::runner::{Operands, Outcome, Ran, Runner, shown};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::notice::Notice;
use crate::reach::shell::expand::{Outer, Variables};
use crate::reach::shell::facts::{Command, Piece, ShellFacts, Word, is_positional};
use crate::reach::shell::printed::printed;
use crate::reach::shell::reader::{NOT_CLOSED, read};
use crate::reach::shell::shebang::base_name;
use crate::rootfs::NodeId;

/// How many combinations of arrays one command may stand for.
const MAX_SPLICED: usize = 32;

/// Commands that shells run themselves, so that no file is needed for them: POSIX special builtins, and those
/// that both dash and bash, or bash alone, have.
pub const BUILTINS: &[&str] = &[
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "time",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// Marks what a shell script at `node` reaches: its commands, the files it names. Commands that are not in the image are
/// passed over: scripts test for what they use. Returns the commands that cannot be read, too.
pub fn run(graph: &mut Graph, ctx: &Context, node: NodeId, facts: &ShellFacts, outer: Outer) -> (Ran, Vec<Unread>) {
    let script = graph.names_of(node);
    let evidence = Evidence::new(EvidenceKind::Command, "");
    let mut runner = Runner::new(graph, ctx, Some(node), evidence, &ctx.workdir);
    runner.enclosed = true;
    runner.outer = Rc::new(outer);
    let outer = runner.outer.clone();
    let outcome = run_facts(&mut runner, facts, script, &outer);
    let unread = std::mem::take(&mut runner.unread);
    (runner.finish(outcome), unread)
}

/// Runs code that stands in an argument (`sh -c CODE`).
pub(crate) fn run_code(runner: &mut Runner, code: &str) -> Outcome {
    let facts = read(code.as_bytes());
    // Any text may be tried as code: what is not closed is none.
    if let Some(why) = facts.unread.as_ref().filter(|why| ***why != *NOT_CLOSED) {
        let what = format!("part of a command was not read: {why}");
        let (from, line) = (runner.from, runner.evidence.line);
        runner.graph.doubtful_if_own(from, line, what, "what that part names may be missing", "--entry COMMAND");
    }
    let state = (runner.evidence.line, runner.dirs.clone(), runner.path.clone());
    let before = std::mem::take(&mut runner.unread);
    let outer = with_environment(&runner.outer, &runner.found.environment);
    let outcome = run_facts(runner, &facts, Vec::new(), &outer);
    (runner.evidence.line, runner.dirs, runner.path) = state;
    let unread = std::mem::replace(&mut runner.unread, before);
    // Code with a part that cannot be read changes with the script that it stands in.
    if runner.enclosed && code.contains(HOLE) {
        runner.unread.extend(unread);
    } else if !unread.is_empty() || is_open(&facts, runner.ctx) {
        let open = OpenCode {
            text: code.to_owned(),
            dirs: runner.dirs.clone(),
            path: runner.path.clone(),
            environment: runner.found.environment.clone(),
        };
        runner.tell(Notice::OpenCode(Arc::new(open)));
    }
    outcome
}

/// Whether a variable may be set by another script.
fn is_open(facts: &ShellFacts, ctx: &Context) -> bool {
    let assigned = |name: &str| facts.assignments.iter().any(|assignment| &*assignment.name == name);
    let is_name = |name: &str| name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    facts.variables().into_iter().any(|name| is_name(name) && !ctx.env.contains_key(name) && !assigned(name))
}

/// What code finds that is started with this environment.
pub(super) fn with_environment(outer: &Rc<Outer>, environment: &[(String, String)]) -> Rc<Outer> {
    if environment.is_empty() {
        return outer.clone();
    }
    let mut all = Outer::clone(outer);
    let mut added: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in environment {
        added.entry(name).or_default().push(value);
    }
    for (name, values) in added {
        let known = all.shared.entry(name.to_owned()).or_default();
        known.extend(values.into_iter().map(str::to_owned));
    }
    Rc::new(all)
}

/// Runs code of a table, each piece with its line.
pub(crate) fn run_lines<'t>(runner: &mut Runner, pieces: impl IntoIterator<Item = (&'t str, u32)>) {
    for (code, line) in pieces {
        runner.evidence.line = line;
        runner.run_code_line(code);
    }
}

/// Runs all commands of a script. What became of the last one is returned.
pub(super) fn run_facts(runner: &mut Runner, facts: &ShellFacts, script: Vec<String>, outer: &Outer) -> Outcome {
    let nested = script.is_empty();
    let environment = &runner.ctx.env;
    let mut variables = Variables::new(facts, environment, outer, script);
    let (kind, detail, first_line) = (runner.evidence.kind, runner.evidence.detail.clone(), runner.evidence.line);
    for assignment in &facts.assignments {
        runner.evidence.line = if nested { first_line } else { assignment.line };
        for value in variables.expand(&assignment.value) {
            runner.set(&assignment.name, &value);
        }
    }
    for (word, line) in &facts.words {
        runner.evidence.line = if nested { first_line } else { *line };
        let values = variables.expand(word);
        // `[[ -x PROGRAM ]]`
        runner.test_for(&values);
        runner.operands(&values, Operands::Files);
    }
    let functions: HashSet<&str> = facts.functions.iter().map(|function| &**function).collect();
    let (runs_arguments, sources_arguments) = (facts.runs_arguments(), facts.sources_arguments());
    let mut last = Outcome::default();
    let mut piped: Option<String> = None;
    for command in &facts.commands {
        let all = argvs(&mut variables, facts, outer, command);
        let input = command.input.as_deref().map(str::to_owned).or(piped.take());
        let written: Vec<String> = all.iter().filter_map(|argv| output(argv, input.as_deref())).collect();
        let written = if written.is_empty() { HOLE.to_string() } else { written.join("\n") };
        piped = Some(written).filter(|_| command.piped);
        read_from(runner, &mut variables, command);
        for argv in all {
            let Some(name) = argv.first() else { continue };
            if !nested {
                runner.evidence.line = command.line;
                runner.evidence.detail = name.replace(HOLE, "…").into();
            }
            let own = functions.contains(name.as_str());
            if own || outer.runners.contains(name) {
                let args = argv.get(1..).unwrap_or_default();
                runner.operands(args, Operands::Files);
                if runs_arguments || !own {
                    runner.commands_in(args, true);
                }
                if sources_arguments {
                    runner.source_operands(args);
                }
                last = Outcome::default();
            } else {
                last = one(runner, command, &argv, input.as_deref());
            }
        }
    }
    if last.mode == Mode::Idles && facts.commands.len() > 1 {
        last.mode = Mode::Runs;
    }
    (runner.evidence.kind, runner.evidence.detail, runner.evidence.line) = (kind, detail, first_line);
    last
}

/// What a command writes, as far as its words say.
fn output(argv: &[String], input: Option<&str>) -> Option<String> {
    let (name, args) = argv.split_first()?;
    match (name.as_str(), args) {
        ("echo" | "printf", args) => {
            let words: Vec<Word> = args.iter().map(|arg| Word::text(arg)).collect();
            let pieces = printed(name, &words)?;
            Some(
                pieces
                    .iter()
                    .map(|piece| if let Piece::Text(text) = piece { text.clone() } else { HOLE.to_string() })
                    .collect(),
            )
        }
        ("cat", []) => input.map(str::to_owned),
        _ => None,
    }
}

/// The argument vectors of a command; an array in the place of its name is spliced in, whole and by its elements.
fn argvs(variables: &mut Variables, facts: &ShellFacts, outer: &Outer, command: &Command) -> Vec<Vec<String>> {
    let spliced = |word: &Word| -> Vec<Vec<Word>> {
        let name = word.0.iter().rev().find_map(|piece| match piece {
            Piece::Variable { name, .. } => Some(&**name),
            _ => None,
        });
        let Some(name) = name else { return Vec::new() };
        let own = facts.arrays.iter().filter(|array| *array.name == *name).take(8);
        let own: Vec<Vec<Word>> = own.map(|array| array.words.clone()).collect();
        let other = outer.arrays.get(name).into_iter().flatten().take(8);
        let other = other.map(|words| words.iter().map(|word| Word::text(word)).collect());
        let mut all: Vec<Vec<Word>> = own.into_iter().chain(other).collect();
        // `name+=(word)` adds to what was there before.
        if all.len() > 1 {
            all.insert(0, all.concat());
        }
        all
    };
    let mut all = vec![Vec::new()];
    let mut any = false;
    for word in &command.words {
        let arrays = spliced(word);
        any |= !arrays.is_empty();
        let choices = if arrays.is_empty() { vec![vec![word.clone()]] } else { arrays };
        if let [choice] = choices.as_slice() {
            all.iter_mut().for_each(|words: &mut Vec<Word>| words.extend(choice.iter().cloned()));
        } else {
            let pairs =
                choices.iter().flat_map(|choice| all.iter().map(move |words| [words.as_slice(), choice].concat()));
            all = pairs.take(MAX_SPLICED).collect();
        }
    }
    let mut found: Vec<Vec<String>> = all.iter().flat_map(|words| variables.argv(words)).collect();
    // `${tools[$i]}` is one of the elements.
    if any {
        found.extend(variables.argv(&command.words));
    }
    found
}

/// Runs one command as a shell does: builtins first.
fn one(runner: &mut Runner, command: &Command, argv: &[String], input: Option<&str>) -> Outcome {
    let Some((name, args)) = argv.split_first() else { return Outcome::default() };
    if let Some(text) = &command.input {
        runner.operand(text, Operands::Files);
    }
    let nothing = Outcome::default();
    match name.as_str() {
        "." | "source" => {
            if let Some(path) = args.first() {
                let evidence = runner.evidence.clone();
                let mut files = runner.files_of(path, &evidence);
                if files.is_empty() && path.contains(HOLE) {
                    files = runner.fitting(path, &evidence);
                }
                runner.source(&files);
                let argument = command.words.get(1).is_some_and(is_argument);
                if files.is_empty() && path.contains(HOLE) && !path.starts_with('/') && !argument {
                    let name = format!(". {}", shown(path));
                    runner.unread.push(Unread { line: runner.evidence.line, name });
                }
            }
            runner.operands(args.get(1..).unwrap_or_default(), Operands::Files);
            nothing
        }
        "cd" | "pushd" => {
            if let Some(dir) = args.iter().find(|arg| !arg.starts_with('-')) {
                runner.change_dir(dir);
            }
            nothing
        }
        "command" | "type" | "hash" | "which"
            if name != "command" || args.first().is_some_and(|arg| matches!(arg.as_str(), "-v" | "-V")) =>
        {
            runner.test_for(args);
            for arg in args.iter().filter(|arg| !arg.starts_with('-')) {
                runner.program(arg);
            }
            if name == "which" { runner.command(&argv[..1], None) } else { nothing }
        }
        "set" => {
            // `set -- program args` makes the script's own `exec "$@"` run it.
            if let Some(at) = args.iter().position(|arg| arg == "--")
                && let Some(first) = args.get(at + 1)
                && !first.contains(HOLE)
                && !first.starts_with('-')
            {
                runner.command(args.get(at + 1..).unwrap_or_default(), None);
            }
            nothing
        }
        // Code that can be read as it stands has been.
        "eval" => {
            if command.words.iter().skip(1).any(|word| word.literal().is_none()) {
                return runner.code(None, &args.join(" "));
            }
            nothing
        }
        "exec" | "command" | "builtin" | "time" => unknown(runner, command, argv, input),
        // Their operands go.
        "rm" | "rmdir" | "unlink" => runner.command(&argv[..1], None),
        _ if BUILTINS.contains(&name.as_str()) => {
            if matches!(name.as_str(), "[" | "test") {
                runner.test_for(args);
            }
            runner.operands(args, Operands::Files);
            nothing
        }
        _ => unknown(runner, command, argv, input),
    }
}

/// Whether a word is one or all of the arguments, and nothing else.
fn is_argument(word: &Word) -> bool {
    word.0.iter().all(|piece| is_argument_piece(piece) || *piece == Piece::Text(String::new()))
}

fn is_argument_piece(piece: &Piece) -> bool {
    matches!(piece, Piece::Variable { name, .. } if is_positional(name))
}

/// A shell whose standard input is a file runs what stands in it.
fn read_from(runner: &mut Runner, variables: &mut Variables, command: &Command) {
    let is_shell = |word: &Word| word.literal().is_some_and(|name| SHELLS.contains(&base_name(&name)));
    let Some(from) = command.from.as_ref().filter(|_| command.words.iter().any(is_shell)) else { return };
    for path in variables.expand(from) {
        let evidence = runner.evidence.clone();
        let files = runner.files_of(&path, &evidence);
        runner.source(&files);
        if files.is_empty() && path.contains(HOLE) {
            let name = format!("< {}", shown(&path));
            runner.unread.push(Unread { line: command.line, name });
        }
    }
}

/// Runs a command that is no builtin, and notes it where its name is not known.
fn unknown(runner: &mut Runner, command: &Command, argv: &[String], input: Option<&str>) -> Outcome {
    let outcome = runner.command(argv, input);
    if let Some(name) = &outcome.missing {
        runner.miss(name);
    }
    if let Some(name) = &outcome.unknown {
        // `exec "$@" $OPTIONS`, or `gosu app "$@"`, where no other word may be the program.
        let mut words = command.words.iter();
        let first = words.find(|word| !matches!(word.literal().as_deref(), Some("exec" | "command" | "time" | "-a")));
        let mut computed = command.words.iter().filter(|word| word.literal().is_none()).peekable();
        let arguments = first.is_some_and(|word| word.0.iter().any(is_argument_piece))
            || computed.peek().is_some() && computed.all(is_argument);
        // The arguments of an entry point are tried as a command of their own, and code that can be read is told of by itself.
        let given = |word: &String| matches!(base_name(word), "find" | "xargs" | "parallel");
        if !arguments && argv.iter().any(|word| word.contains(HOLE) || given(word)) {
            runner.unread.push(Unread { line: runner.evidence.line, name: name.clone() });
        }
    }
    outcome
}
