//! Symlinks to directories stay. They cost nothing, and a program that makes a file looks up what does not exist yet: `/var/run/x.pid`
//! goes through `/var/run`, which no evidence speaks of.

use rustc_hash::FxHashMap;

use super::directories::is_writable;
use super::inputs::{Decision, Inputs};
use super::verdict::{KeepReason, Plan, Verdict};
use crate::owners::{Ecosystem, OwnerId};
use crate::rootfs::{Kind, NodeId, Tree};

/// Keeps every symlink that would go for not being reached and that leads to a directory that stays, or to a place that does not
/// exist, in a directory that programs may write to. Directories on the way to such a symlink stay, too, and with them what leads to
/// these. A licence goes with what it licenses, though, and a link of Nix's with its store path: nobody writes there.
pub fn keep(inputs: &Inputs<'_>, plan: &mut Plan, decisions: &[Decision<'_>]) {
    let tree = inputs.tree();
    let is_stored = |owner: &OwnerId| inputs.owners.get(*owner).ecosystem == Ecosystem::Nix;
    let mut waiting: FxHashMap<NodeId, Vec<NodeId>> = FxHashMap::default();
    for &Decision { node, licence, .. } in decisions {
        if let Kind::Symlink(target) = &tree.inode(node).kind
            && licence.is_none()
            && matches!(plan.verdict(node), Verdict::Prune(owner) if !is_stored(owner))
            && let Some(dir) = leads_to(tree, tree.parent(node), target)
        {
            waiting.entry(dir).or_default().push(node);
        }
    }
    let mut staying: Vec<NodeId> = tree.iter().filter(|&node| tree.inode(node).is_dir() && plan.keeps(node)).collect();
    while let Some(dir) = staying.pop() {
        for link in waiting.remove(&dir).unwrap_or_default() {
            plan.set(link, Verdict::Keep(KeepReason::DirectoryLink));
            let mut above = tree.parent(link);
            while !plan.keeps(above) {
                plan.set(above, Verdict::Keep(KeepReason::Directory));
                staying.push(above);
                above = tree.parent(above);
            }
        }
    }
}

/// The directory that a symlink in `base` leads to, or that a file would be made in through it.
fn leads_to(tree: &Tree, base: NodeId, target: &[u8]) -> Option<NodeId> {
    let (found, complete) = tree.resolve_existing(base, target)?;
    let leads = if complete { tree.inode(found.node).is_dir() } else { is_writable(tree, found.node) };
    leads.then_some(found.node)
}

#[cfg(test)]
mod tests {
    use crate::plan::testing::scene;
    use crate::plan::{KeepReason, Verdict};
    use crate::reach::{Evidence, EvidenceKind, Graph};

    #[test]
    fn links_to_directories_stay_with_what_they_lead_to() {
        let scene = scene()
            .add("/run/lock/ +base")
            .add("/var/run -> /run +base")
            .add("/var/lock -> ../run/lock +base")
            .add("/usr/share/tool/logs -> /var/log/tool/today +tool")
            .add("/usr/share/tool/state -> /var/lib/tool +tool")
            .add("/usr/share/tool/data/x +tool")
            .add("/usr/share/other/link -> ../tool +other")
            .add("/usr/lib/gone/x +gone")
            .add("/usr/lib/link -> gone +gone")
            .add("/usr/lib/nothing -> none +gone")
            .add("/usr/lib/round -> round +gone")
            .add("/usr/bin/link -> ../lib/gone/x +gone")
            .add("/var/lib/tool/")
            .add("/app/x")
            .build();
        let mut graph = Graph::new(&scene.rootfs);
        graph.reach(None, scene.node("/app/x"), Evidence::new(EvidenceKind::EntryPoint, "x"));
        let plan = scene.plan(&[], Some(&graph.edges));
        let links = ["/var/run", "/var/lock", "/usr/share/tool/logs", "/usr/share/tool/state", "/usr/share/other/link"];
        for link in links {
            assert_eq!(*scene.verdict(&plan, link), Verdict::Keep(KeepReason::DirectoryLink), "{link}");
        }
        for link in ["/usr/lib/link", "/usr/lib/nothing", "/usr/lib/round", "/usr/bin/link", "/usr/share/tool/data/x"] {
            assert!(!plan.keeps(scene.node(link)), "{link}");
        }
    }
}
