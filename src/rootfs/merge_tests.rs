//! Layers written with the `tar` crate, the merged tree shown as one line a name.

use tar::{EntryType, Header};

use super::*;
use crate::image::Blob;
use crate::rootfs::LayerBytes;

/// Writes one layer.
struct TarWriter(tar::Builder<Vec<u8>>);

impl TarWriter {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn add(self, kind: EntryType, path: &str, link: &str, mode: u32, content: &[u8]) -> Self {
        self.add_owned(kind, path, link, (mode, 0, 7), content)
    }

    /// With extended attributes.
    fn attributes(mut self, attributes: &[(&str, &str)]) -> Self {
        let keys: Vec<String> = attributes.iter().map(|(name, _)| format!("SCHILY.xattr.{name}")).collect();
        let values = attributes.iter().map(|(_, value)| value.as_bytes());
        self.0.append_pax_extensions(keys.iter().map(String::as_str).zip(values)).unwrap();
        self
    }

    fn add_owned(
        mut self,
        kind: EntryType,
        path: &str,
        link: &str,
        (mode, uid, mtime): (u32, u64, u64),
        content: &[u8],
    ) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        // `Header::set_path` refuses what hostile archives contain.
        let name = header.as_old_mut();
        name.name[..path.len()].copy_from_slice(path.as_bytes());
        name.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_mode(mode);
        header.set_uid(uid);
        header.set_gid(uid);
        header.set_mtime(mtime);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn file(self, path: &str, content: &str) -> Self {
        self.add(EntryType::Regular, path, "", 0o644, content.as_bytes())
    }
    fn dir(self, path: &str, mode: u32) -> Self {
        self.add(EntryType::Directory, path, "", mode, b"")
    }
    fn symlink(self, path: &str, target: &str) -> Self {
        self.add(EntryType::Symlink, path, target, 0o777, b"")
    }
    fn link(self, path: &str, target: &str) -> Self {
        self.add(EntryType::Link, path, target, 0o644, b"")
    }

    fn layer(self) -> Layer {
        Layer::from_tar(Blob::from(self.0.into_inner().unwrap())).unwrap()
    }
}

fn new() -> TarWriter {
    TarWriter::new()
}

/// `path=content`, `path/mode`, `path->target`; names of one inode carry its smallest name: `b==a`.
fn show(merged: &Merged) -> Vec<String> {
    let Rootfs { tree, .. } = &merged.rootfs;
    let mut lines = Vec::new();
    let mut first: std::collections::BTreeMap<super::super::InodeId, String> = Default::default();
    for node in tree.iter().skip(1) {
        let path = tree.path(node).to_string();
        let inode = tree.inode(node);
        if let Some(first) = first.get(&tree.inode_id(node)) {
            lines.push(format!("{path}=={first}"));
            continue;
        }
        first.insert(tree.inode_id(node), path.clone());
        lines.push(match &inode.kind {
            Kind::Directory => format!("{path}/{:o}", inode.meta.mode),
            Kind::File(_) => format!("{path}={}", String::from_utf8(merged.rootfs.read(node).unwrap()).unwrap()),
            Kind::Symlink(target) => format!("{path}->{target}"),
            other => format!("{path} {other:?}"),
        });
    }
    lines
}

fn merged(layers: Vec<TarWriter>) -> Vec<String> {
    show(&merge(&layers.into_iter().map(TarWriter::layer).collect::<Vec<_>>()).unwrap())
}

fn error(layers: Vec<TarWriter>) -> String {
    merge(&layers.into_iter().map(TarWriter::layer).collect::<Vec<_>>()).unwrap_err().to_string()
}

#[test]
fn whiteouts_hide_lower_layers_only() {
    let lower = || new().file("a/x", "1").file("a/y", "1").file("b", "1");
    assert_eq!(merged(vec![lower(), new().file("a/.wh.x", "").file(".wh.b", "")]), ["/a/755", "/a/y=1"]);
    for upper in [new().file("a/x", "2").file("a/.wh.x", ""), new().file("a/.wh.x", "").file("a/x", "2")] {
        assert_eq!(merged(vec![lower(), upper]), ["/a/755", "/a/x=2", "/a/y=1", "/b=1"]);
    }
    assert_eq!(merged(vec![lower(), new().file(".wh.gone", "").file("no/.wh.x", "")]).len(), 4);
}

#[test]
fn a_whiteout_of_a_directory_that_its_layer_fills_again_leaves_only_the_new() {
    let lower = || new().dir("d", 0o700).file("d/old", "1").file("d/sub/old", "1");
    for upper in [
        new().file(".wh.d", "").dir("d", 0o711).file("d/sub/new", "2"),
        new().dir("d", 0o711).file("d/sub/new", "2").file(".wh.d", ""),
    ] {
        assert_eq!(merged(vec![lower(), upper]), ["/d/711", "/d/sub/755", "/d/sub/new=2"]);
    }
}

#[test]
fn opaque_directories_start_afresh_wherever_the_mark_is() {
    let lower = || new().dir("d", 0o700).file("d/old", "1").file("d/sub/old", "1").file("e", "1");
    for upper in [
        new().dir("d", 0o711).file("d/.wh..wh..opq", "").file("d/sub/new", "2"),
        new().dir("d", 0o711).file("d/sub/new", "2").file("d/.wh..wh..opq", ""),
    ] {
        assert_eq!(merged(vec![lower(), upper]), ["/d/711", "/d/sub/755", "/d/sub/new=2", "/e=1"]);
    }
    let upper = new().file("new", "2").file(".wh..wh..opq", "");
    assert_eq!(merged(vec![lower(), upper]), ["/new=2"]);
}

#[test]
fn an_opaque_mark_in_a_directory_that_replaced_a_symlink_spares_the_target() {
    let lower = new().file("real/x", "1").symlink("d", "real");
    let upper = new().dir("d", 0o755).file("d/.wh..wh..opq", "").file("d/y", "2");
    assert_eq!(merged(vec![lower, upper]), ["/d/755", "/d/y=2", "/real/755", "/real/x=1"]);
}

#[test]
fn whiteouts_with_odd_names_are_refused() {
    for name in [".wh.", "a/.wh..", "a/.wh..."] {
        assert!(error(vec![new().file("a/x", "1"), new().file(name, "")]).contains("whiteout of nothing"), "{name}");
    }
}

#[test]
fn types_replace_each_other() {
    let lower = || new().file("d/x", "1").file("f", "1").symlink("s", "d").symlink("t", "d");
    let upper = new().file("d", "2").dir("f", 0o755).file("f/y", "2").dir("s", 0o700).file("t", "2");
    assert_eq!(merged(vec![lower(), upper]), ["/d=2", "/f/755", "/f/y=2", "/s/700", "/t=2"]);
    // A file below what was a file: engines that unpack layers one by one make it a directory.
    assert_eq!(merged(vec![new().file("f", "1"), new().file("f/y", "2")]), ["/f/755", "/f/y=2"]);
}

#[test]
fn directory_entries_update_and_keep_what_is_inside() {
    let upper = new().dir("./", 0o711).dir("d/", 0o1777);
    let stack = vec![new().dir("d", 0o755).file("d/x", "1").layer(), upper.layer()];
    let merged = merge(&stack).unwrap();
    assert_eq!(show(&merged), ["/d/1777", "/d/x=1"]);
    let root = &merged.rootfs.tree.inode(Tree::ROOT).meta;
    assert_eq!((root.mode, root.mtime), (0o711, 7));
    assert!(error(vec![new().file("./", "x")]).contains("root"));
}

#[test]
fn duplicates_last_wins() {
    let layer = new().file("a", "1").file("b", "1").file("a", "2").dir("d", 0o700).file("d/x", "1").dir("d", 0o755);
    assert_eq!(merged(vec![layer]), ["/a=2", "/b=1", "/d/755", "/d/x=1"]);
}

#[test]
fn hard_links_share_an_inode_within_and_across_layers() {
    let lower = new().file("a", "1").link("b", "a").symlink("s", "a").link("t", "./s");
    let upper = new().link("d/c", "/b").file(".wh.a", "").file("b", "2");
    let stack = vec![lower.layer(), upper.layer()];
    let merged = merge(&stack).unwrap();
    assert_eq!(show(&merged), ["/b=2", "/d/755", "/d/c=1", "/s->a", "/t==/s"]);
    let tree = &merged.rootfs.tree;
    assert_eq!(tree.inode(tree.get("/d/c").unwrap()).links, 1);
    assert_eq!(merged.accounting.superseded, [], "the bytes of a are still there under another name");
}

#[test]
fn hard_links_to_nothing_and_to_directories_are_errors() {
    assert!(error(vec![new().link("b", "a")]).contains("not there"));
    assert!(error(vec![new().dir("a", 0o755).link("b", "a")]).contains("directory"));
    assert!(error(vec![new().link("b", "/")]).contains("directory"));
    assert_eq!(merged(vec![new().file("a", "1").link("a", "a")]), ["/a=1"]);
    // The new name replaces the directory that held the old one.
    assert_eq!(merged(vec![new().file("d/x", "1").link("d", "d/x")]), ["/d=1"]);
}

#[test]
fn symlinked_parents_are_followed_inside_the_root() {
    let lower = || {
        new()
            .file("usr/lib/x", "1")
            .symlink("lib", "usr/lib")
            .symlink("out", "../../../usr")
            .symlink("abs", "/usr/lib/..")
    };
    let upper = new().file("lib/y", "2").file("out/z", "2").file("abs/.wh.lib", "").file("abs/w", "2");
    assert_eq!(
        merged(vec![lower(), upper]),
        [
            "/abs->/usr/lib/..",
            "/lib->usr/lib",
            "/out->../../../usr",
            "/usr/755",
            "/usr/lib/755",
            "/usr/lib/y=2",
            "/usr/w=2",
            "/usr/z=2"
        ]
    );
    let dangling = new().symlink("v", "var/none/../data").file("v/x", "1");
    assert_eq!(merged(vec![dangling]), ["/v->var/none/../data", "/var/755", "/var/data/755", "/var/data/x=1"]);
    assert!(error(vec![new().symlink("l", "l").file("l/x", "1")]).contains("symbolic links"));
}

#[test]
fn paths_cannot_leave_the_root() {
    let layer = new().file("/etc/a", "1").file("../../etc/b", "1").file("etc/x/../c", "1").link("../d", "/../etc/a");
    assert_eq!(merged(vec![layer]), ["/d=1", "/etc/755", "/etc/a==/d", "/etc/b=1", "/etc/c=1"]);
}

#[test]
fn aufs_files_serve_as_link_targets_only() {
    let layer = new()
        .dir(".wh..wh.plnk", 0o700)
        .file(".wh..wh.plnk/1.2", "1")
        .link("a", ".wh..wh.plnk/1.2")
        .file(".wh..wh.aufs", "");
    assert_eq!(merged(vec![layer]), ["/a=1"]);
}

/// What Docker 20.10, containerd and Podman make of it.
#[test]
fn the_entry_of_a_hard_link_says_whose_and_how_the_file_is() {
    let of_a = [("user.a", "1"), ("user.k", "old")];
    let layer = new()
        .attributes(&of_a)
        .add_owned(EntryType::Regular, "a", "", (0o644, 1, 1000), b"1")
        .attributes(&[("user.k", "new")])
        .add_owned(EntryType::Link, "b", "a", (0o4755, 5, 2000), b"")
        .symlink("s", "a")
        .add_owned(EntryType::Link, "t", "s", (0o600, 7, 3000), b"");
    let tree = merge(&[layer.layer()]).unwrap().rootfs.tree;
    let inode = |name: &str| tree.inode(tree.child(Tree::ROOT, name.as_bytes()).unwrap());
    let meta = inode("a").meta;
    assert_eq!((meta.mode, meta.uid, meta.gid, meta.mtime), (0o4755, 5, 5, 2000));
    let attributes: Vec<_> = inode("a").xattrs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(attributes, ["user.a=1", "user.k=new"]);
    assert_eq!((inode("s").meta.uid, inode("s").meta.mtime), (7, 7));
}

#[test]
fn a_file_has_no_more_attributes_than_a_system_can_list() {
    let links = (0..400).fold(new().file("a", "1"), |tar, n| {
        let name = format!("user.{}{n}", "x".repeat(200));
        tar.attributes(&[(&name, "")]).link(&format!("l{n}"), "a")
    });
    assert!(error(vec![links]).contains("65536 bytes"));
}

#[test]
fn the_directory_of_the_last_entry_is_not_remembered_too_long() {
    // d/x is put into d; then d becomes a symlink, and d/y has to go where it leads.
    let layer = new().dir("e", 0o755).file("d/x", "1").symlink("d", "e").file("d/y", "1");
    assert_eq!(merged(vec![layer]), ["/d->e", "/e/755", "/e/y=1"]);
    let upper = new().file("d/z", "2").file(".wh.d", "").file("d/y", "2");
    assert_eq!(merged(vec![new().file("d/x", "1"), upper]), ["/d/755", "/d/y=2", "/d/z=2"]);
}

#[test]
fn bytes_are_counted_as_docker_does_and_hidden_ones_listed() {
    let stack = [
        new().file("a", "12345").file("b", "123").file("c", "1").layer(),
        new().file("a", "1234567").file(".wh.b", "").link("d", "c").layer(),
    ];
    let accounting = merge(&stack).unwrap().accounting;
    assert_eq!((accounting.bytes(), accounting.superseded_bytes()), (16, 8));
    let hidden: Vec<_> = accounting.superseded.iter().map(|s| (s.path.to_string(), s.layer, s.bytes)).collect();
    assert_eq!(hidden, [("/a".into(), 0, 5), ("/b".into(), 0, 3)]);
    let upper = LayerBytes { files: 1, bytes: 7, superseded_files: 0, superseded_bytes: 0 };
    assert_eq!(accounting.layers[1], upper, "a whiteout is no file");
}

/// As after `chown -R`, and as after deleting file by file. Quadratic, this takes minutes.
#[test]
fn replacing_and_deleting_all_files_of_a_folder_takes_time_in_proportion() {
    const FILES: usize = 100_000;
    let each = |prefix: &str| {
        let files = (0..FILES).fold(TarWriter::new(), |tar, n| tar.file(&format!("folder/{prefix}{n}"), "x"));
        files.layer()
    };
    let (files, whiteouts) = (each(""), each(".wh."));
    let start = std::time::Instant::now();
    let merged = merge(&[files.clone(), files.clone()]).unwrap();
    assert_eq!(merged.accounting.superseded.len(), FILES);
    let folder = merged.rootfs.tree.get("/folder").unwrap();
    let names: Vec<_> = merged.rootfs.tree.children(folder).map(|node| merged.rootfs.tree.name(node)).collect();
    assert!(names.len() == FILES && names.is_sorted());
    let merged = merge(&[files, whiteouts]).unwrap();
    let folder = merged.rootfs.tree.get("/folder").unwrap();
    assert_eq!(merged.rootfs.tree.children(folder).count(), 0);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
