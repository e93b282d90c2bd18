//! Metadata of distributions as programs read it: which is reached, and which entry points may be loaded.

mod groups;

use rustc_hash::FxHashSet;

use groups::Groups;

use super::names::top_name;
use super::search::{MadeOf, ModuleId, Search, requirements};
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;

/// What of a distribution's metadata a program may read (`importlib.metadata`, `pkg_resources`).
const METADATA_FILES: &[&str] =
    &["METADATA", "PKG-INFO", "RECORD", "entry_points.txt", "top_level.txt", "namespace_packages.txt", "requires.txt"];

/// A distribution: its environment, and its position there.
type DistributionId = (usize, usize);

/// The distributions whose metadata is reached.
#[derive(Debug, Default)]
pub(super) struct InstalledMetadata {
    reached: FxHashSet<DistributionId>,
    /// Reachable code looks up what distributions require.
    checks_requirements: bool,
    /// Distributions whose requirements have been looked up.
    checked: FxHashSet<DistributionId>,
    /// Entry points by group.
    pub(super) groups: Groups,
}

impl InstalledMetadata {
    /// Marks the metadata of one distribution in the site's environment.
    pub(super) fn reach(&mut self, graph: &mut Graph<'_>, search: &Search<'_>, site: &Site, dist: usize) {
        if !self.reached.insert((site.env, dist)) {
            return;
        }
        let info = search.installed(site.env).get(dist).info;
        graph.reach(site.from, info, site.evidence.clone());
        for name in METADATA_FILES {
            if let Some(file) = graph.tree().child(info, name.as_bytes()) {
                graph.reach_followed(site.from, file, &site.evidence);
            }
        }
    }

    /// Marks what belongs to a distribution once one of its modules is reached.
    pub(super) fn reach_of_module(&mut self, graph: &mut Graph<'_>, search: &Search<'_>, id: ModuleId) {
        let module = search.module(id);
        let env = module.env;
        let MadeOf::File(_, file) = module.made_of else { return };
        let installed = search.installed(env);
        let mut found: Vec<usize> = installed.of_file(file).into_iter().collect();
        if found.is_empty() && search.is_in_site(env, file) {
            found.extend(installed.of_top_level(top_name(&module.name)));
        }
        for dist in found {
            let evidence = Evidence::new(EvidenceKind::Metadata, format!("distribution of {}", module.name));
            self.reach(graph, search, &Site { env, from: Some(file), evidence }, dist);
            for &node in &installed.get(dist).outside {
                graph.reach_followed(Some(file), node, &Evidence::new(EvidenceKind::Data, "data of its distribution"));
            }
        }
    }

    /// Notes that reachable code looks up what distributions require.
    pub(super) fn check_requirements(&mut self) {
        self.checks_requirements = true;
    }

    /// Marks the metadata of what reached distributions require, where code checks it. Returns whether any was new.
    pub(super) fn reach_required(&mut self, graph: &mut Graph<'_>, search: &Search<'_>) -> bool {
        if !self.checks_requirements {
            return false;
        }
        let mut open: Vec<_> = self.reached.difference(&self.checked).copied().collect();
        open.sort_unstable();
        let new = !open.is_empty();
        for (env, dist) in open {
            self.checked.insert((env, dist));
            let info = search.installed(env).get(dist).info;
            for name in requirements(graph.rootfs, info) {
                if let Some(required) = search.installed(env).by_name(&name) {
                    let evidence = Evidence::new(EvidenceKind::Metadata, format!("required: {name}"));
                    self.reach(graph, search, &Site { env, from: Some(info), evidence }, required);
                }
            }
        }
        new
    }
}
