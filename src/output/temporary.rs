//! A place for an image that is put together before it goes where it is to go.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use crate::error::room_for_temporary;
use crate::{Error, Result};

/// An unnamed file in the directory for temporary files.
pub(super) struct Temporary {
    pub file: File,
    /// What it is called in errors.
    pub dir: PathBuf,
}

impl Temporary {
    pub fn new() -> Result<Self> {
        let dir = std::env::temp_dir();
        let file = tempfile::tempfile_in(&dir).map_err(Error::io(&dir, "cannot create a temporary file"))?;
        Ok(Self { file, dir })
    }

    /// The same error, which says what to do if there is no more room.
    pub fn explain(error: Error) -> Error {
        match error {
            Error::Io { path, action, source } if !room_for_temporary(&source).is_empty() => {
                let text = format!("{source}{}", room_for_temporary(&source));
                Error::Io { path, action, source: io::Error::new(source.kind(), text) }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn no_room_names_a_way_out() {
        let full = Error::io("/tmp", "cannot write")(ErrorKind::StorageFull.into());
        assert!(Temporary::explain(full).to_string().ends_with("; name a directory with more room in TMPDIR"));
        let other = Error::io("/tmp", "cannot write")(ErrorKind::PermissionDenied.into());
        assert!(!Temporary::explain(other).to_string().contains("TMPDIR"));
    }
}
