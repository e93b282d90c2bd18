//! A profile, tried on a tree or on a whole image: what each of its rules does there.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString};

use super::analyst;
use super::outcome::Analysis;
use crate::owners::{self, Owners, Rule};
use crate::plan::{KeepReason, Verdict};
use crate::profile::{GlobIndex, Loaded, Matchers, NamedBy, Premises, Profile, ProfileSet, StripRule};
use crate::reach::rules::TakenBack;
use crate::reach::{EvidenceKind, Reach};
use crate::report::Sums;
use crate::rootfs::{InodeId, NodeId, Rootfs, Tree};
use crate::{Error, Result};

/// How many paths a rule is shown with.
const SHOWN: usize = 3;

/// What the rules of a profile do, section by section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Every rule, in the order: strip, keep, implies, command, cut, conditional, owned.
    pub rules: Vec<Tried>,
}

/// The sections of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `[[strip]]`
    Strip,
    /// `[[keep]]`
    Keep,
    /// `[[implies]]`
    Implies,
    /// `[[command]]`
    Command,
    /// `[[cut]]`
    Cut,
    /// `[[conditional]]`
    Conditional,
    /// `[[owned]]`
    Owned,
}

impl Section {
    /// As profiles spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strip => "strip",
            Self::Keep => "keep",
            Self::Implies => "implies",
            Self::Command => "command",
            Self::Cut => "cut",
            Self::Conditional => "conditional",
            Self::Owned => "owned",
        }
    }
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Where it stands.
    pub section: Section,
    /// Its id.
    pub id: String,
    /// The files that it names (strip, keep, owned) or that are reached by its word (implies, command). None where that cannot
    /// be told: of cut and conditional rules, and of implies and command rules without an image.
    pub names: Option<NamedFiles>,
    /// Whether it was set off, or its condition met: of implies and conditional rules, with an image.
    pub fired: Option<bool>,
    /// What it took back, in order: of cut and conditional rules, with an image.
    pub taken_back: Option<Vec<TakenBack>>,
    /// Those of the files on which it decides in the end, others rules and evidence considered: of strip and keep rules,
    /// with an image.
    pub decides: Option<Sums>,
    /// What is likely to be a mistake.
    pub warnings: Vec<String>,
}

/// Files, without directories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFiles {
    /// How many names, and the bytes behind them; those of a file with several names once.
    pub sums: Sums,
    /// The first few paths.
    pub first: Vec<BString>,
    seen: BTreeSet<InodeId>,
}

impl NamedFiles {
    fn add(&mut self, tree: &Tree, node: NodeId) {
        self.sums.files += 1;
        if self.seen.insert(tree.inode_id(node)) {
            self.sums.bytes += tree.inode(node).size();
        }
        if self.first.len() < SHOWN {
            self.first.push(tree.path(node));
        }
    }
}

impl Trial {
    /// Tries the rules that need no analysis on a tree. `others` are the profiles that apply besides.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn on_tree(loaded: &Loaded, others: &ProfileSet, rootfs: &Rootfs) -> Result<Self> {
        let mut rules = others.owner_rules()?;
        rules.extend(loaded.owner_rules()?);
        let owners = owners::find(rootfs, &rules);
        let ground = Ground { rootfs, owners: &owners, others, premises: Premises::default(), analysis: None };
        ground.trial(loaded)
    }

    /// Tries the rules on an image that was analysed with them. `others` are the profiles that apply besides.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn on_image(loaded: &Loaded, others: &ProfileSet, analysis: &Analysis) -> Result<Self> {
        let rootfs = &analysis.original.merged.rootfs;
        let premises = analysis.launch.premises(&rootfs.tree);
        let ground = Ground { rootfs, owners: &analysis.original.owners, others, premises, analysis: Some(analysis) };
        ground.trial(loaded)
    }
}

/// What rules are tried on.
struct Ground<'a> {
    rootfs: &'a Rootfs,
    owners: &'a Owners,
    others: &'a ProfileSet,
    premises: Premises,
    analysis: Option<&'a Analysis>,
}

impl Ground<'_> {
    fn trial(&self, loaded: &Loaded) -> Result<Trial> {
        let profile = &loaded.profile;
        let mut rules = self.strip(loaded)?;
        let keep = profile.keep.iter().map(|rule| (Section::Keep, rule.id.as_str(), self.variable(&rule.globs)));
        for (section, id, globs) in keep {
            rules.push(self.tried(section, id, &globs)?);
        }
        rules.extend(self.implies(profile)?);
        rules.extend(self.cuts(profile));
        rules.extend(self.owned(profile)?);
        self.decisions(&mut rules);
        Ok(Trial { rules })
    }

    /// A rule that names what its globs name.
    fn tried(&self, section: Section, id: &str, globs: &[Glob<'_>]) -> Result<Tried> {
        let tree = &self.rootfs.tree;
        let found = matching(tree, globs)?;
        let mut names = NamedFiles::default();
        for &node in found.nodes.iter().filter(|&&node| !tree.inode(node).is_dir()) {
            names.add(tree, node);
        }
        Ok(Tried { names: Some(names), warnings: found.warnings, ..tried(section, id) })
    }

    fn strip(&self, loaded: &Loaded) -> Result<Vec<Tried>> {
        let tree = &self.rootfs.tree;
        // Whatever runs: that a rule is off for this image is a thing to say, not a reason to be silent about the rest.
        let premises = Premises { running: BTreeSet::new(), ..self.premises.clone() };
        let matchers = Matchers::new(&ProfileSet::of(loaded.clone()), &[], premises, tree)?;
        let mut names: BTreeMap<&str, NamedFiles> = BTreeMap::new();
        for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
            for rule in matchers.strip_rules(node, self.owners) {
                names.entry(&rule.id).or_default().add(tree, node);
            }
        }
        let mut rules = Vec::new();
        for rule in &loaded.profile.strip {
            let mut warnings = matching(tree, &self.variable(&rule.globs))?.warnings;
            warnings.extend(matching(tree, &self.variable(&rule.except))?.warnings);
            warnings.extend(self.running(rule).map(|name| format!("off, because the image runs {name}")));
            let names = Some(names.remove(rule.id.as_str()).unwrap_or_default());
            rules.push(Tried { names, warnings, ..tried(Section::Strip, &rule.id) });
        }
        Ok(rules)
    }

    /// The command for which the rule is off.
    fn running<'r>(&self, rule: &'r StripRule) -> Option<&'r str> {
        let edges = self.analysis.and_then(|analysis| analysis.reach.as_ref()).map(|reach| &reach.edges);
        let reached = edges.map(|edges| analyst::programs(&self.rootfs.tree, edges)).unwrap_or_default();
        let runs =
            |name: &&String| self.premises.running.contains(*name) || reached.contains(BStr::new(name.as_bytes()));
        rule.unless_running.iter().find(runs).map(String::as_str)
    }

    fn implies(&self, profile: &Profile) -> Result<Vec<Tried>> {
        let tree = &self.rootfs.tree;
        let reach = self.analysis.and_then(|analysis| analysis.reach.as_ref());
        let mut reached = reach.map(|reach| by_rule(tree, reach)).unwrap_or_default();
        let mut rules = Vec::new();
        for rule in &profile.implies {
            // What these stand for is known when the rule is set off.
            let open = |glob: &&String| !glob.contains("{dir}") && !glob.contains("{name}");
            let globs: Vec<Glob<'_>> =
                rule.paths.iter().filter(open).map(|glob| (glob.as_str(), vec![glob.clone()])).collect();
            let warnings = matching(tree, &globs)?.warnings;
            let names = reach.map(|_| reached.remove(rule.id.as_str()).unwrap_or_default());
            let fired = reach.map(|reach| reach.fired.contains(&rule.id));
            rules.push(Tried { names, fired, warnings, ..tried(Section::Implies, &rule.id) });
        }
        for rule in &profile.command {
            let names = reach.map(|_| reached.remove(rule.id.as_str()).unwrap_or_default());
            rules.push(Tried { names, ..tried(Section::Command, &rule.id) });
        }
        Ok(rules)
    }

    fn cuts(&self, profile: &Profile) -> Vec<Tried> {
        let reach = self.analysis.and_then(|analysis| analysis.reach.as_ref());
        let of = |id: &str, reach: &Reach| -> Vec<TakenBack> {
            reach.taken_back.iter().filter(|taken| taken.rule == id).cloned().collect()
        };
        let rule = |section, id: &str| Tried { taken_back: reach.map(|reach| of(id, reach)), ..tried(section, id) };
        let cuts = profile.cut.iter().map(|cut| rule(Section::Cut, &cut.id));
        let conditional = profile.conditional.iter().map(|conditional| Tried {
            fired: reach.map(|reach| reach.fired.contains(&conditional.id)),
            ..rule(Section::Conditional, &conditional.id)
        });
        cuts.chain(conditional).collect()
    }

    /// Files that nobody has without the rule and somebody with it.
    fn owned(&self, profile: &Profile) -> Result<Vec<Tried>> {
        if profile.owned.is_empty() {
            return Ok(Vec::new());
        }
        let tree = &self.rootfs.tree;
        let others = self.others.owner_rules()?;
        let without = owners::find(self.rootfs, &others);
        let mut rules = Vec::new();
        for rule in &profile.owned {
            let globs: Vec<Glob<'_>> = rule.globs.iter().map(|glob| (glob.as_str(), vec![glob.clone()])).collect();
            let mut with: Vec<Rule> = others.clone();
            with.push(rule.compile().map_err(|error| Error::Usage(error.to_string()))?);
            let with = owners::find(self.rootfs, &with);
            let mut names = NamedFiles::default();
            for node in tree.iter().filter(|&node| without.of(node).is_none() && with.of(node).is_some()) {
                names.add(tree, node);
            }
            let mut warnings = matching(tree, &globs)?.warnings;
            let installed = |name: &String| {
                with.iter().any(|(_, owner)| owner.name == *name && rule.ecosystems.contains(&owner.ecosystem))
            };
            if !rule.packages.iter().any(installed) {
                warnings.push(format!("none of its packages is installed: {}", rule.packages.join(", ")));
            }
            rules.push(Tried { names: Some(names), warnings, ..tried(Section::Owned, &rule.id) });
        }
        Ok(rules)
    }

    /// Adds on what the strip and keep rules decide in the end.
    fn decisions(&self, rules: &mut [Tried]) {
        let Some(analysis) = self.analysis else { return };
        let tree = &self.rootfs.tree;
        let mut decided: BTreeMap<&str, NamedFiles> = BTreeMap::new();
        for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
            let named_by = match analysis.plan.verdict(node) {
                Verdict::Strip(reason) => &reason.rule,
                Verdict::Keep(KeepReason::Rule(named_by)) => named_by,
                _ => continue,
            };
            if let NamedBy::Profile(id) = named_by {
                decided.entry(id).or_default().add(tree, node);
            }
        }
        for rule in rules.iter_mut().filter(|rule| matches!(rule.section, Section::Strip | Section::Keep)) {
            rule.decides = Some(decided.get(rule.id.as_str()).map(|names| names.sums).unwrap_or_default());
        }
    }

    /// Globs with their placeholders filled in.
    fn variable<'g>(&self, globs: &'g [String]) -> Vec<Glob<'g>> {
        globs.iter().map(|glob| (glob.as_str(), self.premises.variables.expand(glob))).collect()
    }
}

fn tried(section: Section, id: &str) -> Tried {
    Tried {
        section,
        id: id.to_owned(),
        names: None,
        fired: None,
        taken_back: None,
        decides: None,
        warnings: Vec::new(),
    }
}

/// A glob as it is written, and all that it stands for.
type Glob<'g> = (&'g str, Vec<String>);

struct Matching {
    nodes: Vec<NodeId>,
    warnings: Vec<String>,
}

/// What globs name, in the order of the tree, and a warning for each that names nothing.
fn matching(tree: &Tree, globs: &[Glob<'_>]) -> Result<Matching> {
    let numbered =
        globs.iter().enumerate().flat_map(|(number, (_, all))| all.iter().map(move |glob| (number, glob.as_str())));
    let index = GlobIndex::new(numbered).map_err(Error::Usage)?;
    let mut idle: BTreeSet<usize> = (0..globs.len()).collect();
    let mut nodes = Vec::new();
    for node in tree.iter().filter(|_| !globs.is_empty()) {
        let found = index.matches(&tree.path(node));
        nodes.extend((!found.is_empty()).then_some(node));
        for number in found {
            idle.remove(&number);
        }
    }
    let warning = |(written, all): &Glob<'_>| match all.is_empty() {
        true => format!("the glob {written:?} has a placeholder without a value here, so it names nothing"),
        false => format!("the glob {written:?} names nothing"),
    };
    let warnings = idle.into_iter().filter_map(|number| globs.get(number)).map(warning).collect();
    Ok(Matching { nodes, warnings })
}

/// The files that rules brought in, by the rules' ids.
fn by_rule<'r>(tree: &Tree, reach: &'r Reach) -> BTreeMap<&'r str, NamedFiles> {
    let mut found: BTreeMap<&str, NamedFiles> = BTreeMap::new();
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
        let Some(edge) = reach.edges.get(node) else { continue };
        if edge.evidence.kind == EvidenceKind::Rule {
            found.entry(&edge.evidence.detail).or_default().add(tree, node);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    const PROFILE: &str = r#"
name = "mine"
description = "d"

[[strip]]
id = "my-fixtures"
category = "fixtures"
globs = ["/srv/*/fixtures/**", "/nowhere/**", "${CACHES}/**"]
except = ["/srv/*/fixtures/keep.json"]
only = ["regular-file"]
reason = "r"

[[keep]]
id = "my-notes"
globs = ["/srv/**/notes"]
reason = "r"

[[cut]]
id = "my-cut"
language = "python"
from = ["a"]
to = ["b"]
reason = "r"

[[owned]]
id = "my-index"
ecosystems = ["dpkg"]
packages = ["tool"]
globs = ["/var/lib/tool/index"]
reason = "r"
"#;

    #[test]
    fn rules_say_what_they_name_on_a_tree() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), PROFILE).unwrap();
        let loaded = Loaded::read(file.path()).unwrap();
        let rootfs = Builder::new()
            .file("/srv/a/fixtures/one", b"123")
            .file("/srv/a/fixtures/keep.json", b"{}")
            .symlink("/srv/a/fixtures/link", "one")
            .file("/srv/b/fixtures/notes", b"12")
            .file("/var/lib/tool/index", b"x")
            .file("/var/lib/dpkg/status", b"Package: tool\nStatus: install ok installed\nVersion: 1\n\n")
            .build();
        let trial = Trial::on_tree(&loaded, &ProfileSet::builtin().unwrap(), &rootfs).unwrap();
        let shown: Vec<(&str, &str, Option<Sums>)> = trial
            .rules
            .iter()
            .map(|rule| (rule.section.as_str(), rule.id.as_str(), rule.names.as_ref().map(|names| names.sums)))
            .collect();
        let sums = |files, bytes| Some(Sums { files, bytes });
        assert_eq!(
            shown,
            [
                ("strip", "my-fixtures", sums(2, 5)),
                ("keep", "my-notes", sums(1, 2)),
                ("cut", "my-cut", None),
                ("owned", "my-index", sums(1, 1)),
            ]
        );
        assert_eq!(trial.rules[0].names.as_ref().unwrap().first, ["/srv/a/fixtures/one", "/srv/b/fixtures/notes"]);
        let warnings = trial.rules[0].warnings.join("\n");
        assert!(warnings.contains("\"/nowhere/**\" names nothing") && warnings.contains("placeholder"), "{warnings}");
        assert_eq!(trial.rules[0].warnings.len(), 2);
    }
}
