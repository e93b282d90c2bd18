//! Container images as people store them: docker-archive, OCI layout, OCI archive, on disk or on standard input.
//!
//! A transport (`transport/`, a file each) gets at the named files of a stored image, its *source*; what follows knows no transport.
//! [`open`] finds the image that a [`Reference`] names, verifies every digest, and indexes its layers. Layers that
//! are stored uncompressed are used where they are; others are decompressed once, to memory or to an unlinked file.
//! Contents of files are read later and only where needed, through [`Blob`].

mod blob;
mod candidate;
mod chunk;
mod compression;
mod described;
mod digest;
mod docker_archive;
mod docker_legacy;
mod documents;
mod fetched;
mod gunzip;
mod input;
mod listing;
mod load;
mod look;
mod oci;
mod open;
mod opened;
mod platform;
mod progress;
mod reference;
mod run_config;
mod source;
mod spool;
mod store;
mod transport;

#[cfg(test)]
mod foreign_tests;
#[cfg(test)]
mod open_tests;

pub use blob::Blob;
pub use compression::StoredCompression;
pub use listing::{Listed, Listing, listing};
pub use look::{Blobs, Looked, StoredBlob, look, look_all};
pub use open::{OpenOptions, open};
pub use opened::{Image, Layer};
pub use platform::Platform;
pub use progress::{Event, Listener};
pub use reference::{Reference, Transport};
pub use run_config::RunConfig;
