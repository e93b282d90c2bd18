//! What analysers work on together.

use super::graph::Graph;
use super::rules::{RuleId, Rules};
use crate::rootfs::NodeId;

/// The graph under construction, the rules that wait, and those that have been set off.
#[derive(Debug)]
pub struct Trace<'a> {
    /// The files reached so far, and what analysers tell one another.
    pub graph: Graph<'a>,
    /// All rules.
    pub rules: Rules,
    /// Rules whose effects other analysers have not been told of.
    fired: Vec<Firing>,
}

/// A rule that was set off.
#[derive(Clone, Copy, Debug)]
pub struct Firing {
    /// Which.
    pub rule: RuleId,
    /// The file that set it off.
    pub from: Option<NodeId>,
    /// The analyser that saw its condition met, which has done its part already; none for conditions about paths.
    pub by: Option<&'static str>,
}

/// What met a rule's condition.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cause<'c> {
    /// The file.
    pub from: Option<NodeId>,
    /// The directory that `{dir}` stands for in the rule's paths.
    pub dir: Option<NodeId>,
    /// The name that `{name}` stands for.
    pub word: Option<&'c str>,
}

impl<'a> Trace<'a> {
    /// Nothing is reached yet, and no rule set off.
    pub fn new(graph: Graph<'a>, rules: Rules) -> Self {
        Self { graph, rules, fired: Vec::new() }
    }

    /// Sets off those rules that wait for this cause and were not set off by the like before: the files that they name are
    /// reached, and other analysers are told. Returns them, for the analyser `by` to do its own part.
    pub fn set_off(&mut self, met: Vec<RuleId>, cause: Cause<'_>, by: Option<&'static str>) -> Vec<RuleId> {
        if met.is_empty() {
            return met;
        }
        let rules = self.rules.set_off(met, cause.from, cause.dir, cause.word);
        for &rule in &rules {
            self.rules.reach_paths(&mut self.graph, rule, cause.from, cause.dir);
            if let Some(word) = cause.word {
                self.rules.reach_named_paths(&mut self.graph, rule, cause.from, word);
            }
            self.fired.push(Firing { rule, from: cause.from, by });
        }
        rules
    }

    /// Takes the rules that were set off since the last call, in order.
    pub fn take_fired(&mut self) -> Vec<Firing> {
        std::mem::take(&mut self.fired)
    }
}
