//! The profiles' `implies` rules: which are there, which have been set off, and the paths that they name. The conditions
//! of a language are its analyser's to look at; those about paths are looked at here.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, EvidenceKind};
use super::globs::{glob_nodes, matcher};
use super::graph::Graph;
use crate::profile::{CommandRule, ConditionalRule, CutRule, HostRule, ImpliesRule, Language, Profile, Trigger};
use crate::rootfs::NodeId;

/// A rule's place in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(usize);

/// What a glob stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Paths, sonames, symbols: as they are.
    Plain,
    /// Modules: `.` separates their parts as `/` does those of paths.
    Dotted,
}

/// Globs of many rules in one automaton, and the rule that each belongs to.
#[derive(Clone, Debug)]
pub struct RuleIndex {
    globs: GlobSet,
    rules: Vec<RuleId>,
    names: Spelling,
}

impl RuleIndex {
    /// An index over one list of globs a rule, in the order of the rules.
    ///
    /// # Errors
    /// If a glob does not compile; profiles are validated when they are loaded, so that cannot happen to theirs.
    pub fn new<'r>(lists: impl Iterator<Item = &'r Vec<String>>, names: Spelling) -> Result<Self, globset::Error> {
        let mut builder = GlobSetBuilder::new();
        let mut rules = Vec::new();
        for (rule, globs) in lists.enumerate() {
            for glob in globs {
                let text = match names {
                    Spelling::Plain => glob.clone(),
                    Spelling::Dotted => glob.replace('.', "/"),
                };
                builder.add(GlobBuilder::new(&text).literal_separator(true).build()?);
                rules.push(RuleId(rule));
            }
        }
        Ok(Self { globs: builder.build()?, rules, names })
    }

    /// The rules with a glob that fits, each once, in order.
    pub fn matches(&self, name: &str) -> Vec<RuleId> {
        let matches = match self.names {
            Spelling::Plain => self.globs.matches(name),
            Spelling::Dotted => self.globs.matches(name.replace('.', "/")),
        };
        let mut out: Vec<RuleId> = matches.into_iter().map(|glob| self.rules[glob]).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Whether there is any rule with a glob that fits.
    pub fn is_match(&self, name: &str) -> bool {
        match self.names {
            Spelling::Plain => self.globs.is_match(name),
            Spelling::Dotted => self.globs.is_match(name.replace('.', "/")),
        }
    }
}

/// The rules that wait for something: `implies` rules, then those of conditions under which names count, in order.
#[derive(Clone, Debug)]
pub struct ImpliesRules {
    rules: Arc<[ImpliesRule]>,
    /// Where the conditions start.
    conditions: usize,
}

impl ImpliesRules {
    /// The rule of this number.
    pub fn get(&self, id: RuleId) -> &ImpliesRule {
        &self.rules[id.0]
    }

    /// Whether all that a rule brings about is that names count which the `conditional` rule of its id took back.
    pub fn lets_count(&self, id: RuleId) -> bool {
        id.0 >= self.conditions
    }

    /// All of them with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &ImpliesRule)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleId(index), rule))
    }

    /// An index over the globs of one condition.
    ///
    /// # Errors
    /// See [`RuleIndex::new`].
    pub fn index(
        &self,
        names: Spelling,
        globs: impl Fn(&Trigger) -> &Vec<String>,
    ) -> Result<RuleIndex, globset::Error> {
        RuleIndex::new(self.rules.iter().map(|rule| globs(&rule.when)), names)
    }

    /// The rules that wait for a word, by the word; `words` are those of one condition.
    pub fn by_word(&self, words: impl Fn(&Trigger) -> &Vec<String>) -> FxHashMap<Box<str>, Vec<RuleId>> {
        let mut found: FxHashMap<Box<str>, Vec<RuleId>> = FxHashMap::default();
        for (id, rule) in self.iter() {
            for word in words(&rule.when) {
                found.entry(word.as_str().into()).or_default().push(id);
            }
        }
        found
    }
}

/// The `cut` and `conditional` rules of one language, and what they took back. `P` says where something is named.
#[derive(Clone, Debug)]
pub struct Cuts<P> {
    rules: Vec<TakingRule>,
    from: RuleIndex,
    to: RuleIndex,
    taken: RefCell<BTreeMap<RuleId, BTreeSet<FromTo>>>,
    places: RefCell<Places<P>>,
    /// Rules that take nothing back any more.
    off: BTreeSet<RuleId>,
}

/// A rule by which names do not count.
#[derive(Clone, Debug)]
pub struct TakingRule {
    /// What it takes back.
    pub cut: CutRule,
    /// There are conditions under which it does not.
    pub conditional: bool,
    /// It is about files that are just there: see [`ConditionalRule::idle`].
    pub idle: bool,
}

/// By rule, where something is named, and what.
type Places<P> = BTreeMap<RuleId, BTreeSet<(P, Box<str>)>>;

/// Who names something, and what.
type FromTo = (Box<str>, Box<str>);

/// A name that a `cut` or `conditional` rule says does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    /// The rule's id.
    pub rule: String,
    /// Who names it: a module, a library.
    pub from: Box<str>,
    /// What it means.
    pub to: Box<str>,
}

impl<P: Copy + Ord> Cuts<P> {
    /// Whether one of the rules for which `holds` says that a name in `from` that means `to` does not count. It stands at
    /// `place`.
    pub fn take_back(&self, from: &str, to: &str, place: P, holds: impl Fn(&TakingRule) -> bool) -> bool {
        let met = self.to.matches(to);
        if met.is_empty() {
            return false;
        }
        let of_importer = self.from.matches(from);
        let takes = |id: &RuleId| !self.off.contains(id) && of_importer.contains(id) && holds(&self.rules[id.0]);
        let found = met.into_iter().find(takes);
        if let Some(id) = found {
            self.places.borrow_mut().entry(id).or_default().insert((place, to.into()));
            self.taken.borrow_mut().entry(id).or_default().insert((from.into(), to.into()));
        }
        found.is_some()
    }

    /// Turns a rule off, and returns what it took back and where: that counts from now on.
    pub fn let_count(&mut self, rule: &str) -> Vec<(P, Box<str>)> {
        let ids = (0..self.rules.len()).map(RuleId).filter(|id| self.rules[id.0].cut.id == rule);
        let ids: Vec<RuleId> = ids.filter(|id| !self.off.contains(id)).collect();
        let places = self.places.get_mut();
        let found = ids.iter().flat_map(|id| places.remove(id).unwrap_or_default()).collect();
        self.off.extend(ids);
        found
    }

    /// All that was taken back, by rule.
    pub fn taken_back(&self) -> Vec<TakenBack> {
        let taken = self.taken.borrow();
        let all = taken.iter().flat_map(|(id, names)| names.iter().map(move |names| (id, names)));
        let named = |(id, (from, to)): (&RuleId, &FromTo)| TakenBack {
            rule: self.rules[id.0].cut.id.clone(),
            from: from.clone(),
            to: to.clone(),
        };
        all.map(named).collect()
    }
}

/// All rules, and which of them have been set off.
#[derive(Clone, Debug)]
pub struct Rules {
    implies: ImpliesRules,
    cuts: Arc<[TakingRule]>,
    /// What operands of programs name, for those who follow commands.
    pub commands: Arc<[CommandRule]>,
    /// Libraries that come from the machine that runs the container.
    host: Arc<[HostRule]>,
    path: RuleIndex,
    fired: BTreeSet<(RuleId, Option<NodeId>, Option<Box<str>>)>,
    /// What the paths of rules that speak of `{name}` may mean, whatever the name: looked for once.
    named: FxHashMap<Box<str>, Vec<NodeId>>,
}

/// Stands for the name that set a rule off.
const NAME: &str = "{name}";

impl Rules {
    /// Compiles the rules of some profiles.
    ///
    /// # Errors
    /// See [`RuleIndex::new`].
    pub fn new<'r>(
        implies: impl IntoIterator<Item = &'r ImpliesRule>,
        cuts: impl IntoIterator<Item = &'r CutRule>,
        conditional: impl IntoIterator<Item = &'r ConditionalRule>,
    ) -> Result<Self, globset::Error> {
        let mut waiting: Vec<ImpliesRule> = implies.into_iter().cloned().collect();
        let conditions = waiting.len();
        let mut taking: Vec<TakingRule> =
            cuts.into_iter().map(|cut| TakingRule { cut: cut.clone(), conditional: false, idle: false }).collect();
        for rule in conditional {
            waiting.extend(rule.awaiting());
            taking.push(TakingRule { cut: rule.cut(), conditional: true, idle: rule.idle });
        }
        let implies = ImpliesRules { rules: waiting.into(), conditions };
        Ok(Self {
            path: implies.index(Spelling::Plain, |when| &when.path)?,
            cuts: taking.into(),
            commands: Arc::default(),
            host: Arc::default(),
            implies,
            fired: BTreeSet::new(),
            named: FxHashMap::default(),
        })
    }

    /// Compiles all rules of some profiles.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn of_profiles<'p>(profiles: impl Iterator<Item = &'p Profile> + Clone) -> Result<Self, globset::Error> {
        let cuts = profiles.clone().flat_map(|profile| &profile.cut);
        let conditional = profiles.clone().flat_map(|profile| &profile.conditional);
        let commands = profiles.clone().flat_map(|profile| &profile.command).cloned().collect();
        let host = profiles.clone().flat_map(|profile| &profile.host).cloned().collect();
        let rules = Self::new(profiles.flat_map(|profile| &profile.implies), cuts, conditional)?;
        Ok(Self { commands, host, ..rules })
    }

    /// These rules, where every name counts.
    #[must_use]
    pub fn without_cuts(mut self) -> Self {
        self.cuts = Arc::default();
        self
    }

    /// The rules that wait for something, for the analyser that looks at their conditions.
    pub fn implies(&self) -> &ImpliesRules {
        &self.implies
    }

    /// The names of libraries that come from the machine that runs the container.
    ///
    /// # Errors
    /// See [`RuleIndex::new`].
    pub fn of_host(&self) -> Result<RuleIndex, globset::Error> {
        RuleIndex::new(self.host.iter().map(|rule| &rule.libraries), Spelling::Plain)
    }

    /// The `cut` and `conditional` rules of a language.
    ///
    /// # Errors
    /// See [`RuleIndex::new`].
    pub fn cuts<P: Copy + Ord>(&self, language: Language, names: Spelling) -> Result<Cuts<P>, globset::Error> {
        let rules: Vec<TakingRule> = self.cuts.iter().filter(|rule| rule.cut.language == language).cloned().collect();
        let from = RuleIndex::new(rules.iter().map(|rule| &rule.cut.from), names)?;
        let to = RuleIndex::new(rules.iter().map(|rule| &rule.cut.to), names)?;
        let (taken, places) = (RefCell::default(), RefCell::default());
        Ok(Cuts { rules, from, to, taken, places, off: BTreeSet::new() })
    }

    /// The rules that wait for a file with this path.
    pub fn of_path(&self, path: &[u8]) -> Vec<RuleId> {
        std::str::from_utf8(path).map(|path| self.path.matches(path)).unwrap_or_default()
    }

    /// Of these rules, whose conditions are met, those that this sets off now. `dir` is the directory of the file behind
    /// it: a rule that speaks of `{dir}` is set off once for every directory; one that speaks of `{name}`, once for
    /// every `word`.
    /// One that is about the very file which sets it off counts once for each, `from`.
    pub fn set_off(
        &mut self,
        met: Vec<RuleId>,
        from: Option<NodeId>,
        dir: Option<NodeId>,
        word: Option<&str>,
    ) -> Vec<RuleId> {
        let mut out = Vec::new();
        for id in met {
            let rule = self.implies.get(id);
            let paths = || rule.paths.iter().chain(&rule.python.collected);
            let local = paths().any(|path| path.contains("{dir}"));
            let named = paths().any(|path| path.contains(NAME));
            let word = word.filter(|_| named).map(Box::from);
            let about_file = rule.callers || rule.logins || rule.doubt.is_some();
            let of = if about_file { from } else { dir.filter(|_| local) };
            if self.fired.insert((id, of, word)) {
                out.push(id);
            }
        }
        out
    }

    /// The ids of the rules that have been set off, in the order of the rules.
    pub fn fired(&self) -> Vec<String> {
        let ids: BTreeSet<RuleId> = self.fired.iter().map(|(id, ..)| *id).collect();
        ids.into_iter().map(|id| self.implies.get(id).id.clone()).collect()
    }

    /// Marks the files that a rule names by the name that set it off.
    pub fn reach_named_paths(&mut self, graph: &mut Graph<'_>, id: RuleId, from: Option<NodeId>, name: &str) {
        let rule = self.implies.get(id);
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

    /// Marks the files that a rule's path globs name.
    pub fn reach_paths(&self, graph: &mut Graph<'_>, id: RuleId, from: Option<NodeId>, dir: Option<NodeId>) {
        let rule = self.implies.get(id);
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
