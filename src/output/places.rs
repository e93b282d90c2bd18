//! What a run may write to: one check for all outputs, and how a file appears in its place.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, fstat};

use super::destination::Destination;
use crate::staging::{Staged, parent};
use crate::{Error, Result};

/// Refuses outputs that cannot be, before any work is done: the image, and files beside it. None may be one of `inputs`, or
/// within one that is a directory, or in the place of another output. An empty path among the inputs is standard input.
///
/// # Errors
/// Names the output, and what is wrong with it.
pub fn check(image: Option<&Destination>, files: &[&Path], inputs: &[&Path]) -> Result<()> {
    let inputs: Vec<Place> = inputs.iter().filter_map(|path| Place::of_input(path)).collect();
    let mut taken: Vec<Place> = Vec::new();
    let image = match image {
        Some(Destination::Stdout) => {
            if io::stdout().is_terminal() {
                return Err(Error::Usage("standard output is a terminal: redirect it, or name a file".into()));
            }
            taken.extend(Place::of_stream(io::stdout()));
            None
        }
        Some(Destination::Layout { path, .. }) => Some((path.as_path(), Kind::Layout)),
        Some(Destination::Archive { path, .. }) => Some((path.as_path(), Kind::Archive)),
        Some(Destination::Registry(_) | Destination::Daemon(_)) | None => None,
    };
    if let Some(place) = taken.iter().find(|place| inputs.iter().any(|input| input.is(place))) {
        return Err(is_input(&place.name));
    }
    for (path, kind) in image.into_iter().chain(files.iter().map(|path| (*path, Kind::File))) {
        let place = Place::of_output(path, kind)?;
        if inputs.iter().any(|input| input.is(&place) || input.holds(&place)) {
            return Err(is_input(path));
        }
        if let Some(other) = taken.iter().find(|other| other.is(&place) || other.holds(&place)) {
            let (path, other) = (path.display(), other.name.display());
            return Err(Error::Usage(format!("{path}: {other} is written there as well; name another file")));
        }
        taken.push(place);
    }
    Ok(())
}

fn is_input(path: &Path) -> Error {
    Error::Usage(format!("{}: is the input, which is never changed; name another output", path.display()))
}

/// What is written to a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Layout,
    Archive,
    /// A file beside the image.
    File,
}

/// A file or directory, whatever names it has.
struct Place {
    /// What it was called.
    name: PathBuf,
    /// Device and number, of what is there and can be replaced or changed. Pipes and devices are only written to.
    id: Option<(u64, u64)>,
    /// Where it is, links resolved.
    path: Option<PathBuf>,
    is_dir: bool,
}

impl Place {
    fn new(name: &Path, meta: Option<&Metadata>, path: Option<PathBuf>) -> Self {
        let id = meta.filter(|meta| meta.is_file() || meta.is_dir()).map(|meta| (meta.dev(), meta.ino()));
        Self { name: name.to_owned(), id, path, is_dir: meta.is_some_and(Metadata::is_dir) }
    }

    /// Nothing where that is not there: reading it will say so.
    fn of_input(path: &Path) -> Option<Self> {
        if path.as_os_str().is_empty() {
            return Self::of_stream(io::stdin());
        }
        Some(Self::new(path, fs::metadata(path).ok().as_ref(), fs::canonicalize(path).ok()))
    }

    /// A standard stream that the shell made lead to a file.
    fn of_stream(stream: impl AsFd) -> Option<Self> {
        let stat = fstat(stream).ok().filter(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)?;
        Some(Self { name: "standard output".into(), id: Some((stat.st_dev, stat.st_ino)), path: None, is_dir: false })
    }

    fn of_output(path: &Path, kind: Kind) -> Result<Self> {
        let dir = parent(path);
        if !dir.is_dir() {
            let missing = format!("there is no directory {}", dir.display());
            return Err(Error::io(path, "cannot write")(io::Error::new(io::ErrorKind::NotFound, missing)));
        }
        let target = target(path)?;
        let meta = fs::metadata(&target).ok();
        let is_dir = meta.as_ref().is_some_and(Metadata::is_dir);
        match kind {
            Kind::Archive if is_dir => {
                let path = path.display();
                return Err(Error::Usage(format!("{path}: is a directory; write an OCI layout with oci:{path}")));
            }
            Kind::File if is_dir => return Err(Error::io(path, "cannot write")(io::ErrorKind::IsADirectory.into())),
            _ => {}
        }
        let is_file = meta.as_ref().is_none_or(|meta| meta.is_file() || meta.is_dir());
        let resolved = is_file.then(|| Some(fs::canonicalize(parent(&target)).ok()?.join(target.file_name()?)));
        let mut place = Self::new(path, meta.as_ref(), resolved.flatten());
        place.is_dir |= kind == Kind::Layout;
        Ok(place)
    }

    fn is(&self, other: &Self) -> bool {
        (self.id.is_some() && self.id == other.id) || (self.path.is_some() && self.path == other.path)
    }

    /// Whether the other one is below this directory.
    fn holds(&self, other: &Self) -> bool {
        let paths = self.path.as_ref().zip(other.path.as_ref());
        self.is_dir && paths.is_some_and(|(path, other)| other.starts_with(path))
    }
}

/// Where the bytes go that are written to `path`: what a link leads to, not the link.
///
/// # Errors
/// If it is a link to nothing: whoever made it may have meant another place than the one that would come to be.
pub(super) fn target(path: &Path) -> Result<PathBuf> {
    match (fs::canonicalize(path), fs::symlink_metadata(path)) {
        (Ok(target), _) => Ok(target),
        (Err(_), Ok(meta)) if meta.is_symlink() => {
            let reason = "is a link to something that is not there; name that, or remove the link";
            Err(Error::Usage(format!("{}: {reason}", path.display())))
        }
        (Err(_), _) => Ok(path.to_owned()),
    }
}

/// Writes a file beside the image. It appears whole or not at all, in place of what was there; what is no file (a pipe, a
/// terminal, a device) is written to as it is.
///
/// # Errors
/// If it cannot be written.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let target = target(path)?;
    let written = if fs::metadata(&target).is_ok_and(|meta| !meta.is_file()) {
        File::options().write(true).open(&target).and_then(|file| buffered(&file, write))
    } else {
        Staged::new_in(parent(&target)).and_then(|staged| {
            buffered(staged.file(), write)?;
            staged.publish(&target)
        })
    };
    written.map_err(Error::io(path, "cannot write"))
}

fn buffered(file: &File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out)?;
    out.flush()
}
