//! Import statements.

use super::super::names::top_name;
use super::super::reading::facts::{Import, ImportNames};
use super::super::running::Frame;
use super::core::{By, Reaching};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

impl Reaching<'_> {
    /// Carries out the import statements of a scope.
    pub fn import_statements(&mut self, trace: &mut Trace<'_>, frame: &Frame<'_>) {
        for import in &frame.unit().imports {
            if let Some(sibling) = self.implicit_sibling(frame, import) {
                self.import_statement(trace, frame, import, &sibling);
            }
            let target = self.search.absolute(frame.module(), import.level, &import.module);
            if !self.is_statement_cut(frame, import, &target) {
                self.import_statement(trace, frame, import, &target);
            }
        }
    }

    /// What a statement of Python 2 code means first: a module beside the importing one.
    /// <https://docs.python.org/2.7/tutorial/modules.html#intra-package-references>
    fn implicit_sibling(&mut self, frame: &Frame<'_>, import: &Import) -> Option<String> {
        let is_old = self.search.environment(frame.env).version.0 == 2;
        if !is_old || import.level > 0 {
            return None;
        }
        let sibling = self.search.absolute(frame.module(), 1, &import.module);
        let top = self.search.absolute(frame.module(), 1, top_name(&import.module));
        (sibling != *import.module && self.search.exists(frame.env, &top)).then_some(sibling)
    }

    fn import_statement(&mut self, trace: &mut Trace<'_>, frame: &Frame<'_>, import: &Import, target: &str) {
        let site = frame.site(Evidence::at(EvidenceKind::Import, target, import.line));
        let complete = self.import_for(trace, &site, target, &import.constant_calls);
        if !complete && (!import.optional || self.search.is_builtin(site.env, target)) {
            // Rules may speak of names that no file stands for (`six.moves.tkinter`).
            self.set_off_by_module(trace, target, &By { file: site.from, dir: None, env: Some(site.env) });
        }
        match &import.names {
            ImportNames::Module => {}
            ImportNames::Star => {
                for id in self.search.find(site.env, target) {
                    self.take_star(trace, id);
                }
            }
            ImportNames::Names(names) => {
                for name in names {
                    self.use_imported(site.env, target, name);
                    self.use_name(trace, Some(frame.module()), name);
                    let full = if target.is_empty() { name.to_string() } else { format!("{target}.{name}") };
                    if !complete {
                        self.search.note_missing(&site, &full);
                    }
                    let exists = self.search.exists(site.env, &full);
                    if exists && !self.is_statement_cut(frame, import, &full) {
                        let site = frame.site(Evidence::at(EvidenceKind::Import, full.as_str(), import.line));
                        self.import_for(trace, &site, &full, &import.constant_calls);
                    }
                }
            }
        }
        let own = site.from.is_some_and(|file| self.is_users(file));
        if !complete && own && !import.optional && !self.search.is_builtin(site.env, target) {
            trace.graph.uncertain(site.from, import.line, format!("import of {target} was not found"), "nothing");
        }
    }
}
