//! Modules in folders that joined the search path after their names had been found elsewhere.

use super::super::site::Site;
use super::core::Reaching;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

impl Reaching<'_> {
    /// Reaches what stands before reached modules since a search path grew, as they are: a program that imports the name
    /// later gets this one.
    pub(super) fn reach_shadowing(&mut self, trace: &mut Trace<'_>) {
        for (shadowing, by) in self.search.take_shadowing() {
            let before = shadowing.before.into_iter();
            let reached: Vec<_> = before.filter(|&id| self.running.modules.has(id)).collect();
            if reached.is_empty() {
                continue;
            }
            let id = shadowing.module;
            let module = self.search.module(id);
            let (env, name) = (module.env, module.name.clone());
            let evidence = Evidence::new(EvidenceKind::Import, format!("{name} of a folder that it searches first"));
            self.reach_module(trace, &Site { env, from: Some(by), evidence }, id);
            for old in reached {
                if self.running.modules.is_taken_whole(old) {
                    self.take_star(trace, id);
                }
                for taken in self.running.live.taken_from(old) {
                    let submodule = self.search.exists(env, &format!("{name}.{taken}"));
                    self.use_taken(id, &taken, submodule);
                }
            }
        }
    }
}
