//! `conda-meta/*.json`.

use serde_json::Value;

use super::adapting::Records;
use super::remains::{self, Standing};
use crate::owners::Ecosystem;
use crate::owners::digest::Written;
use crate::owners::place::Places;
use crate::rootfs::NodeId;

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let owners = records.owners;
    let metas: Vec<(crate::owners::OwnerId, NodeId)> = owners
        .iter()
        .filter(|(_, owner)| owner.ecosystem == Ecosystem::Conda)
        .flat_map(|(id, owner)| owner.records.iter().map(move |&node| (id, node)))
        .collect();
    if metas.is_empty() {
        return;
    }
    let prunes = records.prunes;
    let left = remains::count(records.rootfs, owners, records.plan, |node| {
        tree.name(tree.parent(node)) == "conda-meta" && tree.name(node).ends_with(b".json")
    });
    for (id, meta) in metas {
        if left.get(id.0 as usize).copied().unwrap_or_default().state(prunes) == Standing::Gone {
            records.drop(meta);
        } else {
            records.restore(meta);
            trim_meta(records, meta);
        }
    }
}

fn trim_meta(records: &mut Records<'_>, meta: NodeId) {
    let tree = &records.rootfs.tree;
    let Some(before) = records.content(meta).map(std::borrow::Cow::into_owned) else { return };
    let Ok(mut record) = serde_json::from_slice::<Value>(&before) else { return };
    let mut places = Places::below(tree, tree.parent(tree.parent(meta)));
    let mut changed = false;
    let mut find = |path: Option<&Value>| {
        path.and_then(Value::as_str).and_then(|path| places.find(path.as_bytes())).filter(|&node| records.keeps(node))
    };
    if let Some(files) = record.get_mut("files").and_then(Value::as_array_mut) {
        let count = files.len();
        files.retain(|path| find(Some(path)).is_some());
        changed |= files.len() != count;
    }
    if let Some(paths) = record.pointer_mut("/paths_data/paths").and_then(Value::as_array_mut) {
        let count = paths.len();
        paths.retain_mut(|path| {
            let Some(node) = find(path.get("_path")) else { return false };
            if let (Some((hash, size)), Some(entry)) = (records.changed(node, Written::Conda), path.as_object_mut()) {
                entry.insert("sha256_in_prefix".to_owned(), hash.into());
                entry.insert("size_in_bytes".to_owned(), size.into());
                changed = true;
            }
            true
        });
        changed |= paths.len() != count;
    }
    if changed && let Ok(mut after) = serde_json::to_vec_pretty(&record) {
        if before.ends_with(b"\n") {
            after.push(b'\n');
        }
        records.rewrite(meta, &before, after);
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::plan::records::testing::{prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::Builder;

    #[test]
    fn lists_of_files_are_trimmed_and_gone_packages_dropped() {
        let rootfs = Builder::new()
            .file(
                "/c/conda-meta/z-1-0.json",
                br#"{"name":"z","files":["lib/a","lib/b"],"paths_data":{"paths":[{"_path":"lib/a"},{"_path":"lib/b"}]},"version":"1"}"#,
            )
            .file("/c/conda-meta/y-1-0.json", br#"{"name":"y","files":["lib/y"]}"#)
            .file("/c/lib/a", b"")
            .file("/c/lib/b", b"")
            .file("/c/lib/y", b"")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path == "/c/lib/a");
        trim(&rootfs, &owners, &mut plan);
        let meta = text(&rootfs, &plan, "/c/conda-meta/z-1-0.json");
        assert!(meta.contains("lib/a") && !meta.contains("lib/b"), "{meta}");
        assert_eq!(text(&rootfs, &plan, "/c/conda-meta/y-1-0.json"), "(gone)");
    }
}
