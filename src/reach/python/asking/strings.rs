//! Strings of running scopes that may name modules, files and groups of entry points.

use super::super::reaching::Reaching;
use super::super::reading::facts::{HOLE, Text};
use super::super::running::Frame;
use super::super::site::Expected;
use super::open::Asking;
use super::{libraries, paths, search_path};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

/// Functions and classes that read entry points by the name of their group.
const GROUP_READERS: &[&str] = &["entry_points", "iter_entry_points", "ExtensionManager"];

impl Asking {
    /// What the strings of a scope name.
    pub fn answer_strings(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>) {
        let base = reaching.search.relative_base(frame.module(), 1);
        let is_library = reaching.search.is_stdlib(frame.module()) && !reaching.search.is_test(frame.module());
        for text in &frame.unit().strings {
            if !is_library {
                reaching.running.start_stand_ins(&text.value);
                libraries::mention(&mut trace.graph, frame, text);
            }
            let site = frame.site(Evidence::at(EvidenceKind::Name, &*text.value, text.line));
            reaching.metadata.groups.add_string(&text.value);
            if text.value.starts_with('/') {
                paths::reach_literal(&mut trace.graph, &site, &text.value);
            } else if text.value.contains(['.', ':']) {
                if !reaching.is_cut(frame.module(), &text.value, &frame.scope_names()) {
                    self.import_named(reaching, trace, &site, &text.value, Expected::Anything);
                }
            } else if reaching.is_users_code(frame.file) && reaching.search.is_installed(frame.env, &text.value) {
                // Settings name packages and modules by a lone word (`INSTALLED_APPS = ["rest_framework"]`).
                self.import_named(reaching, trace, &site, &text.value, Expected::Name);
            }
            // A module with `__getattr__` (PEP 562) imports what its strings name, when it is asked for it.
            if frame.facts.lazy
                && let Some(base) = &base
            {
                reaching.import_relative(trace, &site, base, &text.value);
            }
        }
        self.start_named(reaching, &mut trace.graph, frame);
        self.import_attributes_of(reaching, trace, frame);
        search_path::add_startup_modules(reaching, &mut trace.graph, frame);
        let reads_groups = frame.facts.uses_any(GROUP_READERS);
        for text in &frame.unit().patterns {
            if reads_groups {
                reaching.metadata.groups.add_pattern(&text.value);
            }
            if !is_library {
                libraries::mention(&mut trace.graph, frame, text);
            }
            self.answer_pattern(reaching, trace, frame, text);
        }
    }

    fn answer_pattern(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>, text: &Text) {
        paths::reach_computed(self, reaching, &mut trace.graph, frame, text);
        if reaching.is_users_code(frame.file) {
            let evidence = Evidence::at(EvidenceKind::DynamicImport, text.value.replace(HOLE, "*"), text.line);
            self.import_begun(reaching, trace, &frame.site(evidence), &text.value);
        }
        if frame.facts.lazy && !text.value.contains('/') {
            let evidence = Evidence::at(EvidenceKind::DynamicImport, text.value.replace(HOLE, "*"), text.line);
            self.import_pattern(reaching, trace, &frame.site(evidence), frame.module(), &text.value);
        }
    }
}
