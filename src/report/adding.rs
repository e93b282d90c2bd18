//! A plan, added up to a report.

use super::basis::Basis;
use super::model::{
    CategoryTotal, ImageInfo, LINKED, Linked, PRUNED, REWRITTEN, Removed, Report, Rewritten, RuleTotal, SQUASHED,
    SYMBOLS, Sums, kind, name_and_version,
};
use crate::plan::{Plan, Removal, Totals, Verdict, removals};
use crate::rootfs::{NodeId, Tree};

impl Report {
    /// Adds up what the plan does. `image` need not hold the layers' sums, which come from the accounting.
    pub fn new(mut image: ImageInfo, basis: &Basis<'_>) -> Self {
        let tree = &basis.rootfs.tree;
        let totals = Totals::new(tree, basis.plan);
        for (info, brought) in image.layers.iter_mut().zip(&basis.accounting.layers) {
            info.files = brought.files;
            info.bytes = brought.bytes;
            info.superseded_files = brought.superseded_files;
            info.superseded_bytes = brought.superseded_bytes;
        }
        let superseded = basis.accounting.layers.iter().fold(Sums::default(), |sum, layer| Sums {
            files: sum.files.saturating_add(layer.superseded_files),
            bytes: sum.bytes.saturating_add(layer.superseded_bytes),
        });
        Self {
            image,
            original: Sums {
                files: totals.before.files.saturating_add(superseded.files),
                bytes: totals.before.bytes.saturating_add(superseded.bytes),
            },
            result: totals.after.into(),
            categories: categories(&totals, superseded),
            rules: rules(&totals),
            owners: super::gone::owners(basis),
            packages: super::breakdown::packages(basis),
            pruning_off: basis.reach.and_then(|reach| reach.roots.keep_all.clone()),
            commands: super::gone::commands(basis),
            removed: removals(tree, basis.plan).iter().map(|removal| removed(basis, removal)).collect(),
            rewritten: rewritten(tree, basis.plan),
            linked: linked(tree, basis.plan),
            notes: basis.owners.notes.clone(),
            assumptions: super::assumed::totals(basis),
            uncertainties: basis.reach.map(|reach| reach.uncertainties.clone()).unwrap_or_default(),
            growth: None,
            output: None,
        }
    }
}

fn categories(totals: &Totals, superseded: Sums) -> Vec<CategoryTotal> {
    let named = |name: &str, files: u64, bytes: i64| CategoryTotal { name: name.to_owned(), files, bytes };
    let mut found: Vec<CategoryTotal> = totals
        .by_category
        .iter()
        .map(|(name, amount)| named(name, amount.files, amount.bytes.cast_signed()))
        .chain([
            named(PRUNED, totals.pruned.files, totals.pruned.bytes.cast_signed()),
            named(SQUASHED, superseded.files, superseded.bytes.cast_signed()),
            named(SYMBOLS, totals.stripped.files, totals.stripped.bytes.cast_signed()),
            named(LINKED, totals.linked.files, totals.linked.bytes.cast_signed()),
            named(REWRITTEN, totals.rewritten_files, totals.rewritten),
        ])
        .filter(|category| category.files > 0 || category.bytes != 0)
        .collect();
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    found
}

fn rules(totals: &Totals) -> Vec<RuleTotal> {
    let mut found: Vec<RuleTotal> =
        totals.by_rule.iter().map(|(id, &amount)| RuleTotal { id: id.to_string(), sums: amount.into() }).collect();
    found.sort_by(|a, b| b.sums.bytes.cmp(&a.sums.bytes).then_with(|| a.id.cmp(&b.id)));
    found
}

fn removed(basis: &Basis<'_>, removal: &Removal) -> Removed {
    let tree = &basis.rootfs.tree;
    let inode = tree.inode(removal.node);
    let (category, rule, owner) = match basis.plan.verdict(removal.node) {
        Verdict::Strip(reason) => (reason.category.to_string(), Some(reason.rule.as_str().to_owned()), None),
        Verdict::Prune(owner) => (PRUNED.to_owned(), None, Some(name_and_version(basis.owners.get(*owner)))),
        Verdict::Keep(_) => (String::new(), None, None),
    };
    let kind = kind(&inode.kind);
    let (node, path, bytes, layer) = (removal.node, tree.path(removal.node), removal.bytes, inode.layer);
    Removed { node, path, kind, bytes, category, rule, owner, layer }
}

fn rewritten(tree: &Tree, plan: &Plan) -> Vec<Rewritten> {
    let mut seen = std::collections::BTreeSet::new();
    let files = tree.iter().filter(|&node| plan.keeps(node) && tree.inode(node).is_file());
    files
        .filter_map(|node| {
            let id = tree.inode_id(node);
            let after = plan.rewritten_size(id)?;
            seen.insert(id).then(|| Rewritten { path: tree.path(node), before: tree.inode(node).size(), after })
        })
        .collect()
}

fn linked(tree: &Tree, plan: &Plan) -> Vec<Linked> {
    let mut first_names: Vec<Option<NodeId>> = vec![None; tree.inode_capacity()];
    let mut order = Vec::new();
    for node in tree.iter().filter(|&node| plan.keeps(node) && tree.inode(node).is_file()) {
        let id = tree.inode_id(node);
        let known = first_names[id.index()].is_some();
        first_names[id.index()].get_or_insert(node);
        if !known && plan.links.contains_key(&id) {
            order.push(node);
        }
    }
    order
        .into_iter()
        .filter_map(|node| {
            let id = tree.inode_id(node);
            let to = first_names[plan.standing_for(id).index()]?;
            let bytes = plan.rewritten_size(id).unwrap_or(tree.inode(node).size());
            Some(Linked { path: tree.path(node), to: tree.path(to), bytes })
        })
        .collect()
}
