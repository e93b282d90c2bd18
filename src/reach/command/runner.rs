//! Runs the commands that stand in one place: finds the program at the end of a chain of wrappers, and what its words name.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::absent::Asked;
use super::login::User;
use super::open::Unread;
use super::operands::{names, paths};
use super::program::Mode;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::{GLOB, HOLE};
use crate::reach::interpreter::Program;
use crate::reach::notice::Notice;
use crate::reach::shell::expand::Outer;
use crate::rootfs::{NodeId, Tree};

/// How many commands and words one file, or the image's config, may hold.
const MAX_STEPS: u32 = 100_000;

/// How many directories a script may change to.
const MAX_DIRS: usize = 8;

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

/// What a shell script does with its arguments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ArgumentUse {
    /// Runs them as commands.
    pub(super) runs: bool,
    /// Reads them as files of shell code.
    pub(super) sources: bool,
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
    /// Interpreters that were started: each is told of once.
    pub(super) started: Vec<Program>,
    /// The same for files that they run, by language.
    pub(super) told: FxHashSet<(&'static str, NodeId)>,
    pub(super) depth: u32,
    steps: u32,
    /// What variables of shell code may be set to elsewhere.
    pub(super) outer: Rc<Outer>,
    /// The commands stand in a script, which is told of those that cannot be read.
    pub(super) enclosed: bool,
    /// Commands that cannot be read.
    pub(super) unread: Vec<Unread>,
    /// What shell scripts do with their arguments: each is read once.
    pub(super) argument_uses: FxHashMap<NodeId, ArgumentUse>,
    /// Files of recipes that run.
    pub(super) recipes: FxHashSet<NodeId>,
    /// The users that may log in, once somebody asked.
    pub(super) users: Option<Rc<[User]>>,
    /// A path was found to stand for more files than are looked at.
    pub(super) is_cut: bool,
    /// What the line of a table asks for that is being run.
    pub(super) asked: Option<Asked>,
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
        Self {
            graph,
            ctx,
            from,
            evidence,
            dirs: vec![dir],
            path,
            found: Ran::default(),
            started: Vec::new(),
            told: FxHashSet::default(),
            depth: 0,
            steps: 0,
            outer: Rc::default(),
            enclosed: false,
            unread: Vec::new(),
            argument_uses: FxHashMap::default(),
            recipes: FxHashSet::default(),
            users: None,
            is_cut: false,
            asked: None,
        }
    }

    pub(crate) fn finish(self, outcome: Outcome) -> Ran {
        let Outcome { program, missing, unknown, mode } = outcome;
        Ran { program, missing, unknown, mode, ..self.found }
    }

    /// Counts a unit of work. False once there was too much of it.
    pub(crate) fn step(&mut self) -> bool {
        self.steps += 1;
        if self.steps == MAX_STEPS {
            self.graph.doubtful(
                self.from,
                self.evidence.line,
                "more commands than can be followed",
                "the rest was not read",
                "--entry COMMAND",
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
        self.operand(value, if telling { Operands::FilesAndModules } else { Operands::Files });
    }

    fn name_evidence(&self, word: &str) -> Evidence {
        Evidence::at(EvidenceKind::Name, shown(word), self.evidence.line)
    }

    /// Tells the analysers of something that a command says.
    pub(super) fn tell(&mut self, notice: Notice) {
        self.graph.tell(self.from, notice, self.evidence.clone());
    }

    /// Marks what words name.
    pub(crate) fn operands(&mut self, words: &[String], meaning: Operands) {
        for word in words {
            self.operand(word, meaning);
        }
    }

    /// Marks what `word` names.
    pub(crate) fn operand(&mut self, word: &str, meaning: Operands) {
        for path in paths(word) {
            if !self.step() {
                return;
            }
            let evidence = self.name_evidence(path);
            self.files(path, &evidence);
        }
        if meaning == Operands::FilesAndModules {
            for name in names(word) {
                let evidence = self.name_evidence(name);
                self.graph.tell(self.from, Notice::Word(name.to_owned()), evidence);
            }
        }
    }
}

/// What the words of a command line may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    /// Files.
    Files,
    /// Files, and modules of the language that the program is written in.
    FilesAndModules,
}

/// A word for people: unreadable parts are `…`, long ones are cut.
pub(super) fn shown(word: &str) -> String {
    word.replace(GLOB, "*").replace(HOLE, "…").chars().take(200).collect()
}
