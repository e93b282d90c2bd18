//! Starts a command: unwraps it, and looks at the program that is left.

use bstr::BString;

use super::given;
use super::program::{self, Mode, SHELLS};
use super::runner::{ArgumentUse, Operands, Outcome, Runner, shown};
use super::script;
use super::wrapper::{self, LAUNCHERS, Wrapped};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::hole::{GLOB, HOLE};
use crate::reach::interpreter::{Interpreter, Program, Runs};
use crate::reach::notice::Notice;
use crate::reach::shell::reader::read as read_shell;
use crate::reach::shell::shebang::{Shebang, base_name};
use crate::rootfs::NodeId;

/// The language of shells, as notices call it.
pub const SHELL: &str = "shell";

/// How deep commands may nest (`sh -c "su -c …"`).
const MAX_DEPTH: u32 = 8;

/// How much of a script is read to see whether it runs its arguments, in bytes.
const MAX_READ: u64 = 64 << 10;

/// How many wrappers may follow one another.
const MAX_CHAIN: u32 = 32;

impl Runner<'_, '_, '_> {
    /// Runs a command that is not looked up among builtins first. `input` is the text on its standard input.
    pub(crate) fn command(&mut self, argv: &[String], input: Option<&str>) -> Outcome {
        let mut argv = argv.to_vec();
        let mut shell = true;
        for _ in 0..MAX_CHAIN {
            let Some((name, args)) = argv.split_first() else { return Outcome::default() };
            if !self.step() {
                return Outcome::default();
            }
            let base = base_name(name).to_owned();
            // `exec`, `command` and `time` are no files where a shell runs them.
            let is_builtin = shell && matches!(name.as_str(), "exec" | "command" | "builtin" | "time");
            let program = if is_builtin { None } else { self.program(name) };
            if program.is_none() && !is_builtin {
                return self.not_found(name, args);
            }
            let node = program.as_ref().map(|found| found.node);
            let ended = |mode| Outcome { program: node, mode, ..Outcome::default() };
            match wrapper::unwrap(&base, args) {
                Some(Wrapped::Command { assignments, argv: rest }) => {
                    let mut rest = rest;
                    if base == "find" {
                        let all = args.to_vec();
                        self.found(&all, &rest);
                        given::name_found(&mut rest);
                    }
                    if base == "xargs" {
                        let all = given::with_input(args, &rest, input);
                        rest = self.all_but_last(all);
                    }
                    self.wrapper(&assignments, args, &rest);
                    shell = is_builtin || base == "busybox";
                    argv = rest;
                    if base == "busybox" && !argv.first().is_some_and(|applet| self.interprets(applet)) {
                        return ended(Mode::Runs);
                    }
                }
                Some(Wrapped::Code(code)) => {
                    let own: Vec<String> = args.iter().filter(|arg| **arg != code).cloned().collect();
                    self.operands(&own, Operands::Files);
                    self.switch_user(&base, &own);
                    return self.code(node, &code);
                }
                Some(Wrapped::Shell) => {
                    let own = args.to_vec();
                    self.switch_user(&base, &own);
                    return ended(Mode::Prompts);
                }
                Some(Wrapped::Nothing) => return ended(Mode::Runs),
                None => {
                    let Some(program) = program else { return Outcome::default() };
                    let args = args.to_vec();
                    return self.innermost(&base, program, &args, input);
                }
            }
        }
        Outcome { unknown: argv.first().cloned(), ..Outcome::default() }
    }

    /// A command whose program is not in the image, or not known.
    fn not_found(&mut self, name: &str, args: &[String]) -> Outcome {
        self.operands(args, Operands::Files);
        if name.contains(HOLE) {
            return Outcome { unknown: Some(shown(name)), ..Outcome::default() };
        }
        Outcome { missing: Some(name.to_owned()), ..Outcome::default() }
    }

    /// The commands that `find` runs after its first one.
    fn found(&mut self, args: &[String], first: &[String]) {
        let mut rest = wrapper::found(args).map(|(_, rest)| rest).unwrap_or_default();
        let mut others = Vec::new();
        while let Some((argv, after)) = wrapper::found(rest) {
            rest = after;
            others.push(argv);
        }
        // Whichever of them runs the files, they are the same.
        if given::runs_found(first) || others.iter().any(|argv| given::runs_found(argv)) {
            self.files_found(args);
        }
        for mut argv in others {
            given::name_found(&mut argv);
            self.nested(&argv);
        }
    }

    /// Runs a command among others.
    pub(super) fn nested(&mut self, argv: &[String]) {
        if self.depth >= MAX_DEPTH || !self.step() {
            return;
        }
        self.depth += 1;
        self.command(argv, None);
        self.depth -= 1;
    }

    /// The words of a wrapper that are its own: `envdir DIR`, `flock FILE`, `env NAME=value`.
    fn wrapper(&mut self, assignments: &[&str], args: &[String], rest: &[String]) {
        for (name, value) in assignments.iter().filter_map(|assignment| assignment.split_once('=')) {
            self.set(name, value);
        }
        let own = args.len().saturating_sub(rest.len());
        self.operands(args.get(..own).unwrap_or_default(), Operands::Files);
    }

    /// The interpreter that a program of this name is.
    fn interpreter(&self, name: &str) -> Option<&'static Interpreter> {
        self.graph.interpreters.iter().copied().find(|interpreter| (interpreter.is_named)(name))
    }

    /// Whether a program of this name is a shell or another interpreter.
    fn interprets(&self, name: &str) -> bool {
        SHELLS.contains(&name) || self.interpreter(name).is_some()
    }

    /// A program that wraps no other one.
    fn innermost(&mut self, name: &str, program: Program, args: &[String], input: Option<&str>) -> Outcome {
        let node = program.node;
        let real = self.graph.tree().name(node).to_string();
        self.named_by_rules(name, &real, args);
        if let Some(interpreter) = self.interpreter(name).or_else(|| self.interpreter(&real)) {
            return self.interpret(interpreter, program, args, input);
        }
        if SHELLS.contains(&name) {
            return self.shell(node, args, input);
        }
        let meaning = self.read_shebang(node, &program.path);
        self.operands(args, meaning);
        if name == "run-parts"
            && let Some(folder) = args.iter().rfind(|arg| !arg.starts_with('-'))
        {
            let evidence = self.evidence.clone();
            self.files_of(&format!("{}/{GLOB}", folder.trim_end_matches('/')), &evidence);
        }
        if matches!(name, "make" | "gmake" | "just") {
            self.recipes(name, args);
        }
        if self.sources_arguments(node) {
            self.source_operands(args);
        }
        let launches = meaning == Operands::FilesAndModules || LAUNCHERS.contains(&name) || self.runs_arguments(node);
        let mode = match self.commands_in(args, launches) {
            Mode::Runs => program::mode(name, args),
            mode => mode,
        };
        Outcome { program: Some(node), mode, ..Outcome::default() }
    }

    /// Runs the interpreter of a script. Returns what the script's own arguments may mean.
    fn read_shebang(&mut self, node: NodeId, path: &BString) -> Operands {
        let mut head = Vec::new();
        if self.graph.rootfs.read_prefix(node, 4096, &mut head).is_err() {
            return Operands::Files;
        }
        let Some(shebang) = Shebang::parse(&head) else { return Operands::Files };
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
        let wrapped = |interpreter: &&'static Interpreter| (interpreter.is_launcher)(&head);
        match self.interpreter(shebang.program()).or_else(|| self.graph.interpreters.iter().copied().find(wrapped)) {
            Some(_) => Operands::FilesAndModules,
            None => Operands::Files,
        }
    }

    /// Starts an interpreter.
    fn interpret(
        &mut self,
        interpreter: &'static Interpreter,
        program: Program,
        args: &[String],
        input: Option<&str>,
    ) -> Outcome {
        let (node, language) = (program.node, interpreter.language);
        if !self.started.contains(&program) {
            self.started.push(program.clone());
            self.tell(Notice::Started { language, program });
        }
        let invocation = (interpreter.read)(args);
        let mut mode = Mode::Runs;
        match invocation.runs {
            Runs::Module(module) => self.tell(Notice::Module { language, name: module.to_owned() }),
            Runs::Code(code) => self.tell(Notice::Code { language, text: readable(code) }),
            Runs::File(path) => self.run_file(language, path),
            Runs::Input | Runs::Prompt => match input {
                Some(code) => self.tell(Notice::Code { language, text: readable(code) }),
                None if invocation.runs == Runs::Prompt => mode = Mode::Prompts,
                None => {}
            },
            Runs::Nothing => {}
        }
        let own = args.len().saturating_sub(invocation.arguments.len());
        self.operands(args.get(..own).unwrap_or_default(), Operands::Files);
        self.operands(invocation.arguments, Operands::FilesAndModules);
        self.commands_in(invocation.arguments, true);
        Outcome { program: Some(node), mode, ..Outcome::default() }
    }

    /// Marks a file that an interpreter is given to run.
    fn run_file(&mut self, language: &'static str, path: &str) {
        let evidence = self.evidence.clone();
        for file in self.files(path, &evidence) {
            if self.told.insert((language, file)) {
                self.tell(Notice::Script { language, file });
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
                if arg == "--login" {
                    self.log_in(None);
                }
                if matches!(arg.as_str(), "--rcfile" | "--init-file") {
                    rest.next();
                }
            } else if options && let Some(short) = arg.strip_prefix(['-', '+']) {
                if arg.starts_with('-') && short.contains('l') {
                    self.log_in(None);
                }
                code |= short.contains('c');
                stdin |= short.contains('s');
                if short.ends_with(['o', 'O']) {
                    rest.next();
                }
            } else if code {
                let words: Vec<String> = rest.cloned().collect();
                self.operands(&words, Operands::Files);
                // The first one is the code's `$0`.
                let launches = read_shell(arg.as_bytes()).runs_arguments();
                let given = if launches { words.get(1..).unwrap_or_default() } else { &words };
                self.commands_in(given, launches);
                return self.code(Some(node), arg);
            } else if stdin {
                break;
            } else {
                let words: Vec<String> = rest.cloned().collect();
                let evidence = self.evidence.clone();
                let mut files = self.files_of(arg, &evidence);
                if files.is_empty() && !arg.contains('/') {
                    files.extend(self.program(arg).map(|found| found.node));
                }
                let missing = files.is_empty() && !arg.contains(HOLE);
                let unknown = (files.is_empty() && !missing).then(|| shown(arg));
                self.source(&files);
                self.operands(&words, Operands::Files);
                let launches = files.iter().any(|&file| self.runs_arguments(file));
                if files.iter().any(|&file| self.sources_arguments(file)) {
                    self.source_operands(&words);
                }
                let mode = self.commands_in(&words, launches);
                let missing = missing.then(|| arg.clone());
                return Outcome { program: Some(node), missing, unknown, mode };
            }
        }
        match input {
            Some(text) => self.code(Some(node), text),
            None => prompts,
        }
    }

    /// Code that a shell is given as text. The last command decides what it does.
    pub(super) fn code(&mut self, shell: Option<NodeId>, code: &str) -> Outcome {
        if self.depth >= MAX_DEPTH {
            self.graph.doubtful(
                self.from,
                self.evidence.line,
                "commands nested too deeply",
                "the innermost were not read",
                "--entry COMMAND",
            );
            return Outcome { program: shell, ..Outcome::default() };
        }
        self.depth += 1;
        let outcome = script::run_code(self, code);
        self.depth -= 1;
        Outcome { program: outcome.program.or(shell), ..outcome }
    }

    /// Whether a file is a shell script that runs what it is given (`exec "$@"`).
    fn runs_arguments(&mut self, file: NodeId) -> bool {
        self.uses_arguments(file).runs
    }

    /// Whether it reads what it is given as shell code (`. "$1"`).
    fn sources_arguments(&mut self, file: NodeId) -> bool {
        self.uses_arguments(file).sources
    }

    fn uses_arguments(&mut self, file: NodeId) -> ArgumentUse {
        if let Some(&known) = self.argument_uses.get(&file) {
            return known;
        }
        let mut bytes = Vec::new();
        let rootfs = self.graph.rootfs;
        let text = rootfs.read_prefix(file, 4, &mut bytes).is_ok() && bytes != b"\x7fELF";
        bytes.clear();
        let read = text && rootfs.read_prefix(file, MAX_READ, &mut bytes).is_ok();
        let shell = Shebang::parse(&bytes).is_none_or(|shebang| program::reads_shell_code(shebang.program()));
        let mut uses = ArgumentUse::default();
        if read && shell && !bytes.contains(&0) {
            let facts = read_shell(&bytes);
            uses = ArgumentUse { runs: facts.runs_arguments(), sources: facts.sources_arguments() };
        }
        self.argument_uses.insert(file, uses);
        uses
    }

    /// Files among the words that a script, or a function, reads as shell code.
    pub(super) fn source_operands(&mut self, words: &[String]) {
        for word in words.iter().filter(|word| word.contains('/')) {
            let evidence = self.evidence.clone();
            let files = self.files_of(word, &evidence);
            self.source(&files);
        }
    }

    /// Files that a shell is given to run, or that a script sources: they need no `#!` line.
    pub(super) fn source(&mut self, files: &[NodeId]) {
        for &file in files {
            if self.told.insert((SHELL, file)) {
                self.tell(Notice::Script { language: SHELL, file });
            }
        }
    }

    /// An entry point may be a script that runs its arguments (`exec "$@"`), or a program that runs what follows
    /// `--`, as may a script of an interpreter (`opentelemetry-instrument gunicorn app:app`): words that name a program
    /// are tried as commands.
    /// Returns the mode of a command that stands first.
    pub(super) fn commands_in(&mut self, args: &[String], launches: bool) -> Mode {
        if self.depth >= MAX_DEPTH {
            return Mode::Runs;
        }
        let entry = self.evidence.kind == EvidenceKind::EntryPoint;
        for (i, arg) in args.iter().enumerate() {
            let dashes = i > 0 && args.get(i - 1).is_some_and(|before| before == "--");
            let tried = dashes || ((entry || launches) && !arg.starts_with('-'));
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
}

/// Code with something that parses in the place of unreadable parts.
fn readable(code: &str) -> String {
    code.replace(HOLE, "_")
}
