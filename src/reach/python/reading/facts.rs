//! What a Python source file says about other files, independent of where it stands.
//!
//! Facts are generic: which scopes there are, what each imports, calls with readable arguments, names it uses
//! and strings it holds. What a call *means* (`import_module`, `CDLL`, `entry_points` …) is said by
//! `callees`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use super::overview::Overview;
use super::words::Words;

/// Facts of one source file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonFacts {
    /// Scopes; the first is the module body. A parent comes before its children.
    pub units: Vec<Unit>,
    /// Names bound in the module's namespace (imports, assignments, functions, classes).
    pub bound: Words,
    /// Those of [`bound`](Self::bound) that are bound once, in the module body, to a short string constant, and that
    /// string; sorted.
    #[serde(default)]
    pub constants: Vec<(Box<str>, Box<str>)>,
    /// The literal parts of `__all__`, in order; `None` where the module has none, or one that is wholly computed.
    pub all: Option<Vec<Box<str>>>,
    /// The module defines `__getattr__` (PEP 562) or replaces itself (`sys.modules[__name__] = …`), so that
    /// attributes may import.
    pub lazy: bool,
    /// The file did not parse: imports were found by a scan of its lines. Holds the parser's message.
    pub unparsed: Option<Box<str>>,
    /// What was asked of all scopes together.
    #[serde(skip)]
    pub overview: Overview,
}

impl PythonFacts {
    /// Gives back memory that is set aside for more: facts of thousands of files are kept.
    pub fn shrink(&mut self) {
        self.constants.shrink_to_fit();
        self.units.shrink_to_fit();
        for unit in &mut self.units {
            unit.bases.shrink_to_fit();
            unit.tried.shrink_to_fit();
            unit.imports.shrink_to_fit();
            unit.calls.shrink_to_fit();
            unit.calls.iter_mut().for_each(|call| call.args.shrink_to_fit());
            unit.strings.shrink_to_fit();
            unit.patterns.shrink_to_fit();
        }
    }
}

/// What kind of scope a [`Unit`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnitKind {
    /// The module body.
    #[default]
    Module,
    /// `def` or `async def` (lambdas belong to the scope they stand in).
    Function,
    /// A class body.
    Class,
    /// `if __name__ == "__main__":`.
    Main,
    /// A branch that runs on some Python versions only: see [`Unit::guard`].
    Branch,
    /// What stands in for modules that may be missing: see [`Unit::tried`].
    Fallback,
}

/// Python versions that a branch runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionGuard {
    /// How the interpreter's version compares with `version`.
    pub op: VersionOp,
    /// Major and minor version.
    pub version: (u8, u8),
}

/// A comparison of the interpreter's version with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VersionOp {
    /// `>=`
    AtLeast,
    /// `<`
    Below,
}

/// A scope that may or may not run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// What kind of scope.
    pub kind: UnitKind,
    /// Name of the function or class; empty otherwise.
    pub name: Box<str>,
    /// Index of the enclosing scope (0 for the module body itself).
    pub parent: u32,
    /// 1-based line it starts at.
    pub line: u32,
    /// Has a decorator that may register it somewhere (so not `property`, `staticmethod`, `classmethod`,
    /// `abstractmethod`, `overload`, `functools.wraps/cache/lru_cache/cached_property`, `contextmanager`, `x.setter` …).
    pub registered: bool,
    /// Base classes as spelled, dotted (`unittest.TestCase`), for a class.
    pub bases: ThinVec<Box<str>>,
    /// Only on these versions.
    pub guard: Option<VersionGuard>,
    /// The modules that were imported before a [`UnitKind::Fallback`], which runs only if one of them is missing.
    pub tried: ThinVec<Box<str>>,
    /// Import statements, also those in source code held by a string (then marked optional).
    pub imports: ThinVec<Import>,
    /// Calls with a readable argument, and all calls of functions that import, execute or list modules.
    pub calls: ThinVec<Call>,
    /// Identifiers used: attributes, keyword arguments, identifiers in type-free strings (`getattr(x, "name")`), and names
    /// loaded that are none of the [`variables`](Self::variables).
    pub names: Words,
    /// Identifiers that are used only as variables which this file binds, or as builtins: they mean what the file says, and
    /// what an import gives is said by the import.
    pub variables: Words,
    /// String constants that may name something: identifiers, dotted names, `module:attr`, paths, library names
    /// (at most 255 bytes, docstrings left out).
    pub strings: ThinVec<Text>,
    /// Strings put together from readable and unreadable parts (f-string, `%`, `.format`, `+`, `join`), paths too
    /// (`os.path.join`, `/`), and constants with places to fill in (`"region_%s"`).
    pub patterns: ThinVec<Text>,
}

impl Unit {
    /// All names that the scope uses.
    pub fn used(&self) -> impl Iterator<Item = &str> {
        self.names.iter().chain(self.variables.iter())
    }

    /// Whether the scope uses a name.
    pub fn uses(&self, name: &str) -> bool {
        self.names.contains(name) || self.variables.contains(name)
    }
}

/// A string and where it stands. In a pattern each unreadable part is [`HOLE`], and the module's own name
/// [`MODULE_NAME`] or [`PACKAGE_NAME`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// The characters.
    pub value: Box<str>,
    /// 1-based line.
    pub line: u32,
}

pub use crate::reach::hole::HOLE;

/// Stands for the module's own `__name__` in a pattern (`f"{__name__}.x"`): see [`in_module`].
pub const MODULE_NAME: char = '\u{F8FE}';

/// Stands for the module's own `__package__` in a pattern: see [`in_module`].
pub const PACKAGE_NAME: char = '\u{F8FD}';

/// A pattern with [`MODULE_NAME`] and [`PACKAGE_NAME`] filled in, so that only [`HOLE`]s are left.
pub fn in_module<'a>(pattern: &'a str, name: &str, package: &str) -> Cow<'a, str> {
    if !pattern.contains([MODULE_NAME, PACKAGE_NAME]) {
        return Cow::Borrowed(pattern);
    }
    let mut filled = String::with_capacity(pattern.len() + name.len());
    for c in pattern.chars() {
        match c {
            MODULE_NAME => filled.push_str(name),
            PACKAGE_NAME => filled.push_str(package),
            c => filled.push(c),
        }
    }
    Cow::Owned(filled)
}

/// An import statement, one module each (`import a, b` makes two).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The module as written, without leading dots; may be empty in `from . import x`.
    pub module: Box<str>,
    /// Number of leading dots.
    pub level: u32,
    /// What is taken from it.
    pub names: ImportNames,
    /// 1-based line.
    pub line: u32,
    /// Stands in the body or a handler of a `try` that catches `ImportError` (so may fail without harm).
    pub optional: bool,
    /// All that the function does with the module, where that is no more than calls of its functions with nothing but
    /// string constants: the names of those functions, sorted. Empty in any other case.
    #[serde(default)]
    pub constant_calls: Vec<Box<str>>,
}

/// What an import takes from a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ImportNames {
    /// `import a.b`: the module itself.
    Module,
    /// `from a import b, c as d`: these names, as the module calls them.
    Names(Vec<Box<str>>),
    /// `from a import *`.
    Star,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The callee, dotted, with the file's import aliases resolved (`im(…)` after `from importlib import
    /// import_module as im` is `importlib.import_module`; `self.load(…)` is `self.load`; a callee that is no
    /// dotted name keeps its last attribute: `x().load(…)` is `?.load`).
    pub callee: Box<str>,
    /// Its arguments in order, keyword arguments last.
    pub args: Vec<Arg>,
    /// 1-based line.
    pub line: u32,
}

impl Call {
    /// The last component of what is called.
    pub fn function(&self) -> &str {
        self.callee.rsplit('.').next().unwrap_or_default()
    }

    /// A positional argument.
    pub fn positional(&self, index: usize) -> Option<&Value> {
        self.args.iter().filter(|arg| arg.keyword.is_empty()).nth(index).map(|arg| &arg.value)
    }

    /// An argument that may be given by its position or by one of these keywords.
    pub fn argument(&self, index: usize, keywords: &[&str]) -> Option<&Value> {
        let by_name = |arg: &&Arg| keywords.contains(&&*arg.keyword);
        self.positional(index).or_else(|| self.args.iter().find(by_name).map(|arg| &arg.value))
    }

    /// All strings in the arguments, lists flattened.
    pub fn strings(&self) -> Vec<&str> {
        self.args.iter().flat_map(|arg| arg.value.strings()).collect()
    }

    /// All strings and patterns in the arguments, lists flattened.
    pub fn texts(&self) -> Vec<&str> {
        self.args.iter().flat_map(|arg| arg.value.texts()).collect()
    }
}

/// An argument of a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arg {
    /// The keyword; empty for a positional argument, `**` for an unpacked mapping.
    pub keyword: Box<str>,
    /// Its value as far as it can be read.
    pub value: Value,
}

/// An argument's value as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A string constant (implicit concatenation joined).
    Str(Box<str>),
    /// A string with unreadable parts, each a [`HOLE`]; may also hold [`MODULE_NAME`] and [`PACKAGE_NAME`].
    Pattern(Box<str>),
    /// A list, tuple or set display; elements may be of any kind. A dict display is the list of its readable keys
    /// and values (strings and lists).
    List(Vec<Value>),
    /// What a function of the file's own returns, by its name, where a codec is named: as far as the file says one of
    /// several string constants. A function of the same name elsewhere may be a method that takes its place.
    Returned(Box<str>),
    /// A dotted name as spelled, aliases resolved (`__package__`, `__name__`, `pkg.__path__`, `name`).
    Name(Box<str>),
    /// Any number of elements of a list that cannot be read (`*command`).
    Many,
    /// A number, a truth value or bytes: it names nothing.
    Constant,
    /// Anything else.
    Other,
}

impl Value {
    /// All strings in it, lists flattened.
    pub fn strings(&self) -> Vec<&str> {
        match self {
            Self::Str(text) => vec![text],
            Self::List(values) => values.iter().flat_map(Self::strings).collect(),
            Self::Pattern(_) | Self::Name(_) | Self::Returned(_) | Self::Many | Self::Constant | Self::Other => {
                Vec::new()
            }
        }
    }

    /// All strings and patterns in it, lists flattened.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Str(text) | Self::Pattern(text) => vec![text],
            Self::List(values) => values.iter().flat_map(Self::texts).collect(),
            Self::Name(_) | Self::Returned(_) | Self::Many | Self::Constant | Self::Other => Vec::new(),
        }
    }
}

impl PythonFacts {
    /// Whether a name is bound in the module's namespace.
    pub fn binds(&self, name: &str) -> bool {
        self.bound.contains(name)
    }

    /// The string that a name of the module's always stands for.
    pub fn constant(&self, name: &str) -> Option<&str> {
        let found = self.constants.binary_search_by(|(constant, _)| (**constant).cmp(name)).ok()?;
        self.constants.get(found).map(|(_, value)| &**value)
    }

    /// The scopes from the module body down to and including `unit`.
    pub fn ancestors(&self, unit: usize) -> impl Iterator<Item = &Unit> {
        let mut at = Some(unit);
        std::iter::from_fn(move || {
            let i = at?;
            let unit = self.units.get(i)?;
            at = (i != 0).then_some(unit.parent as usize);
            Some(unit)
        })
    }

    /// The names of the functions and classes that `unit` stands in, itself included, innermost first.
    pub fn scope_names(&self, unit: u32) -> Vec<&str> {
        self.ancestors(unit as usize).map(|unit| &*unit.name).collect()
    }
}
