//! The squashed layer and the new image.
//!
//! [`write()`] turns what a plan keeps of a tree into an image with one layer. The same input and options give the
//! same bytes, whatever the number of threads, and an output appears whole or not at all: until it is complete it has no
//! name (`O_TMPFILE`), so that not even a killed run leaves a part of it.
//!
//! | file | what it knows |
//! |---|---|
//! | `stream`, `body` | which entries the layer has and in which order, as a stream |
//! | `compress` | blocks and threads |
//! | `recipe` | by which annotations an image says what it was made from, and by what |
//! | `config`, `manifest` | what the JSON documents say |
//! | `index` | several images as one |
//! | `archive`, `layout` | where things are in a tar or a directory |
//! | `registry`, `daemon` | what is sent to a registry or a daemon, and in which order |
//! | `temporary` | where what is sent is put together |
//! | `places` | what may be written to, and how a file appears there |

mod archive;
mod blob;
mod body;
mod compress;
mod compression;
mod config;
mod daemon;
mod destination;
mod index;
mod job;
mod layout;
mod manifest;
mod name;
mod options;
mod places;
mod recipe;
mod registry;
mod stream;
mod temporary;
pub(crate) mod timestamp;
mod write;

#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;

pub use crate::registry::ImageName;
pub use compression::Compression;
pub use destination::{ArchiveFormat, Destination};
pub use index::{IndexWriter, OriginalIndex, WrittenIndex};
pub use options::{Event, Options, Original, Progress};
pub use places::{check, write_file};
pub use recipe::Recipe;
pub use registry::attach;
pub use timestamp::{creation_time, parse_source_date_epoch};
pub use write::{Attach, Written, try_out, write, write_attached};
