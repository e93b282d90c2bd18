//! What images are read from: named files, wherever they are. A transport gives one.

use std::io::{self, Read};
use std::sync::Arc;

use super::blob::Blob;
use super::candidate::StoredLayer;
use super::digest::{self, Digest};
use super::platform::Platform;

/// What a document is, for sources that keep them in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The one that lists images.
    List,
    /// An index or a manifest below it.
    Manifest,
    /// The config of an image.
    Config,
}

/// The files of a stored image, named as an OCI layout or a docker-archive names them.
pub trait Source: Send + Sync {
    /// Whether there is a list of this name.
    fn has(&self, name: &str) -> bool;

    /// A list, manifest or config; none if it is not there. It is verified by whoever asks.
    ///
    /// # Errors
    /// If it cannot be read, in words that name it.
    fn document(&self, name: &str, kind: Kind) -> Result<Option<Blob>, String>;

    /// What is stored of a layer; none if it is not there. It is verified while it is read.
    ///
    /// # Errors
    /// If it cannot be opened, in words that name it.
    fn layer(&self, layer: &StoredLayer) -> Result<Option<Stored>, String>;

    /// Whether looking at an image of another platform than was asked for takes longer than passing it over by what the
    /// index says of it.
    fn is_far(&self) -> bool {
        false
    }
}

/// Bytes of a layer, as they are stored.
#[derive(Clone)]
pub enum Stored {
    /// At rest: they can be read from any place.
    Here(Blob),
    /// To be had from their beginning, once or again.
    Far(Arc<dyn Far>),
}

/// Bytes that are somewhere else.
pub trait Far: Send + Sync {
    /// How many they should be.
    fn len(&self) -> u64;

    /// Reads them from their beginning. There are as many as there should be, or reading fails.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
}

/// That bytes did not come, or could not be put aside, which says nothing about what is in them: the error of a [`Far`] reader and of
/// a spool.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

impl Broken {
    /// Whether that is what an error says.
    pub fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl Stored {
    /// Whether all of it has this digest; false also for an unknown algorithm.
    pub fn matches(&self, digest: &Digest) -> io::Result<bool> {
        match self {
            Self::Here(blob) => digest::matches(blob.reader(), digest),
            Self::Far(far) => digest::matches(far.open()?, digest),
        }
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Here(blob) => blob.len(),
            Self::Far(far) => far.len(),
        }
    }
}

/// Which platforms are wanted of an index that lists several.
pub fn is_wanted(platform: Option<&Platform>, wanted: Option<&Platform>) -> bool {
    platform.zip(wanted).is_none_or(|(platform, wanted)| platform.satisfies(wanted))
}
