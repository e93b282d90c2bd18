//! Packages that are put together from several folders.

use super::super::reaching::Reaching;
use super::super::running::Frame;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;

/// `pkgutil.extend_path`, `pkg_resources.declare_namespace`: every folder of that name on the search path.
pub(super) fn join(reaching: &mut Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>) {
    let Some(top) = frame.file else { return };
    let name = reaching.search.module(frame.module()).name.clone();
    let evidence = Evidence::new(EvidenceKind::Import, format!("part of namespace package {name}"));
    let tree = graph.tree();
    let relative = name.replace('.', "/");
    for dir in reaching.search.path_dirs(frame.env) {
        let Some(found) = tree.resolve_from(dir, &relative).map(|found| found.node) else { continue };
        if tree.inode(found).is_dir() {
            reaching.search.extend_package(frame.module(), found);
            if let Some(init) = tree.child(found, b"__init__.py") {
                graph.reach_followed(Some(top), init, &evidence);
            }
        }
    }
}
