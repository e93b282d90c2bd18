//! What sets the analysis off: interpreters with their environments, programs, and source that others hand over.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::conditions::STARTED;
use super::distributions::Distributions;
use super::environment::{Environment, PathEntry};
use super::modules::{ModuleId, Source};
use super::resolver::{Python, Role};
use super::site::Site;
use super::{archive, environment};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::{Cause, Trace};
use crate::rootfs::{NodeId, Tree};

impl Python<'_> {
    /// Looks whether a reached file is an interpreter, and takes its environment into account if it is new.
    pub fn look_for_interpreter(&mut self, trace: &mut Trace<'_>, node: NodeId) {
        let rootfs = trace.graph.rootfs;
        for env in environment::discover(rootfs, self.ctx, node) {
            if self.envs.iter().any(|known| known.stdlib == env.stdlib && known.venv == env.venv) {
                continue;
            }
            self.add_environment(trace, node, env);
        }
    }

    fn add_environment(&mut self, trace: &mut Trace<'_>, node: NodeId, mut env: Environment) {
        let rootfs = trace.graph.rootfs;
        let tree = &rootfs.tree;
        let index = self.envs.len();
        let startup = |what: &str| Evidence::new(EvidenceKind::Startup, what);
        trace.graph.reach_followed(Some(node), env.stdlib, &startup("standard library"));
        for landmark in ["os.py", "lib-dynload"] {
            trace.graph.reach_path(Some(node), env.stdlib, landmark, &startup("landmark of the prefix"));
        }
        if let Some(cfg) = env.venv {
            trace.graph.reach_followed(Some(node), cfg, &startup("pyvenv.cfg"));
        }
        for &site in &env.sites {
            trace.graph.reach_followed(Some(node), site, &startup("site directory"));
        }
        for &pth in &env.pth {
            trace.graph.reach_followed(Some(node), pth, &startup("path configuration file"));
        }
        let eggs: Vec<NodeId> = env
            .path
            .iter()
            .filter_map(|entry| if let PathEntry::Dir(dir) = entry { Some(*dir) } else { None })
            .filter(|&dir| tree.name(dir).ends_with(b".egg"))
            .map(|dir| tree.parent(dir))
            .collect();
        let sites: FxHashSet<NodeId> = env.sites.iter().copied().chain(eggs).collect();
        let mut sites: Vec<NodeId> = sites.into_iter().collect();
        sites.extend(env.path.iter().filter_map(|entry| match entry {
            PathEntry::Dir(dir) => Some(*dir),
            PathEntry::Zip(_) => None,
        }));
        sites.sort_unstable();
        sites.dedup();
        self.dists.push(Distributions::find(rootfs, sites));
        let codes = std::mem::take(&mut env.pth_code);
        let zips: Vec<NodeId> = env
            .path
            .iter()
            .filter_map(|entry| if let PathEntry::Zip(zip) = entry { Some(*zip) } else { None })
            .collect();
        if let Some(dir) = tree.follow(&self.ctx.workdir).filter(|&dir| dir != Tree::ROOT) {
            env.local.push(dir);
        }
        self.envs.push(env);
        for zip in zips {
            self.add_zip(&mut trace.graph, index, node, zip);
        }
        self.meet_module(trace, STARTED, Cause { from: Some(node), ..Cause::default() }, index);
        self.codecs_of_environment(trace, index);
        for name in ["sitecustomize", "usercustomize"] {
            self.import(trace, &Site { env: index, from: Some(node), evidence: startup(name) }, name);
        }
        for pth in codes {
            trace.graph.reach_followed(Some(node), pth.file, &startup("path configuration file"));
            let module = self.snippet(index, &pth.code, Some(pth.file));
            self.start_all(module);
        }
        for (file, role) in self.scripts.clone() {
            self.adopt_in(&mut trace.graph, index, file, role);
        }
        for (from, hint, evidence) in self.hints.clone() {
            self.take_hint(trace, &Site { env: index, from, evidence }, &hint);
        }
    }

    /// Makes the modules of a zip file importable, and lets all of them run if `zip` is reached already.
    pub(super) fn add_zip(&mut self, graph: &mut Graph<'_>, env: usize, from: NodeId, zip: NodeId) {
        let members = archive::members(graph.rootfs, zip);
        if members.is_empty() {
            return;
        }
        let evidence = Evidence::new(EvidenceKind::Startup, "zip file on the search path");
        graph.reach_followed(Some(from), zip, &evidence);
        for (name, facts) in members {
            let main = name == "__main__";
            self.modules.add_zip_member(env, &name, zip);
            let id = self.modules.adopt(env, &name, zip, zip, Vec::new());
            self.snippets.insert(id, (Some(zip), Arc::new(facts)));
            let state = self.state(id);
            state.reached = true;
            state.main |= main;
            self.start_all(id);
        }
    }

    /// Whether the modules of this zip file have been taken.
    fn snippets_of(&self, env: usize, zip: NodeId) -> bool {
        let taken = |&id: &ModuleId| self.modules.get(id).env == env && self.snippets.contains_key(&id);
        self.modules.of_file(zip).iter().any(taken)
    }

    /// Source that is no module of its own, and the file it stands in.
    pub(super) fn snippet(&mut self, env: usize, code: &str, file: Option<NodeId>) -> ModuleId {
        let facts = super::extract::extract(code.as_bytes());
        let id = self.modules.adopt(env, "", Tree::ROOT, Tree::ROOT, Vec::new());
        self.snippets.insert(id, (file, Arc::new(facts)));
        let state = self.state(id);
        state.reached = true;
        state.main = true;
        id
    }

    pub(super) fn start_all(&mut self, module: ModuleId) {
        let Some(facts) = self.facts_of(module) else { return };
        for unit in 0..facts.units.len() {
            self.start(module, unit as u32);
        }
    }

    /// Takes a Python file that was reached by other means than an import: a script, or the user's own module.
    pub fn adopt(&mut self, trace: &mut Trace<'_>, file: NodeId, role: Role) {
        self.scripts.push((file, role));
        for env in 0..self.envs.len() {
            self.adopt_in(&mut trace.graph, env, file, role);
        }
    }

    pub(super) fn adopt_in(&mut self, graph: &mut Graph<'_>, env: usize, file: NodeId, role: Role) {
        let main = role == Role::Program;
        let tree = graph.tree();
        // A zip file with a `__main__` (PEP 441).
        if main && !tree.name(file).ends_with(b".py") && !self.snippets_of(env, file) {
            self.add_zip(graph, env, file, file);
            if self.snippets_of(env, file) {
                return;
            }
        }
        let id = match self.modules.of_file_in(env, file) {
            Some(id) => id,
            None => {
                let (name, root) = dotted_name(tree, &self.envs[env], file);
                let known = root == Tree::ROOT || self.envs[env].local.contains(&root);
                if !known && self.envs[env].contains(tree, file).is_none() {
                    self.envs[env].local.push(root);
                    self.modules.forget_failures();
                    self.path_grew = true;
                }
                let found = self.modules.find(tree, &self.envs, env, &name);
                let same = |id: &&ModuleId| matches!(self.modules.get(**id).source, Source::File(_, f) if f == file);
                match found.iter().find(same) {
                    Some(&id) => id,
                    None => {
                        let init = tree.name(file).starts_with(b"__init__.");
                        let dirs = if init { vec![tree.parent(file)] } else { Vec::new() };
                        self.modules.adopt(env, &name, file, file, dirs)
                    }
                }
            }
        };
        let state = self.state(id);
        let news = !state.reached || (main && !state.main);
        state.reached = true;
        state.main |= main;
        if news {
            self.reached.push(id);
            self.started.remove(&(id, 0));
            if self.facts_of(id).is_some() || self.extensions.contains_key(&file) {
                self.start(id, 0);
            }
        }
    }
}

/// The dotted name of a file, and the directory that its first component is in: a path entry of the environment
/// where it lies in one, else the directory above its outermost package.
fn dotted_name(tree: &Tree, env: &Environment, file: NodeId) -> (String, NodeId) {
    let name = tree.name(file).to_string();
    let stem = env.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str())).unwrap_or(&name);
    let mut parts: Vec<String> = Vec::new();
    if stem != "__init__" {
        parts.push(stem.replace('.', "_"));
    }
    let mut dir = tree.parent(file);
    let base = env.contains(tree, file);
    loop {
        let inside = match base {
            Some(base) => dir != base,
            None => tree.child(dir, b"__init__.py").is_some() && dir != Tree::ROOT,
        };
        if !inside || dir == Tree::ROOT {
            break;
        }
        parts.push(tree.name(dir).to_string());
        dir = tree.parent(dir);
    }
    parts.reverse();
    (parts.join("."), dir)
}
