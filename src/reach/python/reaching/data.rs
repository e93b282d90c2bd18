//! Data beside reached code: the nearest enclosing package decides.

use super::super::reading::facts::HOLE;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::rootfs::{NodeId, Tree};

/// File name endings that are code or the makings of code: they stay only if they are reached themselves.
const CODE: &[&str] = &[
    ".py", ".pyc", ".pyo", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".f",
    ".f90", ".a", ".lib", ".pyd",
];

/// What happens to the folders of a package that are no packages themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::python) enum Folders {
    /// Their files are its data.
    Entered,
    /// They have nothing to do with it.
    LeftAlone,
}

/// Whether a file beside code is data that the code may read.
fn is_data(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    if CODE.iter().any(|end| lower.ends_with(end.as_bytes())) {
        return false;
    }
    // Extension modules are reached by imports; any other shared object may be loaded by path.
    let text = String::from_utf8_lossy(&lower);
    !(text.ends_with(".so") && (text.contains(".cpython-") || text.contains(".abi3.")))
}

/// Marks the data of the package whose directory is `dir`: its files, and perhaps those of its folders that are no
/// packages themselves.
pub(in crate::reach::python) fn reach_package(
    graph: &mut Graph<'_>,
    from: Option<NodeId>,
    dir: NodeId,
    folders: Folders,
) {
    let tree = graph.tree();
    let evidence = Evidence::new(EvidenceKind::Data, tree.path(dir).to_string());
    let mut stack = vec![(dir, false)];
    while let Some((at, below_data)) = stack.pop() {
        // Source among other files, in a folder that is no package, is a template that is copied or a script that is run by its
        // path (`env.py` of alembic), and so is source in folders below it (`versions`).
        let mixed = below_data
            || at != dir && tree.children(at).any(|child| tree.inode(child).is_file() && is_data(tree.name(child)));
        // Distributions that are installed in a folder are no data.
        let is_installed = mixed && tree.children(at).any(|child| tree.name(child).ends_with(b".dist-info"));
        // Stubs without code beside them are somebody's data (the typeshed of a type checker).
        let stubs = at != dir && !tree.children(at).any(|child| tree.name(child).ends_with(b".py"));
        for child in tree.children(at) {
            let name = tree.name(child);
            let Some(real) = tree.resolve_from(at, name).map(|found| found.node) else { continue };
            if tree.inode(real).is_dir() {
                let entered = folders == Folders::Entered
                    && name != "__pycache__"
                    && (mixed && !is_installed || !is_package(tree, real))
                    && tree.is_within(real, dir);
                // A folder that is left empty may be written to; a symlinked one is marked, not entered.
                if entered && real == child {
                    stack.push((real, mixed));
                } else if entered {
                    graph.reach_followed(from, child, &evidence);
                }
            } else if (is_data(name) || (mixed && name.ends_with(b".py")) || (stubs && name.ends_with(b".pyi")))
                && !graph.is_reached(child)
            {
                graph.reach_followed(from, child, &evidence);
            }
        }
    }
}

/// Whether a folder is a package whose data goes with it. One with no code but its `__init__` is a folder of data
/// that was made importable, often so that `importlib.resources` finds it.
fn is_package(tree: &Tree, dir: NodeId) -> bool {
    let init = |name: &[u8]| name.starts_with(b"__init__.") && !name.ends_with(b".pyi");
    let code = |name: &[u8]| [&b".py"[..], b".so", b".pyc"].iter().any(|end| name.ends_with(end)) && !init(name);
    let folder =
        |child: NodeId| tree.inode(child).is_dir() && tree.name(child) != "__pycache__" && is_package(tree, child);
    tree.children(dir).any(|child| init(tree.name(child)))
        && tree.children(dir).any(|child| code(tree.name(child)) || folder(child))
}

/// Marks the files below a folder that a path with [`HOLE`]s may mean. A part that is nothing but a hole could be any
/// file, which says too little.
pub(in crate::reach::python) fn reach_matching(
    graph: &mut Graph<'_>,
    from: Option<NodeId>,
    dir: NodeId,
    pattern: &str,
    evidence: &Evidence,
) {
    let tree = graph.tree();
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    if folder.contains(HOLE) || name.trim_matches([HOLE, '.']).is_empty() {
        return;
    }
    let Some(dir) = tree.resolve_from(dir, folder.trim_matches('/')).map(|found| found.node) else { return };
    let (first, last) = match (name.split_once(HOLE), name.rsplit_once(HOLE)) {
        (Some((first, _)), Some((_, last))) => (first, last),
        _ => {
            graph.reach_path(from, dir, name, evidence);
            return;
        }
    };
    let fits = |name: &[u8]| {
        name.len() >= first.len() + last.len() && name.starts_with(first.as_bytes()) && name.ends_with(last.as_bytes())
    };
    let found: Vec<_> =
        tree.children(dir).filter(|&child| !tree.inode(child).is_dir() && fits(tree.name(child))).collect();
    for file in found {
        graph.reach_followed(from, file, evidence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn the_nearest_package_decides() {
        let rootfs = Builder::new()
            .file("/p/__init__.py", b"")
            .file("/p/a.json", b"")
            .file("/p/code.pyx", b"")
            .file("/p/ext.cpython-311-x86_64-linux-gnu.so", b"")
            .file("/p/libx.so.1", b"")
            .file("/p/templates/deep/t.html", b"")
            .file("/p/templates/env.py", b"")
            .file("/p/templates/env.mako", b"")
            .file("/p/templates/module/__init__.py", b"")
            .file("/p/templates/module/spiders/__init__.py", b"")
            .file("/p/templates/versions/__init__.py", b"")
            .file("/p/templates/versions/001_first.py", b"")
            .file("/p/vendor/a.toml", b"")
            .file("/p/vendor/b-1.dist-info/METADATA", b"")
            .file("/p/vendor/b/__init__.py", b"")
            .file("/p/vendor/b/mod.py", b"")
            .file("/p/loose/mod.py", b"")
            .file("/p/loose/deep/mod.py", b"")
            .file("/p/sub/__init__.py", b"")
            .file("/p/sub/mod.py", b"")
            .file("/p/stubs/a/__init__.pyi", b"")
            .file("/p/grammars/__init__.py", b"")
            .file("/p/grammars/x.lark", b"")
            .file("/p/sub/b.json", b"")
            .build();
        let mut graph = Graph::new(&rootfs);
        reach_package(&mut graph, None, rootfs.tree.get("/p").unwrap(), Folders::Entered);
        let reached = |path: &str| graph.is_reached(rootfs.tree.get(path).unwrap());
        for path in
            ["/p/a.json", "/p/libx.so.1", "/p/templates/deep/t.html", "/p/templates/env.py", "/p/grammars/x.lark"]
        {
            assert!(reached(path), "{path}");
        }
        for path in ["module/__init__.py", "module/spiders/__init__.py", "versions/001_first.py"] {
            assert!(reached(&format!("/p/templates/{path}")), "{path}");
        }
        let loose = ["/p/loose/mod.py", "/p/loose/deep/mod.py"];
        for path in ["/p/code.pyx", "/p/ext.cpython-311-x86_64-linux-gnu.so", "/p/sub/b.json", "/p/vendor/b/mod.py"]
            .into_iter()
            .chain(loose)
        {
            assert!(!reached(path), "{path}");
        }
    }
}
