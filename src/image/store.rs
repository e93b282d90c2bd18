//! The named files of a stored image: a directory, or the members of a tar.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;

use super::blob::Blob;
use super::candidate::StoredLayer;
use super::input::BlobInput;
use super::source::{Kind, Source, Stored};
use crate::tarball::{self, Budget, EntryKind, TarError, TarIndex, clean_path};

/// Largest manifest, index or config that is read, in bytes: that which registries have to take (OCI distribution
/// specification, "Pushing Manifests").
const MAX_DOCUMENT: u64 = 4 << 20;
/// Most links followed from one member of an archive to another.
const MAX_LINKS: usize = 16;

/// Files by name.
pub enum Store {
    /// The files of a directory, and nothing outside it: links are followed as long as they stay inside.
    Dir(Dir),
    /// The members of a tar.
    Archive(Archive),
}

impl Store {
    /// The files of the directory at `path`.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn dir(path: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Self::Dir)
    }

    /// The file of this name; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened, or if the name or a link leads elsewhere than to something inside the input; in words that name it.
    pub fn file(&self, name: &str) -> Result<Option<Blob>, String> {
        if !is_inside(name) {
            return Err(format!("{name:?}: no name of a file within the image"));
        }
        match self {
            Self::Dir(dir) => open_file(dir, name).map_err(|e| format!("{name}: cannot open: {e}")),
            Self::Archive(archive) => archive.member(name.as_bytes()),
        }
    }

    /// Whether there is something of this name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Dir(dir) => dir.symlink_metadata(name).is_ok(),
            Self::Archive(archive) => archive.has(name),
        }
    }
}

impl Source for Store {
    fn has(&self, name: &str) -> bool {
        self.has(name)
    }

    fn document(&self, name: &str, _: Kind) -> Result<Option<Blob>, String> {
        self.file(name)
    }

    fn layer(&self, layer: &StoredLayer) -> Result<Option<Stored>, String> {
        Ok(self.file(&layer.file)?.map(Stored::Here))
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

/// Whether a name that stands in a document of an image names a file below the place where the image is.
fn is_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn open_file(dir: &Dir, name: &str) -> io::Result<Option<Blob>> {
    // Opening a pipe would block, reading a device might never end.
    let options = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).clone();
    let file = match dir.open_with(name, &options) {
        Ok(file) => file.into_std(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        // The library's own error has no number; the system's has.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied && e.raw_os_error().is_none() => {
            let reason = "a link leads out of the directory; copy the image with `cp -rL` if that is meant";
            return Err(io::Error::other(reason));
        }
        Err(e) => return Err(e),
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    Ok(Some(Blob::file(Arc::new(file), 0, meta.len())))
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
    pub fn open(tar: Blob, budget: &Budget) -> Result<Self, String> {
        let index = index_of(&tar, budget)?;
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

/// The members of a tar.
///
/// # Errors
/// If it cannot be read, is no tar, or a damaged one, in words.
pub fn index_of(tar: &Blob, budget: &Budget) -> Result<TarIndex, String> {
    tarball::index(&mut BlobInput::new(tar), budget).map_err(|error| match error {
        TarError::Io(error) => format!("cannot read: {error}"),
        TarError::Format(reason) => reason,
    })
}

fn parent(path: &[u8]) -> &[u8] {
    path.rsplit_once_str("/").map_or(b"", |(dir, _)| dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(store: &Store, name: &str) -> Result<Option<Vec<u8>>, String> {
        store.file(name)?.map(|blob| read_document(&blob, name)).transpose()
    }

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
        let store = Store::Archive(Archive::open(tar.into_inner().unwrap().into(), &Budget::default()).unwrap());
        assert_eq!(text(&store, "two/layer.tar").unwrap().unwrap(), b"abc");
        assert!(text(&store, "loop").unwrap_err().contains("too many links"));
        assert_eq!(text(&store, "out").unwrap(), None);
    }

    #[test]
    fn a_directory_gives_what_is_inside_it_and_nothing_else() {
        use std::os::unix::fs::symlink;
        let around = tempfile::tempdir().unwrap();
        let dir = around.path().join("image");
        std::fs::create_dir_all(dir.join("blobs")).unwrap();
        let secret = around.path().join("secret");
        std::fs::write(&secret, "secret").unwrap();
        std::fs::write(dir.join("inside"), "inside").unwrap();
        symlink("../inside", dir.join("blobs/near")).unwrap();
        symlink("../../secret", dir.join("blobs/up")).unwrap();
        symlink(&secret, dir.join("absolute")).unwrap();
        symlink("..", dir.join("folder")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, dir.join("pipe"), rustix::fs::Mode::RUSR).unwrap();
        let store = Store::dir(&dir).unwrap();
        for name in ["inside", "./inside", "blobs/near"] {
            assert_eq!(text(&store, name).unwrap().unwrap(), b"inside", "{name}");
        }
        let absolute = secret.to_str().unwrap();
        for name in ["../secret", "blobs/../../secret", "blobs/../inside", absolute, "", "/"] {
            let error = text(&store, name).unwrap_err();
            assert!(error.contains("no name of a file within the image"), "{name}: {error}");
        }
        for name in ["blobs/up", "absolute", "folder/secret"] {
            let error = text(&store, name).unwrap_err();
            assert!(error.contains(name) && error.contains("a link leads out of the directory"), "{name}: {error}");
        }
        assert!(text(&store, "pipe").unwrap_err().contains("not a regular file"));
        assert_eq!(text(&store, "nothing").unwrap(), None);
    }
}
