//! Arguments as far as they can be read, and which strings and calls are worth keeping.

use ruff_python_ast::{Arguments, Expr, ExprCall, Operator};

use super::super::super::names::{OWN_PACKAGE, OWN_PATH};
use super::super::callees::{is_importer, is_recorded, names_program};
use super::super::facts::{Arg, Call, Value};
use super::bindings::Bindings;
use super::literal::{is_name, is_string, may_name};
use super::{codec, pattern, search_path};

/// Arguments kept of one call.
const MAX_ARGS: usize = 64;
/// Elements kept of one list, and of the lists within it taken together.
const MAX_ELEMENTS: usize = 4096;
/// Lists within lists that are read.
const MAX_LIST_DEPTH: u32 = 3;
/// Bytes of a string argument.
const MAX_STR: usize = 1024;
/// The call as a fact, if it is one to record. A first argument that is one of two strings makes two facts.
/// `function` is the name of the scope it stands in: one may say by it that it imports.
pub(super) fn calls(call: &ExprCall, line: u32, function: &str, bindings: &Bindings, record: &mut impl FnMut(Call)) {
    let arguments = &call.arguments;
    let last = match &*call.func {
        Expr::Name(name) => bindings.resolve(&name.id).rsplit('.').next().unwrap_or_default(),
        // A method of a string puts strings together: the pattern says more.
        Expr::Attribute(attribute)
            if is_string(&attribute.value)
                && !matches!(&*attribute.attr, "encode" | "decode")
                && !codec::is_asked_for(call, bindings) =>
        {
            return;
        }
        Expr::Attribute(attribute) => &attribute.attr,
        _ => "",
    };
    let readable = |e: &Expr| names_something(e, bindings, 0);
    let asks = is_recorded(last)
        || (function.contains("import") && arguments.args.iter().any(Expr::is_name_expr))
        || (arguments.args.iter().any(is_own_attribute)
            && arguments.args.iter().chain([&*call.func]).any(tells_of_modules))
        || search_path::is_added_to(call, bindings)
        || codec::is_asked_for(call, bindings)
        || arguments.keywords.iter().any(|k| is_string(&k.value) && k.arg.as_deref().is_some_and(names_program));
    if !asks
        && !arguments.args.iter().take(MAX_ARGS).any(readable)
        && !arguments.keywords.iter().take(MAX_ARGS).any(|k| readable(&k.value))
    {
        return;
    }
    let mut reader = Reader { bindings, elements: 0 };
    let args = reader.arguments(arguments);
    let callee: Box<str> = bindings.callee(&call.func).into();
    let alternatives = match arguments.args.first() {
        Some(Expr::If(conditional)) => vec![&*conditional.body, &*conditional.orelse],
        Some(Expr::BoolOp(operation)) => operation.values.iter().take(MAX_ARGS).collect(),
        Some(name @ (Expr::Name(_) | Expr::Attribute(_))) if is_recorded(last) => {
            let (values, all) = bindings.values(name);
            if !all && !values.is_empty() {
                record(Call { callee: callee.clone(), args: args.clone(), line });
            }
            values
        }
        _ => vec![],
    };
    let alternatives: Vec<Value> = alternatives.into_iter().map(|e| reader.value(e, 0)).collect();
    if alternatives.iter().all(|value| matches!(value, Value::Constant | Value::Other)) {
        return record(Call { callee, args, line });
    }
    for value in alternatives {
        let mut args = args.clone();
        if let Some(first) = args.first_mut() {
            first.value = value;
        }
        record(Call { callee: callee.clone(), args, line });
    }
}

/// Words by which functions and attributes say that they have to do with the import of a module.
const OF_MODULES: [&str; 6] = ["backend", "driver", "import", "load", "module", "plugin"];

/// Whether a name or an attribute has such a word.
fn tells_of_modules(expr: &Expr) -> bool {
    let name = match expr {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return false,
    };
    OF_MODULES.iter().any(|word| name.contains(word))
}

/// An attribute of the object or class itself.
fn is_own_attribute(expr: &Expr) -> bool {
    expr.as_attribute_expr().is_some_and(|it| is_name(&it.value, "self") || is_name(&it.value, "cls"))
}

/// A value as far as it can be read.
pub(super) fn read(expr: &Expr, bindings: &Bindings) -> Value {
    Reader { bindings, elements: 0 }.value(expr, 0)
}

/// Whether an argument holds a string that may name something, a pattern of one, or a list with either.
fn names_something(expr: &Expr, bindings: &Bindings, depth: u32) -> bool {
    let list = |elements: &[Expr]| {
        depth < MAX_LIST_DEPTH
            && elements.iter().take(MAX_ELEMENTS).any(|element| names_something(element, bindings, depth + 1))
    };
    match expr {
        Expr::StringLiteral(literal) => may_name(literal.value.to_str()),
        Expr::FString(_) | Expr::BinOp(_) | Expr::Call(_) => {
            pattern::read(expr, bindings).is_some_and(|text| text.names_something())
        }
        Expr::List(list_) => list(&list_.elts),
        Expr::Tuple(tuple) => list(&tuple.elts),
        Expr::Set(set) => list(&set.elts),
        Expr::Dict(dict) => {
            depth < MAX_LIST_DEPTH
                && dict.items.iter().take(MAX_ELEMENTS).any(|item| {
                    let key = item.key.as_ref();
                    key.is_some_and(|key| names_something(key, bindings, depth + 1))
                        || names_something(&item.value, bindings, depth + 1)
                })
        }
        Expr::If(conditional) => {
            depth < MAX_LIST_DEPTH
                && [&conditional.body, &conditional.orelse].iter().any(|e| names_something(e, bindings, depth + 1))
        }
        Expr::BoolOp(operation) => list(&operation.values),
        Expr::Named(named) => depth < MAX_LIST_DEPTH && names_something(&named.value, bindings, depth + 1),
        // A function that imports, passed on to be called (`map(import_module, names)`); a package's own folders.
        Expr::Name(_) | Expr::Attribute(_) => bindings
            .dotted(expr)
            .is_some_and(|dotted| is_importer(&dotted) || dotted.rsplit('.').next() == Some(OWN_PATH)),
        Expr::Subscript(subscript) => is_name(&subscript.value, OWN_PATH),
        _ => false,
    }
}

struct Reader<'b, 'a> {
    bindings: &'b Bindings<'a>,
    /// Elements read so far, of all lists.
    elements: usize,
}

impl Reader<'_, '_> {
    /// All arguments of a call.
    fn arguments(&mut self, given: &Arguments) -> Vec<Arg> {
        let mut args = Vec::with_capacity(given.args.len().min(MAX_ARGS));
        for arg in given.args.iter().take(MAX_ARGS) {
            args.push(Arg { keyword: "".into(), value: self.value(arg, 0) });
        }
        for keyword in given.keywords.iter().take(MAX_ARGS - args.len()) {
            let name = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            args.push(Arg { keyword: name.into(), value: self.value(&keyword.value, 0) });
        }
        args
    }

    fn value(&mut self, expr: &Expr, depth: u32) -> Value {
        match expr {
            Expr::StringLiteral(literal) => string(literal.value.to_str()),
            Expr::Call(call) if self.words(call).is_some() => self.words(call).unwrap_or(Value::Other),
            // `["tool"] + options`
            Expr::BinOp(operation) if self.is_display(&operation.left) => self.value(&operation.left, depth),
            // `command + ["tool"]`
            Expr::BinOp(operation) if operation.op == Operator::Add && self.is_display(&operation.right) => {
                match self.value(&operation.right, depth) {
                    Value::List(values) => Value::List(std::iter::once(Value::Many).chain(values).collect()),
                    value => value,
                }
            }
            Expr::FString(_) | Expr::BinOp(_) | Expr::Call(_) => match pattern::read(expr, self.bindings) {
                Some(text) if !text.has_holes() => string(&text.into_text()),
                Some(text) if text.is_useful() => Value::Pattern(text.into_text().into()),
                _ => Value::Other,
            },
            Expr::List(list) => self.list(list.elts.iter(), depth),
            Expr::Tuple(tuple) => self.list(tuple.elts.iter(), depth),
            Expr::Set(set) => self.list(set.elts.iter(), depth),
            Expr::Dict(dict) => {
                let parts = dict.items.iter().flat_map(|item| item.key.iter().chain([&item.value]));
                match self.list(parts, depth) {
                    Value::List(mut values) => {
                        values.retain(|value| !matches!(value, Value::Constant | Value::Other | Value::Name(_)));
                        Value::List(values)
                    }
                    value => value,
                }
            }
            Expr::Attribute(attribute) if &*attribute.attr == "parent" && is_name(&attribute.value, "__spec__") => {
                Value::Name(OWN_PACKAGE.into())
            }
            Expr::Name(name) if depth < MAX_LIST_DEPTH && self.bindings.only(&name.id).is_some_and(is_readable) => {
                let held = self.bindings.only(&name.id);
                held.map_or(Value::Other, |held| self.value(held, depth + 1))
            }
            Expr::Subscript(subscript) if is_name(&subscript.value, OWN_PATH) => Value::Name(OWN_PATH.into()),
            Expr::BoolOp(operation) if depth < MAX_LIST_DEPTH => {
                let values = operation.values.iter().take(MAX_ARGS).map(|e| self.value(e, depth + 1));
                let readable = |value: &Value| !matches!(value, Value::Constant | Value::Other | Value::Name(_));
                values.collect::<Vec<_>>().into_iter().find(readable).unwrap_or(Value::Other)
            }
            Expr::Name(_) | Expr::Attribute(_) => match self.bindings.dotted(expr) {
                Some(dotted) => Value::Name(dotted.into()),
                None => Value::Other,
            },
            Expr::Named(named) if depth < MAX_LIST_DEPTH => self.value(&named.value, depth + 1),
            Expr::NoneLiteral(_) => Value::Name("None".into()),
            Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) | Expr::BytesLiteral(_) => Value::Constant,
            Expr::UnaryOp(operation) if operation.operand.is_number_literal_expr() => Value::Constant,
            _ => Value::Other,
        }
    }

    /// Whether an expression is a list or tuple display, or a name that holds one.
    fn is_display(&self, expr: &Expr) -> bool {
        let held = expr.as_name_expr().and_then(|name| self.bindings.only(&name.id));
        matches!(held.unwrap_or(expr), Expr::List(_) | Expr::Tuple(_))
    }

    /// Words that a call makes: `shlex.split("tool -x")`, `"tool -x".split()`, `os.environ.get("TOOL", "tool")`.
    fn words(&self, call: &ExprCall) -> Option<Value> {
        let split = |text: &str| Value::List(text.split_whitespace().map(|word| Value::Str(word.into())).collect());
        let literal = |expr: &Expr| expr.as_string_literal_expr().map(|literal| literal.value.to_str().to_owned());
        let args = &*call.arguments.args;
        if let (Expr::Attribute(method), []) = (&*call.func, args)
            && &*method.attr == "split"
            && call.arguments.keywords.is_empty()
        {
            return literal(&method.value).filter(|text| text.len() <= MAX_STR).map(|text| split(&text));
        }
        match (self.bindings.dotted(&call.func).as_deref(), args) {
            (Some("shlex.split"), [text, ..]) => literal(text).filter(|text| text.len() <= MAX_STR).map(|t| split(&t)),
            (Some("os.environ.get" | "os.getenv"), [_, default]) => literal(default).map(|text| string(&text)),
            _ => None,
        }
    }

    fn list<'e>(&mut self, elements: impl Iterator<Item = &'e Expr>, depth: u32) -> Value {
        if depth >= MAX_LIST_DEPTH {
            return Value::Other;
        }
        let mut values = Vec::new();
        for element in elements {
            if self.elements >= MAX_ELEMENTS {
                break;
            }
            self.elements += 1;
            match element {
                Expr::Starred(starred) => match self.value(&starred.value, depth + 1) {
                    Value::List(more) => values.extend(more),
                    _ => values.push(Value::Many),
                },
                element => values.push(self.value(element, depth + 1)),
            }
        }
        Value::List(values)
    }
}

/// Whether a value says more than the name that holds it.
fn is_readable(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::StringLiteral(_)
            | Expr::FString(_)
            | Expr::List(_)
            | Expr::Tuple(_)
            | Expr::Set(_)
            | Expr::Dict(_)
            | Expr::BinOp(_)
            | Expr::Call(_)
    )
}

fn string(text: &str) -> Value {
    if text.len() > MAX_STR { Value::Other } else { Value::Str(text.into()) }
}
