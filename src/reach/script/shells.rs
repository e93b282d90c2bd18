//! All shell code that was reached, and what one piece of it says about the variables of another.
//!
//! A variable that a script uses may be set by a script that it sources, by one that sources it, or by one that starts it.
//! So once nothing is left to be read, every script runs once more with the values that others give to variables of those
//! names. What stays unreadable keeps what the words of the script, and of those that it shares variables with, name.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::reach::command::{self, OpenCode, Runner, Unread};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Message;
use crate::reach::shell::expand::{Outer, Variables};
use crate::reach::shell::facts::ShellFacts;
use crate::reach::shell::reader;
use crate::rootfs::NodeId;

/// How many pieces of code in arguments and settings are looked at again.
const MAX_CODES: usize = 10_000;

/// How often a script runs once more because others say more about its variables.
const MAX_ROUNDS: u8 = 6;

/// How many values one variable is given by others.
const MAX_VALUES: usize = 64;

/// How many other scripts that set a variable are asked for its values, and how many names of functions one is told.
const MAX_OTHERS: usize = 1000;

/// Scripts that source one another in larger groups count as sharing their variables, all of them.
const MAX_GROUP: usize = 256;

/// Where code stands: a file, or the image's config.
type Place = Option<NodeId>;

/// Shell code.
#[derive(Debug)]
struct Shell {
    place: Place,
    /// Code that is not all of a file, with its evidence.
    code: Option<(Arc<OpenCode>, Evidence)>,
    facts: ShellFacts,
    /// The path of the file.
    script: Vec<String>,
    /// What others said about its variables when it ran last.
    outer: Outer,
    /// What it says about variables that others may use.
    values: BTreeMap<String, Vec<String>>,
    arrays: BTreeMap<String, Vec<Vec<String>>>,
    unread: Vec<Unread>,
    runs_arguments: bool,
    rounds: u8,
    given_up: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Shells {
    all: Vec<Shell>,
    known: FxHashSet<(Place, Arc<OpenCode>)>,
    /// By place, the scripts that are sourced there, and the other way round.
    sources: BTreeMap<Place, BTreeSet<NodeId>>,
    sourced_by: FxHashMap<NodeId, BTreeSet<Place>>,
    /// Something is new since everything was looked at.
    changed: bool,
}

impl Shells {
    /// A script that ran, the paths that it goes by, and its commands that could not be read.
    pub fn add_file(
        &mut self,
        ctx: &Context,
        names: Vec<String>,
        file: NodeId,
        facts: ShellFacts,
        unread: Vec<Unread>,
    ) {
        let mut shell = Shell::new(Some(file), None, facts, names, unread);
        shell.evaluate(ctx);
        self.all.push(shell);
        self.changed = true;
    }

    /// Code in an argument or a setting that ran.
    pub fn add_code(&mut self, graph: &mut Graph<'_>, ctx: &Context, message: &Message, code: &Arc<OpenCode>) {
        if self.known.len() >= MAX_CODES || !self.known.insert((message.from, code.clone())) {
            return;
        }
        let facts = reader::read(code.text.as_bytes());
        let mut shell =
            Shell::new(message.from, Some((code.clone(), message.evidence.clone())), facts, Vec::new(), Vec::new());
        shell.unread = shell.run(graph, ctx, &shell.facts);
        shell.evaluate(ctx);
        self.all.push(shell);
        self.changed = true;
    }

    /// A script is sourced, or run by a shell.
    pub fn add_source(&mut self, from: Place, file: NodeId) {
        if from != Some(file) && self.sources.entry(from).or_default().insert(file) {
            self.sourced_by.entry(file).or_default().insert(from);
            self.changed = true;
        }
    }

    /// Lets code run once more of whose variables more is known, and gives up what cannot be read. Returns whether there was
    /// anything.
    pub fn settle(&mut self, graph: &mut Graph<'_>, ctx: &Context) -> bool {
        if !std::mem::take(&mut self.changed) {
            return graph.rooted && self.give_up(graph, ctx);
        }
        let outers = self.outers();
        let mut any = false;
        for (i, outer) in outers.into_iter().enumerate() {
            let Some(shell) = self.all.get_mut(i) else { continue };
            any |= shell.rounds < MAX_ROUNDS && shell.run_again(graph, ctx, outer);
        }
        self.changed |= any;
        any || (graph.rooted && self.give_up(graph, ctx))
    }

    /// What others say about the variables of each.
    fn outers(&self) -> Vec<Outer> {
        let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (i, shell) in self.all.iter().enumerate() {
            for name in shell.values.keys().chain(shell.arrays.keys()) {
                by_name.entry(name).or_default().insert(i);
            }
        }
        // By group of scripts: those that share all with one another are one group.
        let mut runners: FxHashMap<*const BTreeSet<usize>, BTreeSet<String>> = FxHashMap::default();
        let all_near = self.near();
        let outers = self.all.iter().zip(&all_near).enumerate().map(|(i, (shell, near))| {
            let known = runners.entry(Rc::as_ptr(near)).or_insert_with(|| self.runners(near));
            Outer { runners: known.clone(), ..self.outer(i, shell, near, &by_name) }
        });
        outers.collect()
    }

    /// For each piece of code, all that share variables with it, itself among them.
    fn near(&self) -> Vec<Rc<BTreeSet<usize>>> {
        let mut by_place: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for (i, shell) in self.all.iter().enumerate() {
            by_place.entry(shell.place).or_default().push(i);
        }
        let at = |places: &BTreeSet<Place>| -> Rc<BTreeSet<usize>> {
            Rc::new(places.iter().filter_map(|place| by_place.get(place)).flatten().copied().collect())
        };
        let mut known: BTreeMap<Place, Rc<BTreeSet<usize>>> = BTreeMap::new();
        for &place in by_place.keys() {
            if known.contains_key(&place) {
                continue;
            }
            let group = self.group(place);
            if group.len() > MAX_GROUP {
                let near = at(&group);
                known.extend(group.into_iter().map(|place| (place, Rc::clone(&near))));
            } else {
                known.insert(place, at(&self.related(place)));
            }
        }
        self.all.iter().map(|shell| known.get(&shell.place).cloned().unwrap_or_default()).collect()
    }

    /// All places that a place is connected with, whoever sources whom.
    fn group(&self, place: Place) -> BTreeSet<Place> {
        let mut all = BTreeSet::from([place]);
        let mut open = vec![place];
        while let Some(at) = open.pop() {
            let up = at.and_then(|file| self.sourced_by.get(&file)).into_iter().flatten().copied();
            let down = self.sources.get(&at).into_iter().flatten().map(|&file| Some(file));
            open.extend(up.chain(down).filter(|&other| all.insert(other)));
        }
        all
    }

    fn outer(
        &self,
        i: usize,
        shell: &Shell,
        near: &BTreeSet<usize>,
        by_name: &BTreeMap<&str, BTreeSet<usize>>,
    ) -> Outer {
        let mut outer = Outer::default();
        for name in shell.facts.variables().into_iter().chain(["IFS"]) {
            let Some(setters) = by_name.get(name) else { continue };
            let sharing = near.iter().filter(|other| setters.contains(other)).map(|&other| (other, true));
            let apart = setters.iter().filter(|other| !near.contains(other)).map(|&other| (other, false));
            // Nobody inherits these.
            let inherited = if matches!(name, "IFS" | "@") { 0 } else { MAX_OTHERS };
            let all = sharing.take(MAX_OTHERS).chain(apart.take(inherited)).filter(|&(other, _)| other != i);
            for (other, shares) in all {
                let Some(other) = self.all.get(other) else { continue };
                let list = if shares { &mut outer.shared } else { &mut outer.others };
                let values = list.entry(name.to_owned()).or_default();
                let new = other.values.get(name).into_iter().flatten().filter(|value| !values.contains(value));
                let room = MAX_VALUES.saturating_sub(values.len());
                let new: Vec<String> = new.take(room).cloned().collect();
                values.extend(new);
                if shares {
                    let arrays = other.arrays.get(name).into_iter().flatten().take(8).cloned();
                    outer.arrays.entry(name.to_owned()).or_default().extend(arrays);
                }
            }
        }
        outer.shared.retain(|_, values| !values.is_empty());
        outer.others.retain(|_, values| !values.is_empty());
        outer.arrays.retain(|_, arrays| !arrays.is_empty());
        outer
    }

    /// The functions of scripts that run what their functions are given.
    fn runners(&self, near: &BTreeSet<usize>) -> BTreeSet<String> {
        let near = near.iter().filter_map(|&other| self.all.get(other)).filter(|other| other.runs_arguments);
        near.flat_map(|other| &other.facts.functions).take(MAX_OTHERS).map(ToString::to_string).collect()
    }

    /// The places that share variables with one: those that it sources, those that source it, and what these source.
    fn related(&self, place: Place) -> BTreeSet<Place> {
        let mut up = BTreeSet::from([place]);
        let mut open = vec![place];
        while let Some(file) = open.pop().flatten() {
            for &from in self.sourced_by.get(&file).into_iter().flatten() {
                if up.insert(from) {
                    open.push(from);
                }
            }
        }
        let mut all = up.clone();
        let mut open: Vec<Place> = up.into_iter().collect();
        while let Some(from) = open.pop() {
            for &file in self.sources.get(&from).into_iter().flatten() {
                if all.insert(Some(file)) {
                    open.push(Some(file));
                }
            }
        }
        all
    }

    /// Keeps what words name where a command cannot be read.
    fn give_up(&mut self, graph: &mut Graph<'_>, ctx: &Context) -> bool {
        let open: Vec<usize> = (0..).zip(&self.all).filter(|(_, shell)| shell.is_unread()).map(|(i, _)| i).collect();
        let mut named_by: FxHashMap<usize, BTreeSet<String>> = FxHashMap::default();
        let near = if open.is_empty() { Vec::new() } else { self.near() };
        // By group of scripts, how many programs their words name.
        let mut counts: FxHashMap<*const BTreeSet<usize>, usize> = FxHashMap::default();
        for &i in &open {
            let (Some(shell), Some(near)) = (self.all.get(i), near.get(i)) else { continue };
            let count = *counts.entry(Rc::as_ptr(near)).or_insert_with(|| {
                for (at, other) in near.iter().filter_map(|&at| Some((at, self.all.get(at)?))) {
                    named_by.entry(at).or_insert_with(|| {
                        let mut runner = other.runner(graph, ctx);
                        command::run_named(&mut runner, &other.facts, &other.outer)
                    });
                }
                let named: BTreeSet<&String> = near.iter().filter_map(|at| named_by.get(at)).flatten().collect();
                named.len()
            });
            let effect = match count {
                0 => "no word of the script names a program".to_owned(),
                1 => "kept the program that words of the script name".to_owned(),
                many => format!("kept the {many} programs that words of the script name"),
            };
            let unread: BTreeSet<Unread> = shell.unread.iter().cloned().collect();
            for Unread { line, name } in unread {
                let what = format!("a command whose name is known at run time only: {name}");
                graph.doubtful_if_own(shell.place, line, what, effect.clone(), "--entry COMMAND");
            }
            if let Some(shell) = self.all.get_mut(i) {
                shell.given_up = true;
            }
        }
        !open.is_empty()
    }
}

impl Shell {
    fn new(
        place: Place,
        code: Option<(Arc<OpenCode>, Evidence)>,
        facts: ShellFacts,
        script: Vec<String>,
        unread: Vec<Unread>,
    ) -> Self {
        let (outer, values, arrays) = (Outer::default(), BTreeMap::new(), BTreeMap::new());
        let (runs_arguments, rounds, given_up) = (facts.runs_arguments(), 0, false);
        Self { place, code, facts, script, outer, values, arrays, unread, runs_arguments, rounds, given_up }
    }

    fn is_unread(&self) -> bool {
        !self.given_up && !self.unread.is_empty()
    }

    /// What it says about variables, with what others say.
    fn evaluate(&mut self, ctx: &Context) {
        let mut variables = Variables::new(&self.facts, &ctx.env, &self.outer, self.script.clone());
        self.values = variables.readable();
        self.arrays.clear();
        for array in &self.facts.arrays {
            let words = array.words.iter().flat_map(|word| variables.elements(word)).collect();
            self.arrays.entry(array.name.to_string()).or_default().push(words);
        }
    }

    fn runner<'g, 'a, 'c>(&self, graph: &'g mut Graph<'a>, ctx: &'c Context) -> Runner<'g, 'a, 'c> {
        let evidence = match &self.code {
            Some((_, evidence)) => evidence.clone(),
            None => Evidence::new(EvidenceKind::Command, ""),
        };
        let mut runner = Runner::new(graph, ctx, self.place, evidence, &ctx.workdir);
        if let Some((code, _)) = &self.code {
            runner.dirs.clone_from(&code.dirs);
            runner.path.clone_from(&code.path);
        }
        runner
    }

    /// Runs some of its commands.
    fn run(&self, graph: &mut Graph<'_>, ctx: &Context, facts: &ShellFacts) -> Vec<Unread> {
        let mut runner = self.runner(graph, ctx);
        match (&self.code, self.place) {
            (Some((code, _)), _) => command::run_open(&mut runner, code, facts, self.outer.clone()),
            (None, Some(file)) => command::run_script(runner.graph, ctx, file, facts, self.outer.clone()).1,
            (None, None) => Vec::new(),
        }
    }

    /// Runs once more what depends on variables about which others say something new. Returns whether anything does.
    fn run_again(&mut self, graph: &mut Graph<'_>, ctx: &Context, outer: Outer) -> bool {
        let is_new = |before: &BTreeMap<String, Vec<String>>, name: &str, values: &Vec<String>| {
            before.get(name).is_none_or(|known| known != values)
        };
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (before, after) in [(&self.outer.shared, &outer.shared), (&self.outer.others, &outer.others)] {
            names.extend(
                after.iter().filter(|(name, values)| is_new(before, name, values)).map(|(name, _)| name.clone()),
            );
        }
        let arrays = outer.arrays.iter().filter(|(name, arrays)| self.outer.arrays.get(*name) != Some(arrays));
        names.extend(arrays.map(|(name, _)| name.clone()));
        let runners: BTreeSet<String> = outer.runners.difference(&self.outer.runners).cloned().collect();
        if names.is_empty() && runners.is_empty() {
            return false;
        }
        self.outer = outer;
        self.rounds += 1;
        let facts = self.facts.depending(&names, &runners);
        self.unread = self.run(graph, ctx, &facts);
        self.evaluate(ctx);
        true
    }
}
