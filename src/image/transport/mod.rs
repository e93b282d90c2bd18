//! Where images are. Each transport gets at the files of a stored image, in a file of its own.

mod archive;
mod path;
mod skopeo_dir;
mod stdin;

use super::load::Means;
use super::reference::{Reference, Transport};
use super::source::Source;
use crate::Result;

/// Gets at the files of the stored image.
///
/// # Errors
/// If there is nothing, or it cannot be opened.
pub fn connect(reference: &Reference, means: Means<'_>) -> Result<Box<dyn Source>> {
    match reference.transport {
        Transport::Stdin => stdin::connect(reference, means),
        _ => path::connect(reference, means),
    }
}
