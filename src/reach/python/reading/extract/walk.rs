//! The state of the walk over a module.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::Stmt;
use ruff_text_size::TextSize;

use super::super::facts::{PythonFacts, Text, Unit};
use super::super::words::Words;
use super::bindings::Bindings;
use super::lines::Lines;

/// Longer strings (bytes) are no settings that a rule asks for by their value.
const MAX_CONSTANT: usize = 64;

/// A scope under way: its names are borrowed from the tree until the end.
pub(super) struct OpenScope<'a> {
    pub(super) unit: Unit,
    pub(super) names: Vec<&'a str>,
    /// Names used as variables that the file binds.
    pub(super) variables: Vec<&'a str>,
}

/// State of the walk.
pub(super) struct Walk<'a> {
    pub(super) bindings: Bindings<'a>,
    pub(super) lines: Lines,
    pub(super) scopes: Vec<OpenScope<'a>>,
    /// Index of the scope whose body is being read.
    pub(super) current: usize,
    /// Names bound here are the module's.
    pub(super) module_level: bool,
    /// A failing import is caught.
    pub(super) optional: bool,
    /// Expressions open.
    pub(super) depth: usize,
    pub(super) bound: HashSet<&'a str>,
    pub(super) all: Option<Vec<Box<str>>>,
    pub(super) lazy: bool,
    /// Strings that a scope has already.
    pub(super) seen: HashSet<(usize, &'a str)>,
    /// Variables that are one of several string constants where the walk is.
    pub(super) known: Vec<&'a str>,
    /// Functions of the file's own, and whether they return nothing but constants, as far as that was asked.
    pub(super) constant_functions: HashMap<&'a str, bool>,
    /// What type checkers import where the branch being read is the other one.
    pub(super) type_names: Vec<&'a str>,
    /// Imports in functions: the scope, the index in its imports, and the name that is bound.
    pub(super) local_imports: Vec<(usize, usize, &'a str)>,
    /// How often variables are read.
    pub(super) reads: HashMap<&'a str, usize>,
    /// What is called of a variable with string constants, call by call.
    pub(super) constant_calls: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Walk<'a> {
    /// A walk that stands before the first statement.
    pub(super) fn new(body: &'a [Stmt], text: &str) -> Self {
        let module = Unit { line: 1, ..Unit::default() };
        Self {
            bindings: Bindings::collect(body),
            lines: Lines::new(text),
            scopes: vec![OpenScope { unit: module, names: Vec::new(), variables: Vec::new() }],
            current: 0,
            module_level: true,
            optional: false,
            depth: 0,
            bound: HashSet::default(),
            all: None,
            lazy: false,
            seen: HashSet::default(),
            known: Vec::new(),
            constant_functions: HashMap::default(),
            type_names: Vec::new(),
            local_imports: Vec::new(),
            reads: HashMap::default(),
            constant_calls: HashMap::default(),
        }
    }

    /// What it found.
    pub(super) fn finish(mut self) -> PythonFacts {
        let bound = Words::of(std::mem::take(&mut self.bound));
        let units = std::mem::take(&mut self.scopes).into_iter().map(|OpenScope { mut unit, names, mut variables }| {
            unit.names = Words::of(names);
            variables.retain(|name| !unit.names.contains(name));
            unit.variables = Words::of(variables);
            unit
        });
        let lazy = self.lazy || bound.contains("__getattr__");
        let mut units: Vec<Unit> = units.collect();
        // A module that imports when it is asked for an attribute may find the names in its list of exports.
        if let (true, Some(all), Some(body)) = (lazy, &self.all, units.first_mut()) {
            body.strings.extend(all.iter().map(|name| Text { value: name.clone(), line: body.line }));
        }
        let constant = |name: &str| {
            let value = self.bindings.constant(name)?.as_string_literal_expr()?.value.to_str();
            (value.len() <= MAX_CONSTANT).then(|| (name.into(), value.into()))
        };
        let constants = bound.iter().filter_map(constant).collect();
        PythonFacts { units, bound, constants, all: self.all, lazy, ..PythonFacts::default() }
    }

    /// The 1-based line of an offset.
    pub(super) fn line(&self, offset: TextSize) -> u32 {
        self.lines.at(offset)
    }

    /// Adds to the scope whose body is being read.
    pub(super) fn scope(&mut self, add: impl FnOnce(&mut OpenScope<'a>)) {
        if let Some(scope) = self.scopes.get_mut(self.current) {
            add(scope);
        }
    }

    /// Notes a name bound in the scope being read, if that is the module's.
    pub(super) fn bind(&mut self, name: &'a str) {
        if self.module_level {
            self.bound.insert(name);
        }
    }
}
