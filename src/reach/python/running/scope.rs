//! Scopes as they run.

use super::super::reading::facts::{PythonFacts, Unit};
use super::super::search::ModuleId;
use super::super::site::Site;
use crate::reach::evidence::Evidence;
use crate::rootfs::NodeId;

/// A scope of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::reach::python) struct ScopeId {
    /// The module.
    pub module: ModuleId,
    /// Position among the scopes of its file.
    pub unit: u32,
}

/// A scope that runs, and what its file says.
#[derive(Clone, Copy, Debug)]
pub(in crate::reach::python) struct Frame<'f> {
    /// The scope.
    pub scope: ScopeId,
    /// The environment of its module.
    pub env: usize,
    /// The file that its evidence stands in.
    pub file: Option<NodeId>,
    /// What the whole file says.
    pub facts: &'f PythonFacts,
}

impl<'f> Frame<'f> {
    /// The module that runs.
    pub fn module(&self) -> ModuleId {
        self.scope.module
    }

    /// What the scope itself says.
    pub fn unit(&self) -> &'f Unit {
        &self.facts.units[self.scope.unit as usize]
    }

    /// Whether this is the module's body.
    pub fn is_body(&self) -> bool {
        self.scope.unit == 0
    }

    /// The scopes that this one stands in, itself first.
    pub fn enclosing(&self) -> impl Iterator<Item = &'f Unit> + use<'f> {
        self.facts.ancestors(self.scope.unit as usize)
    }

    /// The names of those.
    pub fn scope_names(&self) -> Vec<&'f str> {
        self.facts.scope_names(self.scope.unit)
    }

    /// Where something stands in this scope.
    pub fn site(&self, evidence: Evidence) -> Site {
        Site { env: self.env, from: self.file, evidence }
    }
}
