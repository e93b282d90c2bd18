//! What sets the analysis off: interpreters with their environments, programs, and source that others hand over.

use super::names::{MAIN, STARTUP_MODULES};
use super::reading::extract::extract;
use super::reading::facts::{PythonFacts, Unit};
use super::resolver::{Python, Role};
use super::running::ScopeId;
use super::search::{Environment, ModuleId};
use super::site::Site;
use crate::reach::bundle::Member;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;
use crate::rootfs::{NodeId, Tree};

impl Python<'_> {
    /// Looks whether a reached file is an interpreter, and takes its environment into account if it is new.
    pub fn look_for_interpreter(&mut self, trace: &mut Trace<'_>, node: NodeId) {
        for env in self.reaching.search.new_environments(self.reaching.ctx, node) {
            self.start_environment(trace, node, env);
        }
    }

    fn start_environment(&mut self, trace: &mut Trace<'_>, interpreter: NodeId, mut env: Environment) {
        let tree = trace.graph.tree();
        reach_environment(&mut trace.graph, interpreter, &env);
        let codes = std::mem::take(&mut env.pth_code);
        if let Some(dir) = tree.follow(&self.reaching.ctx.workdir).filter(|&dir| dir != Tree::ROOT) {
            env.local.push(dir);
        }
        let zips: Vec<NodeId> = env.zips().collect();
        let env = self.reaching.search.add_environment(env);
        for zip in zips {
            self.add_zip(&mut trace.graph, env, interpreter, zip);
        }
        self.reaching.set_off_by_start(trace, env, interpreter);
        self.codecs.of_environment(&mut self.reaching, trace, env);
        for name in STARTUP_MODULES {
            let site = Site { env, from: Some(interpreter), evidence: startup(name) };
            self.reaching.import(trace, &site, name);
        }
        for pth in codes {
            trace.graph.reach_followed(Some(interpreter), pth.file, &startup("path configuration file"));
            self.run_snippet(env, &pth.code, Some(pth.file));
        }
        for (file, role) in self.given.scripts.clone() {
            self.adopt_in(&mut trace.graph, env, file, role);
        }
        self.take_given(trace, env);
    }

    /// Takes hints and archives that were there before the environment was.
    pub(super) fn take_given(&mut self, trace: &mut Trace<'_>, env: usize) {
        for (from, hint, evidence) in self.given.hints.clone() {
            self.take_hint(trace, &Site { env, from, evidence }, &hint);
        }
        for (file, bundle) in self.given.bundles.clone() {
            self.run_bundle(env, file, &bundle);
        }
    }

    /// Makes the modules of a zip file importable, and lets all of them run.
    fn add_zip(&mut self, graph: &mut Graph<'_>, env: usize, from: NodeId, zip: NodeId) {
        let members = self.reaching.search.members(zip);
        if members.is_empty() {
            return;
        }
        graph.reach_followed(Some(from), zip, &startup("zip file on the search path"));
        self.run_members(env, zip, &members);
    }

    /// Lets the modules in an archive run.
    pub(super) fn run_members(&mut self, env: usize, file: NodeId, members: &[Member]) {
        for member in members {
            let id = self.reaching.search.add_zip_member(env, &member.name, file);
            let role = if &*member.name == MAIN { Role::Program } else { Role::Module };
            if !member.names.is_empty() {
                self.reaching.running.code.add_held(id, member.names.clone());
            }
            // An extension module has no source: its names are all there is.
            let mut facts = member.facts.clone();
            if facts.units.is_empty() {
                facts.units.push(Unit::default());
            }
            self.run_code(id, Some(file), facts, role);
        }
    }

    /// Whether the modules of this zip file have been taken.
    pub(super) fn has_zip(&self, env: usize, zip: NodeId) -> bool {
        let reaching = &self.reaching;
        let taken = |&id: &ModuleId| reaching.env_of(id) == env && reaching.running.code.is_snippet(id);
        reaching.search.of_file(zip).iter().any(taken)
    }

    /// Runs source that is no module of its own; `file` is the one it stands in.
    pub(super) fn run_snippet(&mut self, env: usize, code: &str, file: Option<NodeId>) {
        self.run_facts(env, extract(code.as_bytes()), file);
    }

    /// Runs what is no module of its own.
    pub(super) fn run_facts(&mut self, env: usize, facts: PythonFacts, file: Option<NodeId>) {
        let id = self.reaching.search.adopt(env, "", Tree::ROOT, Vec::new());
        self.run_code(id, file, facts, Role::Program);
    }

    fn run_code(&mut self, id: ModuleId, file: Option<NodeId>, facts: PythonFacts, role: Role) {
        let running = &mut self.reaching.running;
        running.code.add_snippet(id, file, facts);
        running.modules.reach_unnamed(id);
        if role == Role::Program {
            running.modules.run(id);
        }
        self.reaching.start_all(id);
    }

    /// Takes a Python file that was reached by other means than an import: a script, or the user's own module.
    pub fn adopt(&mut self, trace: &mut Trace<'_>, file: NodeId, role: Role) {
        self.given.scripts.push((file, role));
        for env in self.reaching.search.environments() {
            if !self.reaching.search.environment(env).is_frozen {
                self.adopt_in(&mut trace.graph, env, file, role);
            }
        }
    }

    pub(super) fn adopt_in(&mut self, graph: &mut Graph<'_>, env: usize, file: NodeId, role: Role) {
        // A zip file with a `__main__` (PEP 441).
        if role == Role::Program && !graph.tree().name(file).ends_with(b".py") && !self.has_zip(env, file) {
            self.add_zip(graph, env, file, file);
            if self.has_zip(env, file) {
                return;
            }
        }
        let id = self.reaching.search.module_of_script(env, file);
        let is_there = graph.edge(file).is_some_and(|edge| edge.evidence.kind == EvidenceKind::Payload);
        if role == Role::Program {
            self.reaching.start(id);
        }
        let running = &mut self.reaching.running;
        let reached = running.modules.reach(id);
        if reached && is_there && role == Role::Module {
            running.modules.leave_idle(id);
        }
        let runs = role == Role::Program && running.modules.run(id);
        if !reached && runs {
            // It runs once more, as something else than it did.
            running.modules.repeat(id);
        }
        if reached || runs {
            running.agenda.forget(ScopeId { module: id, unit: 0 });
            if self.reaching.facts_of(id).is_some() || self.reaching.running.code.is_extension(file) {
                self.reaching.start_body(id);
            }
        }
    }
}

fn startup(what: &str) -> Evidence {
    Evidence::new(EvidenceKind::Startup, what)
}

/// Marks what an interpreter needs to find its environment.
fn reach_environment(graph: &mut Graph<'_>, interpreter: NodeId, env: &Environment) {
    let from = Some(interpreter);
    graph.reach_followed(from, env.stdlib, &startup("standard library"));
    for landmark in ["os.py", "lib-dynload"] {
        graph.reach_path(from, env.stdlib, landmark, &startup("landmark of the prefix"));
    }
    if let Some(cfg) = env.venv {
        graph.reach_followed(from, cfg, &startup("pyvenv.cfg"));
    }
    for &site in &env.sites {
        graph.reach_followed(from, site, &startup("site directory"));
    }
    for &pth in &env.pth {
        graph.reach_followed(from, pth, &startup("path configuration file"));
    }
}
