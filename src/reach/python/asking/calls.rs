//! What calls ask for.

use super::super::names::NAME;
use super::super::reaching::Reaching;
use super::super::reading::callees::Meaning;
use super::super::reading::facts::{Call, Value};
use super::super::running::Frame;
use super::open::Asking;
use super::{commands, lazy, libraries, namespaces, search_path};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;
use crate::reach::trace::Trace;

impl Asking {
    /// Answers a call that means something.
    pub fn answer(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
        meaning: Meaning,
    ) {
        let graph = &mut trace.graph;
        match meaning {
            Meaning::Import => self.import_by_call(reaching, trace, frame, call),
            Meaning::RunModule => {
                if let Some(Value::Str(name)) = subject(call) {
                    let evidence = Evidence::at(EvidenceKind::DynamicImport, &**name, call.line);
                    graph.tell(frame.file, Notice::Module { language: NAME, name: name.to_string() }, evidence);
                }
            }
            Meaning::StartModule => self.start_module(reaching, trace, frame, call),
            Meaning::List(depth) => self.list_modules(reaching, trace, frame, call, depth),
            Meaning::Namespace => namespaces::join(reaching, graph, frame),
            Meaning::Resource => self.read_resource(reaching, trace, frame, call),
            Meaning::Metadata => read_metadata(reaching, graph, frame, call),
            Meaning::EntryPoint => self.load_entry_point(reaching, trace, frame, call),
            Meaning::Library => libraries::load(graph, frame, call, subject(call)),
            Meaning::FindLibrary => libraries::find(graph, frame, call, subject(call)),
            Meaning::Command(form) => commands::run(reaching, trace, frame, call, form),
            Meaning::AttachStub => lazy::attach_stub(&mut self.answered, reaching, trace, frame, call),
            Meaning::Attach => lazy::attach(reaching, trace, frame, call),
            Meaning::SearchPath => search_path::extend(&mut reaching.search, frame, call),
            Meaning::Codec => {}
        }
    }

    /// What may be seen of a call whose callee says nothing. It may turn out to import what it is given.
    pub fn answer_unknown(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        lazy::list_own_path(reaching, trace, frame, call);
        lazy::include(reaching, trace, frame, call);
        commands::run_likely(reaching, &mut trace.graph, frame, call);
        if self.importers.has(call.function()) {
            let caller = self.import_arguments(reaching, trace, frame.scope, call);
            caller.into_iter().for_each(|caller| self.add_importer(reaching, trace, &caller));
        }
        self.importers.add_call(frame.scope, call);
    }
}

/// What a call is about.
fn subject(call: &Call) -> Option<&Value> {
    call.argument(0, &["name", "modname", "package", "anchor", "path", "mod_name"])
}

/// Marks the metadata of the distributions that a call names.
fn read_metadata(reaching: &mut Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call) {
    if matches!(subject(call), Some(Value::Name(_) | Value::Returned(_) | Value::Other))
        && checks_requirements(reaching, frame)
    {
        reaching.metadata.check_requirements();
    }
    for name in call.strings() {
        let name = name.split(['=', '<', '>', '[', ';', '~', '!', ' ']).next().unwrap_or("");
        if let Some(dist) = reaching.search.installed(frame.env).by_name(name) {
            let site = frame.site(Evidence::at(EvidenceKind::Metadata, &*call.callee, call.line));
            reaching.metadata.reach(graph, &reaching.search, &site, dist);
        }
    }
}

/// Whether a module asks what distributions require: the standard library only defines how.
fn checks_requirements(reaching: &Reaching<'_>, frame: &Frame<'_>) -> bool {
    !reaching.search.is_stdlib(frame.module()) && frame.facts.uses_any(&["requires"])
}
