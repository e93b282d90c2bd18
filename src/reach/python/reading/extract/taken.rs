//! What import statements bind, and who uses it.

use ruff_python_ast::{Stmt, StmtAssign};

use super::super::facts::UnitKind;
use super::imports::imports;
use super::walk::Walk;

impl<'a> Walk<'a> {
    pub(super) fn import(&mut self, statement: &'a Stmt) {
        let (module, aliases) = match statement {
            Stmt::Import(import) => (None, &import.names),
            Stmt::ImportFrom(import) => (import.module.as_deref(), &import.names),
            _ => return,
        };
        for alias in aliases.iter().filter(|alias| &*alias.name != "*") {
            let bound = match (&alias.asname, statement) {
                (Some(name), _) => name.as_str(),
                (None, Stmt::Import(_)) => alias.name.split('.').next().unwrap_or_default(),
                (None, _) => alias.name.as_str(),
            };
            self.bind(bound);
            self.scope(|scope| scope.variables.extend(alias.name.split('.')));
        }
        let mut found = imports(statement, &self.lines);
        found.iter_mut().for_each(|import| import.optional = self.optional);
        // Other modules can use what the module itself binds.
        if let (false, [alias], Some(scope)) = (self.module_level, aliases.as_slice(), self.scopes.get(self.current)) {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            if scope.unit.kind == UnitKind::Function {
                self.local_imports.push((self.current, scope.unit.imports.len(), name));
            }
        }
        self.scope(|scope| {
            scope.variables.extend(module.into_iter().flat_map(|module| module.split('.')));
            scope.unit.imports.extend(found);
        });
    }

    /// Finds the imports in functions that serve calls with constants only.
    pub(super) fn settle_local_imports(&mut self) {
        for (unit, index, name) in std::mem::take(&mut self.local_imports) {
            let Some(calls) = self.constant_calls.get(name) else { continue };
            if !self.bindings.is_bound_once(name)
                || self.bound.contains(name)
                || self.reads.get(name) != Some(&calls.len())
            {
                continue;
            }
            let mut calls: Vec<Box<str>> = calls.iter().copied().map(Box::from).collect();
            calls.sort_unstable();
            calls.dedup();
            if let Some(import) = self.scopes.get_mut(unit).and_then(|scope| scope.unit.imports.get_mut(index)) {
                import.constant_calls = calls;
            }
        }
    }

    /// Whether a string stands in for a type that only type checkers import: it names the type, and imports nothing.
    pub(super) fn stands_in_for_type(&self, assign: &StmtAssign) -> bool {
        assign.value.is_string_literal_expr()
            && assign
                .targets
                .iter()
                .all(|target| target.as_name_expr().is_some_and(|name| self.type_names.contains(&name.id.as_str())))
    }
}
