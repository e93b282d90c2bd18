//! What the new image is called.

use super::destination::{ArchiveFormat, Destination};
use super::options::Options;
use crate::registry::ImageName;

/// The new image's names: those of the options, else the one behind a docker-archive's path, else the original's.
/// A reference given to an OCI layout or archive is no image name, and takes the place of the original's. In a registry and
/// a daemon it has the name that is written to, and those of the options.
pub(super) fn named_tags(original: &[String], options: &Options, destination: &Destination) -> Vec<ImageName> {
    let mut tags: Vec<ImageName> = match destination.reference() {
        _ if destination.given_name().is_some() => {
            destination.given_name().into_iter().chain(&options.tags).cloned().collect()
        }
        _ if !options.tags.is_empty() => options.tags.clone(),
        Some(reference) => reference.parse().ok().filter(|_| is_docker(destination)).into_iter().collect(),
        // An input's own names may be malformed; then they are no names.
        None => original.iter().filter_map(|tag| tag.parse().ok()).collect(),
    };
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags
}

fn is_docker(destination: &Destination) -> bool {
    matches!(destination, Destination::Archive { format: ArchiveFormat::Docker, .. })
}
