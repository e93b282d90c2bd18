//! Test runners: they import what their commands name, and what lies below it, and call functions by the beginnings of
//! their names. Rules say which files those are ([`PythonEffects::collected`](crate::profile::PythonEffects::collected)).

use rustc_hash::FxHashSet;

use super::core::{By, Reaching};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::globs::{Matchers, glob_nodes};
use crate::reach::graph::Graph;
use crate::reach::rules::RuleId;
use crate::reach::trace::Trace;
use crate::rootfs::{NodeId, Tree};

/// Before a glob: only what a command names, and what lies below that.
const NAMED: &str = "{named}";

/// Stands for each folder above that.
const ABOVE: &str = "{above}";

/// Stands for the folder of the file that set the rule off.
const DIR: &str = "{dir}";

/// Folders that are passed over below what a command names.
const PASSED_OVER: [&str; 3] = ["site-packages", "dist-packages", "__pycache__"];

/// What test runners collect.
#[derive(Debug, Default)]
pub(super) struct Collection {
    /// Rules that were set off, and by whom.
    rules: Vec<(RuleId, By)>,
    /// Files and folders that commands name, in the order in which they were found.
    named: Vec<NodeId>,
    known: FxHashSet<NodeId>,
    /// Files whose functions all run.
    whole: FxHashSet<NodeId>,
    matchers: Matchers,
}

impl Reaching<'_> {
    /// Whether all functions of a file run, because a test runner collects it.
    pub fn is_collected(&self, file: NodeId) -> bool {
        self.effects.collection.whole.contains(&file)
    }

    /// Whether a file is there to run as it is: the user's own code, tests that a runner collects, plugins that are named.
    pub fn is_asked_for(&self, file: NodeId) -> bool {
        self.is_users(file) || self.is_collected(file) || self.effects.plugins.contains(&file)
    }

    /// Notes that a command names a file or a folder.
    pub fn name_path(&mut self, trace: &mut Trace<'_>, node: NodeId) {
        if node == Tree::ROOT || !self.effects.collection.known.insert(node) {
            return;
        }
        self.effects.collection.named.push(node);
        for (rule, by) in self.effects.collection.rules.clone() {
            self.collect_named(trace, rule, &by, node);
        }
    }

    /// Notes that a command names a module.
    pub fn name_module(&mut self, trace: &mut Trace<'_>, env: usize, name: &str) {
        for id in self.search.find(env, name) {
            let module = self.search.module(id);
            for node in module.dirs.iter().copied().chain(module.file()).collect::<Vec<_>>() {
                self.name_path(trace, node);
            }
        }
    }

    /// Carries out the part of a rule that speaks of what is collected.
    pub(super) fn collect(&mut self, trace: &mut Trace<'_>, rule: RuleId, by: &By) {
        let tree = trace.graph.tree();
        let globs = trace.rules.implies().get(rule).python.collected.clone();
        for glob in globs.iter().filter(|glob| !glob.contains(NAMED) && !glob.contains(ABOVE)) {
            let glob = by.dir.map_or(glob.clone(), |dir| glob.replace(DIR, &escaped(tree, dir)));
            self.collect_files(trace, rule, by, glob_nodes(tree, &glob));
        }
        if globs.is_empty() {
            return;
        }
        self.effects.collection.rules.push((rule, *by));
        for node in self.effects.collection.named.clone() {
            self.collect_named(trace, rule, by, node);
        }
    }

    fn collect_named(&mut self, trace: &mut Trace<'_>, rule: RuleId, by: &By, named: NodeId) {
        let tree = trace.graph.tree();
        for glob in trace.rules.implies().get(rule).python.collected.clone() {
            let found = if let Some(glob) = glob.strip_prefix(NAMED) {
                fitting(tree, named, glob, &mut self.effects.collection.matchers)
            } else if glob.contains(ABOVE) {
                let above = std::iter::successors(Some(tree.parent(named)), |&dir| Some(tree.parent(dir)));
                let above = above.take_while(|&dir| dir != Tree::ROOT);
                above.flat_map(|dir| glob_nodes(tree, &glob.replace(ABOVE, &escaped(tree, dir)))).collect()
            } else {
                continue;
            };
            self.collect_files(trace, rule, by, found);
        }
    }

    fn collect_files(&mut self, trace: &mut Trace<'_>, rule: RuleId, by: &By, found: Vec<NodeId>) {
        let evidence = Evidence::new(EvidenceKind::Rule, trace.rules.implies().get(rule).id.as_str());
        for node in found {
            if !trace.graph.tree().inode(node).is_dir() {
                self.collect_file(&mut trace.graph, by.file, node, &evidence);
            }
        }
    }

    fn collect_file(&mut self, graph: &mut Graph<'_>, from: Option<NodeId>, file: NodeId, evidence: &Evidence) {
        if !self.effects.collection.whole.insert(file) {
            return;
        }
        graph.reach_followed(from, file, evidence);
        for id in self.search.of_file(file).to_vec() {
            if self.running.modules.has(id) {
                self.start(id);
                self.start_all(id);
            }
        }
    }
}

/// A path as a glob that fits nothing else.
fn escaped(tree: &Tree, node: NodeId) -> String {
    globset::escape(&tree.path(node).to_string())
}

/// What a command names, and the files below it, that fit a glob. Collectors pass over folders of installed packages
/// that lie below, as in a virtual environment.
fn fitting(tree: &Tree, named: NodeId, glob: &str, matchers: &mut Matchers) -> Vec<NodeId> {
    if glob.is_empty() {
        return vec![named];
    }
    let Some(matcher) = matchers.get(glob) else { return Vec::new() };
    let (mut found, mut open) = (Vec::new(), vec![named]);
    while let Some(node) = open.pop() {
        if std::str::from_utf8(&tree.path(node)).is_ok_and(|path| matcher.is_match(path)) {
            found.push(node);
        }
        let passed_over = |child: &NodeId| PASSED_OVER.iter().any(|name| tree.name(*child) == *name);
        open.extend(tree.children(node).rev().filter(|child| !passed_over(child)));
    }
    found
}
