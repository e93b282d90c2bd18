//! What systemd does when it runs: it starts `default.target`, the units of its own package when something happens, and the
//! programs of its own folder by their names.

use rustc_hash::FxHashSet;

use super::Units;
use super::file::Name;
use super::places::{Manager, manager_of};
use crate::owners::OwnerId;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;
use crate::rootfs::{NodeId, Tree};

/// Units that systemd starts by their names: see `systemd.special(7)`.
const SPECIAL: [&str; 14] = [
    "default.target",
    "ctrl-alt-del.target",
    "kbrequest.target",
    "sigpwr.target",
    "emergency.target",
    "rescue.target",
    "exit.target",
    "halt.target",
    "poweroff.target",
    "reboot.target",
    "kexec.target",
    "shutdown.target",
    "system-update.target",
    "dbus.service",
];

/// Where generators lie: see `systemd.generator(7)`.
const GENERATORS: [&str; 4] = [
    "/etc/systemd/system-generators",
    "/usr/local/lib/systemd/system-generators",
    "/usr/lib/systemd/system-generators",
    "/lib/systemd/system-generators",
];

impl Units<'_> {
    /// The program at `node` runs: systemd.
    pub(super) fn manage(&mut self, trace: &mut Trace<'_>, node: NodeId) {
        let own = self.owners.of(node).map(|id| self.owners.siblings(id)).unwrap_or_default();
        self.keep_whole(trace, node, &own);
        for manager in [Manager::System, Manager::User] {
            for name in SPECIAL {
                self.waiting.push(((manager, name.to_owned()), Some(node), 0));
            }
        }
        self.start_units(trace, node, |_, owner| owner.is_some_and(|owner| own.contains(&owner)));
        self.generate(trace, node, &own);
        if is_first_boot(trace) {
            // All units with an `[Install]` section may be enabled: see `systemd.preset(5)`.
            self.start_units(trace, node, |manager, _| manager == Manager::System);
            let what = "systemd takes the first start for the first boot, and enables units by its presets";
            trace.graph.uncertain(Some(node), 0, what, "all units were kept, with what they start");
        }
        let what = "systemd starts what its enabled units name";
        let effect = "the program of a unit that is not enabled, and that no other unit names, is not kept for it";
        trace.graph.uncertain(Some(node), 0, what, effect);
    }

    /// Programs start others of their packages by names that are put together.
    fn keep_whole(&self, trace: &mut Trace<'_>, node: NodeId, own: &FxHashSet<OwnerId>) {
        let evidence = Evidence::new(EvidenceKind::Data, "a part of systemd");
        let tree = trace.graph.tree();
        let parts = tree.iter().filter(|&part| self.owners.of(part).is_some_and(|owner| own.contains(&owner)));
        for part in parts.collect::<Vec<_>>() {
            trace.graph.reach_followed(Some(node), part, &evidence);
            trace.graph.reach(Some(node), part, evidence.clone());
        }
    }

    /// Starts the units in the folders that are meant, by who starts them and who owns them.
    fn start_units(&mut self, trace: &Trace<'_>, node: NodeId, is_meant: impl Fn(Manager, Option<OwnerId>) -> bool) {
        let tree = trace.graph.tree();
        for manager in [Manager::System, Manager::User] {
            let folders = manager.folders().iter().filter_map(|folder| tree.get(folder));
            for unit in folders.flat_map(|folder| tree.children(folder).collect::<Vec<_>>()) {
                if !is_meant(manager, self.owners.of(unit)) || manager_of(tree, unit).is_none() {
                    continue;
                }
                let name = tree.name(unit).to_string();
                if Name::of(&name).is_some() {
                    self.waiting.push(((manager, name), Some(node), 0));
                }
            }
        }
    }

    /// Generators make units at start, which cannot be known: those of their packages count as made.
    fn generate(&mut self, trace: &mut Trace<'_>, node: NodeId, own: &FxHashSet<OwnerId>) {
        let tree = trace.graph.tree();
        let folders = GENERATORS.iter().filter_map(|folder| tree.get(folder));
        let all: Vec<NodeId> = folders.flat_map(|folder| tree.children(folder).collect::<Vec<_>>()).collect();
        let evidence = Evidence::new(EvidenceKind::Command, "a generator");
        for generator in all {
            trace.graph.reach_followed(Some(node), generator, &evidence);
            let owner = self.owners.of(generator);
            if owner.is_some_and(|owner| own.contains(&owner)) {
                continue;
            }
            self.start_units(trace, generator, |_, other| owner.is_some() && other == owner);
            let what = "the generator makes units when systemd starts, which cannot be known";
            trace.graph.uncertain(Some(generator), 0, what, "all units of its package were kept, with what they start");
        }
    }
}

/// Whether there is no machine ID yet: see `machine-id(5)`, "FIRST BOOT SEMANTICS".
fn is_first_boot(trace: &Trace<'_>) -> bool {
    let tree = trace.graph.tree();
    let Some(file) = tree.resolve_from(Tree::ROOT, "/etc/machine-id") else { return true };
    let mut id = Vec::new();
    let read = trace.graph.rootfs.read_prefix(file.node, 64, &mut id);
    read.is_err() || id.trim_ascii() == b"uninitialized"
}
