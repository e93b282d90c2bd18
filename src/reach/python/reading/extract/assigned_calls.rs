//! Assignments that do what a call does: `shell = "bash"`, `sys.path += […]`.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use super::super::facts::{Arg, Call, UnitKind, Value};
use super::literal::{is_name, may_name};
use super::search_path::is_search_path;
use super::value;
use super::walk::Walk;

/// Words that names of programs end with.
const PROGRAMS: &[&str] = &["shell", "executable", "interpreter"];

/// What calls are called that stand for an attribute with a string.
pub(in crate::reach::python) fn attribute_setter(name: &str) -> String {
    format!("={name}")
}

impl Walk<'_> {
    /// An assignment of a program's name, as the call that looks it up.
    pub(super) fn program(&mut self, target: &Expr, value: &Expr) {
        let name = match target {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return,
        };
        let name = name.to_ascii_lowercase();
        let Some(program) = value.as_string_literal_expr().map(|literal| literal.value.to_str()) else { return };
        if PROGRAMS.iter().any(|word| name.ends_with(word)) && may_name(program) {
            let args = vec![Arg { keyword: "".into(), value: Value::Str(program.into()) }];
            let call = Call { callee: "shutil.which".into(), args, line: self.line(target.start()) };
            self.scope(|scope| scope.unit.calls.push(call));
        }
    }

    /// A string that is an attribute of objects of a class, as a call: what imports by an attribute of `self` imports it.
    pub(super) fn attribute(&mut self, target: &Expr, value: &Expr) {
        let in_class = self.scopes.get(self.current).is_some_and(|scope| scope.unit.kind == UnitKind::Class);
        let name = match target {
            Expr::Name(name) if in_class => name.id.as_str(),
            Expr::Attribute(attribute) if is_name(&attribute.value, "self") => attribute.attr.as_str(),
            _ => return,
        };
        let Some(text) = value.as_string_literal_expr().map(|literal| literal.value.to_str()) else { return };
        if may_name(text) {
            let args = vec![Arg { keyword: "".into(), value: Value::Str(text.into()) }];
            let call = Call { callee: attribute_setter(name).into(), args, line: self.line(target.start()) };
            self.scope(|scope| scope.unit.calls.push(call));
        }
    }

    /// `sys.path += […]`, `sys.path[:0] = […]`, `sys.path = […]`: as the call that does the same.
    pub(super) fn search_path(&mut self, target: &Expr, value: &Expr, callee: &str) {
        let list = match target {
            Expr::Subscript(subscript) => &*subscript.value,
            target => target,
        };
        if is_search_path(list, &self.bindings) {
            let args = vec![Arg { keyword: "".into(), value: value::read(value, &self.bindings) }];
            let call = Call { callee: callee.into(), args, line: self.line(target.start()) };
            self.scope(|scope| scope.unit.calls.push(call));
        }
    }
}
