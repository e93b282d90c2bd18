//! Values that are one of several constants: variables that a condition compares with a display of them, and what
//! functions return that return nothing else.

use std::collections::HashMap;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{BoolOp, CmpOp, ExceptHandler, Expr, ExprContext, Stmt, StmtFunctionDef};

use super::super::facts::{Call, Value};
use super::bindings::Bindings;
use super::literal::is_list_of_strings;
use super::nesting;

/// Variables of one condition, and of all that one statement stands under, that are followed: each costs a look at all
/// that stands under the condition.
const MAX_KNOWN: usize = 8;

/// The variables that a condition compares with displays of strings: `x in {"a", "b"}`, alone or with more after `and`.
fn members(test: &Expr) -> Vec<&str> {
    let conditions = match test {
        Expr::BoolOp(operation) if operation.op == BoolOp::And => operation.values.as_slice(),
        _ => std::slice::from_ref(test),
    };
    conditions.iter().filter_map(member).take(MAX_KNOWN).collect()
}

fn member(test: &Expr) -> Option<&str> {
    let Expr::Compare(compare) = test else { return None };
    let (Expr::Name(name), [CmpOp::In], [display]) = (&*compare.left, &*compare.ops, &*compare.comparators) else {
        return None;
    };
    let constant = match display {
        Expr::Set(set) => set.elts.iter().all(Expr::is_string_literal_expr),
        display => is_list_of_strings(display),
    };
    constant.then_some(&name.id)
}

/// Whether statements give a variable another value, or take it away.
fn assigns(body: &[Stmt], name: &str) -> bool {
    let mut search = Assignments { name, found: false, depth: 0 };
    search.visit_body(body);
    search.found
}

struct Assignments<'n> {
    name: &'n str,
    found: bool,
    depth: usize,
}

impl Assignments<'_> {
    /// One level deeper. What nests too deeply to be read may hold anything.
    fn within(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.depth >= nesting::MAX {
            self.found = true;
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }
}

impl<'a> Visitor<'a> for Assignments<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.within(|search| walk_stmt(search, statement));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => self.found |= name.ctx != ExprContext::Load && *name.id == *self.name,
            _ => self.within(|search| walk_expr(search, expr)),
        }
    }
}

/// Adds the variables that a condition says are one of several constants in the statements under it.
pub(super) fn extend<'a>(known: &mut Vec<&'a str>, test: &'a Expr, body: &[Stmt]) {
    if known.len() < MAX_KNOWN {
        known.extend(members(test).into_iter().filter(|name| !assigns(body, name)));
    }
}

/// Marks arguments of a call for a codec that can only be constants: as an empty list, since the constants themselves are
/// strings of the file and name their codecs as such; or as what a function returns. `known` are variables that are one of
/// several constants, `functions` what is known of functions so far.
pub(super) fn settle<'a>(
    call: &mut Call,
    arguments: &'a [Expr],
    known: &[&str],
    bindings: &Bindings<'a>,
    functions: &mut HashMap<&'a str, bool>,
) {
    for argument in &mut call.args {
        if let Value::Name(name) = &argument.value
            && known.contains(&&**name)
        {
            argument.value = Value::List(Vec::new());
        }
    }
    for (argument, expr) in call.args.iter_mut().zip(arguments) {
        if argument.value != Value::Other {
            continue;
        }
        if is_environments(expr, bindings) {
            argument.value = Value::List(Vec::new());
        } else if let Some(name) = returning(expr, bindings, functions) {
            argument.value = Value::Returned(name.into());
        }
    }
}

/// Whether a call asks for the interpreter's own codec, which it has before it runs a program.
fn is_environments(expr: &Expr, bindings: &Bindings) -> bool {
    let callee = expr.as_call_expr().and_then(|call| bindings.dotted(&call.func));
    matches!(callee.as_deref(), Some("sys.getfilesystemencoding" | "sys.getdefaultencoding"))
}

/// The function of the file's own that a call calls, `f(…)` or `self.f(…)`, if it returns nothing but constants.
fn returning<'a>(expr: &'a Expr, bindings: &Bindings<'a>, functions: &mut HashMap<&'a str, bool>) -> Option<&'a str> {
    let name = match &*expr.as_call_expr()?.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(method) if method.value.as_name_expr()?.id == "self" => method.attr.as_str(),
        _ => return None,
    };
    let constant = || bindings.function(name).is_some_and(returns_constants);
    (*functions.entry(name).or_insert_with(constant)).then_some(name)
}

/// Whether all that a function returns are string constants, or variables that a condition says are.
fn returns_constants(function: &StmtFunctionDef) -> bool {
    // A decorator may return something else.
    if !function.decorator_list.is_empty() {
        return false;
    }
    let mut open: Vec<(&[Stmt], Vec<&str>)> = vec![(&function.body, Vec::new())];
    let mut returns = 0;
    while let Some((body, known)) = open.pop() {
        for statement in body {
            let mut inside = |body| open.push((body, known.clone()));
            match statement {
                Stmt::Return(statement) => match statement.value.as_deref() {
                    Some(Expr::StringLiteral(_)) => returns += 1,
                    Some(Expr::Name(name)) if known.contains(&name.id.as_str()) => returns += 1,
                    _ => return false,
                },
                Stmt::If(statement) => {
                    let mut known = known.clone();
                    extend(&mut known, &statement.test, &statement.body);
                    open.push((&statement.body, known));
                    for clause in &statement.elif_else_clauses {
                        open.push((&clause.body, Vec::new()));
                    }
                }
                Stmt::For(statement) => [&statement.body, &statement.orelse].into_iter().for_each(|b| inside(b)),
                Stmt::While(statement) => [&statement.body, &statement.orelse].into_iter().for_each(|b| inside(b)),
                Stmt::With(statement) => inside(&statement.body),
                Stmt::Try(statement) => {
                    [&statement.body, &statement.orelse, &statement.finalbody].into_iter().for_each(|b| inside(b));
                    for ExceptHandler::ExceptHandler(handler) in &statement.handlers {
                        inside(&handler.body);
                    }
                }
                Stmt::Match(statement) => statement.cases.iter().for_each(|case| inside(&case.body)),
                _ => {}
            }
        }
    }
    returns > 0
}
