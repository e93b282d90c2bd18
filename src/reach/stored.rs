//! A finished analysis, as a cache keeps it.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::assumption::{Assumed, Assumption};
use super::engine::analyse;
use super::entrypoint::Roots;
use super::evidence::{Edge, Evidence, EvidenceKind, Uncertainty};
use super::graph::Edges;
use super::request::{Effort, FileName, Reach, Request};
use super::rules::{Rules, TakenBack};
use crate::cache::Key;
use crate::rootfs::NodeId;

/// How results are kept: those of [`Request::doubt`] apart.
const FOUND: &str = "reach";
const DOUBTED: &str = "doubted reach";

/// Like [`analyse`], but takes over what an earlier run found. `inputs` stands for everything that the analysis depends on,
/// besides its own code: the layers, the config, the rules, the user's choices.
///
/// # Errors
/// See [`analyse`].
pub fn analyse_again(request: &Request<'_>, rules: Rules, inputs: &[u8]) -> Result<Reach, globset::Error> {
    let Some(cache) = request.cache else { return analyse(request, rules) };
    let key = |form| Key::new(form, inputs);
    let own = if request.doubt { DOUBTED } else { FOUND };
    // What an analysis found that also looked for what assumptions keep out is the same and more.
    let form = if cache.holds(&key(own)) || !cache.holds(&key(DOUBTED)) { own } else { DOUBTED };
    let capacity = request.rootfs.tree.capacity();
    if let Some(found) = cache.get(&key(form)).and_then(|stored: Stored| stored.unpack(capacity)) {
        return Ok(found);
    }
    let reach = analyse(request, rules)?;
    cache.put(key(own), &Stored::pack(&reach));
    Ok(reach)
}

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    /// What evidence says, each text once: many files have the same.
    details: Vec<Arc<str>>,
    edges: Vec<StoredEdge>,
    roots: Roots,
    uncertainties: Vec<Uncertainty>,
    names: Vec<FileName>,
    fired: Vec<String>,
    taken_back: Vec<TakenBack>,
    /// Of the files that only assumptions keep out.
    assumed: Vec<StoredEdge>,
    assumptions: Vec<(Assumption, Vec<NodeId>)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredEdge {
    node: NodeId,
    from: Option<NodeId>,
    kind: EvidenceKind,
    /// Position in [`Stored::details`].
    detail: u32,
    line: u32,
}

impl Stored {
    fn pack(reach: &Reach) -> Self {
        let mut details: Vec<Arc<str>> = Vec::new();
        let mut known: HashMap<Arc<str>, u32> = HashMap::default();
        let mut stored = |(node, edge): (NodeId, &'_ Edge)| {
            let evidence = &edge.evidence;
            let detail = *known.entry(evidence.detail.clone()).or_insert_with(|| {
                details.push(evidence.detail.clone());
                u32::try_from(details.len() - 1).unwrap_or(u32::MAX)
            });
            StoredEdge { node, from: edge.from, kind: evidence.kind, detail, line: evidence.line }
        };
        let edges = reach.edges.iter().map(&mut stored).collect();
        let besides = reach.assumed.edges.iter().filter(|&(node, _)| !reach.edges.is_reached(node));
        let assumed = besides.map(&mut stored).collect();
        Self {
            details,
            edges,
            assumed,
            assumptions: reach.assumed.by.clone(),
            roots: reach.roots.clone(),
            uncertainties: reach.uncertainties.clone(),
            names: reach.names.clone(),
            fired: reach.fired.clone(),
            taken_back: reach.taken_back.clone(),
        }
    }

    /// None if it cannot belong to a tree of this size.
    fn unpack(self, capacity: usize) -> Option<Reach> {
        let Self { details, edges: stored, roots, uncertainties, names, fired, taken_back, assumed, assumptions } =
            self;
        let inside = |node: NodeId| node.index() < capacity;
        let add = |edges: &mut Edges, StoredEdge { node, from, kind, detail, line }: StoredEdge| {
            if !inside(node) || !from.is_none_or(inside) {
                return None;
            }
            let detail = details.get(detail as usize)?.clone();
            edges.add(node, Edge { from, evidence: Evidence::at(kind, detail, line) });
            Some(())
        };
        let mut edges = Edges::none(capacity);
        for edge in stored {
            add(&mut edges, edge)?;
        }
        if !names.iter().all(|name| inside(name.file))
            || !assumptions.iter().flat_map(|(_, files)| files).all(|&file| inside(file))
        {
            return None;
        }
        let mut besides = if assumptions.is_empty() { Edges::default() } else { edges.clone() };
        for edge in assumed {
            add(&mut besides, edge)?;
        }
        let assumed = Assumed { edges: besides, by: assumptions };
        Some(Reach { edges, roots, uncertainties, names, fired, taken_back, assumed, effort: Effort::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::request::NameKind;

    fn name(name: &str, file: NodeId) -> FileName {
        FileName { kind: NameKind::Module, name: name.to_owned(), file }
    }

    fn reach() -> Reach {
        let mut edges = Edges::none(4);
        edges.add(NodeId(1), Edge { from: None, evidence: Evidence::new(EvidenceKind::EntryPoint, "Cmd") });
        edges.add(NodeId(3), Edge { from: Some(NodeId(1)), evidence: Evidence::at(EvidenceKind::Import, "json", 7) });
        edges.add(NodeId(0), Edge { from: Some(NodeId(1)), evidence: Evidence::new(EvidenceKind::Data, "beside") });
        edges.add(NodeId(2), Edge { from: Some(NodeId(1)), evidence: Evidence::new(EvidenceKind::Data, "beside") });
        edges.add(NodeId(2), Edge { from: Some(NodeId(3)), evidence: Evidence::new(EvidenceKind::Rule, "a-rule") });
        Reach { edges, names: vec![name("json", NodeId(3))], ..Reach::default() }
    }

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        let bytes = postcard::to_stdvec(&Stored::pack(&reach())).unwrap();
        let found = postcard::from_bytes::<Stored>(&bytes).unwrap().unpack(4).unwrap();
        for node in 0..4 {
            assert_eq!(found.edges.get(NodeId(node)), reach().edges.get(NodeId(node)));
        }
        assert!(found.edges.is_reached_for_certain(NodeId(2)) && !found.edges.is_reached_for_certain(NodeId(0)));
        assert_eq!(found.edges.chain(NodeId(2)), reach().edges.chain(NodeId(2)));
        assert_eq!(found.names, reach().names);
    }

    #[test]
    fn nodes_outside_the_tree_are_refused() {
        assert!(Stored::pack(&reach()).unpack(3).is_none());
        let mut stored = Stored::pack(&reach());
        stored.edges[0].detail = 9;
        assert!(stored.unpack(4).is_none());
        let mut stored = Stored::pack(&reach());
        stored.names.push(name("libz.so.1", NodeId(4)));
        assert!(stored.unpack(4).is_none());
    }
}
