//! From an argument vector to what it reaches: the program, the programs it wraps, and what its words name.
//!
//! An unreadable part of a word is a [`HOLE`].

mod lookup;
mod operands;
mod program;
mod python;
mod wrapper;

use bstr::BString;
use serde::{Deserialize, Serialize};

use self::python::Invocation;
use self::wrapper::Wrapped;
use super::Context;
use super::evidence::{Evidence, EvidenceKind};
use super::graph::{Graph, Hint};
use super::python::facts::HOLE;
use super::shell::shebang::base_name;
use super::shell::{self, Shebang};
use crate::rootfs::{NodeId, Tree};

pub use operands::{is_name, names, paths};
pub use program::{Mode, SHELLS};
pub use python::is_interpreter as is_python;
pub use wrapper::is_wrapper;

/// How deep commands may nest (`sh -c "su -c …"`).
const MAX_DEPTH: u32 = 8;

/// How many commands and words one file, or the image's config, may hold.
const MAX_STEPS: u32 = 100_000;

/// How many wrappers may follow one another.
const MAX_CHAIN: u32 = 32;

/// How many directories a script may change to.
const MAX_DIRS: usize = 8;

/// A Python interpreter that a command starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interpreter {
    /// The absolute path it is started by, symlinks not followed: a virtual environment is found from it.
    pub path: BString,
    /// The program itself.
    pub node: NodeId,
}

/// What became of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The program at the end of the chain of wrappers.
    pub program: Option<NodeId>,
    /// The name of the program in that chain that is not in the image.
    pub missing: Option<String>,
    /// The name of the program cannot be read: what can be, with `…` for the rest.
    pub unknown: Option<String>,
    /// What the program does.
    pub mode: Mode,
    /// Python interpreters started by it or by commands in it, without duplicates, in the order found.
    pub pythons: Vec<Interpreter>,
    /// Files that a Python interpreter is given to run.
    pub python_scripts: Vec<NodeId>,
    /// Files that a shell is given to run or to source: they need no `#!` line.
    pub shell_scripts: Vec<NodeId>,
    /// Environment variables that are set on the way (`env PYTHONPATH=/app …`, `export`).
    pub environment: Vec<(String, String)>,
}

/// Marks what the command `argv` reaches. `workdir` is a directory's absolute path.
pub fn run(
    graph: &mut Graph,
    ctx: &Context,
    from: Option<NodeId>,
    argv: &[String],
    evidence: &Evidence,
    workdir: &str,
) -> Ran {
    let mut runner = Runner::new(graph, ctx, from, evidence.clone(), workdir);
    let outcome = runner.command(argv, None);
    runner.finish(outcome)
}

/// What became of one command in a [`Runner`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) program: Option<NodeId>,
    pub(crate) missing: Option<String>,
    pub(crate) unknown: Option<String>,
    pub(crate) mode: Mode,
}

/// Runs the commands that stand in one place.
pub(crate) struct Runner<'g, 'a, 'c> {
    pub(crate) graph: &'g mut Graph<'a>,
    pub(crate) ctx: &'c Context,
    /// The file the commands stand in.
    pub(crate) from: Option<NodeId>,
    pub(crate) evidence: Evidence,
    /// Directories that relative paths may start from.
    pub(crate) dirs: Vec<NodeId>,
    /// `PATH`, with what the commands add to it.
    pub(crate) path: Vec<String>,
    pub(crate) found: Ran,
    pub(crate) depth: u32,
    steps: u32,
}

impl<'g, 'a, 'c> Runner<'g, 'a, 'c> {
    pub(crate) fn new(
        graph: &'g mut Graph<'a>,
        ctx: &'c Context,
        from: Option<NodeId>,
        evidence: Evidence,
        workdir: &str,
    ) -> Self {
        let dir = graph.tree().follow(workdir).unwrap_or(Tree::ROOT);
        let path = ctx.path().map(str::to_owned).collect();
        Self { graph, ctx, from, evidence, dirs: vec![dir], path, found: Ran::default(), depth: 0, steps: 0 }
    }

    pub(crate) fn finish(self, outcome: Outcome) -> Ran {
        let Outcome { program, missing, unknown, mode } = outcome;
        Ran { program, missing, unknown, mode, ..self.found }
    }

    /// Counts a unit of work. False once there was too much of it.
    pub(crate) fn step(&mut self) -> bool {
        self.steps += 1;
        if self.steps == MAX_STEPS {
            self.graph.uncertain(
                self.from,
                self.evidence.line,
                "more commands than can be followed",
                "the rest was not read",
            );
        }
        self.steps < MAX_STEPS
    }

    /// Follows `cd DIR`.
    pub(crate) fn change_dir(&mut self, path: &str) {
        for base in self.dirs.clone() {
            if let Some(found) = self.graph.tree().resolve_from(base, path)
                && self.graph.tree().inode(found.node).is_dir()
                && !self.dirs.contains(&found.node)
                && self.dirs.len() < MAX_DIRS
            {
                let evidence = self.name_evidence(path);
                self.graph.reach_path(self.from, base, path, &evidence);
                self.dirs.push(found.node);
            }
        }
    }

    /// Notes an environment variable for the programs that follow.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        if name == "PATH" {
            let dirs: Vec<String> =
                value.split(':').filter(|dir| dir.starts_with('/') && !dir.contains(HOLE)).map(str::to_owned).collect();
            for dir in dirs {
                if !self.path.contains(&dir) && self.path.len() < 64 {
                    self.path.push(dir);
                }
            }
        }
        let pair = (name.to_owned(), value.to_owned());
        if !value.contains(HOLE) && self.found.environment.len() < 1024 && !self.found.environment.contains(&pair) {
            self.found.environment.push(pair);
        }
        // A plain word is rarely a module; a dotted one, or one in a variable that says so, is.
        let telling = value.contains(['.', ':'])
            || ["MODULE", "APP", "SETTINGS", "WORKER"].iter().any(|part| name.contains(part));
        self.operand(value, telling);
    }

    fn name_evidence(&self, word: &str) -> Evidence {
        Evidence::at(EvidenceKind::Name, shown(word), self.evidence.line)
    }

    /// Runs a command that is not looked up among builtins first. `input` is the text on its standard input.
    pub(crate) fn command(&mut self, argv: &[String], input: Option<&str>) -> Outcome {
        let mut argv = argv.to_vec();
        let mut builtin_wrapper = true;
        for _ in 0..MAX_CHAIN {
            let Some((name, args)) = argv.split_first() else { return Outcome::default() };
            if !self.step() {
                return Outcome::default();
            }
            let base = base_name(name).to_owned();
            // `exec`, `command` and `time` are no files where a shell runs them.
            let is_builtin = builtin_wrapper && matches!(name.as_str(), "exec" | "command" | "builtin" | "time");
            let program = if is_builtin { None } else { self.program(name) };
            if program.is_none() && !is_builtin {
                let args = args.to_vec();
                self.operands(&args, false);
                return if name.contains(HOLE) {
                    Outcome { unknown: Some(shown(name)), ..Outcome::default() }
                } else {
                    Outcome { missing: Some(name.clone()), ..Outcome::default() }
                };
            }
            match wrapper::unwrap(&base, args) {
                Some(Wrapped::Command { assignments, argv: rest }) => {
                    for assignment in assignments {
                        if let Some((name, value)) = assignment.split_once('=') {
                            self.set(name, value);
                        }
                    }
                    // The wrapper's own words: `envdir DIR`, `flock FILE`.
                    let own = args.len().saturating_sub(rest.len());
                    let own: Vec<String> = args.iter().take(own).cloned().collect();
                    self.operands(&own, false);
                    builtin_wrapper = is_builtin || base == "busybox";
                    argv = rest;
                    if base == "busybox" && !argv.first().is_some_and(|applet| program::is_interpreter(applet)) {
                        return Outcome { program: program.map(|found| found.node), ..Outcome::default() };
                    }
                }
                Some(Wrapped::Code(code)) => {
                    let code = code.to_owned();
                    return self.code(program.as_ref().map(|found| found.node), &code);
                }
                Some(Wrapped::Shell) => {
                    return Outcome {
                        program: program.map(|found| found.node),
                        mode: Mode::Prompts,
                        ..Outcome::default()
                    };
                }
                Some(Wrapped::Nothing) => {
                    return Outcome { program: program.map(|found| found.node), ..Outcome::default() };
                }
                None => {
                    let Some(program) = program else { return Outcome::default() };
                    let args = args.to_vec();
                    return self.innermost(&base, program, &args, input);
                }
            }
        }
        Outcome { unknown: argv.first().cloned(), ..Outcome::default() }
    }

    /// A program that wraps no other one.
    fn innermost(&mut self, name: &str, program: Interpreter, args: &[String], input: Option<&str>) -> Outcome {
        let node = program.node;
        let real = self.graph.tree().name(node).to_string();
        if is_python(name) || is_python(&real) {
            return self.python(program, args, input);
        }
        if SHELLS.contains(&name) {
            return self.shell(node, args, input);
        }
        let python = self.read_shebang(node, &program.path);
        self.operands(args, python);
        let mode = match self.commands_in(args) {
            Mode::Runs => program::mode(name, args),
            mode => mode,
        };
        Outcome { program: Some(node), mode, ..Outcome::default() }
    }

    /// Runs the interpreter of a script. Returns whether that is Python.
    fn read_shebang(&mut self, node: NodeId, path: &BString) -> bool {
        let mut head = Vec::new();
        if self.graph.rootfs.read_prefix(node, 4096, &mut head).is_err() {
            return false;
        }
        let Some(shebang) = Shebang::parse(&head) else { return false };
        if self.depth < MAX_DEPTH {
            let (from, evidence) = (self.from, self.evidence.clone());
            self.from = Some(node);
            self.evidence = Evidence::at(EvidenceKind::Interpreter, shebang.interpreter.clone(), 1);
            self.depth += 1;
            let mut argv = shebang.argv();
            argv.push(path.to_string());
            self.command(&argv, None);
            self.depth -= 1;
            self.from = from;
            self.evidence = evidence;
        }
        // pip writes `#!/bin/sh` and `'''exec' /path/python "$0" "$@"` where the path is too long for the kernel.
        is_python(shebang.program())
            || head.split(|&b| b == b'\n').nth(1).is_some_and(|line| line.starts_with(b"'''exec'"))
    }

    fn python(&mut self, interpreter: Interpreter, args: &[String], input: Option<&str>) -> Outcome {
        let node = interpreter.node;
        if !self.found.pythons.contains(&interpreter) {
            self.found.pythons.push(interpreter);
        }
        let (invocation, rest) = python::parse(args);
        let mut mode = Mode::Runs;
        match invocation {
            Invocation::Module(module) => self.hint(Hint::RunModule(module.to_owned())),
            Invocation::Code(code) => self.hint(Hint::Code(readable(code))),
            Invocation::Script(path) => self.python_script(path),
            Invocation::Input | Invocation::Prompt => match input {
                Some(code) => self.hint(Hint::Code(readable(code))),
                None if invocation == Invocation::Prompt => mode = Mode::Prompts,
                None => {}
            },
            Invocation::Nothing => {}
        }
        let own = args.len().saturating_sub(rest.len());
        self.operands(args.get(..own).unwrap_or_default(), false);
        self.operands(rest, true);
        self.commands_in(rest);
        Outcome { program: Some(node), mode, ..Outcome::default() }
    }

    fn python_script(&mut self, path: &str) {
        let evidence = self.evidence.clone();
        for found in self.files(path, &evidence) {
            let tree = self.graph.tree();
            let main = if tree.inode(found).is_dir() {
                self.graph.reach_path(self.from, found, "__main__.py", &evidence)
            } else {
                Some(found)
            };
            if let Some(main) = main
                && !self.found.python_scripts.contains(&main)
            {
                self.found.python_scripts.push(main);
            }
        }
    }

    /// `sh [-OPTIONS] [-c CODE | SCRIPT] [ARG…]`, see `sh(1p)`.
    fn shell(&mut self, node: NodeId, args: &[String], input: Option<&str>) -> Outcome {
        let mut rest = args.iter();
        let mut code = false;
        let mut stdin = false;
        let mut options = true;
        let prompts = Outcome { program: Some(node), mode: Mode::Prompts, ..Outcome::default() };
        while let Some(arg) = rest.next() {
            if options && (arg == "--" || arg == "-") {
                options = false;
            } else if options && arg.starts_with("--") {
                if matches!(arg.as_str(), "--rcfile" | "--init-file") {
                    rest.next();
                }
            } else if options && let Some(short) = arg.strip_prefix(['-', '+']) {
                code |= short.contains('c');
                stdin |= short.contains('s');
                if short.ends_with(['o', 'O']) {
                    rest.next();
                }
            } else if code {
                let words: Vec<String> = rest.cloned().collect();
                self.operands(&words, false);
                self.commands_in(&words);
                return self.code(Some(node), arg);
            } else if stdin {
                break;
            } else {
                let words: Vec<String> = rest.cloned().collect();
                let evidence = self.evidence.clone();
                let mut files = self.files(arg, &evidence);
                if files.is_empty() && !arg.contains('/') {
                    files.extend(self.program(arg).map(|found| found.node));
                }
                let missing = files.is_empty() && !arg.contains(HOLE);
                for file in files {
                    if !self.found.shell_scripts.contains(&file) {
                        self.found.shell_scripts.push(file);
                    }
                }
                self.operands(&words, false);
                let mode = self.commands_in(&words);
                let missing = missing.then(|| arg.clone());
                return Outcome { program: Some(node), missing, mode, ..Outcome::default() };
            }
        }
        match input {
            Some(text) => self.code(Some(node), text),
            None => prompts,
        }
    }

    /// Code that a shell is given as text. The last command decides what it does.
    fn code(&mut self, shell: Option<NodeId>, code: &str) -> Outcome {
        if self.depth >= MAX_DEPTH {
            self.graph.uncertain(
                self.from,
                self.evidence.line,
                "commands nested too deeply",
                "the innermost were not read",
            );
            return Outcome { program: shell, ..Outcome::default() };
        }
        self.depth += 1;
        let outcome = shell::run_code(self, code);
        self.depth -= 1;
        Outcome { program: outcome.program.or(shell), ..outcome }
    }

    /// An entry point may be a script that runs its arguments (`exec "$@"`), or a program that runs what follows
    /// `--`: words that name a program are tried as commands.
    /// Returns the mode of a command that stands first.
    fn commands_in(&mut self, args: &[String]) -> Mode {
        if self.depth >= MAX_DEPTH {
            return Mode::Runs;
        }
        let entry = self.evidence.kind == EvidenceKind::EntryPoint;
        for (i, arg) in args.iter().enumerate() {
            let dashes = i > 0 && args.get(i - 1).is_some_and(|before| before == "--");
            let tried = dashes || (entry && !arg.starts_with('-'));
            if !tried || arg.contains(HOLE) || !self.is_program(arg) {
                continue;
            }
            self.depth += 1;
            let outcome = self.command(args.get(i..).unwrap_or_default(), None);
            self.depth -= 1;
            return if i == 0 { outcome.mode } else { Mode::Runs };
        }
        Mode::Runs
    }

    fn hint(&mut self, hint: Hint) {
        let evidence = self.evidence.clone();
        self.graph.hints.push((self.from, hint, evidence));
    }

    /// Marks the files that words name; for a Python program, names of modules become hints.
    pub(crate) fn operands(&mut self, words: &[String], python: bool) {
        for word in words {
            self.operand(word, python);
        }
    }

    /// Marks the files that `word` names; with `python`, names of modules become hints.
    pub(crate) fn operand(&mut self, word: &str, python: bool) {
        for path in paths(word) {
            if !self.step() {
                return;
            }
            let evidence = self.name_evidence(path);
            self.files(path, &evidence);
        }
        if python {
            for name in names(word) {
                let evidence = self.name_evidence(name);
                self.graph.hints.push((self.from, Hint::Name(name.to_owned()), evidence));
            }
        }
    }
}

/// A word for people: unreadable parts are `…`, long ones are cut.
fn shown(word: &str) -> String {
    word.replace(HOLE, "…").chars().take(200).collect()
}

/// Code with something that parses in the place of unreadable parts.
fn readable(code: &str) -> String {
    code.replace(HOLE, "_")
}
