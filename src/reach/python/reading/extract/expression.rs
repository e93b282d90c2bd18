//! The walk over expressions: names, strings, patterns, calls.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_pattern};
use ruff_python_ast::{
    Comprehension, Expr, ExprCall, ExprContext, Keyword, Operator, Pattern as Case, PatternKeyword, Stmt,
};
use ruff_text_size::{Ranged, TextSize};

use super::super::facts::Text;
use super::literal::{is_identifier, may_name};
use super::pattern::{self, Pattern};
use super::walk::Walk;
use super::{codec, constants, embedded, nesting, value};

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        // Statements nest too: count them with the expressions.
        if self.depth >= nesting::MAX {
            return;
        }
        self.depth += 1;
        self.statement(statement);
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.depth >= nesting::MAX {
            return;
        }
        self.depth += 1;
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Store => self.bind(&name.id),
                _ => self.variable(&name.id),
            },
            Expr::Attribute(_) => self.attributes(expr),
            Expr::StringLiteral(literal) => self.string(literal.value.to_str(), expr.start()),
            Expr::FString(_) => {
                self.pattern(expr);
                walk_expr(self, expr);
            }
            Expr::BinOp(_) => self.operation(expr),
            Expr::Call(call) => self.call(expr, call),
            Expr::List(list) => {
                self.started_modules(&list.elts);
                walk_expr(self, expr);
            }
            Expr::Tuple(tuple) => {
                self.started_modules(&tuple.elts);
                walk_expr(self, expr);
            }
            Expr::Dict(dict) => {
                self.codec_settings(dict);
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
        self.depth -= 1;
    }

    fn visit_keyword(&mut self, keyword: &'a Keyword) {
        if let Some(name) = &keyword.arg {
            self.scope(|scope| scope.names.push(name));
        }
        self.visit_expr(&keyword.value);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.visit_expr(&comprehension.iter);
        // Its variables are its own.
        let outer = std::mem::replace(&mut self.module_level, false);
        self.visit_expr(&comprehension.target);
        self.module_level = outer;
        comprehension.ifs.iter().for_each(|condition| self.visit_expr(condition));
    }

    fn visit_pattern(&mut self, case: &'a Case) {
        if self.depth >= nesting::MAX {
            return;
        }
        self.depth += 1;
        let name = match case {
            Case::MatchAs(case) => case.name.as_ref(),
            Case::MatchStar(case) => case.name.as_ref(),
            Case::MatchMapping(case) => case.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.bind(name);
        }
        walk_pattern(self, case);
        self.depth -= 1;
    }

    fn visit_pattern_keyword(&mut self, keyword: &'a PatternKeyword) {
        self.scope(|scope| scope.names.push(&keyword.attr));
        self.visit_pattern(&keyword.pattern);
    }
}

impl<'a> Walk<'a> {
    /// A name that is read. What the file does not bind may come from anywhere: `import *`, `globals()`, `exec`.
    fn variable(&mut self, name: &'a str) {
        *self.reads.entry(name).or_default() += 1;
        let known = self.bindings.binds(name) || (super::names::is_builtin(name) && !self.bindings.has_star());
        self.scope(|scope| match known {
            true => scope.variables.push(name),
            false => scope.names.push(name),
        });
    }

    /// `a.b.c`, without recursion.
    fn attributes(&mut self, expr: &'a Expr) {
        let mut root = expr;
        while let Expr::Attribute(attribute) = root {
            self.scope(|scope| scope.names.push(&attribute.attr));
            root = &attribute.value;
        }
        self.visit_expr(root);
    }

    /// A chain of one operator, without recursion over its length.
    fn operation(&mut self, expr: &'a Expr) {
        let Some((op, operands)) = pattern::operands(expr) else { return };
        let template = op == Operator::Mod && operands.first().is_some_and(|o| o.is_string_literal_expr());
        let whole = match op {
            Operator::Add | Operator::Div => pattern::joins_strings(op, &operands, &self.bindings),
            _ => template,
        } && self.pattern(expr);
        for (i, operand) in operands.into_iter().enumerate() {
            // Parts of a string are no strings of their own; those of a path are.
            let part = match op {
                Operator::Add => whole && operand.is_string_literal_expr(),
                _ => template && i == 0,
            };
            if !part {
                self.visit_expr(operand);
            }
        }
    }

    fn call(&mut self, expr: &'a Expr, call: &'a ExprCall) {
        if self.exports_method(call) {
            return;
        }
        let line = self.line(expr.start());
        let mut found = Vec::new();
        let function = &self.scopes[self.current].unit.name;
        value::calls(call, line, function, &self.bindings, &mut |call| found.push(call));
        if codec::is_asked_for(call, &self.bindings) {
            let arguments = &call.arguments.args;
            for call in &mut found {
                constants::settle(call, arguments, &self.known, &self.bindings, &mut self.constant_functions);
            }
        }
        self.scope(|scope| scope.unit.calls.extend(found));
        self.started_modules(&call.arguments.args);
        self.pattern(expr);
        self.constant_call(call);
        match &*call.func {
            // A template is no string of its own.
            Expr::Attribute(method) if method.value.is_string_literal_expr() && &*method.attr == "format" => {}
            func => self.visit_expr(func),
        }
        self.visit_arguments(&call.arguments);
    }

    /// Notes `module.function("constant")`. A constant that speaks of an encoding is not one that needs nothing else.
    fn constant_call(&mut self, call: &'a ExprCall) {
        let constant = |argument: &Expr| {
            argument.as_string_literal_expr().is_some_and(|text| !text.value.to_str().contains("encoding"))
        };
        if let Expr::Attribute(function) = &*call.func
            && let Expr::Name(module) = &*function.value
            && call.arguments.keywords.is_empty()
            && call.arguments.args.iter().all(constant)
        {
            self.constant_calls.entry(&module.id).or_default().push(&function.attr);
        }
    }

    /// Notes the string that an expression puts together; whether it does.
    fn pattern(&mut self, expr: &'a Expr) -> bool {
        let Some(pattern) = pattern::read(expr, &self.bindings) else { return false };
        self.add_pattern(&pattern, expr.start());
        true
    }

    fn add_pattern(&mut self, pattern: &Pattern, start: TextSize) {
        let line = self.line(start);
        let imports = embedded::imports(pattern.text(), line);
        let named = if pattern.has_holes() { pattern.names_something() } else { may_name(pattern.text()) };
        let text = named.then(|| Text { value: pattern.text().into(), line });
        let whole = !pattern.has_holes();
        self.scope(|scope| {
            scope.unit.imports.extend(imports);
            match whole {
                true => scope.unit.strings.extend(text),
                false => scope.unit.patterns.extend(text),
            }
        });
    }

    /// A string constant.
    fn string(&mut self, text: &'a str, start: TextSize) {
        if may_name(text) {
            let line = self.line(start);
            let new = self.seen.insert((self.current, text));
            self.scope(|scope| {
                let parts = || text.split(['.', ':']).filter(|part| !part.is_empty());
                if parts().all(is_identifier) {
                    scope.names.extend(parts());
                }
                if new {
                    scope.unit.strings.push(Text { value: text.into(), line });
                }
            });
            return;
        }
        let line = self.line(start);
        let imports = embedded::imports(text, line);
        if !imports.is_empty() {
            return self.scope(|scope| scope.unit.imports.extend(imports));
        }
        if text.len() > usize::from(u8::MAX) || text.contains(char::is_whitespace) {
            return;
        }
        type Reading = fn(&str, usize) -> Pattern;
        let readings: [(char, Reading); 3] =
            [('%', Pattern::of_percent), ('{', Pattern::of_format), ('[', Pattern::of_glob)];
        for pattern in
            readings.into_iter().filter(|(sign, _)| text.contains(*sign)).map(|(_, read)| read(text, text.len()))
        {
            if pattern.has_holes() && pattern.names_something() {
                self.scope(|scope| scope.unit.patterns.push(Text { value: pattern.text().into(), line }));
            }
        }
    }
}
