//! One image to be written, whatever it is written to.

use std::fs::File;
use std::path::Path;

use super::blob::LayerBlob;
use super::compress;
use super::destination::Destination;
use super::manifest::NewImage;
use super::options::{Options, Original, Progress};
use super::stream::LayerStream;
use crate::Result;
use crate::plan::Plan;
use crate::rootfs::Rootfs;

/// One call of [`write()`](super::write()).
pub(super) struct Job<'a> {
    pub rootfs: &'a Rootfs,
    pub plan: &'a Plan,
    pub original: &'a Original<'a>,
    pub options: &'a Options,
    pub destination: &'a Destination,
}

impl Job<'_> {
    /// Writes the layer to `file` at its current position.
    pub fn write_layer(&self, file: &File, path: &Path, progress: Progress) -> Result<LayerBlob> {
        let compression = self.options.compression.unwrap_or_else(|| self.destination.default_compression());
        let mut stream = LayerStream::new(self.rootfs, self.plan, self.options.source_date_epoch);
        compress::write_layer(&mut stream, compression, file, path, progress)
    }

    /// The image that consists of this layer.
    pub fn describe(&self, layer: LayerBlob) -> Result<NewImage> {
        NewImage::new(self.original, self.options, self.destination, layer)
    }
}
