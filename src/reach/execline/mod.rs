//! Scripts in execline: <https://skarnet.org/software/execline/>. A script is one argument vector, in which every program
//! runs the next one; blocks are argument vectors of their own.

mod commands;
mod script;

use std::collections::BTreeMap;

use commands::Blocks;
pub use script::{ExeclineScript, Item, read};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{self, Operands, Runner, unwrapped};
use super::context::Context;
use super::evidence::{Evidence, EvidenceKind};
use super::hole::HOLE;
use super::request::Request;
use super::rules::Rules;
use super::shell::shebang::{Shebang, base_name};
use super::trace::Trace;
use crate::rootfs::{NodeId, Tree};

/// Where distributions and s6-overlay put execline's commands; `execlineb` finds them there.
const FOLDERS: [&str; 2] = ["/usr/lib/execline/bin", "/command"];

/// How many values a variable may have.
const MAX_VALUES: usize = 8;

/// How many programs that are none of execline's own may follow one another.
const MAX_LINKS: u32 = 32;

/// How many bytes the words of one program may come to, with all values of their variables.
const MAX_EXPANDED: usize = 4 << 20;

/// The analyser of execline scripts.
#[derive(Debug)]
pub struct Execline<'a> {
    ctx: &'a Context,
}

impl<'a> Analyser<'a> for Execline<'a> {
    const NAME: &'static str = "execline";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = ExeclineScript;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let script = Shebang::parse(file.head).is_some_and(|shebang| shebang.program() == "execlineb");
        let is_meant = script || is_one_shot(&file.rootfs.tree, file.node) && !file.head.contains(&0);
        is_meant.then_some("execline")
    }

    fn read(_form: Form, bytes: &[u8]) -> Option<ExeclineScript> {
        Some(read(bytes))
    }

    fn listens(_script: &ExeclineScript, _file: &Candidate<'_>) -> Listens {
        Listens::ForWords
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, script: ExeclineScript) {
        if let Some(shebang) = &script.shebang {
            command::run_interpreter(&mut trace.graph, self.ctx, file, shebang);
        }
        if script.cut {
            let what = "the script is longer than what is read of one";
            trace.graph.uncertain(Some(file), 0, what, "what the rest names may be missing");
        }
        let own_dir = trace.graph.tree().parent(file);
        let evidence = Evidence::new(EvidenceKind::Command, "execline");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        runner.dirs.push(own_dir);
        runner.path.extend(FOLDERS.map(str::to_owned));
        if script.shebang.is_none() {
            runner.program("execlineb");
        }
        let mut variables = BTreeMap::new();
        define(self.ctx, &script.items, &mut variables);
        Chains { runner, variables, sure: true }.all(&script.items);
    }
}

/// Whether a file is what s6-rc runs of a one-shot service: a command line without a first line that says so. See
/// <https://skarnet.org/software/s6-rc/s6-rc-compile.html>, "Source format".
fn is_one_shot(tree: &Tree, file: NodeId) -> bool {
    matches!(&**tree.name(file), b"up" | b"down") && tree.child(tree.parent(file), b"type").is_some()
}

/// Collects what variables of the script stand for: see `define`, `importas`, `forx`.
fn define(ctx: &Context, items: &[Item], variables: &mut BTreeMap<String, Vec<String>>) {
    let mut add = |name: &str, value: &str| {
        let values = variables.entry(name.to_owned()).or_default();
        if values.len() < MAX_VALUES {
            values.push(value.to_owned());
        }
    };
    let mut rest = items;
    while let Some((item, after)) = rest.split_first() {
        rest = after;
        let Some(name) = item.word().map(base_name) else { continue };
        let Some(syntax) = commands::syntax(name) else { continue };
        let own = syntax.own(after);
        match (name, own.operands) {
            ("define", [Item::Word(name, _), Item::Word(value, _), ..]) => add(name, value),
            ("importas", [Item::Word(name, _), Item::Word(outer, _), ..]) => {
                let value = ctx.env.get(&**outer).map(String::as_str);
                value.into_iter().chain(own.default).for_each(|value| add(name, value));
            }
            ("forx", [Item::Word(name, _), Item::Block(values), ..]) => {
                values.iter().filter_map(Item::word).for_each(|value| add(name, value));
            }
            _ => {}
        }
    }
    for item in items {
        if let Item::Block(inner) = item {
            define(ctx, inner, variables);
        }
    }
}

/// Follows argument vectors.
struct Chains<'g, 'a, 'c> {
    runner: Runner<'g, 'a, 'c>,
    variables: BTreeMap<String, Vec<String>>,
    /// The words are those of a chain that is known to run.
    sure: bool,
}

impl Chains<'_, '_, '_> {
    /// Every chain of a script: the outermost and each block's that holds programs.
    fn all(&mut self, items: &[Item]) {
        let held = self.chain(items);
        for (place, item) in items.iter().enumerate() {
            let Item::Block(inner) = item else { continue };
            match held.get(&place).copied().unwrap_or_default() {
                Blocks::Words => {}
                Blocks::Cases => inner.iter().for_each(|case| {
                    if let Item::Block(program) = case {
                        self.all(program);
                    }
                }),
                Blocks::Programs => self.all(inner),
                // Who runs it, and whether somebody does, is not known.
                Blocks::Unknown | Blocks::Directives => {
                    let sure = std::mem::take(&mut self.sure);
                    self.all(inner);
                    self.sure = sure;
                }
            }
        }
    }

    /// Marks a program that words are given to.
    fn program(&mut self, name: &str) {
        if self.runner.program(name).is_none() && self.sure && !name.contains(HOLE) {
            self.runner.graph.absent(self.runner.from, self.runner.evidence.line, name);
        }
    }

    /// From program to program, up to one that runs no other. Returns what blocks hold, by their places.
    fn chain(&mut self, items: &[Item]) -> BTreeMap<usize, Blocks> {
        let mut held = BTreeMap::new();
        let mut next = Some(items);
        for _ in 0..MAX_LINKS {
            let Some(rest) = next else { return held };
            next = self.link(rest, items.len(), &mut held);
        }
        if next.is_some() {
            let (from, line) = (self.runner.from, self.runner.evidence.line);
            let what = "commands nested too deeply";
            self.runner.graph.doubtful(from, line, what, "the innermost were not read", "--entry COMMAND");
        }
        held
    }

    /// From program to program, up to the first that is none of execline's own, and what that one runs. `count` is how many
    /// items the chain has, `held` what its blocks hold.
    fn link<'i>(&mut self, items: &'i [Item], count: usize, held: &mut BTreeMap<usize, Blocks>) -> Option<&'i [Item]> {
        let mut rest = items;
        while let Some((Item::Word(name, line), after)) = rest.split_first() {
            if !self.runner.step() {
                return None;
            }
            self.runner.evidence.line = *line;
            self.runner.evidence.detail = name.replace(HOLE, "…").into();
            let base = base_name(name);
            let Some(syntax) = commands::syntax(base) else { break };
            self.program(name);
            let own = syntax.own(after);
            let mut room = MAX_EXPANDED;
            for word in own.all.iter().filter_map(Item::word) {
                self.runner.operands(&self.values(word, &mut room), Operands::Files);
            }
            if own.unknown {
                return self.guess(base, after);
            }
            let first = count.saturating_sub(after.len());
            let blocks = own.all.iter().zip(first..).filter(|(item, _)| item.word().is_none());
            held.extend(blocks.map(|(_, place)| (place, syntax.blocks)));
            if !syntax.runs {
                return None;
            }
            rest = own.rest;
        }
        self.last(rest)
    }

    /// What follows a command that is given an option that it is not known to have: any word may be the program. Returns
    /// from the first on that is one.
    fn guess<'i>(&mut self, name: &str, items: &'i [Item]) -> Option<&'i [Item]> {
        let what = format!("an option of {name} that is not known");
        let effect = "all programs that later words name were kept";
        self.runner.graph.uncertain_once(self.runner.from, self.runner.evidence.line, what, effect.to_owned());
        let mut first = None;
        let mut room = MAX_EXPANDED;
        for (at, item) in items.iter().enumerate() {
            let values = item.word().map(|word| self.values(word, &mut room)).unwrap_or_default();
            self.runner.operands(&values, Operands::Files);
            for value in values.iter().filter(|value| !value.contains(HOLE)) {
                if self.runner.step() && self.runner.is_program(value) {
                    self.runner.program(value);
                    first.get_or_insert(at);
                }
            }
        }
        items.get(first?..)
    }

    /// A program that is none of execline's own. Blocks are not among its words. Returns what it runs.
    fn last<'i>(&mut self, items: &'i [Item]) -> Option<&'i [Item]> {
        let words: Vec<&str> = items.iter().map(|item| item.word().unwrap_or("{}")).collect();
        let (name, args) = words.split_first()?;
        let args: Vec<String> = args.iter().map(|&word| word.to_owned()).collect();
        // What a wrapper runs may be one of execline's own commands.
        if let Some(inner) = unwrapped(base_name(name), &args) {
            self.program(name);
            let at = items.len().saturating_sub(inner);
            return items.get(at..).filter(|_| at > 0);
        }
        let mut room = MAX_EXPANDED;
        let values: Vec<Vec<String>> = words.iter().map(|word| self.values(word, &mut room)).collect();
        let count = values.iter().map(Vec::len).max().unwrap_or_default();
        for i in 0..count {
            let argv = values.iter().filter_map(|values| values.get(i.min(values.len().saturating_sub(1))).cloned());
            let argv: Vec<String> = argv.collect();
            let outcome = if self.sure { self.runner.run_line(&argv) } else { self.runner.command(&argv, None) };
            if let Some(name) = outcome.unknown {
                let what = format!("a command whose name is known at run time only: {name}");
                self.runner.graph.uncertain(
                    self.runner.from,
                    self.runner.evidence.line,
                    what,
                    "the programs that later words name were kept",
                );
            }
        }
        // A program that is not known to run another one may do so.
        let runs = |item: &Item| item.word().is_some_and(|word| !word.contains(HOLE) && self.runner.is_program(word));
        let at = (1..items.len()).find(|&at| items.get(at).is_some_and(runs))?;
        items.get(at..)
    }

    /// What a word may be once its variables are filled in: at least one value. `room` is how many bytes there may still be.
    fn values(&self, word: &str, room: &mut usize) -> Vec<String> {
        let mut parts = word.split('$');
        let mut all = vec![parts.next().unwrap_or_default().to_owned()];
        for part in parts {
            let (name, after) = match part.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                Some(found) => found,
                None => {
                    let end = part.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '@' | '*' | '#'));
                    part.split_at(end.unwrap_or(part.len()))
                }
            };
            let unknown = vec![HOLE.to_string()];
            let values = self.variables.get(name).unwrap_or(&unknown);
            let longer = all.iter().flat_map(|start| values.iter().map(move |value| format!("{start}{value}{after}")));
            all = longer.take(MAX_VALUES).collect();
            if all.iter().map(String::len).sum::<usize>() > *room {
                *room = 0;
                return vec![HOLE.to_string()];
            }
        }
        *room = room.saturating_sub(all.iter().map(String::len).sum());
        all
    }
}

impl Item {
    fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word, _) => Some(word),
            Self::Block(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
