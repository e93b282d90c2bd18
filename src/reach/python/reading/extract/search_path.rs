//! Statements that change `sys.path`.

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::Ranged;

use super::super::facts::{Arg, Call};
use super::bindings::Bindings;
use super::scope::Walk;
use super::value;

/// Methods by which a list grows.
const GROWS: &[&str] = &["append", "extend", "insert"];

/// Whether a call adds to `sys.path`, by whatever name that goes: `sys.path.insert(0, folder)`, `addsitedir(folder)`.
pub(super) fn is_added_to(call: &ExprCall, bindings: &Bindings) -> bool {
    match &*call.func {
        Expr::Attribute(method) if GROWS.contains(&&*method.attr) => is_search_path(&method.value, bindings),
        func => bindings.dotted(func).is_some_and(|dotted| dotted == "site.addsitedir"),
    }
}

impl Walk<'_> {
    /// `sys.path += […]`, `sys.path[:0] = […]`, `sys.path = […]`: as the call that does the same.
    pub(super) fn search_path(&mut self, target: &Expr, value: &Expr) {
        let list = match target {
            Expr::Subscript(subscript) => &*subscript.value,
            target => target,
        };
        if is_search_path(list, &self.bindings) {
            let args = vec![Arg { keyword: "".into(), value: value::read(value, &self.bindings) }];
            let call = Call { callee: "sys.path.extend".into(), args, line: self.line(target.start()) };
            self.scope(|scope| scope.unit.calls.push(call));
        }
    }
}

fn is_search_path(expr: &Expr, bindings: &Bindings) -> bool {
    bindings.dotted(expr).is_some_and(|dotted| dotted == "sys.path")
}
