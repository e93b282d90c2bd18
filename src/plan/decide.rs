//! The verdict on every file.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::owners::Owners;
use crate::profile::{Condition, KeepRule, StripRule};
use crate::reach::Edges;
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

use super::condition::Conditions;
use super::rules::Rules;
use super::setting::Setting;
use super::verdict::{KeepReason, Plan, StripReason, Verdict};
use super::{directories, links, owned};

/// Everything a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The merged tree.
    pub rootfs: &'a Rootfs,
    /// Who put the files there.
    pub owners: &'a Owners,
    /// What the program reaches; without it nothing is pruned and only the entry point's own words are evidence.
    pub reached: Option<&'a Edges>,
    /// Profiles and choices.
    pub rules: &'a Rules,
    /// What the image's config says.
    pub setting: &'a Setting,
}

impl<'a> Inputs<'a> {
    pub(super) fn tree(&self) -> &'a Tree {
        &self.rootfs.tree
    }

    /// Whether files that are not reached may go.
    pub(super) fn prunes(&self) -> bool {
        self.rules.prune && self.reached.is_some()
    }

    /// Evidence that beats a glob. That a file belongs to nobody, or lies beside reached code, does not.
    pub(super) fn has_evidence(&self, node: NodeId) -> bool {
        self.reached.is_some_and(|edges| edges.is_reached_for_certain(node))
    }

    fn is_reached(&self, node: NodeId) -> bool {
        self.reached.is_some_and(|edges| edges.is_reached(node))
    }
}

/// What the first pass found out about a file that is not a directory, besides a verdict.
pub struct Decision<'a> {
    pub node: NodeId,
    /// The rule that strips this symlink if it leads nowhere in the end.
    pub dangling: Option<&'a StripRule>,
    /// The rule that keeps this file as long as its owner stays.
    pub licence: Option<&'a KeepRule>,
}

/// A verdict for every node.
pub fn decide(inputs: &Inputs<'_>) -> Plan {
    let tree = inputs.tree();
    let mut plan = Plan::undecided(tree);
    let mut decisions = Vec::new();
    judge_files(inputs, |decision, verdict| {
        plan.set(decision.node, verdict);
        decisions.push(decision);
    });
    // Licences wait for their owners, whose fate may hang on what symlinks need.
    links::hold_targets(inputs, &mut plan, &decisions, |decision| decision.licence.is_none());
    owned::settle(inputs, &mut plan, &decisions);
    links::hold_targets(inputs, &mut plan, &decisions, |decision| decision.licence.is_some());
    links::strip_dangling(inputs, &mut plan, &decisions);
    directories::settle(inputs, &mut plan);
    plan
}

/// For every node whether it is a file that strip rules take, with no regard to evidence or links (nor those that need
/// an analysis): such files are no entry points of the user's.
pub fn baggage(inputs: &Inputs<'_>) -> Vec<bool> {
    let mut found = vec![false; inputs.tree().capacity()];
    judge_files(&Inputs { reached: None, ..*inputs }, |decision, verdict| {
        found[decision.node.index()] = matches!(verdict, Verdict::Strip(_));
    });
    found
}

/// How many files are judged at once: bounds the memory that verdicts take on their way into a plan.
const BATCH: usize = 1 << 14;

/// Judges every file, in the order of the tree.
fn judge_files<'a>(inputs: &Inputs<'a>, mut judged: impl FnMut(Decision<'a>, Verdict)) {
    let tree = inputs.tree();
    let judge =
        Judge { inputs: *inputs, conditions: Conditions::new(tree, inputs.setting), entry: entry_files(inputs) };
    let files: Vec<NodeId> = tree.iter().filter(|&node| !tree.inode(node).is_dir()).collect();
    for batch in files.chunks(BATCH) {
        let verdicts: Vec<_> = batch.par_iter().map(|&node| judge.file(node)).collect();
        verdicts.into_iter().for_each(|(decision, verdict)| judged(decision, verdict));
    }
}

/// The files that the image's commands name, with the symlinks on the way. Program names without a folder are
/// looked up as the kernel's callers do, along `PATH`.
fn entry_files(inputs: &Inputs<'_>) -> BTreeSet<NodeId> {
    let tree = inputs.tree();
    let context = &inputs.setting.context;
    let workdir = tree.follow(&context.workdir).unwrap_or(Tree::ROOT);
    let mut found = BTreeSet::new();
    for word in inputs.setting.words() {
        let here = tree.resolve_from(workdir, word);
        let mut along_path = Vec::new();
        for dir in context.path().filter(|_| !word.contains('/')) {
            let Some(found) = tree.resolve(format!("{dir}/{word}")) else { continue };
            let inode = tree.inode(found.node);
            let runs = inode.is_file() && inode.meta.mode & 0o111 != 0;
            along_path.push(found);
            // Programs of that name further along never run.
            if runs {
                break;
            }
        }
        let files = here.into_iter().chain(along_path).filter(|found| !tree.inode(found.node).is_dir());
        for resolution in files {
            found.extend(resolution.via);
            found.insert(resolution.node);
        }
    }
    found
}

struct Judge<'a> {
    inputs: Inputs<'a>,
    conditions: Conditions<'a>,
    entry: BTreeSet<NodeId>,
}

impl<'a> Judge<'a> {
    fn file(&self, node: NodeId) -> (Decision<'a>, Verdict) {
        let rules = self.inputs.rules;
        let path = self.inputs.tree().path(node);
        let path = path.as_ref();
        let mut decision = Decision { node, dangling: None, licence: None };
        let verdict = if let Some(glob) = rules.keep.find(path) {
            Verdict::Keep(KeepReason::Rule(format!("--keep {glob}").into()))
        } else if let Some(glob) = rules.strip.find(path) {
            Verdict::Strip(StripReason::users(glob).into())
        } else if let Some(rule) = rules.keep_rules.find(path) {
            decision.licence = rule.with_owner.then_some(rule);
            Verdict::Keep(KeepReason::Rule(rule.id.as_str().into()))
        } else if self.entry.contains(&node) {
            Verdict::Keep(KeepReason::EntryPoint)
        } else {
            self.by_rules_and_evidence(node, rules.strip_rules.matches(path), &mut decision.dangling)
        };
        (decision, verdict)
    }

    fn by_rules_and_evidence(
        &self,
        node: NodeId,
        named_by: Vec<&'a StripRule>,
        dangling: &mut Option<&'a StripRule>,
    ) -> Verdict {
        let inputs = &self.inputs;
        let owner = inputs.owners.of(node);
        let strippable = matches!(inputs.tree().inode(node).kind, Kind::File(_) | Kind::Symlink(_));
        let evidence = !named_by.is_empty() && inputs.has_evidence(node);
        for rule in named_by.into_iter().filter(|_| strippable) {
            let applies = (rule.even_if_reached || !evidence)
                && (!rule.owned_only || owner.is_some())
                && (!rule.needs_analysis || inputs.prunes())
                && self.conditions.all(&rule.only, node);
            if !applies {
                continue;
            }
            if rule.only.contains(&Condition::Dangling) {
                *dangling = dangling.or(Some(rule));
                continue;
            }
            return Verdict::Strip(StripReason::of(rule).into());
        }
        if inputs.is_reached(node) {
            return Verdict::Keep(KeepReason::Reached);
        }
        if !inputs.prunes() {
            return Verdict::Keep(KeepReason::NotExamined);
        }
        if directories::is_below(inputs.tree(), node, b"etc") {
            return Verdict::Keep(KeepReason::Configuration);
        }
        match owner {
            Some(owner) if strippable => Verdict::Prune(owner),
            _ => Verdict::Keep(KeepReason::Payload),
        }
    }
}
