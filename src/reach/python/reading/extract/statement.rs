//! The walk over statements: scopes, branches, bound names.

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{
    Decorator, ExceptHandler, Expr, Stmt, StmtAnnAssign, StmtClassDef, StmtFunctionDef, StmtIf, StmtTry, StmtWith,
};
use ruff_text_size::{Ranged, TextSize};

use super::super::facts::{PythonFacts, Unit, UnitKind};
use super::bindings::spelled;
use super::condition::{Truth, When, truth};
use super::constants;
use super::imports::{catches_import_error, imported_names, is_for_types, is_import_error, tried};
use super::literal::{is_list_of_strings, is_name};
use super::walk::{OpenScope, Walk};

/// Decorators that return what they were given, or a wrapper of it, and register it nowhere (last components).
const PLAIN_DECORATORS: &[&str] = &[
    "abstractclassmethod",
    "abstractmethod",
    "abstractproperty",
    "abstractstaticmethod",
    "asynccontextmanager",
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "coroutine",
    "dataclass",
    "dataclass_transform",
    "define",
    "deleter",
    "deprecated",
    "final",
    "frozen",
    "getter",
    "lru_cache",
    "no_type_check",
    "overload",
    "override",
    "property",
    "recursive_repr",
    "runtime_checkable",
    "setter",
    "singledispatch",
    "singledispatchmethod",
    "staticmethod",
    "total_ordering",
    "unique",
    "wraps",
];

/// Facts of a module's statements.
pub(super) fn facts(body: &[Stmt], text: &str) -> PythonFacts {
    let mut walk = Walk::new(body, text);
    walk.visit_body(body);
    walk.settle_local_imports();
    walk.finish()
}

impl<'a> Walk<'a> {
    /// Reads the body of a scope of its own.
    fn enter(&mut self, mut unit: Unit, body: &'a [Stmt]) {
        let outer = self.current;
        unit.parent = u32::try_from(outer).unwrap_or(0);
        self.current = self.scopes.len();
        self.scopes.push(OpenScope { unit, names: Vec::new(), variables: Vec::new() });
        self.visit_body(body);
        self.current = outer;
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        self.bind(&function.name);
        let registered = self.decorators(&function.decorator_list);
        if let Some(parameters) = &function.type_params {
            self.visit_type_params(parameters);
        }
        self.visit_parameters(&function.parameters);
        if let Some(returns) = &function.returns {
            self.visit_annotation(returns);
        }
        let outer = (self.module_level, self.optional);
        // A function runs when it is called, not where it stands.
        (self.module_level, self.optional) = (false, false);
        let known = std::mem::take(&mut self.known);
        let unit = Unit {
            kind: UnitKind::Function,
            name: function.name.as_str().into(),
            line: self.line(function.name.start()),
            registered,
            ..Unit::default()
        };
        self.enter(unit, &function.body);
        (self.module_level, self.optional) = outer;
        self.known = known;
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        self.bind(&class.name);
        let registered = self.decorators(&class.decorator_list);
        if let Some(parameters) = &class.type_params {
            self.visit_type_params(parameters);
        }
        let mut bases = Vec::new();
        if let Some(arguments) = class.arguments.as_deref() {
            arguments.args.iter().for_each(|base| base_names(base, &mut bases));
            self.visit_arguments(arguments);
        }
        let outer = std::mem::replace(&mut self.module_level, false);
        let unit = Unit {
            kind: UnitKind::Class,
            name: class.name.as_str().into(),
            line: self.line(class.name.start()),
            registered,
            bases: bases.into(),
            ..Unit::default()
        };
        self.enter(unit, &class.body);
        self.module_level = outer;
    }

    /// Reads decorators, which belong to the enclosing scope; whether one may register what it decorates.
    fn decorators(&mut self, decorators: &'a [Decorator]) -> bool {
        decorators.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
        decorators.iter().any(|decorator| {
            let decorator = match &decorator.expression {
                Expr::Call(call) => &*call.func,
                other => other,
            };
            let last = match decorator {
                Expr::Name(name) => self.bindings.resolve(&name.id).rsplit('.').next().unwrap_or_default(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => return true,
            };
            PLAIN_DECORATORS.binary_search(&last).is_err()
        })
    }

    fn conditional(&mut self, statement: &'a StmtIf) {
        let outer = self.type_names.len();
        if is_for_types(&statement.test) {
            self.type_names.extend(statement.body.iter().flat_map(imported_names));
        }
        self.branches(statement);
        self.type_names.truncate(outer);
    }

    fn branches(&mut self, statement: &'a StmtIf) {
        // What the tests before say where they all failed.
        let mut before = When::Open;
        let first = (Some(&*statement.test), &statement.body, statement.start());
        let others = statement.elif_else_clauses.iter().map(|c| (c.test.as_ref(), &c.body, c.start()));
        for (test, body, start) in std::iter::once(first).chain(others) {
            if before == When::Never {
                return;
            }
            let truth = test.map_or(Truth::UNKNOWN, |test| {
                self.visit_expr(test);
                truth(test, &self.bindings)
            });
            let outer = self.known.len();
            if let Some(test) = test {
                constants::extend(&mut self.known, test, body);
            }
            self.branch(before.and(truth.when_true), body, start);
            self.known.truncate(outer);
            before = before.and(truth.when_false);
        }
    }

    fn branch(&mut self, reach: When, body: &'a [Stmt], start: TextSize) {
        let line = self.line(start);
        match reach {
            When::Never => {}
            When::Open => self.visit_body(body),
            When::Main => self.enter(Unit { kind: UnitKind::Main, line, ..Unit::default() }, body),
            When::Versions(guard) => {
                let unit = Unit { kind: UnitKind::Branch, line, guard: Some(guard), ..Unit::default() };
                self.enter(unit, body);
            }
        }
    }

    fn attempt(&mut self, statement: &'a StmtTry) {
        let outer = self.optional;
        let catches = statement
            .handlers
            .iter()
            .any(|ExceptHandler::ExceptHandler(handler)| handler.type_.as_deref().is_none_or(catches_import_error));
        self.optional = outer || catches;
        self.visit_body(&statement.body);
        for ExceptHandler::ExceptHandler(handler) in &statement.handlers {
            if let Some(class) = &handler.type_ {
                self.visit_expr(class);
            }
            match tried(&statement.body) {
                Some(tried) if handler.type_.as_deref().is_some_and(is_import_error) => {
                    let line = self.line(handler.start());
                    self.enter(
                        Unit { kind: UnitKind::Fallback, line, tried: tried.into(), ..Unit::default() },
                        &handler.body,
                    );
                }
                _ => self.visit_body(&handler.body),
            }
        }
        self.optional = outer;
        self.visit_body(&statement.orelse);
        self.visit_body(&statement.finalbody);
    }

    fn with(&mut self, statement: &'a StmtWith) {
        statement.items.iter().for_each(|item| self.visit_with_item(item));
        let suppresses = statement.items.iter().any(|item| match &item.context_expr {
            Expr::Call(call) => {
                self.bindings.callee(&call.func).ends_with("suppress")
                    && call.arguments.args.iter().any(catches_import_error)
            }
            _ => false,
        });
        let outer = self.optional;
        self.optional = outer || suppresses;
        self.visit_body(&statement.body);
        self.optional = outer;
    }

    /// What a class gives a name in capitals may be a setting of somebody else's: its name is used, not only bound.
    fn class_setting(&mut self, target: &'a Expr) {
        let capitals = |name: &str| name.bytes().all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit());
        self.scope(|scope| {
            if let Expr::Name(name) = target
                && scope.unit.kind == UnitKind::Class
                && capitals(&name.id)
            {
                scope.names.push(name.id.as_str());
            }
        });
    }

    fn annotated(&mut self, assign: &'a StmtAnnAssign) {
        self.visit_annotation(&assign.annotation);
        match &assign.value {
            Some(value) => {
                self.class_setting(&assign.target);
                self.assignment(&assign.target, value);
                self.attribute(&assign.target, value);
                self.visit_expr(value);
                self.visit_expr(&assign.target);
            }
            // `name: int` binds nothing.
            None if assign.target.is_name_expr() => {}
            None => self.visit_expr(&assign.target),
        }
    }

    pub(super) fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::If(conditional) => self.conditional(conditional),
            Stmt::Try(attempt) => self.attempt(attempt),
            Stmt::With(with) => self.with(with),
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(statement),
            Stmt::Global(global) => {
                self.bound.extend(global.names.iter().map(|name| name.as_str()));
            }
            // Documentation, not a name of anything.
            Stmt::Expr(expr) if expr.value.is_string_literal_expr() => {}
            // Exports are no uses: who imports `*` uses what it then names.
            Stmt::Assign(assign)
                if self.module_level
                    && assign.targets.iter().all(|target| is_name(target, "__all__"))
                    && is_list_of_strings(&assign.value) =>
            {
                self.bind("__all__");
                self.exports(&assign.value);
            }
            Stmt::Assign(assign) if self.stands_in_for_type(assign) => {
                assign.targets.iter().for_each(|target| self.visit_expr(target));
            }
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| {
                    self.class_setting(target);
                    self.assignment(target, &assign.value);
                    self.search_path(target, &assign.value, "sys.path.insert");
                    self.program(target, &assign.value);
                    self.codec_assignment(target, &assign.value);
                    self.attribute(target, &assign.value);
                });
                walk_stmt(self, statement);
            }
            Stmt::AnnAssign(assign) => self.annotated(assign),
            Stmt::AugAssign(assign) => {
                self.search_path(&assign.target, &assign.value, "sys.path.extend");
                if is_name(&assign.target, "__all__") {
                    self.exports(&assign.value);
                    if is_list_of_strings(&assign.value) {
                        return;
                    }
                }
                walk_stmt(self, statement);
            }
            _ => walk_stmt(self, statement),
        }
    }
}

/// Base classes by name: `Base`, `Generic[T]`, `with_metaclass(Meta, Base)`.
fn base_names(base: &Expr, names: &mut Vec<Box<str>>) {
    match base {
        Expr::Call(call) => names.extend(call.arguments.args.iter().filter_map(spelled).map(Box::from)),
        Expr::Subscript(subscript) => names.extend(spelled(&subscript.value).map(Box::from)),
        _ => names.extend(spelled(base).map(Box::from)),
    }
}
