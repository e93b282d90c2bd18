//! Settings that hold the name of a codec that is no constant.

use ruff_python_ast::{Expr, ExprDict};
use ruff_text_size::Ranged;

use super::super::codec_arguments::is_telling;
use super::super::facts::{Arg, Call};
use super::codec::{SETTING, is_computed};
use super::value;
use super::walk::Walk;

impl Walk<'_> {
    /// Values of a dictionary whose keys say that they name a codec, and that are computed.
    pub(super) fn codec_settings(&mut self, dict: &ExprDict) {
        for item in &dict.items {
            if let Some(key) = item.key.as_ref().and_then(Expr::as_string_literal_expr) {
                self.codec_setting(key.value.to_str(), &item.value);
            }
        }
    }

    /// The same for what an attribute or a subscript is given.
    pub(super) fn codec_assignment(&mut self, target: &Expr, value: &Expr) {
        match target {
            Expr::Attribute(attribute) => self.codec_setting(&attribute.attr, value),
            Expr::Subscript(subscript) => {
                if let Some(key) = subscript.slice.as_string_literal_expr() {
                    self.codec_setting(key.value.to_str(), value);
                }
            }
            _ => {}
        }
    }

    fn codec_setting(&mut self, name: &str, value: &Expr) {
        if is_telling(name) && is_computed(value) {
            let args = vec![Arg { keyword: name.into(), value: value::read(value, &self.bindings) }];
            let call = Call { callee: SETTING.into(), args, line: self.line(value.start()) };
            self.scope(|scope| scope.unit.calls.push(call));
        }
    }
}
