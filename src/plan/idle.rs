//! Globs of the user's that decide on nothing.

use std::collections::BTreeSet;

use super::verdict::{KeepReason, Plan, Verdict};
use crate::profile::{Matchers, NamedBy};
use crate::rootfs::Tree;

/// A sentence for every glob of the user's that decides on nothing: most likely it is misspelt.
pub fn idle_globs(matchers: &Matchers<'_>, tree: &Tree, plan: &Plan) -> Vec<String> {
    let mut used = BTreeSet::new();
    for node in tree.iter() {
        let named_by = match plan.verdict(node) {
            Verdict::Strip(reason) => &reason.rule,
            Verdict::Keep(KeepReason::Rule(named_by)) => named_by,
            _ => continue,
        };
        if let NamedBy::User(glob) = named_by {
            used.insert(glob.as_ref());
        }
    }
    let all = matchers.keep.iter().chain(matchers.strip.iter());
    all.filter(|glob| !used.contains(glob))
        .map(|glob| format!("{} names nothing in the image", glob.as_str()))
        .collect()
}
