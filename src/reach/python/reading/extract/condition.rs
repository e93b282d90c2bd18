//! Conditions that are decided before a program runs: platform, implementation, version, type checking.
//!
//! The target is CPython 3 on Linux; its minor version is the resolver's to compare.

use std::borrow::Cow;

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCall, ExprCompare, ExprSubscript, Number, UnaryOp};

use super::super::super::names::{MAIN, OWN_NAME};
use super::super::facts::{VersionGuard, VersionOp};
use super::bindings::Bindings;

/// Expressions nested more deeply than this are undecided.
const MAX_DEPTH: u32 = 24;

/// When a branch runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Not on CPython 3 on Linux.
    Never,
    /// If the module is run as a script.
    Main,
    /// On some versions.
    Versions(VersionGuard),
    /// Always, or who knows.
    Open,
}

impl When {
    /// Both hold.
    pub(super) fn and(self, other: Self) -> Self {
        use VersionOp::{AtLeast, Below};
        match (self, other) {
            (When::Never, _) | (_, When::Never) => When::Never,
            (When::Main, _) | (_, When::Main) => When::Main,
            (When::Open, reach) | (reach, When::Open) => reach,
            (When::Versions(a), When::Versions(b)) => When::Versions(match (a.op, b.op) {
                (AtLeast, AtLeast) if b.version > a.version => b,
                (Below, Below) if b.version < a.version => b,
                // Of two bounds the lower one is kept: either alone lets through all versions that both do.
                (Below, AtLeast) => b,
                _ => a,
            }),
        }
    }

    /// Either holds.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (When::Never, reach) | (reach, When::Never) => reach,
            (a, b) if a == b => a,
            _ => When::Open,
        }
    }
}

/// What is known where a condition holds, and where it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) when_true: When,
    pub(super) when_false: When,
}

impl Truth {
    pub(super) const UNKNOWN: Truth = Truth { when_true: When::Open, when_false: When::Open };
    const ALWAYS: Truth = Truth { when_true: When::Open, when_false: When::Never };
    const NEVER: Truth = Truth { when_true: When::Never, when_false: When::Open };

    fn known(value: bool) -> Self {
        if value { Truth::ALWAYS } else { Truth::NEVER }
    }

    fn not(self) -> Self {
        Truth { when_true: self.when_false, when_false: self.when_true }
    }

    fn and(self, other: Self) -> Self {
        Truth {
            when_true: self.when_true.and(other.when_true),
            // False through the first operand, or through the second where the first may hold.
            when_false: self.when_false.or(other.when_false),
        }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Versions at or above `low` where it holds, below `high` where it does not.
    fn at_least(low: (u8, u8), high: (u8, u8)) -> Self {
        let when_true = match low {
            (..3, _) | (3, 0) => When::Open,
            version => When::Versions(VersionGuard { op: VersionOp::AtLeast, version }),
        };
        let when_false = match high {
            (..3, _) | (3, 0) => When::Never,
            (4.., _) => When::Open,
            version => When::Versions(VersionGuard { op: VersionOp::Below, version }),
        };
        Truth { when_true, when_false }
    }
}

/// A value that can be told without running the program.
#[derive(Clone, Debug)]
enum Constant<'a> {
    Bool(bool),
    Int(i64),
    Str(Cow<'a, str>),
    Strs(Vec<&'a str>),
    Ints(Vec<i64>),
    /// The first components of `sys.version_info`, at least two; `true` if all five.
    Version(bool),
    /// `sys.hexversion`
    Hex,
    /// `sys.version`
    VersionText,
    /// `sys.builtin_module_names`
    BuiltinModules,
    /// `__name__`
    ModuleName,
}

/// What a condition says about where it holds.
pub(super) fn truth(expr: &Expr, bindings: &Bindings) -> Truth {
    Reader { bindings, depth: 0 }.truth(expr)
}

struct Reader<'b, 'a> {
    bindings: &'b Bindings<'a>,
    depth: u32,
}

impl<'a> Reader<'_, 'a> {
    fn truth(&mut self, expr: &'a Expr) -> Truth {
        if self.depth > MAX_DEPTH {
            return Truth::UNKNOWN;
        }
        self.depth += 1;
        let truth = self.truth_inner(expr);
        self.depth -= 1;
        truth
    }

    fn truth_inner(&mut self, expr: &'a Expr) -> Truth {
        match expr {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => self.truth(&unary.operand).not(),
            Expr::BoolOp(operation) => {
                let operands = operation.values.iter().map(|value| self.truth(value));
                match operation.op {
                    BoolOp::And => operands.reduce(Truth::and),
                    BoolOp::Or => operands.reduce(Truth::or),
                }
                .unwrap_or(Truth::UNKNOWN)
            }
            Expr::Named(named) => self.truth(&named.value),
            Expr::Compare(compare) => self.compare(compare),
            Expr::NoneLiteral(_) => Truth::NEVER,
            Expr::Name(_) | Expr::Attribute(_) => self.flag(expr),
            _ => match self.constant(expr) {
                Some(Constant::Bool(value)) => Truth::known(value),
                Some(Constant::Int(value)) => Truth::known(value != 0),
                _ => Truth::UNKNOWN,
            },
        }
    }

    /// Names that stand for a condition.
    fn flag(&mut self, expr: &'a Expr) -> Truth {
        let last = match expr {
            Expr::Name(name) => &name.id,
            Expr::Attribute(attribute) => &attribute.attr.id,
            _ => return Truth::UNKNOWN,
        };
        match last.as_str() {
            "TYPE_CHECKING" | "MYPY" | "PY2" => return Truth::NEVER,
            "PY3" => return Truth::ALWAYS,
            "PY34" => return Truth::at_least((3, 4), (3, 4)),
            _ => {}
        }
        let Expr::Name(name) = expr else { return Truth::UNKNOWN };
        match self.bindings.constant(&name.id) {
            // A flag that is merely switched off here may be switched on elsewhere.
            Some(Expr::BooleanLiteral(_) | Expr::NumberLiteral(_) | Expr::NoneLiteral(_)) | None => Truth::UNKNOWN,
            Some(value) => self.truth(value),
        }
    }

    fn compare(&mut self, compare: &'a ExprCompare) -> Truth {
        let mut left = &*compare.left;
        let mut truth = Truth::ALWAYS;
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            truth = truth.and(self.comparison(left, *op, right));
            left = right;
        }
        truth
    }

    fn comparison(&mut self, left: &'a Expr, op: CmpOp, right: &'a Expr) -> Truth {
        if let (Expr::Name(a), CmpOp::Is | CmpOp::Eq, Expr::Name(b)) = (left, op, right)
            && matches!((a.id.as_str(), b.id.as_str()), ("str", "bytes") | ("bytes", "str"))
        {
            return Truth::NEVER; // They are one type in Python 2.
        }
        let (Some(left), Some(right)) = (self.constant(left), self.constant(right)) else { return Truth::UNKNOWN };
        match op {
            CmpOp::NotEq | CmpOp::IsNot => equal(&left, &right).not(),
            CmpOp::Eq | CmpOp::Is => equal(&left, &right),
            CmpOp::In => contains(&right, &left),
            CmpOp::NotIn => contains(&right, &left).not(),
            CmpOp::GtE => at_least(&left, &right, Bound::Included),
            CmpOp::Gt => at_least(&left, &right, Bound::Excluded),
            CmpOp::Lt => at_least(&left, &right, Bound::Included).not(),
            CmpOp::LtE => at_least(&left, &right, Bound::Excluded).not(),
        }
    }

    fn constant(&mut self, expr: &'a Expr) -> Option<Constant<'a>> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let constant = self.constant_inner(expr);
        self.depth -= 1;
        constant
    }

    fn constant_inner(&mut self, expr: &'a Expr) -> Option<Constant<'a>> {
        Some(match expr {
            Expr::BooleanLiteral(literal) => Constant::Bool(literal.value),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(int) => Constant::Int(int.as_i64()?),
                _ => return None,
            },
            Expr::StringLiteral(literal) => Constant::Str(literal.value.to_str().into()),
            Expr::Tuple(tuple) => elements(&tuple.elts)?,
            Expr::List(list) => elements(&list.elts)?,
            Expr::Set(set) => elements(&set.elts)?,
            Expr::Name(_) | Expr::Attribute(_) => self.name(expr)?,
            Expr::Subscript(subscript) => self.subscript(subscript)?,
            Expr::Call(call) => self.call(call)?,
            _ => return None,
        })
    }

    fn name(&mut self, expr: &'a Expr) -> Option<Constant<'a>> {
        Some(match self.bindings.dotted(expr)?.as_str() {
            "sys.platform" => Constant::Str("linux".into()),
            "os.name" => Constant::Str("posix".into()),
            "os.sep" | "os.path.sep" => Constant::Str("/".into()),
            "sys.implementation.name" => Constant::Str("cpython".into()),
            "sys.version_info" => Constant::Version(true),
            "sys.version_info.major" => Constant::Int(3),
            "sys.hexversion" => Constant::Hex,
            "sys.version" => Constant::VersionText,
            "sys.builtin_module_names" => Constant::BuiltinModules,
            OWN_NAME => Constant::ModuleName,
            _ => match expr {
                Expr::Name(name) => match self.bindings.constant(&name.id)? {
                    value @ (Expr::Attribute(_) | Expr::Subscript(_) | Expr::Call(_)) => self.constant(value)?,
                    _ => return None,
                },
                _ => return None,
            },
        })
    }

    fn subscript(&mut self, subscript: &'a ExprSubscript) -> Option<Constant<'a>> {
        let value = self.constant(&subscript.value)?;
        let slice = match &*subscript.slice {
            Expr::Slice(slice) if slice.lower.is_none() && slice.step.is_none() => slice,
            index => {
                return match (value, self.constant(index)?) {
                    (Constant::Version(_), Constant::Int(0)) => Some(Constant::Int(3)),
                    (Constant::VersionText, Constant::Int(0)) => Some(Constant::Str("3".into())),
                    _ => None,
                };
            }
        };
        let Constant::Int(upper) = self.constant(slice.upper.as_deref()?)? else { return None };
        match (value, upper) {
            (Constant::Version(_), 1) => Some(Constant::Ints(vec![3])),
            (Constant::Version(_), 2) => Some(Constant::Version(false)),
            (Constant::Version(_), 3..=5) => Some(Constant::Version(true)),
            (Constant::Str(text), upper) => {
                let upper = usize::try_from(upper).ok()?;
                Some(Constant::Str(text.chars().take(upper).collect::<String>().into()))
            }
            _ => None,
        }
    }

    fn call(&mut self, call: &'a ExprCall) -> Option<Constant<'a>> {
        let args = &*call.arguments.args;
        match (self.bindings.dotted(&call.func).as_deref(), args) {
            (Some("platform.system"), []) => return Some(Constant::Str("Linux".into())),
            (Some("platform.python_implementation"), []) => return Some(Constant::Str("CPython".into())),
            (Some("hasattr"), [object, Expr::StringLiteral(attribute)]) => {
                let foreign = ["pypy_version_info", "pypy_translation_info", "getwindowsversion", "winver"];
                let foreign = foreign.contains(&attribute.value.to_str());
                return (foreign && self.bindings.dotted(object)? == "sys").then_some(Constant::Bool(false));
            }
            _ => {}
        }
        let Expr::Attribute(method) = &*call.func else { return None };
        let object = self.constant(&method.value)?;
        match (object, method.attr.as_str(), args) {
            (Constant::Str(text), "lower" | "casefold", []) => Some(Constant::Str(text.to_lowercase().into())),
            (Constant::Str(text), "upper", []) => Some(Constant::Str(text.to_uppercase().into())),
            (Constant::Str(text), "startswith", [prefix]) => match self.constant(prefix)? {
                Constant::Str(prefix) => Some(Constant::Bool(text.starts_with(&*prefix))),
                Constant::Strs(prefixes) => Some(Constant::Bool(prefixes.iter().any(|p| text.starts_with(p)))),
                _ => None,
            },
            (Constant::VersionText, "startswith", [Expr::StringLiteral(prefix)]) => match prefix.value.to_str() {
                "3" | "3." => Some(Constant::Bool(true)),
                prefix if !prefix.starts_with('3') => Some(Constant::Bool(false)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A display of strings or of numbers.
fn elements<'a>(elements: &'a [Expr]) -> Option<Constant<'a>> {
    let strings = elements.iter().map(|e| e.as_string_literal_expr().map(|s| s.value.to_str()));
    if let Some(strings) = strings.collect::<Option<Vec<_>>>().filter(|s| !s.is_empty()) {
        return Some(Constant::Strs(strings));
    }
    let numbers = elements.iter().map(|e| match e {
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => int.as_i64(),
            _ => None,
        },
        // `(3, 8, 0, "final", 0)` compares by its numbers.
        Expr::StringLiteral(_) => Some(0),
        _ => None,
    });
    numbers.collect::<Option<Vec<_>>>().map(Constant::Ints)
}

fn equal(left: &Constant, right: &Constant) -> Truth {
    use Constant::{Bool, Int, Ints, ModuleName, Str, Version};
    match (left, right) {
        (Str(a), Str(b)) => Truth::known(a == b),
        (Int(a), Int(b)) => Truth::known(a == b),
        (Bool(a), Bool(b)) => Truth::known(a == b),
        (Ints(a), Ints(b)) => Truth::known(a == b),
        (ModuleName, Str(name)) | (Str(name), ModuleName) if name == MAIN => {
            Truth { when_true: When::Main, when_false: When::Open }
        }
        (Version(_), Ints(v)) | (Ints(v), Version(_)) => match *v.as_slice() {
            [3, minor, ..] => Truth {
                when_true: Truth::at_least((3, to_u8(minor)), (3, to_u8(minor))).when_true,
                when_false: When::Open,
            },
            [major, ..] if major != 3 => Truth::NEVER,
            _ => Truth::UNKNOWN,
        },
        _ => Truth::UNKNOWN,
    }
}

fn contains(container: &Constant, item: &Constant) -> Truth {
    match (container, item) {
        (Constant::Strs(items), Constant::Str(item)) => Truth::known(items.iter().any(|i| i == item)),
        (Constant::Str(text), Constant::Str(part)) => Truth::known(text.contains(&**part)),
        (Constant::Ints(items), Constant::Int(item)) => Truth::known(items.contains(item)),
        (Constant::BuiltinModules, Constant::Str(module)) => match &**module {
            "posix" => Truth::ALWAYS,
            "nt" | "winreg" | "msvcrt" | "_winapi" | "__pypy__" | "ce" | "os2" => Truth::NEVER,
            _ => Truth::UNKNOWN,
        },
        _ => Truth::UNKNOWN,
    }
}

/// Whether a bound is itself within what it bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Included,
    Excluded,
}

impl Bound {
    fn other(self) -> Self {
        match self {
            Self::Included => Self::Excluded,
            Self::Excluded => Self::Included,
        }
    }
}

/// `left >= right`, or `left > right` without the bound itself.
fn at_least(left: &Constant, right: &Constant, bound: Bound) -> Truth {
    use Constant::{Hex, Int, Ints, Str, Version, VersionText};
    let strict = bound == Bound::Excluded;
    match (left, right) {
        (Int(a), Int(b)) => Truth::known(if strict { a > b } else { a >= b }),
        (Ints(a), Ints(b)) => Truth::known(if strict { a > b } else { a >= b }),
        (Version(full), Ints(bound)) => {
            let (major, minor) = (to_u8(*bound.first().unwrap_or(&0)), to_u8(*bound.get(1).unwrap_or(&0)));
            match bound.len() {
                // A full version is greater than its own first two components.
                ..=2 if strict && !full && bound.len() == 2 => {
                    Truth::at_least((major, minor.saturating_add(1)), (major, minor.saturating_add(1)))
                }
                ..=2 => Truth::at_least((major, minor), (major, minor)),
                // A micro version may lie on either side.
                _ => Truth::at_least((major, minor), (major, minor.saturating_add(1))),
            }
        }
        (Hex, Int(bound)) => {
            let (major, minor) = (to_u8(bound >> 24), to_u8((bound >> 16) & 0xff));
            let exact = bound & 0xffff == 0;
            Truth::at_least((major, minor), (major, minor.saturating_add(u8::from(!exact))))
        }
        // Full version texts are greater than "3" alone.
        (VersionText, Str(bound)) if &**bound == "3" || bound.starts_with('2') => Truth::ALWAYS,
        // The other way round: `(3, 8) > version` is `not version >= (3, 8)`.
        (Ints(_), Version(_)) | (Int(_), Hex) => at_least(right, left, bound.other()).not(),
        _ => Truth::UNKNOWN,
    }
}

fn to_u8(number: i64) -> u8 {
    u8::try_from(number.max(0)).unwrap_or(u8::MAX)
}
