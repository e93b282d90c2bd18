//! What the page's script works on: every file of the image as columns of numbers, with each text told once.
//!
//! Nodes stand in the order of the tree, so that a node's folder always comes before it; files that later layers hide
//! follow at the end.

use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::super::model::SQUASHED;
use super::super::paths::printable;
use super::super::why::{Explainer, Reason};
use super::packages::Package;
use crate::owners::OwnerId;
use crate::plan::Verdict;
use crate::rootfs::{Accounting, Kind, NodeId, Superseded, Tree};

/// Texts, each told once.
#[derive(Default)]
struct Interner {
    texts: Vec<String>,
    known: HashMap<String, usize>,
}

impl Interner {
    fn add(&mut self, text: &str) -> usize {
        if let Some(&at) = self.known.get(text) {
            return at;
        }
        let at = self.texts.len();
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), at);
        at
    }
}

/// A verdict with its reason. Many files share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct Judgement {
    stays: bool,
    /// In one or two words: a category of what goes, or why it stays.
    label: String,
    sentence: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// The edges that reached files, as columns.
#[derive(Default, Serialize)]
struct EdgeRows {
    /// The file reached, less the one before in this list.
    to: Vec<usize>,
    /// The file the evidence stands in, plus one; 0 for the image's config.
    from: Vec<usize>,
    /// Kind and detail, as indices of `texts`, and line.
    kind: Vec<usize>,
    detail: Vec<usize>,
    line: Vec<u32>,
}

#[derive(Serialize)]
pub struct Data<'a> {
    names: Vec<usize>,
    /// How far above its folder stands.
    up: Vec<usize>,
    /// `d`irectory, `f`ile, sym`l`ink, other (`x`); a file that a later layer `h`ides.
    types: String,
    /// Bytes in the original; of a file with several names with one of them only.
    sizes: Vec<u64>,
    judgements: Vec<Judgement>,
    verdicts: Vec<usize>,
    /// Indices of `packages`, plus one; 0 for none.
    owners: Vec<usize>,
    layers: Vec<u32>,
    /// New sizes of files that stay with other content.
    rewritten: Vec<(usize, u64)>,
    /// Where symlinks point to, as indices of `texts`.
    targets: Vec<(usize, usize)>,
    edges: EdgeRows,
    texts: Vec<String>,
    packages: &'a [Package],
}

struct Columns<'a> {
    explainer: &'a Explainer<'a>,
    texts: Interner,
    known: FxHashMap<Judgement, usize>,
    data: Data<'a>,
}

/// The columns for one image. `packages` has one entry an owner, in the owners' order.
pub fn data<'a>(explainer: &'a Explainer<'a>, accounting: &Accounting, packages: &'a [Package]) -> Data<'a> {
    let basis = explainer.basis();
    let tree = &basis.rootfs.tree;
    let mut columns = Columns {
        explainer,
        texts: Interner::default(),
        known: FxHashMap::default(),
        data: Data {
            names: Vec::new(),
            up: Vec::new(),
            types: String::new(),
            sizes: Vec::new(),
            judgements: Vec::new(),
            verdicts: Vec::new(),
            owners: Vec::new(),
            layers: Vec::new(),
            rewritten: Vec::new(),
            targets: Vec::new(),
            edges: EdgeRows::default(),
            texts: Vec::new(),
            packages,
        },
    };
    let mut places = vec![0; tree.capacity()];
    let counted = counted(tree, |node| basis.plan.keeps(node));
    for (at, node) in tree.iter().enumerate() {
        if let Some(place) = places.get_mut(node.index()) {
            *place = at;
        }
        columns.node(
            node,
            at - places.get(tree.parent(node).index()).copied().unwrap_or_default(),
            counted.get(node.index()) == Some(&true),
        );
    }
    columns.edges(&places);
    columns.hidden(&accounting.superseded, &places);
    columns.data.texts = columns.texts.texts;
    columns.data
}

/// The names with which the bytes of files are counted: the first that stays, else the first.
fn counted(tree: &Tree, stays: impl Fn(NodeId) -> bool) -> Vec<bool> {
    let mut first: Vec<Option<NodeId>> = vec![None; tree.inode_capacity()];
    for node in tree.iter().filter(|&node| tree.inode(node).is_file()) {
        let Some(slot) = first.get_mut(tree.inode_id(node).index()) else { continue };
        if slot.is_none_or(|before| stays(node) && !stays(before)) {
            *slot = Some(node);
        }
    }
    let mut counted = vec![false; tree.capacity()];
    for node in first.into_iter().flatten() {
        if let Some(slot) = counted.get_mut(node.index()) {
            *slot = true;
        }
    }
    counted
}

impl Columns<'_> {
    fn push(&mut self, name: &BStr, up: usize, kind: char, size: u64, layer: u32, owner: Option<OwnerId>) {
        let name = self.texts.add(&printable(name));
        self.data.names.push(name);
        self.data.up.push(up);
        self.data.types.push(kind);
        self.data.sizes.push(size);
        self.data.layers.push(layer);
        self.data.owners.push(owner.map_or(0, |owner| owner.index() + 1));
    }

    fn judge(&mut self, judgement: Judgement) {
        let next = self.data.judgements.len();
        let at = *self.known.entry(judgement).or_insert_with_key(|judgement| {
            self.data.judgements.push(judgement.clone());
            next
        });
        self.data.verdicts.push(at);
    }

    fn node(&mut self, node: NodeId, up: usize, counted: bool) {
        let basis = self.explainer.basis();
        let tree = &basis.rootfs.tree;
        let inode = tree.inode(node);
        let at = self.data.names.len();
        let kind = match &inode.kind {
            Kind::Directory => 'd',
            Kind::File(_) => 'f',
            Kind::Symlink(target) => {
                let target = self.texts.add(&printable(target.as_bstr()));
                self.data.targets.push((at, target));
                'l'
            }
            _ => 'x',
        };
        let verdict = basis.plan.verdict(node);
        let owner = if let Verdict::Prune(owner) = verdict { Some(*owner) } else { None };
        let owner = if inode.is_dir() { None } else { self.explainer.owner_of(node).or(owner) };
        self.push(tree.name(node), up, kind, if counted { inode.size() } else { 0 }, inode.layer, owner);
        if counted && basis.plan.keeps(node) {
            let id = tree.inode_id(node);
            // Another file's content stands for that of a linked one.
            let linked = (basis.plan.standing_for(id) != id).then_some(0);
            self.data.rewritten.extend(linked.or(basis.plan.rewritten_size(id)).map(|size| (at, size)));
        }
        if inode.is_dir() {
            // Sentences about folders name one of their files each, and no folder is a row of the table.
            let (label, sentence, reason) = (String::new(), String::new(), String::new());
            return self.judge(Judgement { stays: basis.plan.keeps(node), label, sentence, reason });
        }
        let brief = self.explainer.brief(node);
        let label = match (verdict, brief.reason) {
            (Verdict::Strip(reason), _) => reason.category.to_string(),
            (_, reason) => label(reason).to_owned(),
        };
        let reason = brief.rule.and_then(|rule| rule.reason).unwrap_or_default().to_owned();
        self.judge(Judgement { stays: brief.stays, label, sentence: brief.sentence, reason });
    }

    fn edges(&mut self, places: &[usize]) {
        let basis = self.explainer.basis();
        let Some(reach) = basis.reach else { return };
        let place = |node: NodeId| places.get(node.index()).copied().unwrap_or_default();
        let mut before = 0;
        for (at, node) in basis.rootfs.tree.iter().enumerate() {
            let Some(edge) = reach.edges.get(node) else { continue };
            let edges = &mut self.data.edges;
            edges.to.push(at - before);
            before = at;
            edges.from.push(edge.from.map_or(0, |from| place(from) + 1));
            edges.kind.push(self.texts.add(edge.evidence.kind.as_str()));
            edges.detail.push(self.texts.add(&printable(BStr::new(&*edge.evidence.detail))));
            edges.line.push(edge.evidence.line);
        }
    }

    /// Adds the files that no name leads to any more, in the folders that they were in.
    fn hidden(&mut self, superseded: &[Superseded], places: &[usize]) {
        let tree = &self.explainer.basis().rootfs.tree;
        let goes = |label: &str, sentence: &str| Judgement {
            stays: false,
            label: label.to_owned(),
            sentence: sentence.to_owned(),
            reason: String::new(),
        };
        // Folders that are gone as well.
        let mut folders: HashMap<BString, usize> = HashMap::default();
        for hidden in superseded {
            let mut at = 0;
            let mut path = BString::default();
            let mut names = hidden.path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()).peekable();
            while let Some(name) = names.next() {
                let next = self.data.names.len();
                if names.peek().is_none() {
                    self.push(name.as_bstr(), next - at, 'h', hidden.bytes, hidden.layer, None);
                    self.judge(goes(SQUASHED, "a later layer replaces or deletes it"));
                    break;
                }
                path.push(b'/');
                path.extend_from_slice(name);
                let there = tree.get(&path).filter(|&node| tree.inode(node).is_dir());
                at = match (there, folders.get(&path)) {
                    (Some(node), _) => places.get(node.index()).copied().unwrap_or_default(),
                    (None, Some(&folder)) => folder,
                    (None, None) => {
                        self.push(name.as_bstr(), next - at, 'd', 0, hidden.layer, None);
                        self.judge(goes("", ""));
                        folders.insert(path.clone(), next);
                        next
                    }
                };
            }
        }
    }
}

/// A reason in one or two words.
fn label(reason: Reason) -> &'static str {
    match reason {
        Reason::Reached => "reached",
        Reason::EntryPoint => "entry point",
        Reason::Payload => "the image's own",
        Reason::KeepRule => "kept by a rule",
        Reason::Directory => "directory",
        Reason::LinkTarget => "target of a link",
        Reason::DirectoryLink => "link to a directory",
        Reason::Configuration => "configuration",
        Reason::Record => "package record",
        Reason::Bytecode => "byte code",
        Reason::NotExamined => "not examined",
        Reason::StripRule => "stripped",
        Reason::NotReached => super::super::model::PRUNED,
    }
}
