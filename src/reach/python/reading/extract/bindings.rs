//! What the names of a file stand for: import aliases, and names that are assigned once.

use std::collections::HashMap;

use ruff_python_ast::{ExceptHandler, Expr, Stmt, StmtFunctionDef, StmtImport, StmtImportFrom};

use super::super::callees::is_recorded;
use super::literal::is_string;

/// Components of a dotted name that is still followed.
const MAX_COMPONENTS: usize = 16;

/// Names of a file, all scopes taken together.
#[derive(Default)]
pub(super) struct Bindings<'a> {
    /// Names bound by imports, and other names for the functions whose calls are recorded: what they stand for, dotted.
    aliases: HashMap<&'a str, Box<str>>,
    /// Names assigned in the module body by a statement of their own.
    assigned: HashMap<&'a str, &'a Expr>,
    /// How many statements bind a name, in any scope, parameters included.
    counts: HashMap<&'a str, u32>,
    /// What statements of their own assign to a name, in any scope.
    held: HashMap<&'a str, Vec<&'a Expr>>,
    /// What loops run a name over.
    iterated: HashMap<&'a str, Vec<&'a Expr>>,
    /// Functions, those of classes too.
    functions: HashMap<&'a str, &'a StmtFunctionDef>,
    /// Something is imported by `*`.
    star: bool,
}

/// Where a statement stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// In the module body itself.
    Module,
    /// In something that stands there.
    Inside,
}

/// Values of one name that are followed.
const MAX_HELD: usize = 64;

impl<'a> Bindings<'a> {
    /// Collects the bindings of a module, without recursion.
    pub(super) fn collect(body: &'a [Stmt]) -> Self {
        let mut bindings = Bindings::default();
        // Bodies are read in source order, so that the first of several aliases wins.
        let mut open = vec![(body.iter(), Level::Module)];
        while let Some((statements, level)) = open.last_mut() {
            let level = *level;
            let Some(statement) = statements.next() else {
                open.pop();
                continue;
            };
            let first = open.len();
            bindings.statement(statement, level, |body| open.push((body.iter(), Level::Inside)));
            if let Some(bodies) = open.get_mut(first..) {
                bodies.reverse();
            }
        }
        bindings
    }

    fn statement(&mut self, statement: &'a Stmt, level: Level, mut body: impl FnMut(&'a [Stmt])) {
        match statement {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.target(target);
                }
                if let [Expr::Name(target)] = assign.targets.as_slice() {
                    self.hold(&target.id, &assign.value, level);
                    self.function_alias(&target.id, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                self.target(&assign.target);
                if let (Expr::Name(target), Some(value)) = (&*assign.target, &assign.value) {
                    self.hold(&target.id, value, level);
                }
            }
            Stmt::AugAssign(assign) => self.target(&assign.target),
            Stmt::FunctionDef(function) => {
                self.define(function);
                body(&function.body);
            }
            Stmt::ClassDef(class) => {
                self.count(&class.name);
                body(&class.body);
            }
            Stmt::For(s) => {
                self.target(&s.target);
                if let Expr::Name(target) = &*s.target {
                    self.iterated.entry(&target.id).or_default().push(&s.iter);
                }
                body(&s.body);
                body(&s.orelse);
            }
            Stmt::While(s) => {
                body(&s.body);
                body(&s.orelse);
            }
            Stmt::If(s) => {
                body(&s.body);
                s.elif_else_clauses.iter().for_each(|clause| body(&clause.body));
            }
            Stmt::With(s) => {
                s.items.iter().filter_map(|item| item.optional_vars.as_deref()).for_each(|t| self.target(t));
                body(&s.body);
            }
            Stmt::Try(s) => {
                body(&s.body);
                s.handlers.iter().for_each(|ExceptHandler::ExceptHandler(handler)| body(&handler.body));
                body(&s.orelse);
                body(&s.finalbody);
            }
            Stmt::Match(s) => s.cases.iter().for_each(|case| body(&case.body)),
            _ => {}
        }
    }

    fn define(&mut self, function: &'a StmtFunctionDef) {
        self.count(&function.name);
        self.functions.insert(&function.name, function);
        for parameter in function.parameters.iter() {
            self.count(parameter.name());
        }
    }

    /// A name that a statement of its own gives a value.
    fn hold(&mut self, name: &'a str, value: &'a Expr, level: Level) {
        if level == Level::Module {
            self.assigned.entry(name).or_insert(value);
        }
        self.held.entry(name).or_default().push(value);
    }

    fn import(&mut self, import: &'a StmtImport) {
        for alias in &import.names {
            if let Some(asname) = &alias.asname {
                self.count(asname);
                self.aliases.entry(asname).or_insert_with(|| alias.name.as_str().into());
            } else if let Some(first) = alias.name.split('.').next() {
                self.count(first);
            }
        }
    }

    fn import_from(&mut self, import: &'a StmtImportFrom) {
        let module = import.module.as_deref().unwrap_or_default();
        for alias in &import.names {
            self.star |= &*alias.name == "*";
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            self.count(bound);
            self.aliases.entry(bound).or_insert_with(|| {
                let mut dotted = ".".repeat(usize::try_from(import.level.min(64)).unwrap_or(0));
                dotted.push_str(module);
                if !module.is_empty() {
                    dotted.push('.');
                }
                dotted.push_str(&alias.name);
                dotted.into()
            });
        }
    }

    /// `load = importlib.import_module` and the like.
    fn function_alias(&mut self, target: &'a str, value: &'a Expr) {
        let last = match value {
            Expr::Attribute(attribute) => &attribute.attr.id,
            Expr::Name(name) => &name.id,
            _ => return,
        };
        if is_recorded(last)
            && let Some(dotted) = self.dotted(value)
            && *dotted != *target
        {
            self.aliases.entry(target).or_insert_with(|| dotted.into());
        }
    }

    fn count(&mut self, name: &'a str) {
        *self.counts.entry(name).or_default() += 1;
    }

    fn target(&mut self, target: &'a Expr) {
        let mut open = vec![target];
        while let Some(target) = open.pop() {
            match target {
                Expr::Name(name) => self.count(&name.id),
                Expr::Tuple(tuple) => open.extend(&tuple.elts),
                Expr::List(list) => open.extend(&list.elts),
                Expr::Starred(starred) => open.push(&starred.value),
                _ => {}
            }
        }
    }

    /// Whether a statement of the file binds this name, in any scope.
    pub(super) fn binds(&self, name: &str) -> bool {
        self.counts.contains_key(name)
    }

    /// The function of a name that nothing else in the file has, in any scope.
    pub(super) fn function(&self, name: &str) -> Option<&'a StmtFunctionDef> {
        self.functions.get(name).copied().filter(|_| self.is_bound_once(name))
    }

    /// Whether one statement of the file binds this name, and no other, in any scope.
    pub(super) fn is_bound_once(&self, name: &str) -> bool {
        self.counts.get(name) == Some(&1)
    }

    /// Whether the file takes `*` from a module.
    pub(super) fn has_star(&self) -> bool {
        self.star
    }

    /// The value of a name that the whole file binds once, in the module body.
    pub(super) fn constant(&self, name: &str) -> Option<&'a Expr> {
        self.assigned.get(name).copied().filter(|_| self.counts.get(name) == Some(&1))
    }

    /// The one value that a name of the file's own holds, in whichever scope it is assigned.
    pub(super) fn only(&self, name: &str) -> Option<&'a Expr> {
        let [value] = self.held.get(name)?.as_slice() else { return None };
        // The interpreter sets names such as `__path__` before the file does.
        if name.starts_with("__") {
            return None;
        }
        (self.counts.get(name) == Some(&1) && !self.aliases.contains_key(name)).then_some(value)
    }

    /// Whether an expression is a name that holds one value, a string.
    pub(super) fn holds_string(&self, expr: &Expr) -> bool {
        expr.as_name_expr().and_then(|name| self.only(&name.id)).is_some_and(is_string)
    }

    /// The values that a name may hold (`NAME`, `self.NAME`), those of a loop over a display one by one, and whether
    /// these are all.
    pub(super) fn values(&self, expr: &Expr) -> (Vec<&'a Expr>, bool) {
        let (name, own) = match expr {
            Expr::Name(name) => (name.id.as_str(), true),
            Expr::Attribute(attribute) if is_self(&attribute.value) => (attribute.attr.as_str(), false),
            _ => return (Vec::new(), false),
        };
        if own && self.aliases.contains_key(name) {
            return (Vec::new(), false);
        }
        let mut values: Vec<&'a Expr> = self.held.get(name).into_iter().flatten().copied().collect();
        let mut bound = values.len();
        for iterable in self.iterated.get(name).into_iter().flatten().filter(|_| own) {
            let iterable = match iterable {
                Expr::Name(name) => self.only(&name.id).unwrap_or(iterable),
                iterable => iterable,
            };
            let elements = elements(iterable);
            bound += usize::from(!elements.is_empty());
            values.extend(elements);
        }
        let all =
            own && values.len() <= MAX_HELD && self.counts.get(name).is_some_and(|&count| count as usize == bound);
        values.truncate(MAX_HELD);
        (values, all)
    }

    /// What a name stands for, with import aliases resolved.
    pub(super) fn resolve<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.get(name).map_or(name, |dotted| dotted)
    }

    /// `a.b.c` with import aliases resolved; `None` for any other expression.
    pub(super) fn dotted(&self, expr: &Expr) -> Option<String> {
        let (root, mut attributes) = split(expr);
        let Expr::Name(name) = root else { return None };
        if attributes.len() >= MAX_COMPONENTS {
            return None;
        }
        let mut dotted = self.resolve(&name.id).to_owned();
        while let Some(attribute) = attributes.pop() {
            dotted.push('.');
            dotted.push_str(attribute);
        }
        Some(dotted)
    }

    /// A callee as [`Call::callee`](crate::reach::python::facts::Call::callee) has it.
    pub(super) fn callee(&self, expr: &Expr) -> String {
        match (self.dotted(expr), expr) {
            (Some(dotted), _) => dotted,
            (None, Expr::Attribute(attribute)) => format!("?.{}", attribute.attr),
            (None, _) => "?".to_owned(),
        }
    }
}

/// The elements of a display; the keys and values of one of a dict.
fn elements(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::List(list) => list.elts.iter().collect(),
        Expr::Tuple(tuple) => tuple.elts.iter().collect(),
        Expr::Set(set) => set.elts.iter().collect(),
        Expr::Dict(dict) => dict.items.iter().flat_map(|item| item.key.iter().chain([&item.value])).collect(),
        _ => Vec::new(),
    }
}

fn is_self(expr: &Expr) -> bool {
    expr.as_name_expr().is_some_and(|name| matches!(name.id.as_str(), "self" | "cls"))
}

/// `a.b.c` as `a` and the attributes from the last to the first; stops where a name gets too long to matter.
fn split(expr: &Expr) -> (&Expr, Vec<&str>) {
    let (mut root, mut attributes) = (expr, Vec::new());
    while let Expr::Attribute(attribute) = root {
        if attributes.len() >= MAX_COMPONENTS {
            break;
        }
        attributes.push(attribute.attr.as_str());
        root = &attribute.value;
    }
    (root, attributes)
}

/// `a.b.c` as it is spelled.
pub(super) fn spelled(expr: &Expr) -> Option<String> {
    let (Expr::Name(name), mut attributes) = split(expr) else { return None };
    let mut dotted = name.id.to_string();
    while let Some(attribute) = attributes.pop() {
        dotted.push('.');
        dotted.push_str(attribute);
    }
    Some(dotted)
}
