//! What the layer is compressed with, and how hard.

use std::fmt;

use crate::{Error, Result};

/// How the layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// A plain tar.
    None,
    /// gzip (RFC 1952), level 0 to 9.
    Gzip(u32),
    /// zstd (RFC 8878), level 1 to 22. Smaller and faster than gzip, but Docker 20.10 cannot load it, nor umoci 0.4.
    Zstd(i32),
}

impl Compression {
    /// gzip at its usual level.
    pub const GZIP: Self = Self::Gzip(6);
    /// zstd at its usual level.
    pub const ZSTD: Self = Self::Zstd(3);

    /// The compression called `name` (`gzip`, `zstd`, `none`), at `level` or its usual level.
    ///
    /// # Errors
    /// If there is no such compression or it has no such level.
    pub fn parse(name: &str, level: Option<u32>) -> Result<Self> {
        match (name, level) {
            ("none", None) => Ok(Self::None),
            ("none", Some(_)) => Err(Error::Usage("compression none has no level".into())),
            ("gzip", None) => Ok(Self::GZIP),
            ("gzip", Some(level @ 0..=9)) => Ok(Self::Gzip(level)),
            ("gzip", Some(level)) => Err(Error::Usage(format!("gzip has no level {level}: use 0 to 9"))),
            ("zstd", None) => Ok(Self::ZSTD),
            ("zstd", Some(level @ 1..=22)) => Ok(Self::Zstd(level as i32)),
            ("zstd", Some(level)) => Err(Error::Usage(format!("zstd has no level {level}: use 1 to 22"))),
            _ => Err(Error::Usage(format!("unknown compression {name:?}: use gzip, zstd or none"))),
        }
    }

    /// The media type of a layer compressed so (OCI image specification, "Media Types").
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::None => "application/vnd.oci.image.layer.v1.tar",
            Self::Gzip(_) => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Zstd(_) => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }

    /// Bytes of the stream in a block. zstd blocks cannot see each other, so they are larger.
    pub(super) fn block_size(self) -> usize {
        match self {
            Self::None => 1 << 20,
            Self::Gzip(_) => 256 << 10,
            Self::Zstd(_) => 2 << 20,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Gzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
        })
    }
}
