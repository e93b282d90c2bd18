//! What changes `sys.path`.

use ruff_python_ast::{Expr, ExprCall};

use super::bindings::Bindings;

/// Methods by which a list grows.
const GROWS: &[&str] = &["append", "extend", "insert"];

/// Whether a call adds to `sys.path`, by whatever name that goes: `sys.path.insert(0, folder)`, `addsitedir(folder)`.
pub(super) fn is_added_to(call: &ExprCall, bindings: &Bindings) -> bool {
    match &*call.func {
        Expr::Attribute(method) if GROWS.contains(&&*method.attr) => is_search_path(&method.value, bindings),
        func => bindings.dotted(func).is_some_and(|dotted| dotted == "site.addsitedir"),
    }
}

/// Whether an expression is `sys.path`, by whatever name that goes.
pub(super) fn is_search_path(expr: &Expr, bindings: &Bindings) -> bool {
    bindings.dotted(expr).is_some_and(|dotted| dotted == "sys.path")
}
