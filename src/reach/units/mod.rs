//! systemd's units, and services that the message bus activates: what systemd starts, whose dependencies are followed as it
//! follows them. See `systemd.unit(5)`, `systemd.service(5)`, `systemd.socket(5)`, and `dbus-daemon(1)` on activation.

mod file;
mod line;
mod manager;
mod places;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

pub use file::{Name, Setting, UnitFile, read};
use places::{Manager, bus_of, manager_of};
use rustc_hash::FxHashMap;

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::context::Context;
use super::decoding;
use super::evidence::{Evidence, EvidenceKind};
use super::notice::{Message, Notice};
use super::request::Request;
use super::rules::Rules;
use super::trace::Trace;
use crate::owners::Owners;
use crate::rootfs::NodeId;

/// How many units may be started.
const MAX_UNITS: usize = 20_000;

/// How many settings may be followed, those of templates once for each instance.
const MAX_STEPS: u32 = 1_000_000;

/// What is said where there are more.
const TOO_MANY: &str = "more units than can be followed";
const UNREAD: &str = "the rest was not read";

/// A unit, by its name, and who starts it.
type Unit = (Manager, String);

/// The analyser of units.
#[derive(Debug)]
pub struct Units<'a> {
    ctx: &'a Context,
    owners: &'a Owners,
    /// What files say that were read.
    read: FxHashMap<NodeId, UnitFile>,
    /// Units that were started.
    started: BTreeSet<Unit>,
    /// The files that they are made of.
    files: BTreeMap<Unit, Vec<NodeId>>,
    /// The units that a file is part of.
    units: FxHashMap<NodeId, Vec<Unit>>,
    /// Units that something starts, and where it says so.
    waiting: Vec<(Unit, Option<NodeId>, u32)>,
    /// systemd runs.
    manages: bool,
    steps: u32,
}

impl<'a> Analyser<'a> for Units<'a> {
    const NAME: &'static str = "units";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = UnitFile;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let tree = &file.rootfs.tree;
        let by_place = manager_of(tree, file.node).or_else(|| bus_of(tree, file.node)).is_some();
        // A unit may be a link to a file elsewhere.
        let name = std::str::from_utf8(file.name()).ok()?;
        let linked = || file.reached_by == EvidenceKind::Symlink && Name::of(name).is_some();
        ((by_place || linked()) && !file.head.contains(&0)).then_some("unit")
    }

    fn read(_form: Form, bytes: &[u8]) -> Option<UnitFile> {
        Some(read(&decoding::text(bytes)))
    }

    fn listens(_unit: &UnitFile, _file: &Candidate<'_>) -> Listens {
        Listens::ForSettingsToo
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self {
            ctx: request.ctx,
            owners: request.owners,
            read: FxHashMap::default(),
            started: BTreeSet::new(),
            files: BTreeMap::new(),
            units: FxHashMap::default(),
            waiting: Vec::new(),
            manages: false,
            steps: 0,
        })
    }

    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        if is_started(trace, file) {
            self.started_program(trace, file);
        }
    }

    fn told(&mut self, trace: &mut Trace<'_>, message: &Message) {
        if let Notice::Executed(file) = message.notice {
            self.started_program(trace, file);
        }
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, unit: UnitFile) {
        if unit.cut {
            trace.graph.cut_short(file);
        }
        let tree = trace.graph.tree();
        self.read.insert(file, unit);
        if let Some(manager) = bus_of(tree, file) {
            self.follow(trace, &(manager, tree.name(file).to_string()), file);
        } else if !self.units.contains_key(&file) {
            // Files of a package that stays whole are there for whoever starts them.
            let beside = trace.graph.edge(file).is_some_and(|edge| edge.evidence.kind == EvidenceKind::Data);
            if !beside {
                self.start_file(trace, file);
            }
        } else {
            self.follow_all(trace, file);
        }
        self.start_waiting(trace);
    }
}

/// Whether something starts a program, or a link to one: libraries of systemd name it as well.
fn is_started(trace: &Trace<'_>, file: NodeId) -> bool {
    let kind = trace.graph.edge(file).map(|edge| edge.evidence.kind);
    !matches!(
        kind,
        None | Some(EvidenceKind::Dlopen | EvidenceKind::Name | EvidenceKind::Data | EvidenceKind::Metadata)
    )
}

impl Units<'_> {
    /// A program runs, or what a link to it leads to: with the manager run its units.
    fn started_program(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        if self.manages {
            return;
        }
        let (tree, program) = (trace.graph.tree(), trace.graph.target(file));
        let is_manager = tree.name(program) == "systemd" && tree.name(tree.parent(program)) == "systemd";
        if is_manager && tree.inode(program).is_file() {
            self.manages = true;
            self.manage(trace, program);
            self.start_waiting(trace);
        }
    }

    /// A unit's file was reached by something else than the unit's name.
    fn start_file(&mut self, trace: &Trace<'_>, file: NodeId) {
        let tree = trace.graph.tree();
        let manager = manager_of(tree, file).unwrap_or(Manager::System);
        let name = match tree.name(file).ends_with(b".conf") {
            true => tree.name(tree.parent(file)).strip_suffix(b".d").unwrap_or_default(),
            false => tree.name(file),
        };
        let name = String::from_utf8_lossy(name).into_owned();
        self.waiting.push(((manager, name), Some(file), 0));
    }

    /// Starts what waits for it, and what that starts.
    fn start_waiting(&mut self, trace: &mut Trace<'_>) {
        while let Some((unit, from, line)) = self.waiting.pop() {
            if self.started.len() >= MAX_UNITS || self.steps >= MAX_STEPS {
                self.waiting.clear();
                trace.graph.uncertain(from, line, TOO_MANY, UNREAD);
                return;
            }
            if self.started.insert(unit.clone()) {
                self.load(trace, &unit, from, line);
            }
        }
    }

    /// Marks the files that a unit is made of, and starts what folders beside them say that it wants.
    fn load(&mut self, trace: &mut Trace<'_>, unit: &Unit, from: Option<NodeId>, line: u32) {
        let (manager, name) = unit;
        let Some(parts) = Name::of(name) else { return };
        let tree = trace.graph.tree();
        let evidence = Evidence::at(EvidenceKind::Name, name.as_str(), line);
        let template = parts.template();
        let names: Vec<&str> = std::iter::once(name.as_str()).chain(template.as_deref()).collect();
        // The first that is found counts. A link to /dev/null, or an empty file, says that there is no such unit.
        if let Some(found) = names.iter().find_map(|name| manager.find(tree, name).first().copied()) {
            trace.graph.reach(from, found, evidence.clone());
            self.add(trace, unit, found, from, &evidence);
        }
        for found in parts.drop_ins(name).iter().flat_map(|name| manager.inside(tree, &format!("{name}.d"))) {
            if tree.name(found).ends_with(b".conf") {
                self.add(trace, unit, found, from, &evidence);
            }
        }
        for name in names {
            for kind in ["wants", "requires", "upholds"] {
                for found in manager.inside(tree, &format!("{name}.{kind}")) {
                    trace.graph.reach(from, found, evidence.clone());
                    let wanted = tree.name(found).to_string();
                    self.waiting.push(((*manager, wanted), from, line));
                }
            }
        }
        for implied in activated(parts) {
            self.waiting.push(((*manager, implied), from, line));
        }
    }

    /// Adds a file to a unit.
    fn add(&mut self, trace: &mut Trace<'_>, unit: &Unit, found: NodeId, from: Option<NodeId>, evidence: &Evidence) {
        let Some(file) = trace.graph.reach_followed(from, found, evidence) else { return };
        if !trace.graph.tree().inode(file).is_file() {
            return;
        }
        let files = self.files.entry(unit.clone()).or_default();
        if !files.contains(&file) {
            files.push(file);
            self.units.entry(file).or_default().push(unit.clone());
            if self.read.contains_key(&file) {
                self.follow(trace, unit, file);
            }
        }
    }

    /// Follows a file for every unit that it is part of.
    fn follow_all(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        for unit in self.units.get(&file).cloned().unwrap_or_default() {
            if self.steps >= MAX_STEPS {
                return;
            }
            let environment = self.environment(trace, &unit, file);
            let tested = self.conditions(&unit, file);
            self.follow_in(trace, &unit, file, &environment, &tested);
            // What it sets for programs is set for those of the unit's other files.
            let sets = self.read.get(&file).is_some_and(UnitFile::sets_environment);
            let others = self.files.get(&unit).cloned().unwrap_or_default();
            let others = others.into_iter().filter(|other| sets && *other != file);
            let read: Vec<NodeId> = others.filter(|other| self.read.contains_key(other)).collect();
            for other in read {
                self.follow_in(trace, &unit, other, &environment, &tested);
            }
        }
    }
}

/// The units that a unit starts although it does not name them: those of its name.
fn activated(name: Name<'_>) -> Vec<String> {
    let Name { prefix, instance, kind } = name;
    let own = instance.map_or_else(|| prefix.to_owned(), |instance| format!("{prefix}@{instance}"));
    match kind {
        // With `Accept=yes` a socket starts an instance for each connection.
        "socket" => vec![format!("{own}.service"), format!("{prefix}@.service")],
        "timer" | "path" => vec![format!("{own}.service")],
        "automount" => vec![format!("{own}.mount")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
