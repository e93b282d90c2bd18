//! What is in one uncompressed tar, without its contents: names, types, metadata, and where the bytes of each file are.

use bstr::{BStr, BString, ByteSlice};
use thin_vec::ThinVec;

use super::metadata::{Metadata, Segment, Xattr};

/// A stretch of a [`TarIndex`]'s text: a path or the target of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSpan {
    start: u32,
    len: u32,
}

/// What an entry of a tar is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A regular file: where its bytes are in the uncompressed tar, and how many.
    File {
        /// Where in the uncompressed tar the bytes start.
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
    Symlink(TextSpan),
    /// Another name for the file at this path (which is in the form of [`TarIndex::path`]).
    HardLink(TextSpan),
    /// A character device: major, minor.
    CharDevice(u32, u32),
    /// A block device: major, minor.
    BlockDevice(u32, u32),
    /// A named pipe.
    Fifo,
}

/// One entry of a tar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TarEntry {
    path: TextSpan,
    /// Type and content.
    pub kind: EntryKind,
    /// Owner, permissions, time.
    pub meta: Metadata,
    /// Extended attributes, sorted by name.
    pub xattrs: ThinVec<Xattr>,
}

/// The entries of one tar in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TarIndex {
    entries: Vec<TarEntry>,
    text: Vec<u8>,
}

impl TarIndex {
    /// The entries in the order of the tar.
    pub fn entries(&self) -> &[TarEntry] {
        &self.entries
    }

    /// An entry's path: relative to the root, `.`, `..` and doubled slashes taken out, empty for the root itself.
    pub fn path(&self, entry: &TarEntry) -> &BStr {
        self.text(entry.path)
    }

    /// The target of a link.
    pub fn text(&self, text: TextSpan) -> &BStr {
        let start = text.start as usize;
        self.text.get(start..start + text.len as usize).unwrap_or_default().as_bstr()
    }

    /// Keeps a text; `None` if all of them together exceed 4 GiB.
    pub(super) fn push_text(&mut self, bytes: &[u8]) -> Option<TextSpan> {
        let text = TextSpan { start: u32::try_from(self.text.len()).ok()?, len: u32::try_from(bytes.len()).ok()? };
        self.text.extend_from_slice(bytes);
        Some(text)
    }

    /// Adds an entry whose path is kept already.
    pub(super) fn push(&mut self, path: TextSpan, kind: EntryKind, meta: Metadata, xattrs: ThinVec<Xattr>) {
        self.entries.push(TarEntry { path, kind, meta, xattrs });
    }

    /// Gives back the memory that was taken in advance.
    pub(super) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.text.shrink_to_fit();
    }
}

/// Confines a path of a tar to its root, by the names alone: `/a/./b/../../../c` is `c`.
pub fn clean_path(path: &[u8]) -> BString {
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
