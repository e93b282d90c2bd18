//! Import statements: what they bring, whether they may fail, and who uses it.

use ruff_python_ast::{Expr, Stmt, StmtAssign, StmtImport, StmtImportFrom};
use ruff_text_size::Ranged;

use super::super::facts::{Import, ImportNames, UnitKind};
use super::lines::Lines;
use super::scope::Walk;

/// Exceptions that a failed import is caught by (last components).
const IMPORT_ERRORS: &[&str] = &["BaseException", "Exception", "ImportError", "ModuleNotFoundError"];

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
        let optional = self.optional;
        let mut found = Vec::new();
        imports(statement, &self.lines, optional, &mut found);
        // Other modules can use what the module itself binds.
        if let (false, [alias], Some(scope)) = (self.module_level, aliases.as_slice(), self.scopes.get(self.current)) {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            if scope.unit.kind == UnitKind::Function {
                self.local_imports.push((self.current, scope.unit.imports.len(), name));
            }
        }
        self.scope(|scope| {
            scope.variables.extend(module.into_iter().flat_map(|module| module.split('.')));
            scope.unit.imports.append(&mut found);
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

/// The imports of an import statement, one module each.
pub(super) fn imports(statement: &Stmt, lines: &Lines, optional: bool, found: &mut Vec<Import>) {
    let line = lines.at(statement.start());
    match statement {
        Stmt::Import(import) => found.extend(import.names.iter().map(|alias| Import {
            module: alias.name.as_str().into(),
            level: 0,
            names: ImportNames::Module,
            line,
            optional,
            constant_calls: Vec::new(),
        })),
        Stmt::ImportFrom(import) => {
            let star = import.names.iter().any(|alias| &*alias.name == "*");
            let names = match star {
                true => ImportNames::Star,
                false => ImportNames::Names(import.names.iter().map(|alias| alias.name.as_str().into()).collect()),
            };
            let module = import.module.as_deref().unwrap_or_default().into();
            found.push(Import { module, level: import.level, names, line, optional, constant_calls: Vec::new() });
        }
        _ => {}
    }
}

/// Whether a condition holds for type checkers only.
pub(super) fn is_for_types(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => &*name.id == "TYPE_CHECKING",
        Expr::Attribute(attribute) => &*attribute.attr == "TYPE_CHECKING",
        _ => false,
    }
}

/// The names that an import statement binds.
pub(super) fn imported_names(statement: &Stmt) -> Vec<&str> {
    let (Stmt::Import(StmtImport { names, .. }) | Stmt::ImportFrom(StmtImportFrom { names, .. })) = statement else {
        return Vec::new();
    };
    names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str()).collect()
}

/// The modules that a body imports, by absolute names, if it does nothing else.
pub(super) fn tried(body: &[Stmt]) -> Option<Vec<Box<str>>> {
    let mut modules = Vec::new();
    for statement in body {
        match statement {
            Stmt::Import(import) => modules.extend(import.names.iter().map(|alias| alias.name.as_str().into())),
            Stmt::ImportFrom(import) if import.level == 0 => modules.push(import.module.as_deref()?.into()),
            _ => return None,
        }
    }
    (!modules.is_empty()).then_some(modules)
}

/// Whether `except class:` catches failed imports and nothing else.
pub(super) fn is_import_error(class: &Expr) -> bool {
    let named = |class: &Expr| {
        class.as_name_expr().is_some_and(|name| matches!(name.id.as_str(), "ImportError" | "ModuleNotFoundError"))
    };
    match class {
        Expr::Tuple(tuple) => tuple.elts.iter().all(named),
        class => named(class),
    }
}

/// Whether `except class:` catches a failed import.
pub(super) fn catches_import_error(class: &Expr) -> bool {
    let caught = |class: &Expr| match class {
        Expr::Name(name) => IMPORT_ERRORS.contains(&name.id.as_str()),
        Expr::Attribute(attribute) => IMPORT_ERRORS.contains(&attribute.attr.as_str()),
        _ => false,
    };
    match class {
        Expr::Tuple(tuple) => tuple.elts.iter().any(caught),
        class => caught(class),
    }
}
