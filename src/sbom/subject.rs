//! The image that a bill is of.

/// The image that a bill is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its names, the first of which it goes by.
    pub tags: Vec<String>,
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// Digest of its config, `sha256:…`: the image ID.
    pub config_digest: String,
    /// Digest of its manifest, if it has one.
    pub manifest_digest: Option<String>,
    /// When it was made, in seconds since 1970: see [`crate::output::creation_time`].
    pub created: Option<i64>,
}

impl Subject {
    /// What the image is called, and its tag.
    pub(super) fn name(&self) -> (&str, Option<&str>) {
        self.tags.first().map_or(("image", None), |name| split_tag(name))
    }
}

/// `NAME[:TAG]`; a colon before a slash belongs to a port.
pub(super) fn split_tag(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    }
}
