//! Functions that import what they are given.

use std::collections::{HashMap, HashSet};

use super::super::reading::facts::Call;
use super::super::running::ScopeId;

/// Functions that import what their arguments name, and the calls that may turn out to be theirs.
#[derive(Debug, Default)]
pub(super) struct Importers {
    /// By bare name.
    functions: HashSet<Box<str>>,
    /// The calls of other functions, by bare name.
    calls: HashMap<Box<str>, Vec<(ScopeId, Call)>>,
}

impl Importers {
    /// Whether functions of this name import what they are given.
    pub fn has(&self, function: &str) -> bool {
        self.functions.contains(function)
    }

    /// Notes a call of a function whose name says nothing so far.
    pub fn add_call(&mut self, scope: ScopeId, call: &Call) {
        self.calls.entry(call.function().into()).or_default().push((scope, call.clone()));
    }

    /// Notes that functions of a name import. Returns the calls of them that were noted, unless that is known already.
    pub fn add(&mut self, function: &str) -> Vec<(ScopeId, Call)> {
        if !self.functions.insert(function.into()) {
            return Vec::new();
        }
        self.calls.get(function).cloned().unwrap_or_default()
    }
}
