//! Verdicts and edges turned into explanations.

use rustc_hash::FxHashMap;

use super::explanation::{AssumptionName, Explanation, OwnerName, Reason, Remedy, RuleName, Step};
use crate::owners::OwnerId;
use crate::plan::{KeepReason, Verdict};
use crate::profile::{Given, Loaded, NamedBy, Origin};
use crate::reach::{Assumption, Edge, EvidenceKind, NameKind};
use crate::report::assumed::said;
use crate::report::basis::Basis;
use crate::report::model::{kind, name_and_version};
use crate::report::paths::{PathText, printable, shell_word};
use crate::rootfs::{Kind, NodeId, Tree};

/// A rule of a profile, of whatever section.
#[derive(Clone, Copy)]
struct Rule<'a> {
    loaded: &'a Loaded,
    reason: &'a str,
    with_owner: bool,
    category: &'a str,
}

/// An explanation in one sentence.
pub(in crate::report) struct Brief<'a> {
    pub stays: bool,
    pub reason: Reason,
    pub sentence: String,
    pub rule: Option<RuleName<'a>>,
}

/// Explains the files of one image. Making one goes once over the tree; an explanation costs no more than its length.
pub struct Explainer<'a> {
    pub(super) basis: Basis<'a>,
    rules: FxHashMap<&'a str, Rule<'a>>,
    /// The reached modules by file.
    modules: FxHashMap<NodeId, &'a str>,
    /// Whose records files and directories are.
    records: FxHashMap<NodeId, OwnerId>,
    /// The first symlink of those that stay that leads to or over a node.
    links: FxHashMap<NodeId, NodeId>,
    /// The assumptions that keep files out.
    assumptions: FxHashMap<NodeId, &'a Assumption>,
}

impl<'a> Explainer<'a> {
    /// Gathers what explanations refer to.
    pub fn new(basis: Basis<'a>) -> Self {
        let tree = &basis.rootfs.tree;
        let mut modules = FxHashMap::default();
        for called in basis.reach.iter().flat_map(|reach| &reach.names) {
            if called.kind == NameKind::Module {
                modules.entry(called.file).or_insert(called.name.as_str());
            }
        }
        let mut records = FxHashMap::default();
        for (id, owner) in basis.owners.iter() {
            for &record in &owner.records {
                records.extend(tree.walk(record).map(|node| (node, id)));
            }
        }
        let mut links = FxHashMap::default();
        let staying = tree.iter().filter(|&node| basis.plan.keeps(node));
        for link in staying.filter(|&node| matches!(tree.inode(node).kind, Kind::Symlink(_))) {
            let Some(found) = tree.resolve_from(tree.parent(link), tree.name(link)) else { continue };
            for step in found.via.into_iter().filter(|&step| step != link).chain([found.node]) {
                links.entry(step).or_insert(link);
            }
        }
        let assumed = basis.reach.iter().flat_map(|reach| &reach.assumed.by);
        let assumptions = assumed.flat_map(|(by, files)| files.iter().map(move |&file| (file, by))).collect();
        Self { rules: rules(&basis), basis, modules, records, links, assumptions }
    }

    fn tree(&self) -> &'a Tree {
        &self.basis.rootfs.tree
    }

    fn path(&self, node: NodeId) -> String {
        printable(self.tree().path(node).as_ref())
    }

    fn rule_name(&self, id: &'a str) -> RuleName<'a> {
        let rule = self.rules.get(id);
        let profile = rule.map(|rule| rule.loaded.profile.name.as_str());
        RuleName { id, profile, reason: rule.map(|rule| rule.reason) }
    }

    fn owner(&self, id: OwnerId) -> OwnerName<'a> {
        let owner = self.basis.owners.get(id);
        OwnerName { ecosystem: owner.ecosystem, name: &owner.name, version: &owner.version }
    }

    /// What the explanations are about.
    pub fn basis(&self) -> Basis<'a> {
        self.basis
    }

    /// Whose file, or whose record, `node` is.
    pub fn owner_of(&self, node: NodeId) -> Option<OwnerId> {
        self.basis.owners.of(node).or_else(|| self.records.get(&node).copied())
    }

    /// Explains the verdict on `node`.
    pub fn explain(&self, node: NodeId) -> Explanation<'a> {
        let tree = self.tree();
        let inode = tree.inode(node);
        let edges = self.basis.reach.map(|reach| reach.edges.chain(node)).unwrap_or_default();
        let chain: Vec<Step<'a>> = edges.iter().rev().map(|(node, edge)| self.step(*node, edge)).collect();
        let mut found = Explanation {
            path: PathText(tree.path(node)),
            kind: kind(&inode.kind),
            target: if let Kind::Symlink(target) = &inode.kind { Some(target.to_string()) } else { None },
            module: self.modules.get(&node).copied(),
            stays: self.basis.plan.keeps(node),
            reason: Reason::NotExamined,
            sentence: String::new(),
            owner: self.owner_of(node).map(|id| self.owner(id)),
            rule: None,
            chain: Vec::new(),
            chain_rules: Vec::new(),
            assumption: None,
            rewritten: None,
            to_keep: Vec::new(),
        };
        match self.basis.plan.verdict(node) {
            Verdict::Keep(reason) => {
                (found.reason, found.sentence, found.rule) = self.kept(node, reason, &chain);
                found.rewritten = self.basis.plan.rewritten_size(tree.inode_id(node)).filter(|_| inode.is_file());
                found.chain_rules = self.chain_rules(&chain);
                found.chain = chain;
            }
            Verdict::Strip(reason) => {
                (found.reason, found.sentence) = (Reason::StripRule, self.stripped(reason.rule.as_str()));
                found.rule = Some(self.rule_name(reason.rule.as_str()));
                found.to_keep = self.without_rule(node, &reason.rule);
                // Evidence that a rule overrules is worth seeing.
                found.chain_rules = self.chain_rules(&chain);
                found.chain = chain;
            }
            Verdict::Prune(owner) => {
                found.owner = Some(self.owner(*owner));
                (found.reason, found.sentence) = (Reason::NotReached, self.pruned(node, *owner));
                found.to_keep = self.reaching(node);
                if let Some(reach) = self.basis.reach
                    && let Some(assumption) = self.assumption(node)
                {
                    let edges = reach.assumed.edges.chain(node);
                    found.chain = edges.iter().rev().map(|(node, edge)| self.step(*node, edge)).collect();
                    found.sentence = "nothing that counts reaches it from the image's entry points".into();
                    let effect = "then what it takes back counts";
                    found.to_keep.insert(0, Remedy { option: assumption.option.clone(), effect });
                    found.assumption = Some(assumption);
                }
            }
        }
        found
    }

    /// Verdict, reason, sentence and rule alone, without the chain and what would keep the file.
    pub(in crate::report) fn brief(&self, node: NodeId) -> Brief<'a> {
        let stays = self.basis.plan.keeps(node);
        let (reason, sentence, rule) = match self.basis.plan.verdict(node) {
            Verdict::Keep(reason) => {
                // The last step tells the user's own files from what they reach.
                let edge = self.basis.reach.and_then(|reach| reach.edges.get(node));
                let last: Vec<Step<'a>> = edge.map(|edge| self.step(node, edge)).into_iter().collect();
                self.kept(node, reason, &last)
            }
            Verdict::Strip(reason) => {
                (Reason::StripRule, self.stripped(reason.rule.as_str()), Some(self.rule_name(reason.rule.as_str())))
            }
            Verdict::Prune(owner) => (Reason::NotReached, self.pruned(node, *owner), None),
        };
        Brief { stays, reason, sentence, rule }
    }

    fn step(&self, node: NodeId, edge: &'a Edge) -> Step<'a> {
        Step {
            path: PathText(self.tree().path(node)),
            module: self.modules.get(&node).copied(),
            kind: edge.evidence.kind,
            detail: &edge.evidence.detail,
            line: edge.evidence.line,
        }
    }

    fn assumption(&self, node: NodeId) -> Option<AssumptionName<'a>> {
        let assumption = *self.assumptions.get(&node)?;
        let (reason, option) = said(assumption, self.basis.profiles);
        let rule = match assumption {
            Assumption::Rule(id) => Some(id.as_str()),
            Assumption::Unused => None,
        };
        Some(AssumptionName { rule, reason, option })
    }

    fn chain_rules(&self, chain: &[Step<'a>]) -> Vec<RuleName<'a>> {
        let mut found: Vec<RuleName<'a>> = Vec::new();
        for step in chain.iter().filter(|step| step.kind == EvidenceKind::Rule) {
            if !found.iter().any(|rule| rule.id == step.detail) {
                found.push(self.rule_name(step.detail));
            }
        }
        found
    }

    fn kept(&self, node: NodeId, reason: &'a KeepReason, chain: &[Step<'a>]) -> (Reason, String, Option<RuleName<'a>>) {
        const OWN: &str = "no package owns it, so it is the image's own";
        let tree = self.tree();
        match reason {
            // Evidence of this kind needs no other evidence: such a chain is one step long.
            KeepReason::Reached if chain.iter().all(|step| step.kind == EvidenceKind::Payload) => {
                (Reason::Payload, OWN.into(), None)
            }
            KeepReason::Reached => (Reason::Reached, "the program reaches it".into(), None),
            KeepReason::EntryPoint => (Reason::EntryPoint, "the image's command names it".into(), None),
            KeepReason::Payload => (Reason::Payload, OWN.into(), None),
            KeepReason::Rule(named_by) => {
                let id = named_by.as_str();
                let rule = self.rule_name(id);
                let sentence = match (self.rules.get(id), self.owner_of(node)) {
                    (Some(rule), Some(owner)) if rule.with_owner => format!(
                        "rule {id} of profile {} keeps it as long as anything else of {} stays",
                        rule.loaded.profile.name,
                        name_and_version(self.basis.owners.get(owner))
                    ),
                    (Some(rule), _) => format!("rule {id} of profile {} keeps it", rule.loaded.profile.name),
                    (None, _) => format!("{id} names it"),
                };
                (Reason::KeepRule, sentence, Some(rule))
            }
            KeepReason::Directory => (Reason::Directory, self.directory(node), None),
            KeepReason::LinkTarget => (Reason::LinkTarget, self.link_target(node), None),
            KeepReason::DirectoryLink => (
                Reason::DirectoryLink,
                "it leads to a directory that stays, or that a program may write to: paths that do not exist yet go through it"
                    .into(),
                None,
            ),
            KeepReason::Configuration => {
                (Reason::Configuration, "it is below /etc, so it counts as configuration".into(), None)
            }
            KeepReason::Record => {
                let owner = self.owner_of(node).map(|id| name_and_version(self.basis.owners.get(id)));
                let owner = owner.unwrap_or_else(|| "a package".to_owned());
                (Reason::Record, format!("it is a record of {owner}, of which something stays"), None)
            }
            KeepReason::Bytecode => {
                let sentence = "it is valid byte code of a module that stays, and --bytecode keep asks for it";
                (Reason::Bytecode, sentence.into(), None)
            }
            KeepReason::NotExamined => {
                let off = self.basis.reach.and_then(|reach| reach.roots.keep_all.as_deref());
                let sentence = match (off, tree.inode(node).is_dir()) {
                    (Some(why), _) => format!("pruning is off: {why}"),
                    (None, _) if self.basis.reach.is_none() => {
                        "no strip rule takes it, and with --no-prune nothing goes for not being reached".into()
                    }
                    (None, _) => "no rule takes it".into(),
                };
                (Reason::NotExamined, sentence, None)
            }
        }
    }

    fn directory(&self, node: NodeId) -> String {
        let tree = self.tree();
        if node == Tree::ROOT {
            return "it is the root directory".into();
        }
        match tree.children(node).find(|&child| self.basis.plan.keeps(child)) {
            Some(child) => format!("{} is in it, which stays", printable(tree.name(child))),
            None if tree.children(node).len() == 0 => {
                "it is empty in the original too: programs may write to it or engines mount on it".into()
            }
            None => "nothing in it stays, but programs may write to it or engines mount on it".into(),
        }
    }

    fn link_target(&self, node: NodeId) -> String {
        let tree = self.tree();
        let mut at = node;
        loop {
            if let Some(&link) = self.links.get(&at) {
                let link = self.path(link);
                return match at == node {
                    true => format!("the symlink {link}, which stays, leads to it"),
                    false => format!("the symlink {link}, which stays, leads to {}, which it is in", self.path(at)),
                };
            }
            if at == Tree::ROOT {
                return "a symlink that stays leads to it".into();
            }
            at = tree.parent(at);
        }
    }

    fn stripped(&self, id: &str) -> String {
        match self.rules.get(id) {
            Some(rule) => format!("rule {id} of profile {} strips it as {}", rule.loaded.profile.name, rule.category),
            None => format!("{id} names it"),
        }
    }

    fn pruned(&self, node: NodeId, owner: OwnerId) -> String {
        let owner = name_and_version(self.basis.owners.get(owner));
        if self.tree().inode(node).is_dir() {
            return "nothing in it stays".into();
        }
        if self.records.contains_key(&node) {
            return format!("it is a record of {owner}, of which nothing else stays");
        }
        "nothing reaches it from the image's entry points".into()
    }

    fn keep_option(&self, node: NodeId) -> Remedy {
        let path = self.tree().path(node).to_string();
        let below = if self.tree().inode(node).is_dir() { "/**" } else { "" };
        let glob = format!("{}{below}", globset::escape(&path));
        let effect = if below.is_empty() { "keeps it, and what it needs" } else { "keeps all that is in it" };
        Remedy { option: format!("--keep {}", shell_word(&glob)), effect }
    }

    fn without_rule(&self, node: NodeId, named_by: &NamedBy) -> Vec<Remedy> {
        let mut found = vec![self.keep_option(node)];
        if let NamedBy::User(glob) = named_by {
            let (option, effect) = match glob.given() {
                Given::Option => (format!("no {}", glob.as_str()), "that glob takes it"),
                Given::Label => ("--no-labels".to_owned(), "that glob in the image's label takes it"),
            };
            found.push(Remedy { option, effect });
        }
        let Some(rule) = self.rules.get(named_by.as_str()) else { return found };
        // Without the rule the verdict would be that on any other file.
        let reached = self.basis.reach.is_none_or(|reach| {
            reach.roots.keep_all.is_some() || reach.edges.is_reached(node) || self.owner_of(node).is_none()
        });
        let name = shell_word(&rule.loaded.profile.name);
        let option = match (&rule.loaded.origin, reached) {
            (Origin::Builtin, true) => format!("--no-profile {name}"),
            (Origin::Builtin, false) => format!("--no-profile {name} --no-prune"),
            (Origin::File(path), _) => format!("no --profile {}", shell_word(&path.display().to_string())),
        };
        let effect =
            if reached { "turns all its rules off" } else { "turns all its rules off; nothing reaches the file" };
        found.push(Remedy { option, effect });
        found
    }

    fn reaching(&self, node: NodeId) -> Vec<Remedy> {
        let tree = self.tree();
        let inode = tree.inode(node);
        let mut found = vec![self.keep_option(node)];
        let library = tree.name(node).windows(3).any(|part| part == b".so");
        if inode.is_file() && inode.meta.mode & 0o111 != 0 && !library {
            let path = shell_word(&tree.path(node).to_string());
            found.push(Remedy { option: format!("--entry {path}"), effect: "if the image is started with it" });
        } else if !self.records.contains_key(&node) {
            found
                .push(Remedy { option: "--entry 'COMMAND'".into(), effect: "if a command that is run there needs it" });
        }
        found.push(Remedy { option: "--no-prune".into(), effect: "nothing goes for not being reached" });
        found
    }
}

fn rules<'a>(basis: &Basis<'a>) -> FxHashMap<&'a str, Rule<'a>> {
    let mut found = FxHashMap::default();
    for loaded in basis.profiles.iter() {
        let profile = &loaded.profile;
        let mut add = |id: &'a String, reason: &'a String, with_owner: bool, category: &'a str| {
            found.insert(id.as_str(), Rule { loaded, reason, with_owner, category });
        };
        profile.strip.iter().for_each(|rule| add(&rule.id, &rule.reason, false, &rule.category));
        profile.keep.iter().for_each(|rule| add(&rule.id, &rule.reason, rule.with_owner, ""));
        profile.implies.iter().for_each(|rule| add(&rule.id, &rule.reason, false, ""));
        profile.command.iter().for_each(|rule| add(&rule.id, &rule.reason, false, ""));
        profile.cut.iter().for_each(|rule| add(&rule.id, &rule.reason, false, ""));
        profile.conditional.iter().for_each(|rule| add(&rule.id, &rule.reason, false, ""));
    }
    found
}
