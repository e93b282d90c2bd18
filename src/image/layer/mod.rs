//! What is in one uncompressed tar, without its contents: names, types, metadata, and where the bytes of each file are.

mod header;
mod input;
mod pax;
mod reader;
mod sparse;

use bstr::{BStr, BString, ByteSlice};
use thin_vec::ThinVec;

pub(super) use input::{BlobInput, Streamed};
pub(super) use reader::{TarError, index};

use crate::rootfs::{Metadata, Segment, Xattr};

/// A stretch of a [`LayerIndex`]'s text: a path or the target of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    start: u32,
    len: u32,
}

/// What an entry of a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A regular file: where its bytes are in the uncompressed layer, and how many.
    File {
        /// Where in the uncompressed layer the bytes start.
        offset: u64,
        /// How many bytes.
        size: u64,
    },
    /// A regular file with holes.
    Sparse {
        /// The file's size, holes included, in bytes.
        size: u64,
        /// The data runs, in order and without overlap.
        runs: ThinVec<Segment>,
    },
    /// A symbolic link and its target, as written.
    Symlink(Text),
    /// Another name for the file at this path (which is in the form of [`LayerIndex::path`]).
    HardLink(Text),
    /// A character device: major, minor.
    CharDevice(u32, u32),
    /// A block device: major, minor.
    BlockDevice(u32, u32),
    /// A named pipe.
    Fifo,
}

/// One entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    path: Text,
    /// Type and content.
    pub kind: EntryKind,
    /// Owner, permissions, time.
    pub meta: Metadata,
    /// Extended attributes, sorted by name.
    pub xattrs: ThinVec<Xattr>,
}

/// The entries of one layer in the order of its tar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerIndex {
    entries: Vec<Entry>,
    text: Vec<u8>,
}

impl LayerIndex {
    /// The entries in the order of the tar.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// An entry's path: relative to the root, `.`, `..` and doubled slashes taken out, empty for the root itself.
    pub fn path(&self, entry: &Entry) -> &BStr {
        self.text(entry.path)
    }

    /// The target of a link.
    pub fn text(&self, text: Text) -> &BStr {
        let start = text.start as usize;
        self.text.get(start..start + text.len as usize).unwrap_or_default().as_bstr()
    }

    /// `None` if the names of one layer exceed 4 GiB.
    fn push_text(&mut self, bytes: &[u8]) -> Option<Text> {
        let text = Text { start: u32::try_from(self.text.len()).ok()?, len: u32::try_from(bytes.len()).ok()? };
        self.text.extend_from_slice(bytes);
        Some(text)
    }
}

/// Confines a path of a tar to its root, by the names alone: `/a/./b/../../../c` is `c`.
pub(super) fn clean_path(path: &[u8]) -> BString {
    let mut clean: Vec<u8> = Vec::with_capacity(path.len());
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => clean.truncate(clean.rfind_byte(b'/').unwrap_or(0)),
            name => {
                if !clean.is_empty() {
                    clean.push(b'/');
                }
                clean.extend_from_slice(name);
            }
        }
    }
    clean.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_root() {
        for (path, clean) in [
            ("./", ""),
            ("/etc//passwd", "etc/passwd"),
            ("../../etc/passwd", "etc/passwd"),
            ("a/b/../../../c/", "c"),
            ("a/./b/..", "a"),
            ("..", ""),
        ] {
            assert_eq!(clean_path(path.as_bytes()), clean, "{path}");
        }
    }
}
