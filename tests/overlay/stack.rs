//! Stacks of layers, generated: few names, so that entries meet each other often.

use proptest::prelude::*;

/// What an entry of a layer is.
#[derive(Clone, Debug)]
pub enum Kind {
    File(String),
    Directory,
    Symlink(String),
    /// A path that an earlier entry of the stack has named as a file; it may be gone by now.
    HardLink(String),
    /// Deletes its path.
    Whiteout,
    /// Deletes what lower layers have below its path.
    Opaque,
    Fifo,
    CharDevice,
}

/// One entry of a layer's tar.
#[derive(Clone, Debug)]
pub struct Entry {
    pub path: String,
    pub kind: Kind,
    pub mode: u16,
    pub uid: u32,
    pub mtime: i64,
    pub xattr: Option<u8>,
}

/// What proptest draws; names become links only once the stack is known.
#[derive(Clone, Debug)]
enum Draw {
    File,
    Directory,
    Symlink(String),
    HardLink(prop::sample::Index),
    Whiteout,
    Opaque,
    Fifo,
    CharDevice,
}

fn directory() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..3).prop_map(|parts| parts.join("/"))
}

/// Mostly leaf names for files and directory names for directories, so that trees grow; sometimes the reverse, so
/// that a file replaces a directory.
fn path() -> impl Strategy<Value = String> {
    let name =
        prop_oneof![3 => prop::sample::select(vec!["X", "Y", "Z"]), 2 => prop::sample::select(vec!["a", "b", "c"])];
    (directory(), name).prop_map(|(dir, name)| if dir.is_empty() { name.into() } else { format!("{dir}/{name}") })
}

fn draw() -> impl Strategy<Value = Draw> {
    let up = prop::sample::select(vec!["", "/", "../", "../../"]);
    let target = (up, path()).prop_map(|(up, path)| Draw::Symlink(format!("{up}{path}")));
    prop_oneof![
        6 => Just(Draw::File),
        4 => Just(Draw::Directory),
        2 => target,
        3 => any::<prop::sample::Index>().prop_map(Draw::HardLink),
        3 => Just(Draw::Whiteout),
        1 => Just(Draw::Opaque),
        1 => Just(Draw::Fifo),
        1 => Just(Draw::CharDevice),
    ]
}

type Drawn = (String, Draw, u16, u32, i64, Option<u8>);

fn entry() -> impl Strategy<Value = Drawn> {
    let mode = prop::sample::select(vec![0o644, 0o755, 0o4755, 0o1777, 0o600]);
    let uid = prop::sample::select(vec![0, 5, 3_000_000]);
    (path(), draw(), mode, uid, 1000..1100_i64, prop::option::weighted(0.2, 0..3_u8))
}

/// One to four layers of one to nine entries.
pub fn stacks() -> impl Strategy<Value = Vec<Vec<Entry>>> {
    prop::collection::vec(prop::collection::vec(entry(), 1..10), 1..5).prop_map(|layers| {
        let mut files: Vec<String> = Vec::new();
        let mut number = 0;
        let mut finish = |(path, draw, mode, uid, mtime, xattr): Drawn| {
            number += 1;
            let kind = match draw {
                Draw::File => {
                    files.push(path.clone());
                    Kind::File(format!("content {number}"))
                }
                Draw::HardLink(index) if !files.is_empty() => Kind::HardLink(index.get(&files).clone()),
                Draw::Directory | Draw::HardLink(_) => Kind::Directory,
                Draw::Symlink(target) => Kind::Symlink(target),
                Draw::Whiteout => Kind::Whiteout,
                Draw::Opaque => Kind::Opaque,
                Draw::Fifo => Kind::Fifo,
                Draw::CharDevice => Kind::CharDevice,
            };
            // Engines keep user attributes of files and directories only.
            let xattr = xattr.filter(|_| matches!(kind, Kind::File(_) | Kind::Directory));
            Entry { path, kind, mode, uid, mtime, xattr }
        };
        layers.into_iter().map(|layer| layer.into_iter().map(&mut finish).collect()).collect()
    })
}

/// The layer as a tar.
pub fn tar(layer: &[Entry]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in layer {
        let mut header = tar::Header::new_gnu();
        header.set_mode(entry.mode.into());
        header.set_uid(entry.uid.into());
        header.set_gid(7);
        header.set_mtime(entry.mtime.unsigned_abs());
        header.set_size(0);
        if let Some(number) = entry.xattr {
            builder.append_pax_extensions([(format!("SCHILY.xattr.user.k{number}").as_str(), &b"v"[..])]).unwrap();
        }
        let (dir, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        let beside = |name: &str| if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
        let mut plain = |kind, path: &str| {
            header.set_entry_type(kind);
            builder.append_data(&mut header, path, std::io::empty()).unwrap();
        };
        match &entry.kind {
            Kind::Directory => plain(tar::EntryType::Directory, &entry.path),
            Kind::Fifo => plain(tar::EntryType::Fifo, &entry.path),
            Kind::Whiteout => plain(tar::EntryType::Regular, &beside(&format!(".wh.{name}"))),
            Kind::Opaque => plain(tar::EntryType::Regular, &format!("{}/.wh..wh..opq", entry.path)),
            Kind::CharDevice => {
                header.set_device_major(1).unwrap();
                header.set_device_minor(3).unwrap();
                header.set_entry_type(tar::EntryType::Char);
                builder.append_data(&mut header, &entry.path, std::io::empty()).unwrap();
            }
            Kind::File(content) => {
                header.set_size(content.len() as u64);
                builder.append_data(&mut header, &entry.path, content.as_bytes()).unwrap();
            }
            Kind::Symlink(target) => {
                header.set_entry_type(tar::EntryType::Symlink);
                builder.append_link(&mut header, &entry.path, target).unwrap();
            }
            Kind::HardLink(target) => {
                header.set_entry_type(tar::EntryType::Link);
                builder.append_link(&mut header, &entry.path, target).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}
