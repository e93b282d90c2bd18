//! The named files of a stored image: a directory, or the members of a tar.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::blob::Blob;
use super::input::BlobInput;
use crate::tarball::{self, EntryKind, TarError, TarIndex, clean_path};

/// Largest manifest, index or config that is read, in bytes.
const MAX_DOCUMENT: u64 = 16 << 20;
/// Most links followed from one member of an archive to another.
const MAX_LINKS: usize = 16;

/// Files by name.
pub enum Store {
    /// The files of a directory.
    Dir(PathBuf),
    /// The members of a tar.
    Archive(Archive),
}

impl Store {
    /// The file of this name; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened, in words that name it.
    pub fn file(&self, name: &str) -> Result<Option<Blob>, String> {
        match self {
            Self::Dir(dir) => open_file(&dir.join(name)).map_err(|e| format!("{name}: cannot open: {e}")),
            Self::Archive(archive) => archive.member(name.as_bytes()),
        }
    }

    /// The text of a small file; none if it is not there.
    ///
    /// # Errors
    /// If it is too large or cannot be read, in words that name it.
    pub fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.file(name)?.map(|blob| read_document(&blob, name)).transpose()
    }
}

/// Reads a manifest, index or config.
///
/// # Errors
/// If it is too large or cannot be read, in words that name it.
pub fn read_document(blob: &Blob, name: &str) -> Result<Vec<u8>, String> {
    let len = blob.len();
    if len > MAX_DOCUMENT {
        return Err(format!("{name}: {len} bytes are too many for a manifest or config"));
    }
    let mut bytes = vec![0; len as usize];
    blob.read_exact_at(&mut bytes, 0).map_err(|e| format!("{name}: cannot read: {e}"))?;
    Ok(bytes)
}

fn open_file(path: &Path) -> io::Result<Option<Blob>> {
    // A pipe or device would block, or never end.
    match path.metadata() {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return Err(io::Error::other("not a regular file")),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    }
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    Ok(Some(Blob::file(Arc::new(file), 0, len)))
}

/// The members of a tar that holds an image.
pub struct Archive {
    tar: Blob,
    index: TarIndex,
    /// Where in the index a member is; of several with one name the last.
    members: BTreeMap<BString, usize>,
}

impl Archive {
    /// Finds the members of a tar.
    ///
    /// # Errors
    /// If it is no tar, or a damaged one.
    pub fn open(tar: Blob) -> Result<Self, String> {
        let index = tarball::index(&mut BlobInput::new(&tar)).map_err(|error| match error {
            TarError::Io(error) => format!("cannot read: {error}"),
            TarError::Format(reason) => reason,
        })?;
        let members =
            index.entries().iter().enumerate().map(|(at, entry)| (index.path(entry).to_owned(), at)).collect();
        Ok(Self { tar, index, members })
    }

    /// Whether there is a member of this name.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name.as_bytes().as_bstr())
    }

    /// Whether there are no members at all.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The content of a member. Old Docker writes a layer that it has written already as a symbolic link.
    fn member(&self, name: &[u8]) -> Result<Option<Blob>, String> {
        let mut path = clean_path(name);
        for _ in 0..MAX_LINKS {
            let Some(entry) = self.members.get(&path).and_then(|&at| self.index.entries().get(at)) else {
                return Ok(None);
            };
            path = match &entry.kind {
                EntryKind::File { offset, size } => return Ok(Some(self.tar.slice(*offset, *size))),
                EntryKind::HardLink(target) => self.index.text(*target).to_owned(),
                EntryKind::Symlink(target) => {
                    let target = self.index.text(*target);
                    let dir = if target.starts_with(b"/") { &b""[..] } else { parent(&path) };
                    clean_path(&[dir, b"/", target].concat())
                }
                _ => return Err(format!("{}: not a regular file", path.to_str_lossy())),
            };
        }
        Err(format!("{}: too many links", name.to_str_lossy()))
    }
}

fn parent(path: &[u8]) -> &[u8] {
    path.rsplit_once_str("/").map_or(b"", |(dir, _)| dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_members_are_followed_and_loops_end() {
        let mut tar = tar::Builder::new(Vec::new());
        let mut file = tar::Header::new_gnu();
        file.set_size(3);
        tar.append_data(&mut file, "one/layer.tar", &b"abc"[..]).unwrap();
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        tar.append_link(&mut link, "two/layer.tar", "../one/layer.tar").unwrap();
        tar.append_link(&mut link, "loop", "loop").unwrap();
        tar.append_link(&mut link, "out", "../../../etc/passwd").unwrap();
        let store = Store::Archive(Archive::open(tar.into_inner().unwrap().into()).unwrap());
        assert_eq!(store.document("two/layer.tar").unwrap().unwrap(), b"abc");
        assert!(store.document("loop").unwrap_err().contains("too many links"));
        assert_eq!(store.document("out").unwrap(), None);
    }
}
