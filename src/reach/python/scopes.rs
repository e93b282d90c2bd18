//! Scopes that run: their imports, names, strings and calls count.

use super::reading::callees::{Meaning, meaning};
use super::reading::facts::{Call, UnitKind};
use super::resolver::Python;
use super::running::{Frame, ScopeId};
use crate::reach::trace::Trace;

impl Python<'_> {
    pub(super) fn run_scope(&mut self, trace: &mut Trace<'_>, scope: ScopeId) {
        let Self { reaching, asking, codecs, .. } = self;
        let module = scope.module;
        if let Some(file) = reaching.file_of(module).filter(|_| !reaching.running.code.is_snippet(module))
            && let Some(facts) = reaching.running.code.extension(file)
        {
            return asking.answer_extension(reaching, trace, module, &facts);
        }
        let Some(facts) = reaching.facts_of(module) else { return };
        if facts.units.get(scope.unit as usize).is_none() {
            return;
        }
        let frame = reaching.frame(scope, &facts);
        if frame.unit().kind == UnitKind::Function {
            codecs.function_runs(reaching, trace, module, &frame.unit().name);
        }
        self.use_names(trace, &frame);
        if frame.is_body() {
            self.reaching.use_exports(module, &facts);
            self.reaching.use_settings(trace, module, &facts);
        }
        for text in &frame.unit().patterns {
            self.reaching.running.live.add_pattern(&text.value);
        }
        self.reaching.start_children(&frame);
        if frame.is_body() {
            self.run_body(trace, &frame);
        }
        self.reaching.import_statements(trace, &frame);
        for call in &frame.unit().calls {
            self.call(trace, &frame, call);
        }
        self.asking.answer_strings(&mut self.reaching, trace, &frame);
        if let Some(held) = self.reaching.running.code.held(module).filter(|_| frame.is_body()) {
            self.asking.answer_extension(&mut self.reaching, trace, module, &held);
        }
    }

    /// The names and strings that a scope uses.
    fn use_names(&mut self, trace: &mut Trace<'_>, frame: &Frame<'_>) {
        let Self { reaching, codecs, .. } = self;
        let module = frame.module();
        for name in frame.unit().names.iter() {
            reaching.running.live.add(name);
            reaching.use_name(trace, Some(module), name);
            reaching.use_computed(trace, Some(module), name);
        }
        // Of what a file binds itself, functions are all that waits for its name.
        for name in frame.unit().variables.iter().filter(|name| frame.facts.has_function(name)) {
            reaching.running.live.add_in(module, name);
        }
        let stdlib = reaching.search.is_stdlib(module);
        for text in &frame.unit().strings {
            reaching.running.live.add_string(&text.value);
            reaching.use_name(trace, Some(module), &text.value);
            if !stdlib {
                codecs.of_string(reaching, trace, frame, text);
            }
        }
    }

    /// What only the body of a module has.
    fn run_body(&mut self, trace: &mut Trace<'_>, frame: &Frame<'_>) {
        if self.reaching.running.modules.is_taken_whole(frame.module()) {
            self.reaching.reach_star(trace, frame.module(), frame.facts);
        }
        if let Some(message) = &frame.facts.unparsed {
            let what = format!("does not parse as Python 3 ({message})");
            trace.graph.uncertain(frame.file, 0, what, "imports were read line by line");
        }
        self.reaching.run_names(trace, frame.module());
    }

    fn call(&mut self, trace: &mut Trace<'_>, frame: &Frame<'_>, call: &Call) {
        let Self { reaching, asking, codecs, .. } = self;
        codecs.of_keyword(reaching, trace, frame, call);
        asking.import_beside(reaching, trace, frame, call);
        codecs.of_computed(reaching, trace, frame, call);
        match meaning(&call.callee) {
            Some(Meaning::Codec) => codecs.of_arguments(reaching, trace, frame, call),
            Some(meaning) => asking.answer(reaching, trace, frame, call, meaning),
            None => asking.answer_unknown(reaching, trace, frame, call),
        }
    }
}
