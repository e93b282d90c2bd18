//! Rules and the user's globs, compiled for one image and matched against its tree.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BStr;
use rayon::prelude::*;

use super::conditions::Conditions;
use super::load::ProfileSet;
use super::matcher::{KeepMatcher, StripMatcher};
use super::placeholder::Variables;
use super::schema::{Condition, KeepRule, StripRule};
use super::user::{UserGlob, UserGlobs, Wish};
use crate::Result;
use crate::owners::Owners;
use crate::rootfs::{Kind, NodeId, Tree};

/// What rules ask of the image's config.
#[derive(Clone, Debug, Default)]
pub struct Premises {
    /// The values of placeholders in globs.
    pub variables: Variables,
    /// Names of the programs that the image's commands name, without folders.
    pub running: BTreeSet<String>,
    /// What the config names by path (working directory, commands, environment, volumes).
    pub named: BTreeSet<NodeId>,
    /// The files that the commands name: they stay whatever strip rules say.
    pub started: BTreeSet<NodeId>,
}

/// The rules and globs of a run, compiled for one image.
#[derive(Debug)]
pub struct Matchers<'t> {
    /// What the user wants to stay.
    pub keep: UserGlobs,
    /// What the user wants to go.
    pub strip: UserGlobs,
    /// The profiles' keep rules.
    pub keep_rules: KeepMatcher,
    /// The profiles' strip rules that are on.
    pub strip_rules: StripMatcher,
    tree: &'t Tree,
    started: BTreeSet<NodeId>,
    conditions: Conditions<'t>,
}

/// What names a file, apart from evidence. The first of these that there is counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Naming<'a> {
    /// The user's word that it stays.
    Keep(&'a Arc<UserGlob>),
    /// The user's word that it goes.
    Strip(&'a Arc<UserGlob>),
    /// A rule that keeps it.
    KeepRule(&'a KeepRule),
    /// The image's command.
    Command,
    /// The strip rules whose globs name it and whose conditions hold, in order; none for most files.
    StripRules(Vec<&'a StripRule>),
}

impl<'t> Matchers<'t> {
    /// Compiles everything. Strip rules that are off where a command runs are off if the config names that command.
    ///
    /// # Errors
    /// The first bad glob of the user's.
    pub fn new(profiles: &ProfileSet, globs: &[UserGlob], premises: Premises, tree: &'t Tree) -> Result<Self> {
        let wished = |wish| globs.iter().filter(move |glob| glob.wish() == wish).map(|glob| glob.canonical(tree));
        let Premises { variables, running, named, started } = premises;
        let mut strip_rules = StripMatcher::new(profiles, &variables)?;
        strip_rules.restrict(|rule| !rule.unless_running.iter().any(|program| running.contains(program)));
        Ok(Self {
            keep: UserGlobs::new(wished(Wish::Keep))?,
            strip: UserGlobs::new(wished(Wish::Strip))?,
            keep_rules: KeepMatcher::new(profiles, &variables)?,
            strip_rules,
            tree,
            started,
            conditions: Conditions::new(tree, named),
        })
    }

    /// What names the file at `node`, which is no directory.
    pub fn naming(&self, node: NodeId, owners: &Owners) -> Naming<'_> {
        let path = self.tree.path(node);
        let path: &BStr = path.as_ref();
        if let Some(glob) = self.keep.find(path) {
            return Naming::Keep(glob);
        }
        if let Some(glob) = self.strip.find(path) {
            return Naming::Strip(glob);
        }
        if let Some(rule) = self.keep_rules.find(path) {
            return Naming::KeepRule(rule);
        }
        if self.started.contains(&node) {
            return Naming::Command;
        }
        Naming::StripRules(self.strip_rules(node, owners))
    }

    /// The strip rules that are on, name the file at `node` and whose conditions hold, in order.
    pub fn strip_rules(&self, node: NodeId, owners: &Owners) -> Vec<&StripRule> {
        if !matches!(self.tree.inode(node).kind, Kind::File(_) | Kind::Symlink(_)) {
            return Vec::new();
        }
        let mut rules = self.strip_rules.matches(self.tree.path(node).as_ref());
        rules.retain(|rule| (!rule.owned_only || owners.of(node).is_some()) && self.conditions.all(&rule.only, node));
        rules
    }

    /// For every node whether it is a file that strip rules or the user take, with no regard to evidence or links (nor
    /// by rules that need an analysis): such files are no entry points of the user's.
    pub fn baggage(&self, owners: &Owners) -> Vec<bool> {
        let files: Vec<NodeId> = self.tree.iter().filter(|&node| !self.tree.inode(node).is_dir()).collect();
        let takes = |rule: &&StripRule| !rule.needs_analysis && !rule.only.contains(&Condition::Dangling);
        let is_baggage = |&node: &NodeId| match self.naming(node, owners) {
            Naming::Strip(_) => true,
            Naming::StripRules(rules) => rules.iter().any(takes),
            Naming::Keep(_) | Naming::KeepRule(_) | Naming::Command => false,
        };
        let taken: Vec<bool> = files.par_iter().map(is_baggage).collect();
        let mut found = vec![false; self.tree.capacity()];
        for (node, taken) in files.into_iter().zip(taken) {
            found[node.index()] = taken;
        }
        found
    }
}
