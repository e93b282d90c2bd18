//! Modules that an interpreter is asked to run: `-m` and a name, in a list of words or among the arguments of a call.

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use super::super::super::command_line::is_interpreter;
use super::super::callees::DASH_M;
use super::super::facts::{Arg, Call};
use super::value;
use super::walk::Walk;

impl Walk<'_> {
    /// Notes what follows `-m` among words that may be for an interpreter, as a call.
    pub(super) fn started_modules(&mut self, words: &[Expr]) {
        if !words.first().is_some_and(may_start) {
            return;
        }
        for pair in words.windows(2) {
            let [option, module] = pair else { continue };
            if literal(option) == Some(DASH_M) && !matches!(module, Expr::Starred(_)) {
                let args = vec![Arg { keyword: "".into(), value: value::read(module, &self.bindings) }];
                let call = Call { callee: DASH_M.into(), args, line: self.line(option.start()) };
                self.scope(|scope| scope.unit.calls.push(call));
            }
        }
    }
}

/// Whether a first word may be an interpreter, or an option of one: other programs have an option `-m` of their own.
fn may_start(word: &Expr) -> bool {
    let name = |text: &str| text.starts_with('-') || is_interpreter(text.rsplit('/').next().unwrap_or(text));
    literal(word).is_none_or(name)
}

fn literal(word: &Expr) -> Option<&str> {
    word.as_string_literal_expr().map(|literal| literal.value.to_str())
}
