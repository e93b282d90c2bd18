//! A directory on this machine, read as if it were the one layer of an image.

use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;
use tar::{Builder, EntryType, Header};

use crate::image::{Blob, Layer};
use crate::rootfs::{self, Merged};
use crate::{Error, Result};

/// A root file system that was read from a directory.
#[derive(Debug)]
pub struct Folder {
    /// Its tree. The contents are copies in a temporary file without a name.
    pub merged: Merged,
    /// How many files could not be read and were left out.
    pub left_out: u64,
}

impl Folder {
    /// Reads the directory at `root` and all below it on the same file system. Symlinks are taken as they are, none is
    /// followed but `root` itself; sockets, pipes and devices are left out.
    ///
    /// # Errors
    /// If the directory cannot be read, or there is no room for the temporary file.
    pub fn read(root: &Path) -> Result<Self> {
        let cannot = |error| Error::io(root, "cannot read the tree")(error);
        let meta = fs::metadata(root).map_err(cannot)?;
        if !meta.is_dir() {
            return Err(cannot(io::ErrorKind::NotADirectory.into()));
        }
        let tar = tempfile::tempfile().map_err(Error::content("cannot make a temporary file"))?;
        let mut packer =
            Packer { root, device: meta.dev(), tar: Builder::new(tar), names: HashMap::new(), left_out: 0 };
        let mut file = packer.pack().map_err(cannot)?;
        let length = file.seek(io::SeekFrom::End(0)).map_err(Error::content("cannot write a temporary file"))?;
        let left_out = packer.left_out;
        let layer = Layer::from_tar(Blob::file(Arc::new(file), 0, length))?;
        Ok(Self { merged: rootfs::merge(&[layer])?, left_out })
    }
}

struct Packer<'r> {
    root: &'r Path,
    device: u64,
    tar: Builder<File>,
    /// The first name of every file that has several.
    names: HashMap<u64, PathBuf>,
    left_out: u64,
}

impl Packer<'_> {
    /// Packs everything, folders before what is in them, names in order.
    fn pack(&mut self) -> io::Result<File> {
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.root.join(&folder)) {
                Ok(entries) => entries,
                Err(error) if folder.as_os_str().is_empty() => return Err(error),
                Err(_) => {
                    self.left_out += 1;
                    continue;
                }
            };
            let mut names: Vec<PathBuf> =
                entries.map(|entry| Ok(folder.join(entry?.file_name()))).collect::<io::Result<_>>()?;
            names.sort_unstable();
            for name in names {
                let meta = fs::symlink_metadata(self.root.join(&name))?;
                self.entry(&name, &meta)?;
                if meta.is_dir() && meta.dev() == self.device {
                    folders.push(name);
                }
            }
        }
        self.tar.finish()?;
        self.tar.get_mut().flush()?;
        self.tar.get_ref().try_clone()
    }

    fn entry(&mut self, name: &Path, meta: &Metadata) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_metadata(meta);
        if meta.is_dir() {
            header.set_entry_type(EntryType::Directory);
            header.set_size(0);
            self.tar.append_data(&mut header, name, io::empty())
        } else if meta.is_symlink() {
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            self.tar.append_link(&mut header, name, fs::read_link(self.root.join(name))?)
        } else if meta.is_file() {
            self.file(&mut header, name, meta)
        } else {
            Ok(())
        }
    }

    fn file(&mut self, header: &mut Header, name: &Path, meta: &Metadata) -> io::Result<()> {
        if let Some(first) = self.names.get(&meta.ino()).filter(|_| meta.nlink() > 1) {
            header.set_entry_type(EntryType::Link);
            header.set_size(0);
            return self.tar.append_link(header, name, first);
        }
        // What has become a symlink meanwhile is not followed.
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        let Ok(file) = OpenOptions::new().read(true).custom_flags(flags).open(self.root.join(name)) else {
            self.left_out += 1;
            return Ok(());
        };
        header.set_entry_type(EntryType::Regular);
        header.set_size(meta.len());
        // A file that is shorter by now is filled up, so that the next header stands where it is looked for.
        self.tar.append_data(header, name, file.chain(io::repeat(0)).take(meta.len()))?;
        if meta.nlink() > 1 {
            self.names.insert(meta.ino(), name.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_taken_as_they_are_and_nothing_outside_is_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "x").unwrap();
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::create_dir_all(path("usr/bin")).unwrap();
        fs::write(path("usr/bin/tool"), "tool").unwrap();
        fs::hard_link(path("usr/bin/tool"), path("usr/bin/other")).unwrap();
        symlink(outside.path(), path("way-out")).unwrap();
        symlink("usr/bin", path("bin")).unwrap();
        let long = "a-long-name/".repeat(30);
        fs::create_dir_all(path(&long)).unwrap();
        fs::write(path(&long).join("file"), "deep").unwrap();
        let folder = Folder::read(root.path()).unwrap();
        let rootfs = &folder.merged.rootfs;
        let tree = &rootfs.tree;
        assert_eq!(folder.left_out, 0);
        assert!(tree.get("/way-out/secret").is_none() && tree.follow("/way-out/secret").is_none());
        let (tool, other) = (tree.get("/usr/bin/tool").unwrap(), tree.follow("/bin/other").unwrap());
        assert_eq!(tree.inode_id(tool), tree.inode_id(other));
        assert_eq!(rootfs.read(tool).unwrap(), b"tool");
        assert_eq!(rootfs.read(tree.get(format!("/{long}file")).unwrap()).unwrap(), b"deep");
        assert!(Folder::read(&path("usr/bin/tool")).is_err() && Folder::read(&path("none")).is_err());
    }
}
