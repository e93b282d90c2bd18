//! Import statements: what they bring, and whether they may fail.

use ruff_python_ast::{Expr, Stmt, StmtImport, StmtImportFrom};
use ruff_text_size::Ranged;

use super::super::facts::{Import, ImportNames};
use super::lines::Lines;

/// Exceptions that a failed import is caught by (last components).
const IMPORT_ERRORS: &[&str] = &["BaseException", "Exception", "ImportError", "ModuleNotFoundError"];

/// The imports of an import statement, one module each, as if none could fail.
pub(super) fn imports(statement: &Stmt, lines: &Lines) -> Vec<Import> {
    let line = lines.at(statement.start());
    let import = |module: &str, level, names| Import {
        module: module.into(),
        level,
        names,
        line,
        optional: false,
        constant_calls: Vec::new(),
    };
    match statement {
        Stmt::Import(statement) => {
            statement.names.iter().map(|alias| import(&alias.name, 0, ImportNames::Module)).collect()
        }
        Stmt::ImportFrom(statement) => {
            let star = statement.names.iter().any(|alias| &*alias.name == "*");
            let names = match star {
                true => ImportNames::Star,
                false => ImportNames::Names(statement.names.iter().map(|alias| alias.name.as_str().into()).collect()),
            };
            vec![import(statement.module.as_deref().unwrap_or_default(), statement.level, names)]
        }
        _ => Vec::new(),
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
