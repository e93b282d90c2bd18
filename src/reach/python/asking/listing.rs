//! Listings of packages.

use std::sync::Arc;

use super::super::names::{OWN_PATH, top_name};
use super::super::reaching::Reaching;
use super::super::reading::callees::Depth;
use super::super::reading::facts::{Call, ImportNames, Value};
use super::super::running::Frame;
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// What cuts call a listing of packages that cannot be read.
const LISTING: &str = "listing:packages";

/// So many packages a message names.
const SHOWN: usize = 16;

impl Asking {
    /// `pkgutil.iter_modules` and `walk_packages`.
    pub(super) fn list_modules(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
        depth: Depth,
    ) {
        let site = frame.site(Evidence::at(EvidenceKind::DynamicImport, &*call.callee, call.line));
        let mut packages = named_packages(reaching, frame, call);
        if packages.is_empty() {
            // Rules say what such a listing finds.
            if reaching.is_cut(frame.module(), LISTING, &[]) {
                return;
            }
            let (changes, unread) = (reaching.search.changes(), "lists modules of a package that cannot be read");
            if let Some(kept) = self.answered.listed(frame.module(), depth, changes) {
                return trace.graph.uncertain(frame.file, call.line, unread, &*kept);
            }
            // Its own package, or one that it imports and passes on (`for package in (core_plugins, extra): …`).
            packages.push(reaching.search.module(frame.module()).package().to_owned());
            packages.extend(self.imported_packages(reaching, frame).iter().cloned());
            packages.retain(|package| !package.is_empty());
            let top = top_name(&reaching.search.module(frame.module()).name).to_owned();
            for glob in self.packages.add_lister(&site, &top) {
                reaching.import_glob(trace, &site, &glob);
            }
            let kept = match packages.as_slice() {
                [] => "kept nothing more for it: it imports no package".to_owned(),
                packages => format!("kept the modules of {}", listed(packages)),
            };
            trace.graph.uncertain(frame.file, call.line, unread, kept.as_str());
            self.answered.put_listed(frame.module(), depth, changes, kept.into());
        }
        packages.sort();
        packages.dedup();
        for package in packages {
            if reaching.is_cut(frame.module(), &package, &["iter_modules"]) {
                continue;
            }
            let glob = match depth {
                Depth::All => format!("{package}.**"),
                Depth::Direct => format!("{package}.*"),
            };
            reaching.import_glob(trace, &site, &glob);
        }
    }
}

/// The packages that the arguments of a listing name.
fn named_packages(reaching: &mut Reaching<'_>, frame: &Frame<'_>, call: &Call) -> Vec<String> {
    let own = reaching.search.module(frame.module()).package().to_owned();
    let mut packages: Vec<String> = Vec::new();
    for arg in &call.args {
        let values = match &arg.value {
            Value::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            match value {
                Value::Name(name) => {
                    let name = name.trim_end_matches(OWN_PATH).trim_end_matches('.');
                    if name.is_empty() {
                        packages.push(own.clone());
                    } else if reaching.search.exists(frame.env, name) {
                        packages.push(name.to_owned());
                    } else {
                        packages.push(format!("{own}.{}", name.trim_start_matches('.')));
                    }
                }
                Value::Str(name) => packages.push(name.trim_end_matches('.').to_owned()),
                _ => {}
            }
        }
    }
    packages.retain(|package| reaching.search.exists(frame.env, package));
    packages
}

impl Asking {
    /// The packages outside the standard library that a file imports.
    pub(super) fn imported_packages(&mut self, reaching: &mut Reaching<'_>, frame: &Frame<'_>) -> Arc<[String]> {
        let changes = reaching.search.changes();
        if let Some(known) = self.answered.imported(frame.module(), changes) {
            return known;
        }
        let packages: Arc<[String]> = imported_packages(reaching, frame).into();
        self.answered.put_imported(frame.module(), changes, packages.clone());
        packages
    }
}

/// Names for a message: the first ones.
fn listed(names: &[String]) -> String {
    match names.split_at_checked(SHOWN) {
        Some((shown, more)) if !more.is_empty() => format!("{} and {} more", shown.join(", "), more.len()),
        _ => names.join(", "),
    }
}

/// The packages outside the standard library that a file imports.
fn imported_packages(reaching: &mut Reaching<'_>, frame: &Frame<'_>) -> Vec<String> {
    let search = &mut reaching.search;
    let mut names = Vec::new();
    for import in frame.facts.units.iter().flat_map(|unit| &unit.imports) {
        let base = search.absolute(frame.module(), import.level, &import.module);
        if let ImportNames::Names(taken) = &import.names {
            names.extend(taken.iter().map(|name| format!("{base}.{name}")));
        }
        names.push(base);
    }
    names.sort();
    names.dedup();
    names.retain(|name| {
        search.find(frame.env, name).into_iter().any(|id| {
            let module = search.module(id);
            let outside = |&dir: &NodeId| !search.lies_in_stdlib(frame.env, dir);
            module.is_package() && module.dirs.iter().all(outside)
        })
    });
    names
}
