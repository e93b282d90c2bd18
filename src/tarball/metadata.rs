//! What tar says about a file besides its name and type.

use bstr::BString;

/// Owner, permissions and time of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Permission, set-id and sticky bits (`0o7777`).
    pub mode: u16,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// Modification time, seconds since the epoch.
    pub mtime: i64,
    /// Modification time, nanoseconds past `mtime`.
    pub mtime_nanos: u32,
}

/// An extended attribute: name and value.
pub type Xattr = (BString, BString);

/// A run of a sparse file that has data; everything between segments is zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where in the file it starts.
    pub start: u64,
    /// Where in the uncompressed layer its bytes are.
    pub offset: u64,
    /// How many bytes.
    pub len: u64,
}
