//! The profiles' `implies` and `cut` rules, compiled for the analysis.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use rustc_hash::{FxHashMap, FxHashSet};

use super::evidence::{Evidence, EvidenceKind};
use super::graph::Graph;
use crate::profile::{CutRule, ImpliesRule, Profile};
use crate::rootfs::{NodeId, Tree};

/// Globs of many rules in one automaton, and the rule that each belongs to.
#[derive(Clone, Debug, Default)]
struct Index {
    globs: GlobSet,
    rules: Vec<usize>,
}

impl Index {
    fn new<'r>(lists: impl Iterator<Item = (usize, &'r Vec<String>)>, dotted: bool) -> Result<Self, globset::Error> {
        let mut builder = GlobSetBuilder::new();
        let mut rules = Vec::new();
        for (rule, globs) in lists {
            for glob in globs {
                let text = if dotted { glob.replace('.', "/") } else { glob.clone() };
                builder.add(GlobBuilder::new(&text).literal_separator(true).build()?);
                rules.push(rule);
            }
        }
        Ok(Self { globs: builder.build()?, rules })
    }

    /// The rules with a glob that fits, each once, in order.
    fn matches(&self, text: &str) -> Vec<usize> {
        let mut out: Vec<usize> = self.globs.matches(text).into_iter().map(|glob| self.rules[glob]).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// All rules, and which of them have been set off.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    implies: Vec<ImpliesRule>,
    module: Index,
    with_module: Index,
    soname: Index,
    symbol: Index,
    except: Index,
    path: Index,
    imported: Index,
    /// The rules that wait for a name.
    names: FxHashMap<Box<str>, Vec<usize>>,
    /// The rules that wait for a setting with a computed value.
    settings: BTreeMap<Box<str>, Vec<usize>>,
    /// The rules that wait for a setting with a constant value.
    values: BTreeMap<Box<str>, Vec<usize>>,
    cuts: Vec<CutRule>,
    cut_from: Index,
    cut_to: Index,
    fired: BTreeSet<(usize, Option<NodeId>, Option<Box<str>>)>,
    /// Rules of which a module of [`Trigger::with_module`](crate::profile::Trigger::with_module) is reached.
    accompanied: BTreeSet<usize>,
    /// Rules that were set off and wait for such a module.
    waiting: BTreeSet<usize>,
    /// What the paths of rules that speak of `{name}` may mean, whatever the name: looked for once.
    named: FxHashMap<Box<str>, Vec<NodeId>>,
    /// Rules with `submodules` that have been set off.
    pub active_submodules: Vec<usize>,
}

/// What set a rule off.
#[derive(Clone, Copy, Debug)]
pub enum Cause<'a> {
    /// A reached Python module.
    Module(&'a str),
    /// A reached ELF library, by its soname or file name.
    Soname(&'a str),
    /// A symbol that a reached ELF file imports, and the names of that file: rules may except some.
    Symbol(&'a str, &'a [String]),
    /// The path of a reached file.
    Path(&'a [u8]),
    /// A module that reachable code imports.
    Import {
        /// The module.
        name: &'a str,
        /// The top-level package that imports it; none for the configuration's words.
        user: &'a str,
        /// That is a module of the standard library.
        stdlib: bool,
        /// All that it does with the module, if these are calls with constants: see
        /// [`Trigger::except_constant`](crate::profile::Trigger::except_constant).
        constant_calls: &'a [Box<str>],
    },
    /// A setting whose value is computed, or that is used by its name: see [`Trigger::computed`].
    ///
    /// [`Trigger::computed`]: crate::profile::Trigger::computed
    Setting {
        /// The name.
        name: &'a str,
        /// Who gives it a value.
        user: &'a str,
        /// That is a module of the standard library.
        stdlib: bool,
    },
    /// A setting whose value is a string constant: see [`Trigger::value`].
    ///
    /// [`Trigger::value`]: crate::profile::Trigger::value
    Value {
        /// The name.
        name: &'a str,
        /// The value's first word.
        word: &'a str,
        /// Who gives it that.
        user: &'a str,
        /// That is a module of the standard library.
        stdlib: bool,
    },
    /// A name that reachable code uses, and the top-level package that does; none for words of the configuration
    /// and of the user's own files.
    Name {
        /// The name.
        name: &'a str,
        /// Who uses it.
        user: &'a str,
        /// That is a module of the standard library.
        stdlib: bool,
    },
}

/// Stands for the name that set a rule off.
const NAME: &str = "{name}";

/// In a list of modules whose uses of a name do not count: the whole standard library.
const STDLIB: &str = "stdlib";

/// In such a list: words of the configuration, of commands and of the user's own files.
const WORDS: &str = "words";

impl Rules {
    /// Compiles the rules of some profiles.
    ///
    /// # Errors
    /// If a glob does not compile; profiles are validated when they are loaded, so that cannot happen to theirs.
    pub fn new<'r>(
        implies: impl IntoIterator<Item = &'r ImpliesRule>,
        cuts: impl IntoIterator<Item = &'r CutRule>,
    ) -> Result<Self, globset::Error> {
        let implies: Vec<ImpliesRule> = implies.into_iter().cloned().collect();
        let cuts: Vec<CutRule> = cuts.into_iter().cloned().collect();
        let mut names: FxHashMap<Box<str>, Vec<usize>> = FxHashMap::default();
        let mut settings: BTreeMap<Box<str>, Vec<usize>> = BTreeMap::new();
        let mut values: BTreeMap<Box<str>, Vec<usize>> = BTreeMap::new();
        for (index, rule) in implies.iter().enumerate() {
            for name in &rule.when.name {
                names.entry(name.as_str().into()).or_default().push(index);
            }
            for name in &rule.when.computed {
                settings.entry(name.as_str().into()).or_default().push(index);
            }
            for name in &rule.when.value {
                values.entry(name.as_str().into()).or_default().push(index);
            }
        }
        let when = || implies.iter().map(|rule| &rule.when).enumerate();
        Ok(Self {
            module: Index::new(when().map(|(i, when)| (i, &when.module)), true)?,
            with_module: Index::new(when().map(|(i, when)| (i, &when.with_module)), true)?,
            soname: Index::new(when().map(|(i, when)| (i, &when.soname)), false)?,
            symbol: Index::new(when().map(|(i, when)| (i, &when.symbol)), false)?,
            except: Index::new(when().map(|(i, when)| (i, &when.except)), false)?,
            path: Index::new(when().map(|(i, when)| (i, &when.path)), false)?,
            imported: Index::new(when().map(|(i, when)| (i, &when.imported)), true)?,
            cut_from: Index::new(cuts.iter().map(|cut| &cut.from).enumerate(), true)?,
            cut_to: Index::new(cuts.iter().map(|cut| &cut.to).enumerate(), true)?,
            names,
            settings,
            values,
            implies,
            cuts,
            fired: BTreeSet::new(),
            accompanied: BTreeSet::new(),
            waiting: BTreeSet::new(),
            named: FxHashMap::default(),
            active_submodules: Vec::new(),
        })
    }

    /// Compiles all rules of some profiles.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn of_profiles<'p>(profiles: impl Iterator<Item = &'p Profile> + Clone) -> Result<Self, globset::Error> {
        Self::new(profiles.clone().flat_map(|profile| &profile.implies), profiles.flat_map(|profile| &profile.cut))
    }

    /// The rule at this position.
    pub fn rule(&self, index: usize) -> &ImpliesRule {
        &self.implies[index]
    }

    /// Whether any rule waits for this name.
    pub fn waits_for(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Whether any rule waits for the import of this module.
    pub fn waits_for_import(&self, name: &str) -> bool {
        self.imported.globs.is_match(name.replace('.', "/"))
    }

    /// Whether a rule waits for a setting of this name.
    pub fn waits_for_setting(&self, name: &str) -> bool {
        self.settings.contains_key(name)
    }

    /// The settings that rules wait for, in byte order.
    pub fn settings(&self) -> Vec<Box<str>> {
        let names: BTreeSet<&Box<str>> = self.settings.keys().chain(self.values.keys()).collect();
        names.into_iter().cloned().collect()
    }

    /// Marks the files that a rule names by the name that set it off.
    pub fn reach_named_paths(&mut self, graph: &mut Graph<'_>, index: usize, from: Option<NodeId>, name: &str) {
        let rule = &self.implies[index];
        let evidence = Evidence::new(EvidenceKind::Rule, rule.id.as_str());
        // The name stands in a glob: it must not be one.
        if !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return;
        }
        let tree = graph.tree();
        let mut found = Vec::new();
        for path in rule.paths.iter().filter(|path| path.contains(NAME)) {
            let any = || glob_nodes(tree, &path.replace("{name}*", "*").replace(NAME, "*"));
            let candidates = self.named.entry(path.as_str().into()).or_insert_with(any);
            if candidates.is_empty() {
                continue;
            }
            let Some(matcher) = matcher(&path.replace(NAME, name)) else { continue };
            let fits = |node: &NodeId| std::str::from_utf8(&tree.path(*node)).is_ok_and(|path| matcher.is_match(path));
            found.extend(candidates.iter().copied().filter(fits));
        }
        for node in found {
            graph.reach_followed(from, node, &evidence);
        }
    }

    /// The names that rules wait for.
    pub fn awaited(&self) -> FxHashSet<Box<str>> {
        self.names.keys().cloned().collect()
    }

    /// The same in byte order.
    pub fn awaited_sorted(&self) -> Vec<Box<str>> {
        let mut names: Vec<Box<str>> = self.names.keys().cloned().collect();
        names.sort();
        names
    }

    /// The rules that `cause` sets off and that it has not set off before. `dir` is the directory of the file
    /// behind it: a rule that speaks of `{dir}` is set off once for every directory.
    pub fn fire(&mut self, cause: Cause<'_>, dir: Option<NodeId>) -> Vec<usize> {
        let hits = match cause {
            Cause::Module(name) => self.of_module(&name.replace('.', "/")),
            Cause::Soname(name) => self.soname.matches(name),
            Cause::Symbol(symbol, names) => {
                let mut rules = self.symbol.matches(symbol);
                if !rules.is_empty() {
                    let excepted: BTreeSet<usize> = names.iter().flat_map(|name| self.except.matches(name)).collect();
                    rules.retain(|rule| !excepted.contains(rule));
                }
                rules
            }
            Cause::Name { name, user, stdlib } => {
                self.not_excepted(self.names.get(name).cloned().unwrap_or_default(), user, stdlib)
            }
            Cause::Setting { name, user, stdlib } => {
                self.not_excepted(self.settings.get(name).cloned().unwrap_or_default(), user, stdlib)
            }
            Cause::Value { name, user, stdlib, .. } => {
                self.not_excepted(self.values.get(name).cloned().unwrap_or_default(), user, stdlib)
            }
            Cause::Import { name, user, stdlib, constant_calls } => {
                let mut rules = self.not_excepted(self.imported.matches(&name.replace('.', "/")), user, stdlib);
                rules.retain(|&rule| {
                    let except = &self.implies[rule].when.except_constant;
                    constant_calls.is_empty() || !constant_calls.iter().all(|call| except.iter().any(|e| **e == **call))
                });
                rules
            }
            Cause::Path(path) => std::str::from_utf8(path).map(|path| self.path.matches(path)).unwrap_or_default(),
        };
        let mut out = Vec::new();
        for index in hits {
            if !self.implies[index].when.with_module.is_empty() && !self.accompanied.contains(&index) {
                self.waiting.insert(index);
                continue;
            }
            let local = self.implies[index].paths.iter().any(|path| path.contains("{dir}"));
            let named = self.implies[index].paths.iter().any(|path| path.contains(NAME));
            let name = match cause {
                Cause::Name { name: word, .. } | Cause::Value { word, .. } if named => Some(word.into()),
                _ => None,
            };
            if self.fired.insert((index, if local { dir } else { None }, name)) {
                out.push(index);
            }
        }
        out
    }

    /// The rules that a module sets off, and those that were set off and waited for it. Takes slashes for dots.
    fn of_module(&mut self, name: &str) -> Vec<usize> {
        let mut rules = self.module.matches(name);
        for rule in self.with_module.matches(name) {
            if self.accompanied.insert(rule) && self.waiting.remove(&rule) {
                rules.push(rule);
            }
        }
        rules
    }

    /// Without the rules for which it does not count what `user` does.
    fn not_excepted(&self, mut rules: Vec<usize>, user: &str, stdlib: bool) -> Vec<usize> {
        let is_excepted =
            |except: &String| except == user || (stdlib && except == STDLIB) || (user.is_empty() && except == WORDS);
        rules.retain(|&rule| !self.implies[rule].when.name_except.iter().any(is_excepted));
        rules
    }

    /// The rule that says an import does not count, if there is one. `scopes` are the names of the functions and
    /// classes that the import stands in.
    pub fn cut(&self, from: &str, to: &str, scopes: &[&str]) -> Option<&str> {
        self.find_cut(from, to, scopes, false)
    }

    /// The same for a name in the data of an extension module.
    pub fn cut_in_extension(&self, from: &str, to: &str) -> Option<&str> {
        self.find_cut(from, to, &[], true)
    }

    fn find_cut(&self, from: &str, to: &str, scopes: &[&str], extension: bool) -> Option<&str> {
        let to = self.cut_to.matches(&to.replace('.', "/"));
        if to.is_empty() {
            return None;
        }
        let from = self.cut_from.matches(&from.replace('.', "/"));
        let within =
            |cut: &CutRule| cut.within.is_empty() || scopes.iter().any(|name| cut.within.iter().any(|w| w == name));
        let mut both = to.into_iter().filter(|cut| from.contains(cut)).map(|cut| &self.cuts[cut]);
        let found = both.find(|cut| within(cut) && (extension || !cut.in_extensions));
        found.map(|cut| cut.id.as_str())
    }

    /// Marks the files that a rule's path globs name.
    pub fn reach_paths(&self, graph: &mut Graph<'_>, index: usize, from: Option<NodeId>, dir: Option<NodeId>) {
        let rule = &self.implies[index];
        let tree = graph.tree();
        let evidence = Evidence::new(EvidenceKind::Rule, rule.id.as_str());
        for path in rule.paths.iter().filter(|path| !path.contains(NAME)) {
            let here = dir.map(|dir| tree.path(dir).to_string()).unwrap_or_default();
            for node in glob_nodes(tree, &path.replace("{dir}", &here)) {
                graph.reach_followed(from, node, &evidence);
                graph.reach(from, node, evidence.clone());
            }
        }
    }
}

/// The nodes that a path glob names, in order. Only the directory that the glob's literal beginning names is walked,
/// and symlinks in that beginning are followed (`/lib` may be a link to `usr/lib`).
pub fn glob_nodes(tree: &Tree, glob: &str) -> Vec<NodeId> {
    let special = glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len());
    if special == glob.len() {
        return tree.get(glob).or_else(|| tree.follow(glob)).into_iter().collect();
    }
    let (literal, rest) = match glob[..special].rfind('/') {
        Some(at) => (&glob[..at], &glob[at + 1..]),
        None => ("", glob),
    };
    let Some(base) = tree.follow(literal) else { return Vec::new() };
    if !rest.contains("**") && !rest.contains(['{', '\\']) {
        return glob_children(tree, base, rest);
    }
    let Some(matcher) = matcher(rest) else { return Vec::new() };
    let skip = match tree.path(base).len() {
        1 => 1,
        len => len + 1,
    };
    let depth = (!rest.contains("**")).then(|| rest.matches('/').count());
    let mut out = Vec::new();
    let mut stack: Vec<(NodeId, usize)> = tree.children(base).rev().map(|node| (node, 0)).collect();
    while let Some((node, level)) = stack.pop() {
        let path = tree.path(node);
        if std::str::from_utf8(&path).is_ok_and(|path| matcher.is_match(&path[skip..])) {
            out.push(node);
        }
        if depth.is_none_or(|depth| level < depth) {
            stack.extend(tree.children(node).rev().map(|child| (child, level + 1)));
        }
    }
    out
}

/// The same for a glob that says for every level what its names are: nothing else is walked.
fn glob_children(tree: &Tree, base: NodeId, glob: &str) -> Vec<NodeId> {
    let mut found = vec![base];
    for part in glob.split('/') {
        if !part.contains(['*', '?', '[']) {
            found = found.into_iter().filter_map(|dir| tree.child(dir, part.as_bytes())).collect();
            continue;
        }
        let Some(matcher) = matcher(part) else { return Vec::new() };
        let fits = |node: &NodeId| std::str::from_utf8(tree.name(*node)).is_ok_and(|name| matcher.is_match(name));
        found = found.into_iter().flat_map(|dir| tree.children(dir).filter(fits)).collect();
    }
    found
}

fn matcher(glob: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(glob).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::ModuleGlobs;
    use crate::rootfs::Builder;

    #[test]
    fn module_globs_have_dots_for_slashes() {
        let one = ModuleGlobs::new(["a.*.c"]).unwrap();
        assert!(one.is_match("a.b.c"));
        assert!(!one.is_match("a.b.b.c"));
        let any = ModuleGlobs::new(["a.**"]).unwrap();
        assert!(any.is_match("a.b.c"));
        assert!(!any.is_match("ab"));
    }

    #[test]
    fn path_globs_walk_from_their_literal_beginning() {
        let rootfs = Builder::new()
            .file("/usr/lib/x/a.so", b"")
            .file("/usr/lib/x/y/b.so", b"")
            .symlink("/lib", "usr/lib")
            .build();
        let names = |glob: &str| -> Vec<String> {
            glob_nodes(&rootfs.tree, glob).into_iter().map(|n| rootfs.tree.path(n).to_string()).collect()
        };
        assert_eq!(names("/lib/x/*.so"), ["/usr/lib/x/a.so"]);
        assert_eq!(names("/lib/x/**"), ["/usr/lib/x/a.so", "/usr/lib/x/y", "/usr/lib/x/y/b.so"]);
        assert_eq!(names("/usr/lib/x/a.so"), ["/usr/lib/x/a.so"]);
        assert!(names("/nowhere/**").is_empty());
    }
}
