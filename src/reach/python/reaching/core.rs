//! What reaching works with.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::metadata::InstalledMetadata;
use super::super::reading::facts::PythonFacts;
use super::super::running::{Frame, Running, ScopeId};
use super::super::search::{ModuleId, Search};
use super::super::site::Site;
use super::super::triggers::Triggers;
use super::collecting::Collection;
use super::globs::AskedGlobs;
use crate::owners::Owners;
use crate::reach::context::Context;
use crate::reach::evidence::Evidence;
use crate::reach::rules::RuleId;
use crate::rootfs::{NodeId, Rootfs};

/// Imports, and what a module brings with it once it is reached.
#[derive(Debug)]
pub(in crate::reach::python) struct Reaching<'a> {
    /// The image's configuration.
    pub ctx: &'a Context,
    owners: &'a Owners,
    /// What rules wait for.
    pub(in crate::reach::python) triggers: Triggers,
    /// Where the interpreter finds things.
    pub search: Search<'a>,
    /// What runs.
    pub running: Running,
    /// Metadata of what is reached.
    pub metadata: InstalledMetadata,
    /// Globs that imports asked for.
    pub(in crate::reach::python) globs: AskedGlobs,
    pub(in crate::reach::python) effects: Effects,
}

/// Who set a rule off.
#[derive(Clone, Copy, Debug)]
pub(in crate::reach::python) struct By {
    /// The file behind it.
    pub file: Option<NodeId>,
    /// The folder that paths of the rule may start from.
    pub dir: Option<NodeId>,
    /// The environment it was in; none means all.
    pub env: Option<usize>,
}

/// What rules brought about that holds from then on.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct Effects {
    /// A library is reached that turns names into commands.
    pub(super) names_are_commands: bool,
    /// Rules with plugins that were set off.
    pub(in crate::reach::python) plugin_rules: Vec<RuleId>,
    /// Files of plugins that the user's words name.
    pub(in crate::reach::python) plugins: FxHashSet<NodeId>,
    /// Rules with submodules that were set off.
    pub(super) submodule_rules: Vec<RuleId>,
    /// Packages whose submodules by such rules have been looked for.
    pub(super) submodules_done: FxHashSet<(RuleId, ModuleId)>,
    /// What test runners collect.
    pub(super) collection: Collection,
}

impl<'a> Reaching<'a> {
    /// Nothing is reached yet.
    pub fn new(rootfs: &'a Rootfs, ctx: &'a Context, owners: &'a Owners, triggers: Triggers) -> Self {
        Self {
            ctx,
            owners,
            triggers,
            search: Search::new(rootfs),
            running: Running::default(),
            metadata: InstalledMetadata::default(),
            globs: AskedGlobs::default(),
            effects: Effects::default(),
        }
    }

    /// What a module says, if its file has been read.
    pub fn facts_of(&self, id: ModuleId) -> Option<Arc<PythonFacts>> {
        self.running.code.of(id, self.search.module(id))
    }

    /// The file that a module's evidence stands in.
    pub fn file_of(&self, id: ModuleId) -> Option<NodeId> {
        self.running.code.file_of(id, self.search.module(id))
    }

    /// The environment of a module.
    pub fn env_of(&self, id: ModuleId) -> usize {
        self.search.module(id).env
    }

    /// Where something stands in a module.
    pub fn site(&self, id: ModuleId, evidence: Evidence) -> Site {
        Site { env: self.env_of(id), from: self.file_of(id), evidence }
    }

    /// A scope of a module as it runs.
    pub fn frame<'f>(&self, scope: ScopeId, facts: &'f PythonFacts) -> Frame<'f> {
        Frame { scope, env: self.env_of(scope.module), file: self.file_of(scope.module), facts }
    }

    /// Whether nobody but the user put a file there.
    pub fn is_users(&self, file: NodeId) -> bool {
        self.owners.of(file).is_none()
    }

    /// Whether code is the user's own, that of the configuration included.
    pub fn is_users_code(&self, file: Option<NodeId>) -> bool {
        file.is_none_or(|file| self.is_users(file))
    }

    /// Puts all scopes of a module on the agenda.
    pub fn start_all(&mut self, module: ModuleId) {
        let Some(facts) = self.facts_of(module) else { return };
        for unit in 0..facts.units.len() {
            self.running.agenda.start(ScopeId { module, unit: unit as u32 });
        }
    }

    /// Lets all code of reached modules run, whatever uses its names.
    pub fn run_everything(&mut self) {
        self.running.everything = true;
        for module in self.running.modules.in_order().to_vec() {
            self.start_all(module);
        }
    }

    /// Puts the body of a module on the agenda.
    pub fn start_body(&mut self, module: ModuleId) {
        self.running.agenda.start(ScopeId { module, unit: 0 });
    }
}
