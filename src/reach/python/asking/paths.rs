//! Paths that strings hold.

use super::super::names::OWN_FILE;
use super::super::reaching::{Folders, Reaching, reach_matching, reach_package};
use super::super::reading::facts::{HOLE, Text};
use super::super::running::Frame;
use super::super::site::Site;
use super::answered::MAX_BESIDE;
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::rootfs::{NodeId, Tree};

/// A path that code names literally.
pub(super) fn reach_literal(graph: &mut Graph<'_>, site: &Site, path: &str) {
    // `/` and `/usr` name nothing in particular.
    if path.len() > 4 && path.trim_matches('/').contains('/') {
        graph.reach_path(site.from, Tree::ROOT, path, &site.evidence);
    }
}

/// A path put together from the module's own place and readable parts: `HOLE/data/x.json`.
pub(super) fn reach_computed(
    asking: &mut Asking,
    reaching: &mut Reaching<'_>,
    graph: &mut Graph<'_>,
    frame: &Frame<'_>,
    text: &Text,
) {
    let Some(file) = frame.file else { return };
    let Some(path) = readable_part(&text.value) else { return };
    let evidence = Evidence::at(EvidenceKind::Data, path, text.line);
    if reach_in_package(reaching, graph, frame, file, (&text.value, path), &evidence) {
        return;
    }
    // `Path(other.__file__).parent / "x.py"`: beside a module that this one imports.
    if path.contains('.') && frame.facts.uses_any(&[OWN_FILE]) {
        let packages = asking.imported_packages(reaching, frame);
        if !asking.answered.look_beside(frame.module(), packages.len()) {
            let what = format!("more than {MAX_BESIDE} places beside imported packages may be meant");
            let (effect, settle) = ("nothing was kept for the others", "--keep GLOB");
            return graph.doubtful_if_own_once(Some(file), 0, what, effect, settle);
        }
        for package in packages.iter() {
            for id in reaching.search.find(frame.env, package) {
                for &dir in &reaching.search.module(id).dirs {
                    graph.reach_path(Some(file), dir, path, &evidence);
                }
            }
        }
    }
}

/// What follows the place that a path starts from, up to the next part that cannot be read.
fn readable_part(pattern: &str) -> Option<&str> {
    let rest = pattern.strip_prefix(HOLE)?;
    let path = rest.split(HOLE).next().unwrap_or("");
    // What stands before an unreadable part is a folder.
    let path = if path.len() == rest.len() { path } else { path.rsplit_once('/').map_or("", |(dir, _)| dir) };
    let path = path.trim_matches('/');
    (path.len() >= 2 && rest.starts_with('/')).then_some(path)
}

/// Marks what a path leads to from the module's own folder, or one above it in its own package: a path such as `HOLE/lib`
/// fits somewhere above everything. Returns whether it leads anywhere.
fn reach_in_package(
    reaching: &Reaching<'_>,
    graph: &mut Graph<'_>,
    frame: &Frame<'_>,
    file: NodeId,
    (pattern, path): (&str, &str),
    evidence: &Evidence,
) -> bool {
    let tree = graph.tree();
    let package = reaching.search.module(frame.module()).package();
    let depth = package.split('.').filter(|part| !part.is_empty()).count();
    let mut base = tree.parent(file);
    for _ in 0..depth.max(1) {
        if let Some(found) = tree.resolve_from(base, path).filter(|found| found.node != base) {
            let shared = depth == 0 && base == reaching.search.environment(frame.env).stdlib;
            if !tree.inode(found.node).is_dir() {
                graph.reach_path(Some(file), base, path, evidence);
            } else if !shared {
                reach_package(graph, Some(file), found.node, Folders::Entered);
                if pattern.ends_with(".py") {
                    let name = pattern.rsplit('/').next().unwrap_or_default();
                    reach_matching(graph, Some(file), found.node, name, evidence);
                }
            }
            return true;
        }
        base = tree.parent(base);
    }
    false
}
