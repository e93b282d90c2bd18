//! Code that changes `sys.path`.

use super::super::names::{NAME, OWN_FILE, STARTUP_MODULES, top_name};
use super::super::reaching::Reaching;
use super::super::reading::facts::{Call, HOLE};
use super::super::running::Frame;
use super::super::search::{Place, Search};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;
use crate::rootfs::{NodeId, Tree};

/// Functions that put a folder behind all others.
const BEHIND: [&str; 3] = ["append", "extend", "addsitedir"];

/// How far above a module the folders are that it may name.
const MAX_LEVELS: usize = 3;

/// `sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendor"))`: folders below the module or the
/// folders above it that the call's readable parts name; those that any string around the call names, where the code
/// knows its own place; without any, the module's own folder and the one above it. The standard library only
/// passes on what it is given.
pub(super) fn extend(search: &mut Search<'_>, frame: &Frame<'_>, call: &Call) {
    let Some(file) = frame.file else { return };
    if search.is_stdlib(frame.module()) {
        return;
    }
    let tree = search.tree();
    let mut texts = call.texts();
    let knows_its_place = frame.enclosing().any(|scope| scope.uses(OWN_FILE));
    if knows_its_place {
        for scope in frame.enclosing() {
            texts.extend(scope.patterns.iter().chain(&scope.strings).map(|text| &*text.value));
        }
    }
    let mut found: Vec<NodeId> = texts.into_iter().filter_map(|text| folder(tree, file, text)).collect();
    if found.is_empty() && knows_its_place {
        let own = tree.parent(file);
        found.extend([own, tree.parent(own)]);
    }
    let place = if BEHIND.contains(&call.function()) { Place::Last } else { Place::First(file) };
    for dir in found.into_iter().filter(|&dir| dir != Tree::ROOT) {
        search.add_local(frame.env, dir, place);
    }
}

/// A library that speaks of `PYTHONPATH` may start interpreters with a folder of its own on their search path, for the sake
/// of what they import there by themselves: launchers of profilers and tracers do.
pub(super) fn add_startup_modules(reaching: &mut Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>) {
    if !frame.unit().uses("PYTHONPATH") || reaching.search.is_stdlib(frame.module()) {
        return;
    }
    let tree = graph.tree();
    let top = top_name(&reaching.search.module(frame.module()).name).to_owned();
    let packages = reaching.search.find(frame.env, &top);
    let mut open: Vec<NodeId> = packages.iter().flat_map(|&id| reaching.search.module(id).dirs.clone()).collect();
    while let Some(dir) = open.pop() {
        for child in tree.children(dir) {
            if tree.inode(child).is_dir() {
                open.push(child);
            } else if STARTUP_MODULES.iter().any(|name| tree.name(child).strip_suffix(b".py") == Some(name.as_bytes()))
            {
                reaching.search.add_local(frame.env, dir, Place::Last);
                let evidence = Evidence::new(EvidenceKind::Startup, "on the PYTHONPATH of who its library starts");
                graph.reach_followed(frame.file, child, &evidence);
                graph.tell(frame.file, Notice::Script { language: NAME, file: child }, evidence);
            }
        }
    }
}

/// The folder that a text may name, seen from a file.
fn folder(tree: &Tree, file: NodeId, text: &str) -> Option<NodeId> {
    let path = text.rsplit(HOLE).next().unwrap_or("").trim_matches('/');
    if path.len() < 2 || text.contains(' ') {
        return None;
    }
    let mut base = tree.parent(file);
    for _ in 0..MAX_LEVELS {
        let found = if text.starts_with('/') { tree.resolve(text) } else { tree.resolve_from(base, path) };
        if let Some(found) = found.filter(|found| tree.inode(found.node).is_dir()) {
            return Some(found.node);
        }
        base = tree.parent(base);
    }
    None
}
