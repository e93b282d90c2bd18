//! Which scopes run: a module's body and its classes with the module, a function once its name is in use.

use super::facts::{PythonFacts, Unit, UnitKind, VersionOp};
use super::live::Scope;
use super::modules::ModuleId;
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;

impl Python<'_> {
    pub(super) fn start(&mut self, module: ModuleId, unit: u32) {
        if self.started.insert((module, unit)) {
            self.agenda.push((module, unit));
        }
    }

    /// Works through the agenda. Returns whether there was anything to do.
    pub fn run(&mut self, trace: &mut Trace<'_>) -> bool {
        let mut worked = false;
        loop {
            for (module, unit) in self.live.take_ready() {
                self.start(module, unit);
            }
            if self.agenda.is_empty() {
                if self.retry_failures(trace)
                    || self.reach_groups(trace)
                    || self.reach_requirements(&mut trace.graph)
                    || self.resolve_shared_constants(trace)
                {
                    continue;
                }
                if self.agenda.is_empty() {
                    return worked;
                }
            }
            worked = true;
            for scope in std::mem::take(&mut self.agenda) {
                self.run_scope(trace, scope);
            }
        }
    }

    fn run_scope(&mut self, trace: &mut Trace<'_>, (module, unit): Scope) {
        if let Some(file) = self.file_of(module)
            && let Some(extension) = self.extensions.get(&file).cloned()
        {
            self.run_extension(trace, module, &extension);
            return;
        }
        let Some(facts) = self.facts_of(module) else { return };
        let Some(scope) = facts.units.get(unit as usize) else { return };
        let stdlib = self.in_stdlib(&trace.graph, module);
        if scope.kind == UnitKind::Function {
            self.codec_from_function(trace, module, &scope.name);
        }
        for name in &scope.names {
            if scope.variables.binary_search(name).is_ok() {
                self.live.add_in(module, name);
            } else {
                self.live.add(name);
                self.use_name(trace, Some(module), name);
                self.use_computed(trace, Some(module), name);
            }
        }
        for text in &scope.strings {
            self.live.add_string(&text.value);
            self.use_name(trace, Some(module), &text.value);
            if !stdlib {
                let (env, from) = (self.modules.get(module).env, self.file_of(module));
                self.codec_name(trace, env, &text.value, from, text.line, false);
            }
        }
        if unit == 0 {
            self.use_exports(&trace.graph, module, &facts);
            self.use_settings(trace, module, &facts);
        }
        for text in &scope.patterns {
            self.live.add_pattern(&text.value);
        }
        self.start_children(&trace.graph, module, unit, &facts);
        if unit == 0 && self.state(module).star {
            self.reach_star(trace, module, &facts);
        }
        if unit == 0 && facts.unparsed.is_some() {
            let what = format!("does not parse as Python 3 ({})", facts.unparsed.as_deref().unwrap_or_default());
            trace.graph.uncertain(self.file_of(module), 0, what, "imports were read line by line");
        }
        if unit == 0 && self.names_are_commands {
            self.run_names(&mut trace.graph, module);
        }
        self.resolve_imports(trace, module, unit, &facts);
        self.resolve_calls(trace, module, unit, &facts);
        self.resolve_strings(trace, module, unit, &facts);
    }

    /// Which of the scopes inside a running scope run too.
    fn start_children(&mut self, graph: &Graph<'_>, module: ModuleId, unit: u32, facts: &PythonFacts) {
        let version = self.envs[self.modules.get(module).env].version;
        let own = self.file_of(module).is_none_or(|file| self.owners.of(file).is_none());
        let main = self.state(module).main || own;
        let in_class = facts.units.get(unit as usize).is_some_and(|unit| unit.kind == UnitKind::Class);
        let method = |child: &Unit| in_class || child.name.starts_with('_');
        // Children follow their parent, so the search need not look at earlier scopes.
        for (index, child) in facts.units.iter().enumerate().skip(unit as usize + 1) {
            if child.parent != unit {
                continue;
            }
            let runs = match child.kind {
                UnitKind::Module | UnitKind::Class => true,
                UnitKind::Main => main,
                UnitKind::Branch => child.guard.is_none_or(|guard| match guard.op {
                    VersionOp::AtLeast => version >= guard.version,
                    VersionOp::Below => version < guard.version,
                }),
                UnitKind::Fallback => !self.has_all(graph, module, &child.tried),
                UnitKind::Function => {
                    let dunder = child.name.starts_with("__") && child.name.ends_with("__");
                    own || child.registered || dunder || self.live.is_live(module, &child.name, method(child))
                }
            };
            if runs {
                self.start(module, index as u32);
            } else if child.kind == UnitKind::Function {
                self.live.wait(&child.name, (module, index as u32), method(child));
            }
        }
    }

    /// Notes that somebody takes `*` from a module: what its `__all__` names may be submodules.
    pub(super) fn take_star(&mut self, trace: &mut Trace<'_>, id: ModuleId) {
        if !std::mem::replace(&mut self.state(id).star, true)
            && let Some(facts) = self.facts_of(id)
        {
            self.reach_star(trace, id, &facts);
        }
    }

    fn reach_star(&mut self, trace: &mut Trace<'_>, id: ModuleId, facts: &PythonFacts) {
        let module = self.modules.get(id).clone();
        for name in facts.all.iter().flatten() {
            if module.is_package() {
                let site = self.site(id, Evidence::new(EvidenceKind::Import, format!("__all__ names {name}")));
                self.import(trace, &site, &format!("{}.{name}", module.name));
            }
        }
    }
}
