//! Metadata of reached distributions, and entry points by group.

use super::facts::{MODULE_NAME, PACKAGE_NAME, PythonFacts, Value};
use super::modules::{ModuleId, Source};
use super::resolver::Python;
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::trace::Trace;

/// What of a distribution's metadata a program may read (`importlib.metadata`, `pkg_resources`).
const METADATA_FILES: &[&str] =
    &["METADATA", "PKG-INFO", "RECORD", "entry_points.txt", "top_level.txt", "namespace_packages.txt", "requires.txt"];

/// Groups whose entry points are commands: their names stand in every installer's code and load nothing.
const COMMAND_GROUPS: &[&str] = &["console_scripts", "gui_scripts"];

impl Python<'_> {
    /// Marks what belongs to a distribution once one of its modules is reached.
    pub(super) fn reach_distribution_of(&mut self, graph: &mut Graph<'_>, id: ModuleId) {
        let module = self.modules.get(id).clone();
        let env = module.env;
        let file = match module.source {
            Source::File(_, file) => Some(file),
            _ => None,
        };
        let mut found: Vec<usize> = file.and_then(|file| self.dists[env].of_file(file)).into_iter().collect();
        if found.is_empty()
            && file.is_some_and(|file| self.envs[env].sites.iter().any(|&s| graph.tree().is_within(file, s)))
        {
            let top = module.name.split('.').next().unwrap_or_default();
            found.extend(self.dists[env].of_top_level(top));
        }
        for dist in found {
            let evidence = Evidence::new(EvidenceKind::Metadata, format!("distribution of {}", module.name));
            self.reach_metadata(graph, &Site { env, from: file, evidence }, dist);
            for node in self.dists[env].get(dist).outside.clone() {
                graph.reach_followed(file, node, &Evidence::new(EvidenceKind::Data, "data of its distribution"));
            }
        }
    }

    pub(super) fn reach_metadata(&mut self, graph: &mut Graph<'_>, site: &Site, dist: usize) {
        let Site { env, from, evidence } = site;
        let (env, from) = (*env, *from);
        if !self.dists_reached.insert((env, dist)) {
            return;
        }
        let info = self.dists[env].get(dist).info;
        let tree = graph.tree();
        graph.reach(from, info, evidence.clone());
        for name in METADATA_FILES {
            if let Some(file) = tree.child(info, name.as_bytes()) {
                graph.reach_followed(from, file, evidence);
            }
        }
    }

    /// Whether a call reads the metadata of a distribution that cannot be read from the code, in a module that asks
    /// what distributions require: the standard library only defines how.
    pub(super) fn reads_requirements(
        &self,
        graph: &Graph<'_>,
        module: ModuleId,
        name: Option<&Value>,
        facts: &PythonFacts,
    ) -> bool {
        matches!(name, Some(Value::Name(_) | Value::Returned(_) | Value::Other))
            && !self.in_stdlib(graph, module)
            && facts.units.iter().any(|unit| unit.uses("requires"))
    }

    /// Marks the metadata of what reached distributions require, where code checks it. Returns whether any was new.
    pub(super) fn reach_requirements(&mut self, graph: &mut Graph<'_>) -> bool {
        if !self.requirements_wanted {
            return false;
        }
        let mut open: Vec<_> = self.dists_reached.difference(&self.requirements_done).copied().collect();
        open.sort_unstable();
        let new = !open.is_empty();
        for (env, dist) in open {
            self.requirements_done.insert((env, dist));
            let info = self.dists[env].get(dist).info;
            for name in super::distributions::requirements(graph.rootfs, info) {
                let evidence = Evidence::new(EvidenceKind::Metadata, format!("required: {name}"));
                if let Some(required) = self.dists[env].by_name(&name) {
                    self.reach_metadata(graph, &Site { env, from: Some(info), evidence }, required);
                }
            }
        }
        new
    }

    /// One entry point by distribution, group and name (`pkg_resources.load_entry_point`).
    pub(super) fn reach_entry_point(
        &mut self,
        trace: &mut Trace<'_>,
        site: &Site,
        dist: &str,
        (group, name): (&str, &str),
    ) {
        let env = site.env;
        let plain = dist.split(['=', '<', '>', ' ']).next().unwrap_or(dist);
        let Some(index) = self.dists[env].by_name(plain) else { return };
        self.reach_metadata(&mut trace.graph, site, index);
        let points = self.dists[env].get(index).entry_points.clone();
        for (_, _, target) in points.iter().filter(|(g, n, _)| g == group && n == name) {
            if let Some((_, attr)) = target.split_once(':') {
                self.live.add_string(attr);
            }
            self.named(trace, site, target, true);
        }
    }

    /// Loads the entry points of every group whose name reachable code holds. Returns whether any was new.
    pub(super) fn reach_groups(&mut self, trace: &mut Trace<'_>) -> bool {
        let mut new = false;
        for env in 0..self.dists.len() {
            let mut wanted: Vec<(usize, String, String, String)> = Vec::new();
            for (index, dist) in self.dists[env].iter() {
                for (group, name, target) in &dist.entry_points {
                    let done = self.groups_done.contains(&(env, Box::from(group.as_str())));
                    if !done && self.group_is_named(group) {
                        wanted.push((index, group.clone(), name.clone(), target.clone()));
                    }
                }
            }
            for (dist, group, name, target) in wanted {
                self.groups_done.insert((env, group.as_str().into()));
                new = true;
                let evidence = Evidence::new(EvidenceKind::Metadata, format!("entry point {group}: {name}"));
                let from = Some(self.dists[env].get(dist).info);
                let site = Site { env, from, evidence };
                self.reach_metadata(&mut trace.graph, &Site { from: None, ..site.clone() }, dist);
                if let Some((_, attr)) = target.split_once(':') {
                    self.live.add_string(attr.trim());
                }
                self.named(trace, &site, target.replace(' ', "").as_str(), true);
            }
        }
        new
    }

    /// Whether reachable code may load a group: a string holds its name, or it starts with the name of a library
    /// that is reached (`spacy_loggers`, `flask.commands`), which may put the name together.
    fn group_is_named(&self, group: &str) -> bool {
        if COMMAND_GROUPS.contains(&group) || group.contains(HOLE) {
            return false;
        }
        let top = group.split(['.', '_', '-']).next().unwrap_or_default();
        let fits = |pattern: &str| {
            let mut parts = pattern.split([HOLE, MODULE_NAME, PACKAGE_NAME]);
            let (first, last) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
            group.len() > first.len() + last.len() && group.starts_with(first) && group.ends_with(last)
        };
        let computed = || self.group_patterns.iter().any(|pattern| fits(pattern));
        self.groups.contains(group) || computed() || (top.len() > 2 && self.libraries.contains(top))
    }
}
