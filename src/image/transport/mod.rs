//! Where images are. Each transport gets at the files of a stored image, in a file of its own.

mod archive;
mod daemon;
mod listing;
mod path;
mod registry;
mod rootfs;
mod skopeo_dir;
mod stdin;

use std::sync::Arc;

use super::docker_legacy;
use super::load::Means;
use super::reference::{Reference, Transport};
use super::source::Source;
use crate::network::Network;
use crate::{Error, Result};

/// Gets at the files of the stored image.
///
/// # Errors
/// If there is nothing, or it cannot be opened.
pub fn connect(reference: &Reference, network: &Arc<Network>, means: Means<'_>) -> Result<Box<dyn Source>> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    let source = match &reference.transport {
        Transport::Rootfs => return rootfs::connect(reference, means),
        Transport::Stdin => stdin::connect(reference, means),
        Transport::Daemon(image) => daemon::connect(reference, image, means),
        Transport::Registry(image) => registry::connect(network, image).map_err(|trouble| fail(trouble.to_string())),
        _ => path::connect(reference, means),
    };
    docker_legacy::described(source?, means.budget.limits()).map_err(fail)
}
