//! Listings of packages, and packages that are put together from several folders.

use super::facts::{Call, ImportNames, PythonFacts, Value};
use super::modules::ModuleId;
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// What cuts call a listing of packages that cannot be read.
const LISTING: &str = "listing:packages";

impl Python<'_> {
    /// `pkgutil.iter_modules` and `walk_packages`.
    pub(super) fn list_modules(
        &mut self,
        trace: &mut Trace<'_>,
        module: ModuleId,
        call: &Call,
        deep: bool,
        facts: &PythonFacts,
    ) {
        let site = self.site(module, Evidence::at(EvidenceKind::DynamicImport, &*call.callee, call.line));
        let (env, from) = (site.env, site.from);
        let own = self.modules.get(module).package().to_owned();
        let mut packages: Vec<String> = Vec::new();
        for arg in &call.args {
            let values = match &arg.value {
                Value::List(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            for value in values {
                match value {
                    Value::Name(name) => {
                        let name = name.trim_end_matches("__path__").trim_end_matches('.');
                        if name.is_empty() {
                            packages.push(own.clone());
                        } else if self.exists(&trace.graph, env, name) {
                            packages.push(name.to_owned());
                        } else {
                            let last = name.trim_start_matches('.');
                            packages.push(format!("{own}.{last}"));
                        }
                    }
                    Value::Str(name) => packages.push(name.trim_end_matches('.').to_owned()),
                    _ => {}
                }
            }
        }
        packages.retain(|package| self.exists(&trace.graph, env, package));
        let own_name = self.modules.get(module).name.clone();
        if packages.is_empty() {
            // Rules say what such a listing finds.
            if self.conditions.is_cut(&own_name, LISTING, &[]) {
                return;
            }
            // Its own package, or one that it imports and passes on (`for package in (core_plugins, extra): …`).
            packages.push(own.clone());
            packages.extend(self.imported_packages(&trace.graph, module, facts));
            packages.retain(|package| !package.is_empty());
            self.add_lister(trace, &site, module);
            let kept = match packages.as_slice() {
                [] => "kept nothing more for it: it imports no package".to_owned(),
                packages => format!("kept the modules of {}", packages.join(", ")),
            };
            trace.graph.uncertain(from, call.line, "lists modules of a package that cannot be read", kept);
        }
        packages.sort();
        packages.dedup();
        for package in packages {
            if self.conditions.is_cut(&own_name, &package, &["iter_modules"]) {
                continue;
            }
            let glob = if deep { format!("{package}.**") } else { format!("{package}.*") };
            self.import_glob(trace, &site, &glob);
        }
    }

    /// The packages outside the standard library that a file imports.
    pub(super) fn imported_packages(
        &mut self,
        graph: &Graph<'_>,
        module: ModuleId,
        facts: &PythonFacts,
    ) -> Vec<String> {
        let env = self.modules.get(module).env;
        let mut names = Vec::new();
        for import in facts.units.iter().flat_map(|unit| &unit.imports) {
            let base = match self.relative_base(module, import.level) {
                Some(base) if import.level > 0 && import.module.is_empty() => base,
                Some(base) if import.level > 0 => format!("{base}.{}", import.module),
                _ => import.module.to_string(),
            };
            if let ImportNames::Names(taken) = &import.names {
                names.extend(taken.iter().map(|name| format!("{base}.{name}")));
            }
            names.push(base);
        }
        names.sort();
        names.dedup();
        let stdlib = self.envs[env].stdlib;
        names.retain(|name| {
            let found = self.modules.find(graph.tree(), &self.envs, env, name);
            found.into_iter().any(|id| {
                let module = self.modules.get(id);
                let inside = |&dir: &NodeId| self.envs[env].contains(graph.tree(), dir) != Some(stdlib);
                module.is_package() && module.dirs.iter().all(inside)
            })
        });
        names
    }

    /// `pkgutil.extend_path`, `pkg_resources.declare_namespace`: every folder of that name on the search path.
    pub(super) fn join_namespace(&mut self, graph: &mut Graph<'_>, module: ModuleId) {
        let (env, name) = (self.modules.get(module).env, self.modules.get(module).name.clone());
        let Some(top) = self.file_of(module) else { return };
        let evidence = Evidence::new(EvidenceKind::Import, format!("part of namespace package {name}"));
        let tree = graph.tree();
        let relative = name.replace('.', "/");
        for entry in self.envs[env].path.clone() {
            let super::environment::PathEntry::Dir(dir) = entry else { continue };
            let Some(found) = tree.resolve_from(dir, &relative).map(|found| found.node) else { continue };
            if tree.inode(found).is_dir() {
                self.path_grew |= self.modules.extend_path(module, found);
                if let Some(init) = tree.child(found, b"__init__.py") {
                    graph.reach_followed(Some(top), init, &evidence);
                }
            }
        }
    }
}
