//! The user's own files: roots of the analysis, after the entry points.

use super::evidence::{Evidence, EvidenceKind};
use super::graph::Graph;
use super::request::Request;
use crate::rootfs::{Kind, NodeId, Tree};

/// Marks what the user says is to be kept, then what nobody owns.
pub(super) fn reach(graph: &mut Graph<'_>, request: &Request<'_>) {
    for (option, nodes) in request.kept {
        let evidence = Evidence::new(EvidenceKind::EntryPoint, option.clone());
        for &node in nodes {
            graph.reach_followed(None, node, &evidence);
        }
    }
    let tree = &request.rootfs.tree;
    let evidence = Evidence::new(EvidenceKind::Payload, "no package owns it");
    for node in tree.iter() {
        let inode = tree.inode(node);
        let own = request.owners.of(node).is_none() && !request.baggage.get(node.index()).copied().unwrap_or(false);
        if !own || inode.is_dir() || is_state(tree, node) {
            continue;
        }
        if !matches!(inode.kind, Kind::Symlink(_)) {
            graph.reach(None, node, evidence.clone());
        } else if leads_to_file(tree, node) {
            graph.reach_followed(None, node, &evidence);
        }
    }
}

/// Whether a symlink of the user's makes a file part of the program. Those under `/etc` are the system's switches
/// (alternatives, run levels, units): they follow the fate of what they lead to.
fn leads_to_file(tree: &Tree, link: NodeId) -> bool {
    let target = tree.resolve_from(tree.parent(link), tree.name(link));
    !tree.path(link).starts_with(b"/etc/") && target.is_some_and(|target| tree.inode(target.node).is_file())
}

/// Places whose contents are the system's state or are put there by the container engine.
pub(super) fn is_state(tree: &Tree, node: NodeId) -> bool {
    const STATE: &[&str] = &[
        "/proc/",
        "/sys/",
        "/dev/",
        "/run/",
        "/var/run/",
        "/var/lib/dpkg/",
        "/var/lib/apt/",
        "/var/cache/",
        "/var/log/",
        "/nix/var/nix/",
    ];
    let path = tree.path(node);
    STATE.iter().any(|prefix| path.starts_with(prefix.as_bytes()))
}
