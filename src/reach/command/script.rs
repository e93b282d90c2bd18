//! Runs the commands of shell code.

use super::program::Mode;
use super::runner::{Operands, Outcome, Ran, Runner};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::shell::expand::Variables;
use crate::reach::shell::facts::{Command, Piece, ShellFacts};
use crate::reach::shell::reader::read;
use crate::rootfs::NodeId;

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
/// passed over: scripts test for what they use.
pub fn run(graph: &mut Graph, ctx: &Context, node: NodeId, facts: &ShellFacts) -> Ran {
    let script = graph.tree().path(node).to_string();
    let evidence = Evidence::new(EvidenceKind::Command, "");
    let mut runner = Runner::new(graph, ctx, Some(node), evidence, &ctx.workdir);
    let outcome = run_facts(&mut runner, facts, Some(script));
    runner.finish(outcome)
}

/// Runs code that stands in an argument (`sh -c CODE`).
pub(crate) fn run_code(runner: &mut Runner, code: &str) -> Outcome {
    let facts = read(code.as_bytes());
    let (line, dirs, path) = (runner.evidence.line, runner.dirs.clone(), runner.path.clone());
    let outcome = run_facts(runner, &facts, None);
    runner.evidence.line = line;
    runner.dirs = dirs;
    runner.path = path;
    outcome
}

/// Runs all commands of a script. What became of the last one is returned.
fn run_facts(runner: &mut Runner, facts: &ShellFacts, script: Option<String>) -> Outcome {
    let nested = script.is_none();
    let environment = &runner.ctx.env;
    let mut variables = Variables::new(facts, environment, script);
    let (kind, detail, first_line) = (runner.evidence.kind, runner.evidence.detail.clone(), runner.evidence.line);
    for assignment in &facts.assignments {
        runner.evidence.line = if nested { first_line } else { assignment.line };
        for value in variables.expand(&assignment.value) {
            runner.set(&assignment.name, &value);
        }
    }
    for (word, line) in &facts.words {
        runner.evidence.line = if nested { first_line } else { *line };
        for value in variables.expand(word) {
            runner.operand(&value, Operands::Files);
        }
    }
    let mut last = Outcome::default();
    let mut piped: Option<String> = None;
    for command in &facts.commands {
        let all = argvs(&mut variables, facts, command);
        let input = command.input.as_deref().map(str::to_owned).or(piped.take());
        piped = all.iter().find_map(|argv| output(argv, input.as_deref())).filter(|_| command.piped);
        for argv in all {
            let Some(name) = argv.first() else { continue };
            if !nested {
                runner.evidence.line = command.line;
                runner.evidence.detail = name.replace(HOLE, "…").into();
            }
            if facts.functions.iter().any(|function| **function == **name) {
                runner.operands(argv.get(1..).unwrap_or_default(), Operands::Files);
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
            let words = args.iter().skip_while(|arg| arg.starts_with('-')).map(String::as_str);
            Some(words.collect::<Vec<_>>().join(if name == "echo" { " " } else { "\n" }))
        }
        ("cat", []) => input.map(str::to_owned),
        _ => None,
    }
}

/// The argument vectors of a command; an array in the place of its name is spliced in.
fn argvs(variables: &mut Variables, facts: &ShellFacts, command: &Command) -> Vec<Vec<String>> {
    let array = command.words.iter().position(|word| {
        match word.0.iter().rfind(|piece| **piece != Piece::Text(String::new())) {
            Some(Piece::Variable { name, .. }) => facts.arrays.iter().any(|array| array.name == *name),
            _ => false,
        }
    });
    let Some(at) = array else { return variables.argv(&command.words) };
    let Some(Piece::Variable { name, .. }) =
        command.words.get(at).and_then(|word| word.0.iter().rfind(|piece| matches!(piece, Piece::Variable { .. })))
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for array in facts.arrays.iter().filter(|array| array.name == *name).take(8) {
        let mut words = command.words.get(..at).unwrap_or_default().to_vec();
        words.extend(array.words.iter().cloned());
        words.extend(command.words.get(at + 1..).unwrap_or_default().iter().cloned());
        all.extend(variables.argv(&words));
    }
    all
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
                let files = runner.files(path, &evidence);
                runner.source(&files);
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
        "exec" | "command" | "builtin" | "time" => unknown(runner, command, argv, input),
        // Their operands go.
        "rm" | "rmdir" | "unlink" => runner.command(&argv[..1], None),
        _ if BUILTINS.contains(&name.as_str()) => {
            runner.operands(args, Operands::Files);
            nothing
        }
        _ => unknown(runner, command, argv, input),
    }
}

/// Runs a command that is no builtin, and notes it where its name is not known.
fn unknown(runner: &mut Runner, command: &Command, argv: &[String], input: Option<&str>) -> Outcome {
    let outcome = runner.command(argv, input);
    if let Some(name) = &outcome.unknown {
        let program = command
            .words
            .iter()
            .find(|word| !matches!(word.literal().as_deref(), Some("exec" | "command" | "time" | "-a")));
        let arguments = program.is_some_and(|word| {
            word.0.iter().any(|piece| matches!(piece, Piece::Variable { name, .. } if **name == *"@" || name.bytes().all(|b| b.is_ascii_digit())))
        });
        // The arguments of an entry point are tried as a command of their own.
        if !arguments {
            let name = name.clone();
            runner.graph.doubtful_if_own(
                runner.from,
                runner.evidence.line,
                format!("a command whose name is known at run time only: {name}"),
                "nothing was kept for it",
                "--entry COMMAND",
            );
        }
    }
    outcome
}
