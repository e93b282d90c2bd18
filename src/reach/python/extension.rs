//! What extension modules say: names in their data, strings run together, source text.

use super::conditions::OPAQUE;
use super::modules::{Module, ModuleId, Source, parent_name};
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Cause;
use crate::reach::trace::Trace;

/// How mypyc names the module that holds the code of a whole distribution; the modules themselves are shims.
const MYPYC_HELPER: &str = "__mypyc";

/// Module names shorter than this are not looked for in strings without separators.
const MIN_GLUED_NAME: usize = 4;

/// What a reached extension module says about other modules.
#[derive(Clone, Debug, Default)]
pub struct ExtensionFacts {
    /// Identifiers and dotted names in its read-only data, sorted.
    pub names: Vec<Box<str>>,
    /// Strings run together without separators: searched for the names of modules that exist.
    pub glued: Box<str>,
    /// Python source with import statements.
    pub sources: Vec<Box<str>>,
    /// Its names cannot be read (a compressed string table).
    pub opaque: bool,
}

impl Python<'_> {
    /// What an extension module imports: any of its names that is a module, in its own package or at top level.
    pub(super) fn run_extension(&mut self, trace: &mut Trace<'_>, module: ModuleId, facts: &ExtensionFacts) {
        let own = self.modules.get(module).clone();
        let from = self.file_of(module);
        let mut bases = Vec::new();
        let mut package = parent_name(&own.name);
        while let Some(base) = package {
            bases.push(base.to_owned());
            package = parent_name(base);
        }
        if own.name.ends_with(MYPYC_HELPER) {
            bases = self.packages_of_distribution(&trace.graph, &own);
        }
        for name in &facts.names {
            self.use_name(trace, Some(module), name);
            self.use_computed(trace, Some(module), name);
            let site = self.site(module, Evidence::new(EvidenceKind::Import, format!("{name} in its strings")));
            if self.conditions.is_cut_in_extension(&own.name, name) {
                continue;
            }
            if name.contains('.') {
                self.named(trace, &site, name, false);
            } else if self.exists(&trace.graph, own.env, name) {
                self.import(trace, &site, name);
            }
            for base in &bases {
                self.relative(trace, &site, base, name);
            }
        }
        self.import_from_named_packages(trace, module, facts, &bases);
        if !facts.glued.is_empty() {
            for name in self.conditions.names() {
                if memchr::memmem::find(facts.glued.as_bytes(), name.as_bytes()).is_some() {
                    self.use_name(trace, Some(module), &name);
                }
            }
            self.run_glued(trace, module, &facts.glued, &bases);
        }
        for source in &facts.sources {
            let snippet = super::extract::extract(source.as_bytes());
            for unit in 0..snippet.units.len() {
                self.resolve_imports(trace, module, unit as u32, &snippet);
            }
        }
        if facts.opaque
            && let Some(base) = bases.first().cloned()
        {
            let evidence = Evidence::new(EvidenceKind::DynamicImport, format!("{} hides its names", own.name));
            let site = self.site(module, evidence);
            for name in self.below(&trace.graph, own.env, &base).iter() {
                self.import(trace, &site, name);
            }
            self.meet_module(trace, OPAQUE, Cause { from, ..Cause::default() }, own.env);
            trace.graph.uncertain(
                from,
                0,
                "an extension module whose names cannot be read",
                format!("kept the modules of {base}"),
            );
        }
    }

    /// Strings without separators (Rust, compressed tables that could not be cut): every module that exists and
    /// whose name they hold. Short names are found by chance everywhere, so they have to be longer.
    fn run_glued(&mut self, trace: &mut Trace<'_>, module: ModuleId, glued: &str, bases: &[String]) {
        let own = self.modules.get(module).clone();
        let mut names: Vec<String> = self.modules.top_level(trace.graph.tree(), &self.envs, own.env);
        names.retain(|name| name.len() >= MIN_GLUED_NAME || name == "re" || name == "abc" || name == "os");
        for base in bases {
            names.extend(self.below(&trace.graph, own.env, base).iter().map(ToString::to_string));
        }
        let Ok(search) =
            aho_corasick::AhoCorasick::builder().match_kind(aho_corasick::MatchKind::Standard).build(&names)
        else {
            return;
        };
        let mut held: Vec<usize> =
            search.find_overlapping_iter(glued).map(|found| found.pattern().as_usize()).collect();
        held.sort_unstable();
        held.dedup();
        for index in held {
            let name = names[index].clone();
            if self.conditions.is_cut_in_extension(&own.name, &name) {
                continue;
            }
            let site = self.site(module, Evidence::new(EvidenceKind::Import, format!("{name} in its strings")));
            self.import(trace, &site, &name);
            // `collections.abc`: a submodule named after it.
            for below in self.below(&trace.graph, own.env, &name).iter() {
                if memchr::memmem::find(glued.as_bytes(), below.as_bytes()).is_some() {
                    self.import(trace, &site, below);
                }
            }
        }
    }

    /// `from .parts import tool` in compiled code: the package and what is taken from it stand apart in its strings.
    fn import_from_named_packages(
        &mut self,
        trace: &mut Trace<'_>,
        module: ModuleId,
        facts: &ExtensionFacts,
        bases: &[String],
    ) {
        let own = self.modules.get(module).clone();
        let mut packages: Vec<String> = Vec::new();
        for name in &facts.names {
            let candidates = bases.iter().map(|base| format!("{base}.{name}")).chain([name.to_string()]);
            for candidate in candidates.collect::<Vec<_>>() {
                let found = self.modules.find(trace.graph.tree(), &self.envs, own.env, &candidate);
                if found.iter().any(|&id| self.modules.get(id).is_package()) && !bases.contains(&candidate) {
                    packages.push(candidate);
                }
            }
        }
        packages.sort();
        packages.dedup();
        for package in packages {
            for below in self.below(&trace.graph, own.env, &package).iter() {
                let last = below.rsplit('.').next().unwrap_or_default();
                let named = facts.names.binary_search_by(|name| (**name).cmp(last)).is_ok();
                if named && !self.conditions.is_cut_in_extension(&own.name, below) {
                    let site =
                        self.site(module, Evidence::new(EvidenceKind::Import, format!("{below} in its strings")));
                    self.import(trace, &site, below);
                }
            }
        }
    }

    /// Every package below the top-level names of the distribution that a module belongs to.
    fn packages_of_distribution(&mut self, graph: &Graph<'_>, module: &Module) -> Vec<String> {
        let env = module.env;
        let Source::File(_, file) = module.source else { return Vec::new() };
        let Some(dist) = self.dists[env].of_file(file) else { return Vec::new() };
        let mut todo = self.dists[env].get(dist).top_level.clone();
        let mut packages = Vec::new();
        while let Some(name) = todo.pop() {
            let found = self.modules.find(graph.tree(), &self.envs, env, &name);
            if found.iter().any(|&id| self.modules.get(id).is_package()) && name.len() < 200 {
                todo.extend(self.below(graph, env, &name).iter().map(ToString::to_string));
                packages.push(name);
            }
        }
        packages.sort();
        packages.dedup();
        packages
    }
}
