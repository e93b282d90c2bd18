//! Everything that goes and everything that stays, seen from one side: categories, packages, layers or folders.
//!
//! Whatever the side, what goes adds up to [`Report::removed_bytes`](super::Report::removed_bytes) and what stays to
//! the result.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::basis::Basis;
use super::model::{LINKED, PRUNED, PackageTotal, REWRITTEN, SQUASHED, SYMBOLS, Sums, name_and_version};
use super::paths::printable;
use crate::owners::OwnerId;
use crate::plan::{Verdict, removals};
use crate::rootfs::{NodeId, Tree};

/// What to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Why files go.
    Category,
    /// The packages that files belong to.
    Owner,
    /// The layers that brought them.
    Layer,
    /// The folders they are in.
    Folder,
}

/// What goes and what stays of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its name, printable.
    pub name: String,
    /// Regular files that go.
    pub files: u64,
    /// Bytes that go; negative where rewritten files grow.
    pub bytes: i64,
    /// What stays.
    pub stays: Sums,
}

impl Part {
    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// All of them in one.
    pub(super) fn sum<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum.files += part.files;
            sum.bytes = sum.bytes.saturating_add(part.bytes);
            sum.stays.files += part.stays.files;
            sum.stays.bytes = sum.stays.bytes.saturating_add(part.stays.bytes);
            sum
        })
    }

    fn add(&mut self, piece: &Piece) {
        self.files += u64::from(piece.goes);
        self.bytes = self.bytes.saturating_add(piece.bytes);
        self.stays.files += piece.stays.files;
        self.stays.bytes = self.stays.bytes.saturating_add(piece.stays.bytes);
    }

    fn subtract(&mut self, other: &Self) {
        self.files = self.files.saturating_sub(other.files);
        self.bytes = self.bytes.saturating_sub(other.bytes);
        self.stays.files = self.stays.files.saturating_sub(other.stays.files);
        self.stays.bytes = self.stays.bytes.saturating_sub(other.stays.bytes);
    }

    /// Bytes before: what a part is sorted by.
    fn weight(&self) -> i128 {
        i128::from(self.bytes) + i128::from(self.stays.bytes)
    }
}

/// A regular file, counted once: at its first name that stays, else at its first name.
struct Piece {
    /// Where it is; none for one that a later layer hides.
    node: Option<NodeId>,
    /// Its path if it has no node.
    path: BString,
    layer: u32,
    goes: bool,
    bytes: i64,
    stays: Sums,
}

/// The parts, the largest first; of folders at most `count`, which are chosen so that they say most.
pub fn breakdown(basis: &Basis<'_>, by: By, count: usize) -> Vec<Part> {
    let pieces = pieces(basis);
    match by {
        By::Category => sorted(grouped(&pieces, |piece| category(basis, piece))),
        By::Owner => sorted(grouped(&pieces, |piece| owner(basis, piece))),
        By::Layer => {
            let mut parts: Vec<Part> =
                (1..=basis.accounting.layers.len()).map(|number| Part::named(format!("layer {number}"))).collect();
            for piece in &pieces {
                if let Some(part) = parts.get_mut(piece.layer as usize) {
                    part.add(piece);
                }
            }
            parts
        }
        By::Folder => sorted(folders(basis, &pieces, count)),
    }
}

/// Every package that has files, by ecosystem and name.
pub fn packages(basis: &Basis<'_>) -> Vec<PackageTotal> {
    let mut totals: BTreeMap<OwnerId, (i64, u64)> = BTreeMap::new();
    for piece in &pieces(basis) {
        let Some(id) = owner_id(basis, piece) else { continue };
        let (goes, stays) = totals.entry(id).or_default();
        *goes = goes.saturating_add(piece.bytes);
        *stays = stays.saturating_add(piece.stays.bytes);
    }
    let total = |(id, (goes, after)): (OwnerId, (i64, u64))| {
        let owner = basis.owners.get(id);
        PackageTotal {
            ecosystem: owner.ecosystem,
            name: owner.name.clone(),
            version: owner.version.clone(),
            before: after.saturating_add_signed(goes),
            after,
        }
    };
    let mut found: Vec<PackageTotal> = totals.into_iter().map(total).collect();
    found.sort_by(|a, b| (a.ecosystem, &a.name, &a.version).cmp(&(b.ecosystem, &b.name, &b.version)));
    found
}

/// Whose the file is.
fn owner_id(basis: &Basis<'_>, piece: &Piece) -> Option<OwnerId> {
    let node = piece.node?;
    let pruned = if let Verdict::Prune(owner) = basis.plan.verdict(node) { Some(*owner) } else { None };
    basis.owners.of(node).or(pruned)
}

fn pieces(basis: &Basis<'_>) -> Vec<Piece> {
    let (tree, plan) = (&basis.rootfs.tree, basis.plan);
    let mut found = Vec::new();
    let mut seen = vec![false; tree.inode_capacity()];
    for node in tree.iter().filter(|&node| tree.inode(node).is_file() && plan.keeps(node)) {
        let (id, inode) = (tree.inode_id(node), tree.inode(node));
        if seen.get_mut(id.index()).is_none_or(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        let after = plan.rewritten_size(id).unwrap_or_else(|| inode.size());
        let bytes = inode.size().cast_signed().wrapping_sub(after.cast_signed());
        let stays = Sums { files: 1, bytes: after };
        found.push(Piece { node: Some(node), path: BString::default(), layer: inode.layer, goes: false, bytes, stays });
    }
    for removal in removals(tree, plan).iter().filter(|removal| removal.file) {
        let (layer, bytes) = (tree.inode(removal.node).layer, removal.bytes.cast_signed());
        let (node, path) = (Some(removal.node), BString::default());
        found.push(Piece { node, path, layer, goes: true, bytes, stays: Sums::default() });
    }
    found.extend(basis.accounting.superseded.iter().map(|hidden| Piece {
        node: None,
        path: hidden.path.clone(),
        layer: hidden.layer,
        goes: true,
        bytes: hidden.bytes.cast_signed(),
        stays: Sums::default(),
    }));
    found
}

fn grouped(pieces: &[Piece], name: impl Fn(&Piece) -> String) -> Vec<Part> {
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for piece in pieces {
        let name = name(piece);
        parts.entry(name).or_insert_with_key(|name| Part::named(name.as_str())).add(piece);
    }
    parts.into_values().collect()
}

fn sorted(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|a, b| b.weight().cmp(&a.weight()).then_with(|| a.name.cmp(&b.name)));
    parts
}

fn category(basis: &Basis<'_>, piece: &Piece) -> String {
    let Some(node) = piece.node else { return SQUASHED.into() };
    match basis.plan.verdict(node) {
        Verdict::Strip(reason) => printable(reason.category.as_bytes().as_bstr()),
        Verdict::Prune(_) => PRUNED.into(),
        Verdict::Keep(_) if piece.goes => LINKED.into(),
        Verdict::Keep(_) if basis.plan.stripped.contains_key(&basis.rootfs.tree.inode_id(node)) => SYMBOLS.into(),
        Verdict::Keep(_) if piece.bytes != 0 => REWRITTEN.into(),
        Verdict::Keep(_) => "stays as it is".into(),
    }
}

fn owner(basis: &Basis<'_>, piece: &Piece) -> String {
    if piece.node.is_none() {
        return SQUASHED.into();
    }
    match owner_id(basis, piece) {
        Some(id) => {
            let owner = basis.owners.get(id);
            let name = format!("{} ({})", name_and_version(owner), owner.ecosystem.as_str());
            printable(name.as_bytes().as_bstr())
        }
        None => "no package".into(),
    }
}

/// Sums of a folder with all that is below it.
#[derive(Default)]
struct Folder {
    whole: Part,
    below: BTreeMap<BString, usize>,
}

/// A folder, less those of its folders that are told apart.
struct Row {
    path: BString,
    part: Part,
    /// What may still be told apart, the largest last.
    below: Vec<(usize, BString)>,
    is_rest: bool,
}

/// Takes the largest folder out of the largest row again and again until there are `count` of them.
fn folders(basis: &Basis<'_>, pieces: &[Piece], count: usize) -> Vec<Part> {
    let all = folder_sums(&basis.rootfs.tree, pieces);
    let row = |id: usize, path: BString| {
        let folder = all.get(id)?;
        let mut below: Vec<_> = folder.below.iter().map(|(name, &child)| (child, name.clone())).collect();
        below.sort_by_key(|(child, _)| all.get(*child).map(|folder| folder.whole.weight()));
        Some(Row { path, part: folder.whole.clone(), below, is_rest: false })
    };
    let mut rows: Vec<Row> = row(0, BString::default()).into_iter().collect();
    while rows.len() < count {
        let largest = rows.iter_mut().filter(|row| !row.below.is_empty()).max_by_key(|row| row.part.weight());
        let Some(largest) = largest else { break };
        let Some((child, name)) = largest.below.pop() else { break };
        let path = BString::from([largest.path.as_slice(), b"/", name.as_slice()].concat());
        let Some(found) = row(child, path) else { break };
        largest.part.subtract(&found.part);
        largest.is_rest = true;
        rows.push(found);
        rows.retain(|row| !row.is_rest || row.part != Part::default());
    }
    let named = |row: Row| {
        let path = if row.path.is_empty() { "/".into() } else { printable(row.path.as_bstr()) };
        Part { name: if row.is_rest { format!("{path} (rest)") } else { path }, ..row.part }
    };
    rows.into_iter().map(named).collect()
}

/// The folders of a tree with what is in them, the root first.
fn folder_sums(tree: &Tree, pieces: &[Piece]) -> Vec<Folder> {
    let mut all = vec![Folder::default()];
    for piece in pieces {
        let path = piece.node.map_or_else(|| piece.path.clone(), |node| tree.path(node));
        let mut names: Vec<&[u8]> = path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()).collect();
        names.pop();
        let mut at = 0;
        for name in std::iter::once(None).chain(names.into_iter().map(Some)) {
            let next = all.len();
            if let (Some(name), Some(folder)) = (name, all.get_mut(at)) {
                at = *folder.below.entry(BString::from(name)).or_insert(next);
                if at == next {
                    all.push(Folder::default());
                }
            }
            if let Some(folder) = all.get_mut(at) {
                folder.whole.add(piece);
            }
        }
    }
    all
}
