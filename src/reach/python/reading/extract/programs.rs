//! Names that say they hold a program: `shell = "bash"`.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use super::super::facts::{Arg, Call, Value};
use super::scope::Walk;
use super::value::may_name;

/// Words that names of programs end with.
const PROGRAMS: &[&str] = &["shell", "executable", "interpreter"];

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
}
