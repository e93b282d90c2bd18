//! Strings put together from parts, some of them readable.

use ruff_python_ast::{Expr, ExprCall, FStringPart, InterpolatedStringElement, Operator};

use super::super::super::names::{OWN_NAME, OWN_PACKAGE};
use super::super::facts::{HOLE, MODULE_NAME, PACKAGE_NAME};
use super::bindings::Bindings;
use super::literal::{is_identifier, is_name, is_name_byte, is_string};

/// Bytes of a pattern; what comes after becomes a hole.
const MAX_LENGTH: usize = 1024;
/// Parts of one string that are read.
const MAX_PARTS: usize = 256;
/// Strings put together from strings put together, and so on.
const MAX_DEPTH: u32 = 6;

/// A string with a placeholder for each part that cannot be read.
pub(super) struct Pattern {
    text: String,
    /// Bytes of readable text before the rest becomes a hole.
    limit: usize,
}

impl Default for Pattern {
    fn default() -> Self {
        Pattern { text: String::new(), limit: MAX_LENGTH }
    }
}

impl Pattern {
    /// A constant with places to fill in, printf-style: `"region_%s"`.
    pub(super) fn of_percent(template: &str, limit: usize) -> Self {
        let mut pattern = Pattern { text: String::new(), limit };
        percent(template, &mut pattern, |_, pattern| pattern.hole());
        pattern
    }

    /// A constant with places to fill in for `str.format`: `"{}/plugin.so"`.
    pub(super) fn of_format(template: &str, limit: usize) -> Self {
        let mut pattern = Pattern { text: String::new(), limit };
        format(template, &mut pattern, |_, pattern| pattern.hole());
        pattern
    }

    /// A pattern of file names with a class of characters, for `glob`: `"libx.so.*[0-9]"`. Without a class it is a name to
    /// everyone.
    pub(super) fn of_glob(template: &str, limit: usize) -> Self {
        let mut pattern = Pattern { text: String::new(), limit };
        let mut rest = template;
        while let Some((before, (_, after))) = rest.split_once('[').and_then(|(a, b)| Some((a, b.split_once(']')?))) {
            pattern.push(before);
            pattern.hole();
            rest = after;
        }
        pattern.push(rest);
        pattern
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn has_holes(&self) -> bool {
        self.text.contains(is_placeholder)
    }

    /// Has a readable part of two letters or digits, or the module's own name and something besides.
    pub(super) fn is_useful(&self) -> bool {
        let word = |c: char| c == '_' || c.is_alphanumeric();
        self.text.split(is_placeholder).any(|part| part.chars().filter(|&c| word(c)).count() >= 2)
            || self.text.contains([MODULE_NAME, PACKAGE_NAME])
            // `._{name}`: relative, and more than a dot can be read.
            || self.text.strip_prefix('.').is_some_and(|rest| rest.starts_with(word))
    }

    /// Is useful and may name a module or file.
    pub(super) fn names_something(&self) -> bool {
        self.text.bytes().all(is_name_byte) && self.is_useful()
    }

    fn push(&mut self, part: &str) {
        if self.text.len() + part.len() > self.limit {
            self.hole();
        } else {
            self.text.push_str(part);
        }
    }

    fn hole(&mut self) {
        if !self.text.ends_with(HOLE) {
            self.text.push(HOLE);
        }
    }
}

fn is_placeholder(c: char) -> bool {
    matches!(c, HOLE | MODULE_NAME | PACKAGE_NAME)
}

/// The string that an expression puts together from parts, where it is one and has a readable part.
pub(super) fn read(expr: &Expr, bindings: &Bindings) -> Option<Pattern> {
    if matches!(expr, Expr::StringLiteral(_) | Expr::Name(_) | Expr::Attribute(_)) {
        return None;
    }
    let mut builder = PatternBuilder { bindings, pattern: Pattern::default(), depth: 0 };
    (builder.put_together(expr) && builder.pattern.text.chars().any(|c| c != HOLE)).then_some(builder.pattern)
}

/// The operands of a chain of one operator, from left to right, and that operator; `None` if it is no such chain.
pub(super) fn operands(expr: &Expr) -> Option<(Operator, Vec<&Expr>)> {
    let op = expr.as_bin_op_expr()?.op;
    let mut operands = Vec::new();
    let mut left = expr;
    while let Expr::BinOp(operation) = left
        && operation.op == op
    {
        operands.push(&*operation.right);
        left = &operation.left;
    }
    operands.push(left);
    operands.reverse();
    Some((op, operands))
}

/// Whether an operand of `+` or `/` is a string, or a path made of one (`Path("t") / name`).
pub(super) fn joins_strings(op: Operator, operands: &[&Expr], bindings: &Bindings) -> bool {
    let string = |e: &Expr| is_string(e) || bindings.holds_string(e);
    let path = |e: &Expr| e.as_call_expr().is_some_and(|call| call.arguments.args.iter().any(string));
    operands.iter().any(|operand| string(operand) || (op == Operator::Div && path(operand)))
}

struct PatternBuilder<'b, 'a> {
    bindings: &'b Bindings<'a>,
    pattern: Pattern,
    depth: u32,
}

impl PatternBuilder<'_, '_> {
    /// Appends a part: its text, or a hole.
    fn part(&mut self, expr: &Expr) {
        if self.depth >= MAX_DEPTH {
            return self.pattern.hole();
        }
        self.depth += 1;
        match expr {
            Expr::StringLiteral(literal) => self.pattern.push(literal.value.to_str()),
            Expr::Name(name) if name.id.as_str() == OWN_NAME => self.pattern.text.push(MODULE_NAME),
            Expr::Name(name) if name.id.as_str() == OWN_PACKAGE => self.pattern.text.push(PACKAGE_NAME),
            Expr::Attribute(attribute) if is_name(&attribute.value, "__spec__") => match attribute.attr.as_str() {
                "name" => self.pattern.text.push(MODULE_NAME),
                "parent" => self.pattern.text.push(PACKAGE_NAME),
                _ => self.pattern.hole(),
            },
            _ => {
                // A name that holds one value stands for it.
                let held = expr.as_name_expr().and_then(|name| self.bindings.only(&name.id));
                match held {
                    Some(Expr::StringLiteral(literal)) => self.pattern.push(literal.value.to_str()),
                    _ => {
                        if !self.put_together(held.unwrap_or(expr)) {
                            self.pattern.hole();
                        }
                    }
                }
            }
        }
        self.depth -= 1;
    }

    /// Appends a string that is put together from parts; otherwise appends nothing and returns `false`.
    fn put_together(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::FString(string) => {
                for part in &string.value {
                    match part {
                        FStringPart::Literal(literal) => self.pattern.push(&literal.value),
                        FStringPart::FString(part) => part.elements.iter().for_each(|e| self.element(e)),
                    }
                }
                true
            }
            Expr::BinOp(operation) => match operation.op {
                Operator::Mod => match &*operation.left {
                    Expr::StringLiteral(template) => {
                        self.percent(template.value.to_str(), &operation.right);
                        true
                    }
                    _ => false,
                },
                Operator::Add | Operator::Div => {
                    let Some((op, operands)) = operands(expr) else { return false };
                    if !joins_strings(op, &operands, self.bindings) {
                        return false;
                    }
                    self.join(if op == Operator::Div { "/" } else { "" }, operands);
                    true
                }
                _ => false,
            },
            Expr::Call(call) => self.call(call),
            _ => false,
        }
    }

    fn element(&mut self, element: &InterpolatedStringElement) {
        match element {
            InterpolatedStringElement::Literal(literal) => self.pattern.push(&literal.value),
            InterpolatedStringElement::Interpolation(value)
                if value.format_spec.is_none() && value.debug_text.is_none() && value.conversion.is_none() =>
            {
                self.part(&value.expression);
            }
            InterpolatedStringElement::Interpolation(_) => self.pattern.hole(),
        }
    }

    fn join<'e>(&mut self, separator: &str, parts: impl IntoIterator<Item = &'e Expr>) {
        for (i, part) in parts.into_iter().enumerate() {
            if i > MAX_PARTS {
                return self.pattern.hole();
            }
            if i > 0 && !(separator == "/" && self.pattern.text.ends_with('/')) {
                self.pattern.push(separator);
            }
            // `*parts` stands for any number of them.
            self.part(part);
        }
    }

    fn percent(&mut self, template: &str, values: &Expr) {
        let mut pattern = std::mem::take(&mut self.pattern);
        let mut position = 0_usize;
        percent(template, &mut pattern, |field, pattern| {
            let value = match (values, field) {
                (Expr::Tuple(tuple), Field::Next) => tuple.elts.get(position),
                (Expr::Dict(dict), Field::Name(name)) => dict.items.iter().find_map(|item| {
                    let key = item.key.as_ref()?.as_string_literal_expr()?;
                    (key.value.to_str() == name).then_some(&item.value)
                }),
                (value, Field::Next) if position == 0 => Some(value),
                _ => None,
            };
            position += 1;
            self.fill(value, pattern);
        });
        self.pattern = pattern;
    }

    fn format(&mut self, template: &str, call: &ExprCall) {
        let mut pattern = std::mem::take(&mut self.pattern);
        let mut position = 0_usize;
        format(template, &mut pattern, |field, pattern| {
            let value = match field {
                Field::Next => {
                    position += 1;
                    call.arguments.args.get(position - 1)
                }
                Field::Index(index) => call.arguments.args.get(index),
                Field::Name(name) => call.arguments.find_keyword(name).map(|keyword| &keyword.value),
                Field::Other => None,
            };
            self.fill(value, pattern);
        });
        self.pattern = pattern;
    }

    fn fill(&mut self, value: Option<&Expr>, pattern: &mut Pattern) {
        let Some(value) = value else { return pattern.hole() };
        std::mem::swap(&mut self.pattern, pattern);
        self.part(value);
        std::mem::swap(&mut self.pattern, pattern);
    }

    fn call(&mut self, call: &ExprCall) -> bool {
        let args = &*call.arguments.args;
        if let Expr::Attribute(method) = &*call.func {
            match (method.attr.as_str(), &*method.value, args) {
                ("format", Expr::StringLiteral(template), _) => {
                    self.format(template.value.to_str(), call);
                    return true;
                }
                ("join", Expr::StringLiteral(separator), [parts]) => {
                    let parts = match parts {
                        Expr::List(list) => &list.elts,
                        Expr::Tuple(tuple) => &tuple.elts,
                        _ => return false,
                    };
                    self.join(separator.value.to_str(), parts);
                    return true;
                }
                ("joinpath", base, [_, ..]) => {
                    self.join("/", std::iter::once(base).chain(args));
                    return true;
                }
                _ => {}
            }
        }
        match (self.bindings.dotted(&call.func).as_deref(), args) {
            (Some("os.path.join" | "posixpath.join" | "pathlib.Path" | "pathlib.PurePath"), [_, _, ..]) => {
                self.join("/", args);
                true
            }
            (Some("str" | "os.fspath" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath"), [value])
            | (Some("pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath"), [value]) => {
                let held = value.as_name_expr().and_then(|name| self.bindings.only(&name.id));
                let readable = matches!(
                    held.unwrap_or(value),
                    Expr::StringLiteral(_) | Expr::FString(_) | Expr::BinOp(_) | Expr::Call(_)
                );
                if readable {
                    self.part(value);
                }
                readable
            }
            _ => false,
        }
    }
}

/// What a place in a template is filled with.
enum Field<'t> {
    /// The next positional value.
    Next,
    /// The value at a position.
    Index(usize),
    /// The value of that name.
    Name(&'t str),
    /// A value that is formatted: no part of it can be read.
    Other,
}

/// Reads a template of printf-style formatting.
fn percent<'t>(template: &'t str, pattern: &mut Pattern, mut fill: impl FnMut(Field<'t>, &mut Pattern)) {
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('%') {
        pattern.push(text);
        let (name, spec) = match after.strip_prefix('(').and_then(|named| named.split_once(')')) {
            Some((name, spec)) => (Some(name), spec),
            None => (None, after),
        };
        // Flags, width, precision and length before the conversion.
        let at = spec.find(|c: char| !(c.is_ascii_digit() || "#- +.*hlL".contains(c))).unwrap_or(spec.len());
        let (modifiers, conversion) = spec.split_at(at);
        let mut conversion = conversion.chars();
        match (conversion.next(), name) {
            (Some('%'), None) => pattern.push("%"),
            (Some('s'), Some(name)) if modifiers.is_empty() => fill(Field::Name(name), pattern),
            (Some('s'), None) if modifiers.is_empty() => fill(Field::Next, pattern),
            (Some(c), None) if c.is_ascii_alphabetic() => {
                // It takes a value, which shows in another form.
                fill(Field::Next, &mut Pattern::default());
                pattern.hole();
            }
            (Some(_), _) => pattern.hole(),
            (None, _) => pattern.push("%"),
        }
        rest = conversion.as_str();
    }
    pattern.push(rest);
}

/// Reads a template of `str.format`.
fn format<'t>(template: &'t str, pattern: &mut Pattern, mut fill: impl FnMut(Field<'t>, &mut Pattern)) {
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, brace) = rest.split_at(at);
        pattern.push(text);
        if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            pattern.push(&brace[..1]);
            rest = after;
            continue;
        }
        let Some(inside) = brace.strip_prefix('{') else {
            pattern.push("}");
            rest = &brace[1..];
            continue;
        };
        let mut depth = 1_u32;
        let end = inside.bytes().position(|b| {
            match b {
                b'{' => depth = depth.saturating_add(1),
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let Some(end) = end else {
            // A lone brace: no template after all.
            pattern.push(brace);
            return;
        };
        let (field, after) = inside.split_at(end);
        match field {
            "" => fill(Field::Next, pattern),
            _ if field.bytes().all(|b| b.is_ascii_digit()) => {
                fill(field.parse().map_or(Field::Other, Field::Index), pattern);
            }
            _ if is_identifier(field) => fill(Field::Name(field), pattern),
            _ => {
                if field.starts_with([':', '!']) {
                    fill(Field::Next, &mut Pattern::default());
                }
                fill(Field::Other, pattern);
            }
        }
        rest = after.strip_prefix('}').unwrap_or(after);
    }
    pattern.push(rest);
}
