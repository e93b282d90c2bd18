//! Modules that become reached, and what comes with them.

use super::super::reading::facts::PythonFacts;
use super::super::search::{MadeOf, ModuleId};
use super::super::site::Site;
use super::core::{By, Reaching};
use super::data::{self, Folders};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

impl Reaching<'_> {
    /// Marks a module as reached.
    pub(super) fn reach_module(&mut self, trace: &mut Trace<'_>, site: &Site, id: ModuleId) {
        self.start(id);
        if !self.running.modules.reach(id) {
            return;
        }
        let module = self.search.module(id).clone();
        let graph = &mut trace.graph;
        let file = match module.made_of {
            MadeOf::File(entry, file) => {
                graph.reach_followed(site.from, entry, &site.evidence);
                if self.running.code.has(file) {
                    self.start_body(id);
                }
                Some(file)
            }
            MadeOf::Zip(zip) => {
                graph.reach_followed(site.from, zip, &site.evidence);
                Some(zip)
            }
            MadeOf::Namespace => None,
        };
        for &dir in &module.dirs {
            graph.reach(site.from, dir, site.evidence.clone());
        }
        if let Some(file) = file
            && !module.name.contains('.')
            && !self.search.lies_in_stdlib(module.env, file)
        {
            self.metadata.groups.add_library(&module.name);
        }
        self.reach_data(graph, id);
        self.metadata.reach_of_module(graph, &self.search, id);
        let dir = file.map(|file| trace.graph.tree().parent(file));
        self.set_off_by_module(trace, &module.name, &By { file: file.or(site.from), dir, env: Some(module.env) });
        self.reach_submodules(trace, id);
    }

    /// Notes that a module is imported or runs: it is not just there any more.
    pub fn start(&mut self, id: ModuleId) {
        if self.running.modules.start(id) {
            self.running.agenda.repeat(id);
        }
    }

    /// Marks the data beside a reached module.
    fn reach_data(&mut self, graph: &mut Graph<'_>, id: ModuleId) {
        if !self.running.modules.take_data(id) {
            return;
        }
        let from = self.file_of(id);
        let module = self.search.module(id);
        let tree = graph.tree();
        match module.made_of {
            MadeOf::File(..) if !module.dirs.is_empty() => {
                for &dir in &module.dirs {
                    data::reach_package(graph, from, dir, Folders::Entered);
                }
            }
            // A folder of that name in a script's directory may be anything (`/usr/bin` is no package `bin`).
            MadeOf::Namespace => {
                let env = self.search.environment(module.env);
                let dirs: Vec<NodeId> =
                    module.dirs.iter().copied().filter(|&dir| env.contains(tree, dir).is_some()).collect();
                for dir in dirs {
                    data::reach_package(graph, from, dir, Folders::LeftAlone);
                }
            }
            // A module in a folder without `__init__`: the folder's own files are its data, unless the folder is
            // on the search path itself, where everybody's files lie side by side.
            MadeOf::File(_, file) => {
                let dir = tree.parent(file);
                let on_path = self.search.is_on_path(module.env, dir);
                if !on_path && !self.is_users(file) && module.name.contains('.') {
                    data::reach_package(graph, from, dir, Folders::LeftAlone);
                }
            }
            MadeOf::Zip(_) => {}
        }
    }

    /// Notes that somebody takes `*` from a module: what its `__all__` names may be submodules.
    pub(super) fn take_star(&mut self, trace: &mut Trace<'_>, id: ModuleId) {
        if self.running.modules.take_whole(id)
            && let Some(facts) = self.facts_of(id)
        {
            self.reach_star(trace, id, &facts);
        }
    }

    /// Imports the submodules that a module's `__all__` names.
    pub fn reach_star(&mut self, trace: &mut Trace<'_>, id: ModuleId, facts: &PythonFacts) {
        let module = self.search.module(id);
        if !module.is_package() {
            return;
        }
        let package = module.name.clone();
        for name in facts.all.iter().flatten() {
            let site = self.site(id, Evidence::new(EvidenceKind::Import, format!("__all__ names {name}")));
            self.import(trace, &site, &format!("{package}.{name}"));
        }
    }
}
