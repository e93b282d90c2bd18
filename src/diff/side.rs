//! What is compared.

use serde_json::Value;

use crate::owners::Owners;
use crate::rootfs::Rootfs;

/// One of the two images.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// The image as the user named it.
    pub reference: String,
    /// Its names.
    pub tags: &'a [String],
    /// Digest of its config: the image ID; none for one that is not written.
    pub config_digest: Option<&'a str>,
    /// Its config.
    pub config: &'a Value,
    /// Its files.
    pub rootfs: &'a Rootfs,
    /// Who put them there.
    pub owners: &'a Owners,
    /// Bytes of all regular files of its layers, hidden ones too: what `docker images` counts.
    pub layer_bytes: u64,
}
