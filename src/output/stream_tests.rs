//! The layer stream, read back with the `tar` crate (and PAX records by hand, since that crate splits them at line ends).

use std::collections::BTreeMap;
use std::io::Read;

use super::stream::LayerStream;
use crate::image::Blob;
use crate::plan::{Plan, StripReason, Verdict};
use crate::rootfs::{Builder, Content, Inode, Kind, Metadata, Rootfs, Segment, Tree};
use crate::tarball::BLOCK;

/// An entry as a reader sees it.
#[derive(Debug, Default, Clone, PartialEq)]
struct Seen {
    path: Vec<u8>,
    link: Vec<u8>,
    flag: u8,
    mode: u32,
    uid: u64,
    gid: u64,
    mtime: u64,
    device: (Option<u32>, Option<u32>),
    pax: BTreeMap<Vec<u8>, Vec<u8>>,
    content: Vec<u8>,
}

fn bytes(rootfs: &Rootfs, plan: &Plan, latest: Option<i64>) -> Vec<u8> {
    let mut layer = LayerStream::new(rootfs, plan, latest);
    let mut all = Vec::new();
    // An odd size, so that every kind of boundary falls within something.
    let mut piece = [0xaa; 333];
    loop {
        let n = layer.fill(&mut piece).unwrap();
        all.extend_from_slice(&piece[..n]);
        if n < piece.len() {
            break;
        }
    }
    assert_eq!(layer.content_done(), layer.content_size());
    assert_eq!(all.len() % BLOCK, 0);
    assert!(all.ends_with(&[0; 2 * BLOCK]));
    all
}

fn pax_records(mut data: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut records = BTreeMap::new();
    while !data.is_empty() {
        let space = data.iter().position(|&b| b == b' ').unwrap();
        let len: usize = std::str::from_utf8(&data[..space]).unwrap().parse().unwrap();
        let (record, rest) = data.split_at(len);
        let record = record[space + 1..].strip_suffix(b"\n").unwrap();
        let equals = record.iter().position(|&b| b == b'=').unwrap();
        records.insert(record[..equals].to_vec(), record[equals + 1..].to_vec());
        data = rest;
    }
    records
}

fn read_back(rootfs: &Rootfs, plan: &Plan, latest: Option<i64>) -> Vec<Seen> {
    let bytes = bytes(rootfs, plan, latest);
    let mut raw_pax = Vec::new();
    let mut pending = BTreeMap::new();
    for entry in tar::Archive::new(&bytes[..]).entries().unwrap().raw(true) {
        let mut entry = entry.unwrap();
        let mut data = Vec::new();
        entry.read_to_end(&mut data).unwrap();
        match entry.header().entry_type() {
            tar::EntryType::XHeader => pending = pax_records(&data),
            _ => raw_pax.push(std::mem::take(&mut pending)),
        }
    }
    let mut archive = tar::Archive::new(&bytes[..]);
    let entries = archive.entries().unwrap().zip(raw_pax).map(|(entry, pax)| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let header = entry.header();
        assert_eq!((header.username_bytes(), header.groupname_bytes()), (Some(&b""[..]), Some(&b""[..])));
        Seen {
            path: entry.path_bytes().into_owned(),
            link: entry.link_name_bytes().map(|link| link.into_owned()).unwrap_or_default(),
            flag: header.entry_type().as_byte(),
            mode: header.mode().unwrap(),
            uid: header.uid().unwrap(),
            gid: header.gid().unwrap(),
            mtime: header.mtime().unwrap(),
            device: (header.device_major().unwrap(), header.device_minor().unwrap()),
            pax,
            content,
        }
    });
    entries.collect()
}

fn all(rootfs: &Rootfs) -> Vec<Seen> {
    read_back(rootfs, &Plan::keep_all(&rootfs.tree), None)
}

fn paths(seen: &[Seen]) -> Vec<String> {
    seen.iter().map(|entry| String::from_utf8_lossy(&entry.path).into_owned()).collect()
}

fn find<'a>(seen: &'a [Seen], path: &[u8]) -> &'a Seen {
    seen.iter().find(|entry| entry.path == path).unwrap()
}

fn strip(plan: &mut Plan, rootfs: &Rootfs, path: &str) {
    let reason = StripReason { rule: "test".into(), category: "test".into() };
    plan.set(rootfs.tree.get(path).unwrap(), Verdict::Strip(reason.into()));
}

#[test]
fn parents_come_first_and_siblings_in_byte_order() {
    let rootfs = Builder::new()
        .file("/b/z", b"z")
        .dir("/empty")
        .file("/b-a", b"")
        .file("/b/A", &[7; 1025])
        .symlink("/a", "b/z")
        .build();
    let seen = all(&rootfs);
    assert_eq!(paths(&seen), ["./", "a", "b/", "b/A", "b/z", "b-a", "empty/"]);
    assert_eq!(find(&seen, b"a").link, b"b/z");
    assert_eq!(find(&seen, b"b/A").content, [7; 1025]);
    let flags: Vec<u8> = seen.iter().map(|entry| entry.flag).collect();
    assert_eq!(flags, b"5250005");
    assert!(seen.iter().all(|entry| entry.pax.is_empty()));
}

#[test]
fn the_first_kept_name_carries_the_content_of_a_hard_link() {
    let build = || Builder::new().file_mode("/m", 0o4755, b"data").hardlink("/a", "/m").hardlink("/z", "/m");
    let mut rootfs = build().build();
    let node = rootfs.tree.get("/m").unwrap();
    rootfs.tree.inode_mut(node).xattrs = [("security.capability".into(), "x".into())].into();
    let mut plan = Plan::keep_all(&rootfs.tree);
    let seen = read_back(&rootfs, &plan, None);
    let of = |seen: &[Seen]| -> Vec<_> {
        seen[1..].iter().map(|e| (e.path.clone(), e.flag, e.link.clone(), e.content.clone())).collect()
    };
    let name = |text: &str| text.as_bytes().to_vec();
    assert_eq!(
        of(&seen),
        [
            (name("a"), b'0', name(""), name("data")),
            (name("m"), b'1', name("a"), name("")),
            (name("z"), b'1', name("a"), name("")),
        ]
    );
    for entry in &seen[1..] {
        assert_eq!((entry.mode, entry.pax.len()), (0o4755, 1), "links repeat mode and attributes");
    }
    strip(&mut plan, &rootfs, "/a");
    assert_eq!(
        of(&read_back(&rootfs, &plan, None)),
        [(name("m"), b'0', name(""), name("data")), (name("z"), b'1', name("m"), name(""))]
    );
    strip(&mut plan, &rootfs, "/m");
    assert_eq!(of(&read_back(&rootfs, &plan, None)), [(name("z"), b'0', name(""), name("data"))]);
}

#[test]
fn directories_above_what_stays_are_in_the_layer() {
    let rootfs = Builder::new().file("/a/b/keep", b"k").file("/a/c/drop", b"d").build();
    let mut plan = Plan::keep_all(&rootfs.tree);
    for path in ["/a", "/a/b", "/a/c", "/a/c/drop"] {
        strip(&mut plan, &rootfs, path);
    }
    assert_eq!(paths(&read_back(&rootfs, &plan, None)), ["./", "a/", "a/b/", "a/b/keep"]);
}

#[test]
fn rewritten_files_have_their_new_content_and_size() {
    let rootfs = Builder::new().file("/status", b"long original").hardlink("/twin", "/status").build();
    let mut plan = Plan::keep_all(&rootfs.tree);
    plan.rewrites.insert(rootfs.tree.inode_id(rootfs.tree.get("/twin").unwrap()), b"short".to_vec());
    let seen = read_back(&rootfs, &plan, None);
    assert_eq!(find(&seen, b"status").content, b"short");
    assert_eq!(LayerStream::new(&rootfs, &plan, None).content_size(), 5);
}

#[test]
fn values_beyond_ustar_survive_as_pax_records() {
    let deep = format!("/{}/{}", "d".repeat(180), "n".repeat(120));
    let split = format!("/{}/{}", "p".repeat(140), "q".repeat(90));
    let target = "t/".repeat(90);
    let mut rootfs = Builder::new()
        .file(&deep, b"deep")
        .file(&split, b"")
        .symlink("/s", &target)
        .file("/é", b"")
        .file("/f", b"")
        .build();
    let meta = Metadata { mode: 0o1777, uid: 4_000_000_000, gid: 2_097_152, mtime: -3, mtime_nanos: 250_000_000 };
    let node = rootfs.tree.get("/f").unwrap();
    let binary = b"\x01\x00\n12 x=\xff\n".as_slice();
    rootfs.tree.inode_mut(node).meta = meta;
    rootfs.tree.inode_mut(node).xattrs =
        [("security.capability".into(), binary.into()), ("user.empty".into(), "".into())].into();
    let seen = all(&rootfs);
    assert_eq!(find(&seen, &deep.as_bytes()[1..]).content, b"deep");
    assert_eq!(find(&seen, &split.as_bytes()[1..]).pax, BTreeMap::new(), "ustar's prefix is enough");
    assert_eq!(find(&seen, b"s").link, target.as_bytes());
    assert_eq!(find(&seen, "é".as_bytes()).pax[&b"path"[..]], "é".as_bytes());
    let file = find(&seen, b"f");
    assert_eq!((file.mode, file.uid, file.gid, file.mtime), (0o1777, 4_000_000_000, 2_097_152, 0));
    assert_eq!(file.pax[&b"mtime"[..]], b"-2.75");
    assert_eq!(file.pax[&b"SCHILY.xattr.security.capability"[..]], binary);
    assert_eq!(file.pax[&b"SCHILY.xattr.user.empty"[..]], b"");
}

#[test]
fn names_that_are_not_utf8_keep_their_bytes() {
    let mut tree = Tree::default();
    let inode = |kind| Inode::new(kind, Metadata::default(), 0);
    let long = [b"\xff".repeat(130).as_slice(), b"\xfe"].concat();
    tree.insert(Tree::ROOT, b"\xc3\x28", inode(Kind::Symlink(b"\xff\xfe".into())));
    tree.insert(Tree::ROOT, &long, inode(Kind::Fifo));
    tree.sort();
    let rootfs = Rootfs::new(tree, Vec::new());
    let seen = all(&rootfs);
    assert_eq!(find(&seen, b"\xc3\x28").link, b"\xff\xfe");
    assert_eq!(find(&seen, &long).flag, b'6');
}

#[test]
fn devices_keep_their_numbers() {
    let mut tree = Tree::default();
    for (name, kind) in [("c", Kind::CharDevice(1, 3)), ("b", Kind::BlockDevice(259, 1_048_575))] {
        tree.insert(Tree::ROOT, name.as_bytes(), Inode::new(kind, Metadata::default(), 0));
    }
    tree.sort();
    let seen = all(&Rootfs::new(tree, Vec::new()));
    assert_eq!((find(&seen, b"c").flag, find(&seen, b"c").device), (b'3', (Some(1), Some(3))));
    assert_eq!((find(&seen, b"b").flag, find(&seen, b"b").device), (b'4', (Some(259), Some(1_048_575))));
}

#[test]
fn times_are_limited_and_fractions_kept() {
    let mut rootfs = Builder::new().file("/old", b"").file("/new", b"").build();
    for (path, mtime, mtime_nanos) in [("/old", 999, 5), ("/new", 1000, 1)] {
        let node = rootfs.tree.get(path).unwrap();
        rootfs.tree.inode_mut(node).meta = Metadata { mode: 0o644, mtime, mtime_nanos, ..Metadata::default() };
    }
    let free = all(&rootfs);
    assert_eq!(find(&free, b"new").pax[&b"mtime"[..]], b"1000.000000001");
    let limited = read_back(&rootfs, &Plan::keep_all(&rootfs.tree), Some(1000));
    assert_eq!(find(&limited, b"old").pax[&b"mtime"[..]], b"999.000000005");
    assert_eq!((find(&limited, b"new").mtime, find(&limited, b"new").pax.len()), (1000, 0));
}

#[test]
fn holes_of_sparse_files_are_zeros() {
    let mut tree = Tree::default();
    let runs = [Segment { start: 3, offset: 4, len: 2 }, Segment { start: 600, offset: 0, len: 4 }];
    let content = Content { layer: 0, offset: 0, size: 700, sparse: Some(runs.into()) };
    tree.insert(Tree::ROOT, b"sparse", Inode::new(Kind::File(content), Metadata::default(), 0));
    let rootfs = Rootfs::new(tree, vec![Blob::from(b"tailhi".to_vec())]);
    let mut expected = vec![0; 700];
    expected[3..5].copy_from_slice(b"hi");
    expected[600..604].copy_from_slice(b"tail");
    assert_eq!(find(&all(&rootfs), b"sparse").content, expected);
}

#[test]
fn what_a_layer_cannot_hold_is_an_error_that_names_it() {
    let whiteout = Builder::new().file("/d/.wh.x", b"").build();
    let mut missing = Builder::new().file("/d/gone", b"12345").build();
    missing.layers[0] = missing.layers[0].slice(0, 3);
    for (rootfs, name) in [(whiteout, "/d/.wh.x"), (missing, "/d/gone")] {
        let plan = Plan::keep_all(&rootfs.tree);
        let error = LayerStream::new(&rootfs, &plan, None).fill(&mut [0; 1 << 16]).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
