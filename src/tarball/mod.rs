//! Tar, read and written: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header", and the dialects that
//! `tar(5)` describes.
//!
//! What the `tar` crate knows is taken from it: the layout of a header block ([`tar::Header`] and its views), the types of
//! entries ([`tar::EntryType`]), how fields are written. Reading is held to what container engines read, which unpack layers with
//! Go's `archive/tar`, and to input that means harm. So these parts are our own:
//!
//! | file | why |
//! |---|---|
//! | `number` | the crate refuses empty fields, and reads times before 1970 and numbers beyond 64 bits as others |
//! | `header` | the crate knows no checksums of signed bytes, and joins prefixes that are not there in star's dialect |
//! | `pax` | the crate cuts records at line ends, and the values of extended attributes may hold some |
//! | `sparse` | the crate does not know the PAX formats |
//! | `reader`, `index` | the crate hands out one entry at a time, and looks for its records anew for each field; here one pass, in which the stream is hashed as well, leaves an index that knows where contents are. Whatever a header says, memory is bounded |
//! | `writer` | the crate takes no keys of records that are not UTF-8, changes paths on the way, and cuts off large numbers of devices |

mod header;
mod index;
mod input;
mod limits;
mod metadata;
mod number;
mod pax;
mod reader;
mod sparse;
mod writer;

pub use index::{EntryKind, TarEntry, TarIndex, TextSpan};
pub use limits::{Counted, Limits, MAX_PATH};
pub use metadata::{Metadata, Segment, Xattr};

pub(crate) use header::BLOCK;
pub(crate) use index::clean_path;
pub(crate) use input::TarInput;
pub(crate) use limits::{Budget, Spending};
pub(crate) use reader::{TarError, index};
pub(crate) use writer::EntryHeader;
