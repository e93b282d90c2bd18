//! Compiled Python files: whoever owns the source owns them, listed or not.

use super::owner::Owners;
use crate::rootfs::{NodeId, Tree};

/// Claims every unowned `.pyc` and `.pyo` for the owner of its source (PEP 3147, PEP 488).
pub(super) fn claim(tree: &Tree, owners: &mut Owners) {
    for node in tree.iter() {
        if owners.of(node).is_none()
            && let Some(source) = source_of(tree, node)
        {
            owners.claim_like(node, source);
        }
    }
}

/// `pkg/mod.py` for `pkg/__pycache__/mod.cpython-311.opt-1.pyc`, `mod.py` for `mod.pyc` beside it.
fn source_of(tree: &Tree, node: NodeId) -> Option<NodeId> {
    let name = tree.name(node);
    let stem = name.strip_suffix(b".pyc").or_else(|| name.strip_suffix(b".pyo"))?;
    let mut dir = tree.parent(node);
    let module = if tree.name(dir) == "__pycache__" {
        dir = tree.parent(dir);
        let tagged = match stem.iter().rposition(|&b| b == b'.') {
            Some(dot) if stem[dot..].starts_with(b".opt-") => &stem[..dot],
            _ => stem,
        };
        &tagged[..tagged.iter().rposition(|&b| b == b'.')?]
    } else {
        stem
    };
    tree.child(dir, &[module, b".py"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn finds_the_source_of_compiled_files() {
        let rootfs = Builder::new()
            .file("/p/a.py", b"")
            .file("/p/__pycache__/a.cpython-311.pyc", b"")
            .file("/p/__pycache__/a.cpython-311.opt-2.pyc", b"")
            .file("/p/__pycache__/a.cpython-311-pytest-8.1.pyc", b"")
            .file("/p/__pycache__/gone.cpython-311.pyc", b"")
            .file("/p/__pycache__/a.pyc", b"")
            .file("/p/a.pyc", b"")
            .file("/p/.pyc", b"")
            .build();
        let tree = &rootfs.tree;
        let source = |path| source_of(tree, tree.get(path).unwrap()).map(|node| tree.path(node).to_string());
        let a = Some("/p/a.py".to_owned());
        assert_eq!(source("/p/__pycache__/a.cpython-311.pyc"), a);
        assert_eq!(source("/p/__pycache__/a.cpython-311.opt-2.pyc"), a);
        assert_eq!(source("/p/a.pyc"), a);
        assert_eq!(source("/p/__pycache__/gone.cpython-311.pyc"), None);
        assert_eq!(source("/p/__pycache__/a.pyc"), None);
        assert_eq!(source("/p/.pyc"), None);
    }
}
