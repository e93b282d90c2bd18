//! The one error type of the library.

use std::path::PathBuf;

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on an image failed. The messages name the file, the blob or the layer, and where
/// something can be done about it, what to do; they fit on one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file outside the image (input, output, profile) could not be read or written.
    #[error("{}: {action}: {source}", path.display())]
    Io {
        /// The file on this machine.
        path: PathBuf,
        /// What was being done, as in "cannot open".
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The input is not a container image, or is damaged.
    #[error("{input}: {reason}")]
    Input {
        /// The image reference as the user wrote it.
        input: String,
        /// What is wrong with it, naming the blob, and what to do.
        reason: String,
    },
    /// A registry or a daemon does not take the new image.
    #[error("{place}: {reason}")]
    Remote {
        /// Where it was to go, as the user would write it.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A layer's tar stream breaks the format or the OCI layer rules.
    #[error("layer {layer}: {reason}")]
    Layer {
        /// The layer's digest (or its number where it has none).
        layer: String,
        /// What is wrong, naming the entry.
        reason: String,
    },
    /// A profile does not load.
    #[error("{origin}:{line}: {reason}")]
    Profile {
        /// The profile's file name.
        origin: String,
        /// 1-based line of the mistake.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Contents of the image's files could not be read any more, or new ones not be put aside.
    #[error("{action}: {source}")]
    Content {
        /// What was being done.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// An option or a reference that cannot be carried out as given.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// Says which input an error about a layer belongs to.
    pub fn of_input(self, input: &str) -> Self {
        match self {
            Self::Layer { layer, reason } => {
                Self::Input { input: input.to_owned(), reason: format!("layer {layer}: {reason}") }
            }
            other => other,
        }
    }

    /// Wraps an I/O error about contents of the image; for use in `map_err`.
    pub fn content(action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Content { action, source }
    }

    /// Wraps an I/O error with the file and the action it belongs to; for use in `map_err`.
    pub fn io(path: impl Into<PathBuf>, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, action, source }
    }
}

/// What to do about an error of writing a temporary file: something only if there is no more room.
pub(crate) fn room_for_temporary(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let is_full = matches!(error.kind(), StorageFull | QuotaExceeded);
    if is_full { "; name a directory with more room in TMPDIR" } else { "" }
}
