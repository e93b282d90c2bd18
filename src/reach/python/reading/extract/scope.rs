//! The walk over statements: scopes, imports, bound names.

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Decorator, ExceptHandler, Expr, Stmt, StmtClassDef, StmtFunctionDef, StmtIf, StmtTry, StmtWith};
use ruff_text_size::{Ranged, TextSize};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::facts::{PythonFacts, Text, Unit, UnitKind};
use super::bindings::{Bindings, spelled};
use super::condition::{Reach, Truth, truth};
use super::constants;
use super::exports::is_list_of_strings;
use super::imports::{catches_import_error, imported_names, is_for_types, is_import_error, tried};
use super::lines::Lines;

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
    let module = Unit { line: 1, ..Unit::default() };
    let mut walk = Walk {
        bindings: Bindings::collect(body),
        lines: Lines::new(text),
        scopes: vec![Scope { unit: module, names: Vec::new(), variables: Vec::new() }],
        current: 0,
        module_level: true,
        optional: false,
        depth: 0,
        bound: FxHashSet::default(),
        all: None,
        lazy: false,
        seen: FxHashSet::default(),
        known: Vec::new(),
        constant_functions: FxHashMap::default(),
        type_names: Vec::new(),
        local_imports: Vec::new(),
        reads: FxHashMap::default(),
        constant_calls: FxHashMap::default(),
    };
    walk.visit_body(body);
    walk.settle_local_imports();
    walk.finish()
}

/// Longer strings (bytes) are no settings that a rule asks for by their value.
const MAX_CONSTANT: usize = 64;

/// A scope under way: its names are borrowed from the tree until the end.
pub(super) struct Scope<'a> {
    pub(super) unit: Unit,
    pub(super) names: Vec<&'a str>,
    /// Names used as variables that the file binds.
    pub(super) variables: Vec<&'a str>,
}

/// State of the walk.
pub(super) struct Walk<'a> {
    pub(super) bindings: Bindings<'a>,
    pub(super) lines: Lines,
    pub(super) scopes: Vec<Scope<'a>>,
    /// Index of the scope whose body is being read.
    pub(super) current: usize,
    /// Names bound here are the module's.
    pub(super) module_level: bool,
    /// A failing import is caught.
    pub(super) optional: bool,
    /// Expressions open.
    pub(super) depth: usize,
    pub(super) bound: FxHashSet<&'a str>,
    pub(super) all: Option<Vec<Box<str>>>,
    pub(super) lazy: bool,
    /// Strings that a scope has already.
    pub(super) seen: FxHashSet<(usize, &'a str)>,
    /// Variables that are one of several string constants where the walk is.
    pub(super) known: Vec<&'a str>,
    /// Functions of the file's own, and whether they return nothing but constants, as far as that was asked.
    pub(super) constant_functions: FxHashMap<&'a str, bool>,
    /// What type checkers import where the branch being read is the other one.
    pub(super) type_names: Vec<&'a str>,
    /// Imports in functions: the scope, the index in its imports, and the name that is bound.
    pub(super) local_imports: Vec<(usize, usize, &'a str)>,
    /// How often variables are read.
    pub(super) reads: FxHashMap<&'a str, usize>,
    /// What is called of a variable with string constants, call by call.
    pub(super) constant_calls: FxHashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Walk<'a> {
    fn finish(mut self) -> PythonFacts {
        let mut bound: Vec<Box<str>> = std::mem::take(&mut self.bound).into_iter().map(Box::from).collect();
        bound.sort_unstable();
        let units = std::mem::take(&mut self.scopes).into_iter().map(|Scope { mut unit, mut names, mut variables }| {
            names.sort_unstable();
            names.dedup();
            variables.sort_unstable();
            variables.dedup();
            variables.retain(|name| names.binary_search(name).is_err());
            unit.variables = variables.iter().copied().map(Box::from).collect();
            names.append(&mut variables);
            names.sort_unstable();
            names.dedup();
            unit.names = names.into_iter().map(Box::from).collect();
            unit
        });
        let lazy = self.lazy || bound.iter().any(|name| &**name == "__getattr__");
        let mut units: Vec<Unit> = units.collect();
        // A module that imports when it is asked for an attribute may find the names in its list of exports.
        if let (true, Some(all), Some(body)) = (lazy, &self.all, units.first_mut()) {
            body.strings.extend(all.iter().map(|name| Text { value: name.clone(), line: body.line }));
        }
        let constant = |name: &str| {
            let value = self.bindings.constant(name)?.as_string_literal_expr()?.value.to_str();
            (value.len() <= MAX_CONSTANT).then(|| (name.into(), value.into()))
        };
        let constants = bound.iter().filter_map(|name| constant(name)).collect();
        PythonFacts { units, bound, constants, all: self.all, lazy, unparsed: None }
    }

    /// The 1-based line of an offset.
    pub(super) fn line(&self, offset: TextSize) -> u32 {
        self.lines.at(offset)
    }

    /// Adds to the scope whose body is being read.
    pub(super) fn scope(&mut self, add: impl FnOnce(&mut Scope<'a>)) {
        if let Some(scope) = self.scopes.get_mut(self.current) {
            add(scope);
        }
    }

    /// Reads the body of a scope of its own.
    fn enter(&mut self, mut unit: Unit, body: &'a [Stmt]) {
        let outer = self.current;
        unit.parent = u32::try_from(outer).unwrap_or(0);
        self.current = self.scopes.len();
        self.scopes.push(Scope { unit, names: Vec::new(), variables: Vec::new() });
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
            bases,
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
        let mut before = Reach::Open;
        let first = (Some(&*statement.test), &statement.body, statement.start());
        let others = statement.elif_else_clauses.iter().map(|c| (c.test.as_ref(), &c.body, c.start()));
        for (test, body, start) in std::iter::once(first).chain(others) {
            if before == Reach::Never {
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

    fn branch(&mut self, reach: Reach, body: &'a [Stmt], start: TextSize) {
        let line = self.line(start);
        match reach {
            Reach::Never => {}
            Reach::Open => self.visit_body(body),
            Reach::Main => self.enter(Unit { kind: UnitKind::Main, line, ..Unit::default() }, body),
            Reach::Versions(guard) => {
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
                    self.enter(Unit { kind: UnitKind::Fallback, line, tried, ..Unit::default() }, &handler.body);
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

    /// Notes a name bound in the scope being read, if that is the module's.
    pub(super) fn bind(&mut self, name: &'a str) {
        if self.module_level {
            self.bound.insert(name);
        }
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
                    && assign.targets.iter().all(|target| super::value::is_name(target, "__all__"))
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
                    self.search_path(target, &assign.value);
                    self.program(target, &assign.value);
                });
                walk_stmt(self, statement);
            }
            Stmt::AugAssign(assign) => {
                self.search_path(&assign.target, &assign.value);
                if super::value::is_name(&assign.target, "__all__") {
                    self.exports(&assign.value);
                    if is_list_of_strings(&assign.value) {
                        return;
                    }
                }
                walk_stmt(self, statement);
            }
            Stmt::AnnAssign(assign) => {
                self.visit_annotation(&assign.annotation);
                match &assign.value {
                    Some(value) => {
                        self.class_setting(&assign.target);
                        self.assignment(&assign.target, value);
                        self.visit_expr(value);
                        self.visit_expr(&assign.target);
                    }
                    // `name: int` binds nothing.
                    None if assign.target.is_name_expr() => {}
                    None => self.visit_expr(&assign.target),
                }
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
