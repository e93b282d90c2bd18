//! Imports by name.

use super::super::names::{is_identifier, parent_name};
use super::super::site::Site;
use super::core::Reaching;
use crate::reach::evidence::EvidenceKind;
use crate::reach::trace::Trace;

impl Reaching<'_> {
    /// Imports `name` and every package above it; what does not exist is passed over. Returns whether the whole
    /// name exists.
    pub fn import(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str) -> bool {
        self.import_for(trace, site, name, &[])
    }

    /// The same for an import that serves `constant_calls` only, if there are any: see
    /// [`Import`](super::super::reading::facts::Import).
    pub fn import_for(&mut self, trace: &mut Trace<'_>, site: &Site, name: &str, constant_calls: &[Box<str>]) -> bool {
        let mut complete = false;
        for end in name.match_indices('.').map(|(at, _)| at).chain([name.len()]) {
            let found = self.search.find(site.env, &name[..end]);
            complete = end == name.len() && !found.is_empty();
            if found.is_empty() {
                break;
            }
            for id in found {
                self.reach_module(trace, site, id);
            }
        }
        if !complete {
            self.search.note_missing(site, name);
        } else if site.evidence.kind != EvidenceKind::Rule {
            self.use_import(trace, site, name, constant_calls);
        }
        complete
    }

    /// Imports what a name relative to a package means: `.sub`, `sub`, `sub.module`, also followed by the name of an
    /// object. Returns whether there is such a module.
    pub fn import_relative(&mut self, trace: &mut Trace<'_>, site: &Site, base: &str, text: &str) -> bool {
        let name = text.split(':').next().unwrap_or("");
        let dots = name.chars().take_while(|&c| c == '.').count();
        let mut base = base;
        for _ in 1..dots {
            let Some(parent) = parent_name(base) else { return false };
            base = parent;
        }
        let mut name = &name[dots..];
        while !name.is_empty() && name.split('.').all(is_identifier) {
            let full = format!("{base}.{name}");
            if self.search.exists(site.env, &full) {
                self.import(trace, site, &full);
                return true;
            }
            match parent_name(name) {
                Some(parent) => name = parent,
                None => break,
            }
        }
        false
    }

    /// `"p.backends."`: imports the modules of a package, where names are put together with it. Returns whether there is
    /// such a package.
    pub fn import_prefix(&mut self, trace: &mut Trace<'_>, site: &Site, text: &str) -> bool {
        let Some(package) = text.strip_suffix('.').filter(|package| package.len() > 2 && !package.ends_with('.'))
        else {
            return false;
        };
        if package.starts_with('.') || !self.search.exists(site.env, package) {
            return false;
        }
        self.import_glob(trace, site, &format!("{package}.*"));
        true
    }

    /// Tries again what was not found, if a search path grew since. Returns whether one did.
    pub fn retry_missing(&mut self, trace: &mut Trace<'_>) -> bool {
        let Some(missing) = self.search.take_missing() else { return false };
        for (name, site) in missing {
            self.import(trace, &site, &name);
        }
        self.reach_shadowing(trace);
        true
    }
}
