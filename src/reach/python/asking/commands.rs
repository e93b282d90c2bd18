//! Programs that code starts.

use super::super::reaching::{Reaching, is_program};
use super::super::reading::callees::{CommandForm, names_program};
use super::super::reading::facts::{Arg, Call, HOLE, Value};
use super::super::running::Frame;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;
use crate::reach::trace::Trace;

/// Words by which a function says that it runs a command.
const RUNNERS: &[&str] =
    &["run", "spawn", "popen", "execute", "exec", "shell", "system", "cmd", "command", "local", "sudo", "call"];

/// A call that runs a program.
pub(super) fn run(reaching: &Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call, form: CommandForm) {
    let argv = argv(call, form);
    // What a shell is given is cut by its first word.
    let program = match argv.as_slice() {
        [shell, option, code] if shell == "sh" && option == "-c" => code.split_whitespace().next(),
        argv => argv.first().map(String::as_str),
    };
    let Some(program) = program.filter(|program| !program.is_empty()) else {
        return run_named(reaching, &mut trace.graph, frame);
    };
    // A cut speaks of a program by its file name, which holds no dots as far as it is concerned.
    let target = format!("command:{}", program.rsplit('/').next().unwrap_or(program).replace('.', "_"));
    if !reaching.is_cut(frame.module(), &target, &[]) {
        let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
        trace.graph.tell(frame.file, Notice::Command(argv), evidence);
    }
}

/// The program and its arguments, as far as a call says.
fn argv(call: &Call, form: CommandForm) -> Vec<String> {
    let asks_for_shell =
        |arg: &Arg| &*arg.keyword == "shell" && !matches!(&arg.value, Value::Str(text) if text.is_empty());
    let shell = form == CommandForm::Shell || call.args.iter().any(asks_for_shell);
    // `os.spawn*` takes a mode first.
    let skip = usize::from(call.callee.contains(".spawn") && !call.callee.starts_with("pty"));
    match call.argument(skip, &["args", "cmd", "command", "file", "path", "program"]) {
        Some(Value::List(values)) => words(values),
        Some(Value::Str(text)) if shell || text.contains(' ') => {
            vec!["sh".to_owned(), "-c".to_owned(), text.to_string()]
        }
        Some(Value::Str(text)) => {
            let rest = match call.positional(skip + 1) {
                Some(Value::List(values)) => words(values),
                _ => Vec::new(),
            };
            // The list starts with what the program is to take for its own name.
            std::iter::once(text.to_string()).chain(rest.into_iter().skip(1)).collect()
        }
        // Only the program's name has to be readable.
        Some(Value::Pattern(text)) => {
            text.split_whitespace().take_while(|word| !word.contains(HOLE)).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// In the user's own code, a command that cannot be read may be any program that a string of that file names.
fn run_named(reaching: &Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>) {
    let Some(file) = frame.file.filter(|&file| reaching.is_users(file)) else { return };
    for text in frame.facts.units.iter().flat_map(|unit| &unit.strings) {
        if is_program(reaching.ctx, graph.tree(), &text.value) {
            let evidence = Evidence::at(EvidenceKind::Command, &*text.value, text.line);
            graph.tell(Some(file), Notice::Command(vec![text.value.to_string()]), evidence);
        }
    }
}

/// In the user's own code, a list that starts with a program's name is a command, whoever is called with it; so
/// is a line that is given to something that says it runs one, or as what a keyword says is one.
pub(super) fn run_likely(reaching: &Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call) {
    let Some(file) = frame.file.filter(|&file| reaching.is_users(file)) else { return };
    let runs = RUNNERS.contains(&call.function().to_lowercase().as_str());
    for arg in &call.args {
        let argv: Vec<String> = match &arg.value {
            Value::List(values) => words(values),
            Value::Str(text) if runs || names_program(&arg.keyword) => {
                text.split_whitespace().map(str::to_owned).collect()
            }
            _ => continue,
        };
        if argv.first().is_some_and(|program| is_program(reaching.ctx, graph.tree(), program)) {
            let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
            graph.tell(Some(file), Notice::Command(argv), evidence);
        }
    }
}

/// The words that a list begins with.
fn words(values: &[Value]) -> Vec<String> {
    let word = |value: &Value| match value {
        Value::Str(text) => Some(text.to_string()),
        // The interpreter itself: whatever it is called in the image, it is reached already.
        Value::Name(name) if &**name == "sys.executable" => Some("python3".to_owned()),
        _ => None,
    };
    values.iter().map_while(word).collect()
}
