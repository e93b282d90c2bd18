//! `*.dist-info` and `*.egg-info`: a distribution stays listed as long as any of its files does.

use bstr::ByteSlice;

use super::adapting::Records;
use super::remains::{self, Standing};
use crate::owners::Ecosystem;
use crate::owners::digest::Written;
use crate::owners::place::Places;
use crate::owners::python::record;
use crate::plan::Verdict;
use crate::rootfs::NodeId;

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let mut is_record = vec![false; tree.capacity()];
    let mut distributions: Vec<(crate::owners::OwnerId, NodeId)> = Vec::new();
    for (id, owner) in records.owners.iter().filter(|(_, owner)| owner.ecosystem == Ecosystem::Python) {
        for &info in &owner.records {
            let name = tree.name(info);
            // An egg and its link are the distribution itself.
            if tree.inode(info).is_dir() && !name.ends_with(b".egg") {
                distributions.push((id, info));
                for node in tree.walk(info) {
                    is_record[node.index()] = true;
                }
            }
        }
    }
    let prunes = records.prunes;
    let left = remains::count(records.rootfs, records.owners, records.plan, |node| is_record[node.index()]);
    for (id, info) in distributions {
        let left = left.get(id.0 as usize).copied().unwrap_or_default();
        let files: Vec<NodeId> = tree.walk(info).filter(|&node| !tree.inode(node).is_dir()).collect();
        let needed = files.iter().any(|&node| records.is_needed(node));
        // A distribution without files of its own depends on others and says so; nobody asked for it by name.
        if left.state(prunes) != Standing::Gone || needed || is_editable(records, info) {
            for &node in &files {
                records.restore(node);
            }
            trim_record(records, info);
            trim_installed_files(records, info);
        } else {
            for &node in &files {
                records.drop(node);
            }
            drop_empty_dirs(records, info);
        }
    }
}

/// Whether `direct_url.json` says that the sources are elsewhere, as the user's own (PEP 610).
fn is_editable(records: &Records<'_>, info: NodeId) -> bool {
    let Some(node) = records.rootfs.tree.child(info, b"direct_url.json") else { return false };
    let Ok(text) = records.rootfs.read(node) else { return false };
    let url: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    url.pointer("/dir_info/editable").and_then(serde_json::Value::as_bool) == Some(true)
}

/// Leaves the lines of RECORD whose files stay, with the hash and size of those that change.
fn trim_record(records: &mut Records<'_>, info: NodeId) {
    let tree = &records.rootfs.tree;
    let Some(node) = tree.child(info, b"RECORD") else { return };
    let Some(before) = records.content(node).map(std::borrow::Cow::into_owned) else { return };
    let mut places = Places::below(tree, tree.parent(info));
    let mut after = Vec::with_capacity(before.len());
    for line in record::lines(&before) {
        let Some(file) = places.find(&line.path).filter(|&file| records.keeps(file)) else { continue };
        let is_hashed = !line.hash.is_empty() && file != node;
        match is_hashed.then(|| records.changed(file, Written::Record)).flatten() {
            Some((hash, size)) => {
                after.extend_from_slice(&record::quote(&line.path));
                after.extend_from_slice(format!(",{hash},{size}").as_bytes());
                after.extend_from_slice(if line.raw.ends_with(b"\r\n") { b"\r\n" } else { b"\n" });
            }
            None => after.extend_from_slice(&line.raw),
        }
    }
    records.rewrite(node, &before, after);
}

/// The same for the list that old installers leave, relative to the `.egg-info`.
fn trim_installed_files(records: &mut Records<'_>, info: NodeId) {
    let tree = &records.rootfs.tree;
    let Some(node) = tree.child(info, b"installed-files.txt") else { return };
    let Some(before) = records.content(node).map(std::borrow::Cow::into_owned) else { return };
    let mut places = Places::below(tree, info);
    let lines = before.lines_with_terminator();
    let left = lines.filter(|line| places.find(line.trim()).is_some_and(|file| records.keeps(file)));
    let after = left.flatten().copied().collect();
    records.rewrite(node, &before, after);
}

/// A record's directories go with the files in them.
fn drop_empty_dirs(records: &mut Records<'_>, info: NodeId) {
    let tree = &records.rootfs.tree;
    let dirs: Vec<NodeId> = tree.walk(info).filter(|&node| tree.inode(node).is_dir()).collect();
    for &dir in dirs.iter().rev() {
        if tree.children(dir).any(|child| records.keeps(child)) {
            continue;
        }
        let owner = tree.children(dir).find_map(|child| match records.plan.verdict(child) {
            Verdict::Prune(owner) => Some(*owner),
            _ => None,
        });
        if let Some(owner) = owner {
            records.plan.set(dir, Verdict::Prune(owner));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::digest::Written;
    use crate::owners::find;
    use crate::plan::records::testing::{kept, prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::Builder;

    const SITE: &str = "/usr/lib/python3.11/site-packages";

    #[test]
    fn a_distribution_stays_with_any_of_its_modules() {
        let record = "a/x.py,sha256=x,1\r\na/y.py,sha256=zuuue4knoyJ-UwPPXg8fezS7VCrXJQrAP7zeNuwvFQg,4\r\n\"a/q,r.py\",,\r\na-1.dist-info/METADATA,,\r\na-1.dist-info/RECORD,,\r\n../../../bin/a,,\r\n";
        let rootfs = Builder::new()
            .file(&format!("{SITE}/a/x.py"), b"")
            .file(&format!("{SITE}/a/y.py"), b"pip\n")
            .file(&format!("{SITE}/a/q,r.py"), b"")
            .file("/usr/bin/a", b"")
            .file(&format!("{SITE}/a-1.dist-info/METADATA"), b"Name: a\nVersion: 1\n")
            .file(&format!("{SITE}/a-1.dist-info/licenses/LICENSE"), b"")
            .file(&format!("{SITE}/a-1.dist-info/RECORD"), record.as_bytes())
            .file(&format!("{SITE}/b.py"), b"")
            .file(&format!("{SITE}/b-1.dist-info/METADATA"), b"Name: b\nVersion: 1\n")
            .file(&format!("{SITE}/b-1.dist-info/RECORD"), b"b.py,,\n")
            .file(&format!("{SITE}/e-1.dist-info/METADATA"), b"Name: e\nVersion: 1\n")
            .file(
                &format!("{SITE}/e-1.dist-info/direct_url.json"),
                br#"{"url":"file:///app","dir_info":{"editable":true}}"#,
            )
            .build();
        let owners = find(&rootfs, &[]);
        let keep = [format!("{SITE}/a/y.py"), format!("{SITE}/a/q,r.py")];
        let mut plan = prune(&rootfs, &owners, |path| keep.iter().any(|k| path == k));
        let changed = rootfs.tree.get(&keep[0]).unwrap();
        plan.rewrites.insert(rootfs.tree.inode_id(changed), b"new".to_vec());
        trim(&rootfs, &owners, &mut plan);
        let want = format!(
            "a/y.py,{},3\r\n\"a/q,r.py\",,\r\na-1.dist-info/METADATA,,\r\na-1.dist-info/RECORD,,\r\n",
            Written::Record.of_bytes(b"new")
        );
        assert_eq!(text(&rootfs, &plan, &format!("{SITE}/a-1.dist-info/RECORD")), want);
        let kept = kept(&rootfs, &plan);
        assert!(kept.contains(&format!("{SITE}/a-1.dist-info/licenses/LICENSE")));
        assert!(kept.contains(&format!("{SITE}/e-1.dist-info/METADATA")), "the sources of an editable install stay");
        assert!(!kept.iter().any(|path| path.contains("b-1")), "{kept:?}");
    }

    #[test]
    fn lists_of_old_installers_are_trimmed() {
        let rootfs = Builder::new()
            .file(&format!("{SITE}/a.py"), b"")
            .file(&format!("{SITE}/b.py"), b"")
            .file(&format!("{SITE}/a.egg-info/PKG-INFO"), b"Name: a\nVersion: 1\n")
            .file(&format!("{SITE}/a.egg-info/installed-files.txt"), b"../a.py\n../b.py\nPKG-INFO\n")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path.ends_with("/a.py"));
        trim(&rootfs, &owners, &mut plan);
        assert_eq!(text(&rootfs, &plan, &format!("{SITE}/a.egg-info/installed-files.txt")), "../a.py\nPKG-INFO\n");
    }
}
