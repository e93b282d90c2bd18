//! What stays or goes with its owner: records and licences.

use std::collections::BTreeSet;

use crate::owners::OwnerId;
use crate::rootfs::NodeId;

use super::inputs::{Decision, Inputs};
use super::verdict::{KeepReason, Plan, Verdict};

/// What becomes of the files of an owner that are neither record nor licence.
#[derive(Clone, Copy, Default)]
struct Tally {
    kept: usize,
    configuration: usize,
    pruned: usize,
}

impl Tally {
    /// Configuration alone is a removed package's leftover, unless the package never had anything else.
    fn alive(self) -> bool {
        self.kept > 0 || (self.configuration > 0 && self.pruned == 0)
    }
}

/// Decides on the records and licences of every owner, once it is known what else of it stays.
pub fn settle(inputs: &Inputs<'_>, plan: &mut Plan, decisions: &[Decision<'_>]) {
    if !inputs.prunes() {
        return;
    }
    let (tree, owners) = (inputs.tree(), inputs.owners);
    let count = owners.iter().count();
    let mut record_of: Vec<Option<OwnerId>> = vec![None; tree.capacity()];
    for (id, owner) in owners.iter() {
        for &record in &owner.records {
            for node in tree.walk(record) {
                record_of[node.index()] = Some(id);
            }
        }
    }
    let mut tallies = vec![Tally::default(); count];
    for decision in decisions.iter().filter(|decision| decision.licence.is_none()) {
        let node = decision.node;
        if record_of[node.index()].is_some() {
            continue;
        }
        let Some(tally) = owners.of(node).and_then(|id| tallies.get_mut(id.0 as usize)) else { continue };
        match plan.verdict(node) {
            Verdict::Keep(KeepReason::Configuration) => tally.configuration += 1,
            Verdict::Keep(_) => tally.kept += 1,
            Verdict::Prune(_) => tally.pruned += 1,
            Verdict::Strip(_) => {}
        }
    }
    let alive: BTreeSet<OwnerId> = owners
        .iter()
        .map(|(id, _)| id)
        .filter(|id| tallies.get(id.0 as usize).is_some_and(|tally| tally.alive()))
        .collect();
    for decision in decisions {
        let node = decision.node;
        if let Some(id) = record_of[node.index()] {
            settle_record(plan, node, id, alive.contains(&id));
        } else if let (Some(_), Some(id)) = (decision.licence, owners.of(node))
            && !alive.contains(&id)
            && !inputs.has_evidence(node)
        {
            plan.set(node, Verdict::Prune(id));
        }
    }
}

fn settle_record(plan: &mut Plan, node: NodeId, owner: OwnerId, alive: bool) {
    match plan.verdict(node) {
        Verdict::Prune(_) | Verdict::Keep(KeepReason::Payload) if alive => {
            plan.set(node, Verdict::Keep(KeepReason::Record))
        }
        // A record that nobody claimed as a file, such as dpkg's lists, looks like payload.
        Verdict::Keep(KeepReason::Payload) => plan.set(node, Verdict::Prune(owner)),
        _ => {}
    }
}
