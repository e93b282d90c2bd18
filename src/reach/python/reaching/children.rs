//! Which of the scopes inside a running scope run too.

use super::super::reading::facts::{Unit, UnitKind, VersionOp};
use super::super::running::{Frame, FunctionKind, ScopeId};
use super::core::Reaching;

impl Reaching<'_> {
    /// Starts what runs inside a running scope, and lets functions wait until their name is in use.
    pub fn start_children(&mut self, frame: &Frame<'_>) {
        let ScopeId { module, unit: parent } = frame.scope;
        for &unit in frame.facts.children(parent) {
            let child = &frame.facts.units[unit as usize];
            let scope = ScopeId { module, unit };
            if self.running.everything || self.child_runs(frame, child) {
                self.running.agenda.start(scope);
            } else if child.kind == UnitKind::Function {
                self.running.live.wait(&child.name, scope, kind(frame, child));
            } else if child.kind == UnitKind::Fallback {
                self.running.stand_ins.wait(&child.tried, scope);
            }
        }
    }

    fn child_runs(&mut self, frame: &Frame<'_>, child: &Unit) -> bool {
        let module = frame.module();
        let own = || self.is_users_code(frame.file);
        let collected = frame.file.is_some_and(|file| self.is_collected(file));
        match child.kind {
            UnitKind::Module | UnitKind::Class => true,
            UnitKind::Main => self.running.modules.is_program(module) || own(),
            UnitKind::Branch => child.guard.is_none_or(|guard| {
                let version = self.search.environment(frame.env).version;
                match guard.op {
                    VersionOp::AtLeast => version >= guard.version,
                    VersionOp::Below => version < guard.version,
                }
            }),
            UnitKind::Fallback => {
                self.running.stand_ins.may_run(&child.tried) || !self.search.has_all(module, &child.tried)
            }
            UnitKind::Function => {
                let dunder = child.name.starts_with("__") && child.name.ends_with("__");
                let kind = kind(frame, child);
                own() || collected || child.registered || dunder || self.running.live.is_live(module, &child.name, kind)
            }
        }
    }
}

/// Whether a function may be called by the interpreter.
fn kind(frame: &Frame<'_>, child: &Unit) -> FunctionKind {
    let in_class = frame.unit().kind == UnitKind::Class;
    if in_class || child.name.starts_with('_') { FunctionKind::Method } else { FunctionKind::Plain }
}
