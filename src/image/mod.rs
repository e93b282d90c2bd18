//! Container images as people store them.

mod blob;

pub use blob::Blob;
