//! Files that have no name until they are complete, so that an interrupted run leaves nothing behind.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, OFlags};
use tempfile::TempPath;

/// Permissions before the umask applies.
const MODE: u32 = 0o666;
/// Permissions of files that are nobody else's business.
const PRIVATE: u32 = 0o600;
/// What names begin with that files have before their own, on file systems that cannot do without.
pub const PREFIX: &str = ".bantam-";

/// The directory that holds `path`.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => Path::new("."),
        Some(dir) => dir,
        None => path,
    }
}

/// An error as the system gave it, without the name of a temporary file, which says nothing to anybody.
fn nameless(error: io::Error) -> io::Error {
    let source = error.get_ref().and_then(std::error::Error::source);
    let code = source.and_then(|source| source.downcast_ref::<io::Error>()).and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Sees to it that the names in a directory are on the disk.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    match File::open(dir)?.sync_all() {
        // Some file systems have nothing to do there, and say so (`fsync(2)`, EINVAL).
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// A file in the making. Unless it is published, nothing of it stays.
#[derive(Debug)]
pub struct Staged {
    file: File,
    /// Its name, on file systems that cannot do without (see `O_TMPFILE` in `open(2)`). Removed when dropped.
    name: Option<TempPath>,
}

impl Staged {
    /// An empty file on the file system of the directory `dir`.
    pub fn new_in(dir: &Path) -> io::Result<Self> {
        Self::with_mode(dir, MODE)
    }

    /// The same, for the user alone.
    pub fn private_in(dir: &Path) -> io::Result<Self> {
        Self::with_mode(dir, PRIVATE)
    }

    fn with_mode(dir: &Path, mode: u32) -> io::Result<Self> {
        let flags = OFlags::TMPFILE.bits() as i32;
        let unnamed = OpenOptions::new().read(true).write(true).mode(mode).custom_flags(flags).open(dir);
        match unnamed {
            Ok(file) => Ok(Self { file, name: None }),
            Err(_) => Self::named_in(dir, mode),
        }
    }

    /// A file that is there already, complete, and that another name is to be given to. Unless that happens, it is removed.
    pub fn named(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        Ok(Self { file, name: Some(TempPath::try_from_path(path)?) })
    }

    fn named_in(dir: &Path, mode: u32) -> io::Result<Self> {
        let (file, name) = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(dir)
            .map_err(nameless)?
            .into_parts();
        Ok(Self { file, name: Some(name) })
    }

    /// The file, open for reading and writing.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Gives the file the name `target`, in one step and in place of what had it. Both are on the disk when this returns: a
    /// machine that stops right then has the whole file or what was there before.
    pub fn publish(self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        self.give_name(target)?;
        sync_dir(parent(target))
    }

    fn give_name(mut self, target: &Path) -> io::Result<()> {
        if let Some(name) = self.name {
            return name.persist(target).map_err(|error| error.error);
        }
        if self.link(target).is_ok() {
            return Ok(());
        }
        let dir = parent(target);
        // The name is taken, or this system cannot name an open file. `link(2)` never replaces, `rename(2)` does.
        let linked = tempfile::Builder::new().prefix(PREFIX).make_in(dir, |path| self.link(path));
        match linked {
            Ok(named) => named.into_temp_path().persist(target).map_err(|error| error.error),
            Err(_) => {
                let copy = Self::named_in(dir, self.file.metadata()?.mode() & 0o777)?;
                self.file.rewind()?;
                io::copy(&mut self.file, &mut &copy.file)?;
                copy.file.sync_all()?;
                copy.give_name(target)
            }
        }
    }

    fn link(&self, target: &Path) -> io::Result<()> {
        let open = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        Ok(rustix::fs::linkat(CWD, open, CWD, target, AtFlags::SYMLINK_FOLLOW)?)
    }
}

impl Write for Staged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_staged_file_appears_when_published_and_replaces() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        for (make, content) in [
            (Staged::new_in as fn(&Path) -> _, "one"),
            (Staged::new_in, "two"),
            (|dir| Staged::named_in(dir, MODE), "three"),
        ] {
            let staged: Staged = make(dir.path()).unwrap();
            staged.file().write_all(content.as_bytes()).unwrap();
            staged.publish(&target).unwrap();
            assert_eq!(std::fs::read_to_string(&target).unwrap(), content);
            assert_eq!(names(dir.path()), ["out"]);
        }
    }

    #[test]
    fn an_unpublished_file_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let staged = Staged::new_in(dir.path()).unwrap();
        staged.file().write_all(b"x").unwrap();
        drop((staged, Staged::named_in(dir.path(), MODE).unwrap()));
        assert_eq!(names(dir.path()), [""; 0]);
    }
}
