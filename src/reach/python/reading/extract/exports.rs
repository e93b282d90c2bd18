//! What a module exports: `__all__`, and itself replaced in `sys.modules`.

use ruff_python_ast::{Expr, ExprCall, Operator};

use super::super::super::names::OWN_NAME;
use super::literal::{is_list_of_strings, is_name};
use super::walk::Walk;

impl<'a> Walk<'a> {
    /// `__all__ = […]`, `sys.modules[__name__] = …`.
    pub(super) fn assignment(&mut self, target: &'a Expr, value: &'a Expr) {
        match target {
            Expr::Name(name) if name.id.as_str() == "__all__" => self.exports(value),
            Expr::Tuple(targets) => {
                let values = value.as_tuple_expr().map(|values| values.elts.as_slice()).unwrap_or_default();
                for (target, value) in targets.elts.iter().zip(values) {
                    self.assignment(target, value);
                }
            }
            Expr::Subscript(subscript) => {
                let modules = self.bindings.dotted(&subscript.value).is_some_and(|name| name == "sys.modules");
                self.lazy |= modules && is_name(&subscript.slice, OWN_NAME);
            }
            _ => {}
        }
    }

    /// Adds the literal parts of `value` to `__all__`.
    pub(super) fn exports(&mut self, value: &'a Expr) {
        if !self.module_level {
            return;
        }
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let elements = match value {
                Expr::List(list) => &list.elts,
                Expr::Tuple(tuple) => &tuple.elts,
                Expr::Set(set) => &set.elts,
                Expr::BinOp(operation) if operation.op == Operator::Add => {
                    open.extend([&*operation.right, &*operation.left]);
                    continue;
                }
                // `list((…))`, `sorted([…])`
                Expr::Call(call) => {
                    open.extend(call.arguments.args.iter().rev());
                    continue;
                }
                _ => continue,
            };
            let all = self.all.get_or_insert_default();
            all.extend(elements.iter().filter_map(|e| Some(e.as_string_literal_expr()?.value.to_str().into())));
        }
    }

    /// `__all__.extend([…])`, `__all__.append("x")`. Whether that is all there is to say about the call.
    pub(super) fn exports_method(&mut self, call: &'a ExprCall) -> bool {
        let Expr::Attribute(method) = &*call.func else { return false };
        if !(self.module_level && is_name(&method.value, "__all__")) {
            return false;
        }
        match (method.attr.as_str(), &*call.arguments.args) {
            ("extend", [value]) => {
                self.exports(value);
                is_list_of_strings(value)
            }
            ("append", [Expr::StringLiteral(name)]) => {
                self.all.get_or_insert_default().push(name.value.to_str().into());
                true
            }
            _ => false,
        }
    }
}
