//! The verdict on every file.

use rayon::prelude::*;

use crate::profile::{Condition, Naming, StripRule};
use crate::rootfs::{Kind, NodeId};

use super::inputs::{Decision, Inputs};
use super::verdict::{KeepReason, Plan, StripReason, Verdict};
use super::{bytecode, directories, directory_links, links, owned};

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
    bytecode::settle(inputs, &mut plan);
    owned::settle(inputs, &mut plan, &decisions);
    links::hold_targets(inputs, &mut plan, &decisions, |decision| decision.licence.is_some());
    links::strip_dangling(inputs, &mut plan, &decisions);
    directories::settle(inputs, &mut plan);
    directory_links::keep(inputs, &mut plan, &decisions);
    plan
}

/// How many files are judged at once: bounds the memory that verdicts take on their way into a plan.
const BATCH: usize = 1 << 14;

/// Judges every file, in the order of the tree.
fn judge_files<'a>(inputs: &Inputs<'a>, mut judged: impl FnMut(Decision<'a>, Verdict)) {
    let tree = inputs.tree();
    let files: Vec<NodeId> = tree.iter().filter(|&node| !tree.inode(node).is_dir()).collect();
    for batch in files.chunks(BATCH) {
        let verdicts: Vec<_> = batch.par_iter().map(|&node| judge(inputs, node)).collect();
        verdicts.into_iter().for_each(|(decision, verdict)| judged(decision, verdict));
    }
}

fn judge<'a>(inputs: &Inputs<'a>, node: NodeId) -> (Decision<'a>, Verdict) {
    let mut decision = Decision { node, dangling: None, licence: None };
    let verdict = match inputs.matchers.naming(node, inputs.owners) {
        Naming::Keep(glob) => Verdict::Keep(KeepReason::Rule(glob.into())),
        Naming::Strip(glob) => Verdict::Strip(StripReason::users(glob).into()),
        Naming::KeepRule(rule) => {
            decision.licence = rule.with_owner.then_some(rule);
            Verdict::Keep(KeepReason::Rule(rule.id.as_str().into()))
        }
        Naming::Command => Verdict::Keep(KeepReason::EntryPoint),
        Naming::StripRules(rules) => by_rules_and_evidence(inputs, node, rules, &mut decision.dangling),
    };
    (decision, verdict)
}

/// The verdict on a file that `rules` may strip.
fn by_rules_and_evidence<'a>(
    inputs: &Inputs<'a>,
    node: NodeId,
    rules: Vec<&'a StripRule>,
    dangling: &mut Option<&'a StripRule>,
) -> Verdict {
    let evidence = !rules.is_empty() && inputs.has_evidence(node);
    let applies = |rule: &&StripRule| (rule.even_if_reached || !evidence) && (!rule.needs_analysis || inputs.prunes());
    for rule in rules.into_iter().filter(applies) {
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
    let strippable = matches!(inputs.tree().inode(node).kind, Kind::File(_) | Kind::Symlink(_));
    match inputs.owners.of(node) {
        Some(owner) if strippable => Verdict::Prune(owner),
        _ => Verdict::Keep(KeepReason::Payload),
    }
}
