//! Programs that code starts.

use super::super::names::{NAME, is_identifier};
use super::super::reaching::{Reaching, is_program, run_strings};
use super::super::reading::callees::{CommandForm, names_program};
use super::super::reading::facts::{Arg, Call, HOLE, Value};
use super::super::running::{Frame, ScopeId};
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;
use crate::reach::trace::Trace;
use crate::rootfs::{NodeId, Tree};

/// Words by which a function says that it runs a command.
const RUNNERS: &[&str] =
    &["run", "spawn", "popen", "execute", "exec", "shell", "system", "cmd", "command", "local", "sudo", "call", "sh"];

/// The names of parameters that are a program, alone or with its arguments.
const PROGRAM: &[&str] = &["args", "cmd", "command", "file", "path", "program"];

/// How far above a module the folders are that a path to a program starts from.
const MAX_LEVELS: usize = 3;

/// A call that runs a program.
pub(super) fn run(reaching: &Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call, form: CommandForm) {
    run_after_many(reaching, &mut trace.graph, frame, call);
    let argv = argv(trace.graph.tree(), frame.file, call, form);
    // What a shell is given is cut by its first word.
    let program = match argv.as_slice() {
        [shell, option, code] if shell == "sh" && option == "-c" => code.split_whitespace().next(),
        argv => argv.first().map(String::as_str),
    };
    let Some(program) = program.filter(|program| !program.is_empty()) else {
        return run_named(reaching, &mut trace.graph, frame);
    };
    // That what follows is for an interpreter does not say that it is one.
    if program.contains(HOLE) || !says_program(call) {
        run_named(reaching, &mut trace.graph, frame);
    }
    if !is_cut(reaching, frame, program) && (call.line > 0 || names_programs(reaching, trace.graph.tree(), &argv)) {
        let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
        if let Some(name) = own_name(call).filter(|name| is_program(reaching.ctx, trace.graph.tree(), name)) {
            for dir in reaching.ctx.path() {
                trace.graph.reach_path(frame.file, Tree::ROOT, format!("{dir}/{name}"), &evidence);
            }
        }
        trace.graph.tell(frame.file, Notice::Command(argv), evidence);
    }
}

/// Whether a line for a shell has the name of a program in it. Of byte code nothing says which strings are lines.
fn names_programs(reaching: &Reaching<'_>, tree: &Tree, argv: &[String]) -> bool {
    let [_, _, code] = argv else { return true };
    let words = code.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/')));
    words.map(|word| word.rsplit('/').next().unwrap_or(word)).any(|word| is_program(reaching.ctx, tree, word))
}

/// Whether a rule says that a program does not count. A cut speaks of a program by its file name, which holds no dots as
/// far as it is concerned.
pub(super) fn is_cut(reaching: &Reaching<'_>, frame: &Frame<'_>, program: &str) -> bool {
    let target = format!("command:{}", program.rsplit('/').next().unwrap_or(program).replace('.', "_"));
    reaching.is_cut(frame.module(), &target, &[])
}

/// The program and its arguments, as far as a call says.
fn argv(tree: &Tree, file: Option<NodeId>, call: &Call, form: CommandForm) -> Vec<String> {
    let asks_for_shell =
        |arg: &Arg| &*arg.keyword == "shell" && !matches!(&arg.value, Value::Str(text) if text.is_empty());
    let shell = form == CommandForm::Shell || call.args.iter().any(asks_for_shell);
    let skip = before_program(call);
    match call.argument(skip, PROGRAM) {
        Some(Value::List(values)) => words(tree, file, values),
        Some(Value::Str(text)) if shell || text.contains(' ') => {
            vec!["sh".to_owned(), "-c".to_owned(), text.to_string()]
        }
        Some(Value::Pattern(text)) if shell => vec!["sh".to_owned(), "-c".to_owned(), with_interpreter(text)],
        Some(program) => {
            let rest = arguments(call, skip + 1);
            let values: Vec<Value> = std::iter::once(program).chain(&rest).cloned().collect();
            match (words(tree, file, &values), program) {
                // Only the program's name has to be readable.
                (words, Value::Pattern(text)) if words.is_empty() => {
                    text.split_whitespace().take_while(|word| !word.contains(HOLE)).map(str::to_owned).collect()
                }
                (words, _) => words,
            }
        }
        None => Vec::new(),
    }
}

/// How many arguments stand before the program: `os.spawn*` takes a mode first.
fn before_program(call: &Call) -> usize {
    usize::from(call.callee.contains(".spawn") && !call.callee.starts_with("pty"))
}

/// A list that begins with any number of words may hold a wrapper there, or nothing: a program that follows runs.
fn run_after_many(reaching: &Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call) {
    let lists = call.args.iter().filter_map(|arg| match &arg.value {
        Value::List(values) => Some(values.as_slice()),
        _ => None,
    });
    for values in lists {
        let Some((Value::Many, values)) = values.split_first() else { continue };
        let argv = words(graph.tree(), frame.file, values);
        let Some(program) = argv.first() else { continue };
        if is_program(reaching.ctx, graph.tree(), program) && !is_cut(reaching, frame, program) {
            let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
            graph.tell(frame.file, Notice::Command(argv), evidence);
        }
    }
}

/// Whether a call says which program it runs, at least in part.
fn says_program(call: &Call) -> bool {
    let program = match call.argument(before_program(call), PROGRAM) {
        Some(Value::List(values)) => values.first(),
        program => program,
    };
    match program {
        Some(Value::Str(_) | Value::Pattern(_)) => true,
        Some(Value::Name(name)) => &**name == "sys.executable",
        _ => false,
    }
}

/// What a program is to take for its own name, where that is given apart (`os.exec*`, `os.spawn*`): an interpreter looks
/// along `PATH` for the file of that name.
fn own_name(call: &Call) -> Option<&str> {
    let function = call.function();
    let apart = ["exec", "spawn", "posix_spawn"].iter().any(|begin| function.starts_with(begin));
    let name = match call.positional(before_program(call) + 1)? {
        Value::List(values) => values.first()?,
        value => value,
    };
    match name {
        Value::Str(name) if apart => Some(name),
        _ => None,
    }
}

/// What stands for the arguments of the program, from position `at` on: a list, or one after the other. `os.exec*` and its
/// kin begin with what the program is to take for its own name.
fn arguments(call: &Call, at: usize) -> Vec<Value> {
    let positional = || call.args.iter().filter(|arg| arg.keyword.is_empty()).map(|arg| arg.value.clone());
    let function = call.function();
    if function == "create_subprocess_exec" {
        return positional().skip(at).collect();
    }
    if function.starts_with("execl") || function.starts_with("spawnl") {
        return positional().skip(at + 1).collect();
    }
    match call.positional(at) {
        Some(Value::List(values)) => values.iter().skip(1).cloned().collect(),
        _ => Vec::new(),
    }
}

/// A line for a shell whose first word cannot be read, but is an interpreter by what follows it.
fn with_interpreter(line: &str) -> String {
    match line.strip_prefix(HOLE) {
        Some(rest)
            if rest.split_whitespace().next().is_some_and(|word| rest.starts_with(' ') && follows_python(word)) =>
        {
            format!("{PYTHON}{rest}")
        }
        _ => line.to_owned(),
    }
}

/// Whether a word is one that follows the name of an interpreter.
fn follows_python(word: &str) -> bool {
    word == "-m" || word.ends_with(".py")
}

/// In the user's own code, in tests that a runner collects and in plugins, a command that cannot be read may be any program
/// that a string of that file names.
fn run_named(reaching: &Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>) {
    let Some(file) = frame.file.filter(|&file| reaching.is_asked_for(file)) else { return };
    run_strings(graph, reaching.ctx, file, frame.facts, |name| !is_cut(reaching, frame, name));
}

/// In the same code, a list that starts with a program's name is a command, whoever is called with it; so is a line that is given to something that says it runs one, or as what a keyword says is one.
pub(super) fn run_likely(reaching: &Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call) {
    let Some(file) = frame.file.filter(|&file| reaching.is_asked_for(file)) else { return };
    let runs = RUNNERS.contains(&call.function().to_lowercase().as_str());
    for arg in &call.args {
        let argv: Vec<String> = match &arg.value {
            Value::List(values) => words(graph.tree(), frame.file, values),
            Value::Str(text) if runs || names_program(&arg.keyword) => {
                text.split_whitespace().map(str::to_owned).collect()
            }
            // `sh(f"df -P {path}")`: only the program's name has to be readable.
            Value::Pattern(text) if runs || names_program(&arg.keyword) => {
                text.split_whitespace().take_while(|word| !word.contains(HOLE)).map(str::to_owned).collect()
            }
            _ => continue,
        };
        if argv.first().is_some_and(|program| is_program(reaching.ctx, graph.tree(), program)) {
            let evidence = Evidence::at(EvidenceKind::Command, &*call.callee, call.line);
            graph.tell(Some(file), Notice::Command(argv), evidence);
        }
    }
}

/// The interpreter itself: whatever it is called in the image, it is reached already.
const PYTHON: &str = "python3";

/// The words that a list begins with. One that cannot be read is the interpreter, if what follows is for one.
fn words(tree: &Tree, file: Option<NodeId>, values: &[Value]) -> Vec<String> {
    let word = |(at, value): (usize, &Value)| match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Name(name) if &**name == "sys.executable" => Some(PYTHON.to_owned()),
        Value::Pattern(pattern) if at > 0 => beside(tree, file?, pattern),
        _ if at == 0 => {
            let next = values.get(1).and_then(|next| match next {
                Value::Str(text) | Value::Pattern(text) => Some(&**text),
                _ => None,
            });
            next.is_some_and(follows_python).then(|| PYTHON.to_owned())
        }
        _ => None,
    };
    values.iter().enumerate().map_while(word).collect()
}

/// The file that a path put together from the module's own place leads to (`HOLE/jobs/run`).
fn beside(tree: &Tree, file: NodeId, pattern: &str) -> Option<String> {
    let path = pattern.strip_prefix(HOLE)?.strip_prefix('/').filter(|path| !path.contains(HOLE))?;
    let folders = std::iter::successors(Some(tree.parent(file)), |&folder| Some(tree.parent(folder)));
    let found = folders.take(MAX_LEVELS).find_map(|folder| tree.resolve_from(folder, path))?;
    tree.inode(found.node).is_file().then(|| tree.path(found.node).to_string())
}

impl Asking {
    /// An argument `-m` of an interpreter, and the module it is followed by. Where that cannot be read, in the user's own
    /// code, it is any that a string there names.
    pub(super) fn start_module(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        if is_cut(reaching, frame, PYTHON) {
            return;
        }
        match call.positional(0) {
            Some(Value::Str(name)) => start(reaching, &mut trace.graph, frame, name, call.line),
            Some(_) if reaching.is_users_code(frame.file) && !self.starts_modules => {
                self.starts_modules = true;
                for id in reaching.running.modules.in_order().to_vec() {
                    let Some(facts) = reaching.facts_of(id) else { continue };
                    for unit in 0..facts.units.len() {
                        let frame = reaching.frame(ScopeId { module: id, unit: unit as u32 }, &facts);
                        self.start_named(reaching, &mut trace.graph, &frame);
                    }
                }
            }
            _ => {}
        }
    }

    /// Starts the modules that strings of a scope of the user's own name, if its code starts some that cannot be read.
    pub(super) fn start_named(&self, reaching: &mut Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>) {
        if self.starts_modules && reaching.is_users_code(frame.file) {
            for text in &frame.unit().strings {
                start(reaching, graph, frame, &text.value, text.line);
            }
        }
    }
}

/// Runs the module of this name as a program, if there is one.
fn start(reaching: &mut Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>, name: &str, line: u32) {
    if name.split('.').all(is_identifier) && reaching.search.exists(frame.env, name) {
        let evidence = Evidence::at(EvidenceKind::Command, format!("-m {name}"), line);
        graph.tell(frame.file, Notice::Module { language: NAME, name: name.to_owned() }, evidence);
    }
}
