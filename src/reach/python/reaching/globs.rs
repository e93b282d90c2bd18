//! Globs that imports asked for.

use std::collections::{HashMap, HashSet};

use super::super::search::{Search, base_of};
use super::super::site::Site;
use super::core::Reaching;
use crate::reach::evidence::EvidenceKind;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// Globs are held against so many names of modules. From then on all modules of a package count where a glob asks for some.
const MAX_TRIED: u64 = 1 << 22;

type Asked = (usize, Box<str>, Option<NodeId>, EvidenceKind);

/// What was asked for: thousands of calls in a file ask for the same.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct AskedGlobs {
    /// For which state of the search each was.
    asked: HashMap<Asked, u32>,
    /// The packages of which all modules were imported, by environment.
    whole: HashSet<(usize, Box<str>)>,
    /// It was said that there are too many.
    told: bool,
}

impl AskedGlobs {
    /// Whether globs were held against as many names as they may be.
    pub fn is_full(&self, search: &Search<'_>) -> bool {
        search.tried() > MAX_TRIED
    }

    /// Notes what a site asks for. Returns whether it did not yet.
    fn begin(&mut self, site: &Site, glob: &str, changes: u32) -> bool {
        self.asked.insert((site.env, glob.into(), site.from, site.evidence.kind), changes) != Some(changes)
    }
}

impl Reaching<'_> {
    /// Imports every module that a glob fits.
    pub fn import_glob(&mut self, trace: &mut Trace<'_>, site: &Site, glob: &str) {
        if !self.globs.begin(site, glob, self.search.changes()) {
            return;
        }
        if !self.globs.is_full(&self.search) {
            for name in self.search.glob(site.env, glob) {
                self.import(trace, site, &name);
            }
            return;
        }
        let base = base_of(glob);
        if base == glob {
            self.import(trace, site, glob);
            return;
        }
        if !std::mem::replace(&mut self.globs.told, true) {
            let what = "code puts more names of modules together than are looked for one by one";
            let effect = "all modules below the readable parts of further names are kept";
            trace.graph.doubtful_if_own(site.from, site.evidence.line, what, effect, "--keep GLOB");
        }
        let tops = if base.is_empty() { self.search.top_level(site.env) } else { vec![base.to_owned()] };
        for top in tops {
            self.import_whole(trace, site, &top);
        }
    }

    fn import_whole(&mut self, trace: &mut Trace<'_>, site: &Site, package: &str) {
        if self.globs.whole.insert((site.env, package.into())) {
            self.import(trace, site, package);
            for name in self.search.all_below(site.env, package).iter() {
                self.import(trace, site, name);
            }
        }
    }
}
