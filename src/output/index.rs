//! Several images as one index (OCI image specification, "Image Index"): their blobs first, then the index, then its names.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::blob::BlobDigest;
use super::destination::Destination;
use super::job::Job;
use super::manifest::{self, BASE_DIGEST, BASE_NAME, INDEX_TYPE, NewImage};
use super::name::named_tags;
use super::options::{Options, Original, Progress};
use super::write::{Written, written};
use super::{layout, places, registry};
use crate::plan::Plan;
use crate::registry::ImageName;
use crate::rootfs::Rootfs;
use crate::{Error, Result};

/// An index in the making.
pub struct IndexWriter<'d> {
    destination: &'d Destination,
    options: &'d Options,
    /// What it lists.
    descriptors: Vec<Value>,
    /// What goes into a layout; a registry has it already.
    blobs: Vec<layout::NewBlob>,
}

/// An index that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenIndex {
    /// Its names.
    pub tags: Vec<String>,
    /// Its digest.
    pub digest: String,
    /// Its length in bytes.
    pub size: u64,
    /// The index in a registry, by its digest: `HOST/REPOSITORY@sha256:…`.
    pub reference: Option<String>,
}

/// What the new index takes over from the original one.
#[derive(Clone, Copy, Debug)]
pub struct OriginalIndex<'a> {
    /// Its digest.
    pub digest: Option<&'a str>,
    /// Its annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// Its names.
    pub tags: &'a [String],
}

impl<'d> IndexWriter<'d> {
    /// An empty one.
    ///
    /// # Errors
    /// If an index cannot go there.
    pub fn new(destination: &'d Destination, options: &'d Options) -> Result<Self> {
        if !matches!(destination, Destination::Registry(_) | Destination::Layout { .. }) {
            return Err(Error::Usage(
                "an index of several platforms goes to a registry (docker://) or an OCI layout (oci:DIR)".into(),
            ));
        }
        destination.check_names(&options.tags)?;
        Ok(Self { destination, options, descriptors: Vec::new(), blobs: Vec::new() })
    }

    /// Where it goes.
    pub fn destination(&self) -> &'d Destination {
        self.destination
    }

    /// Adds an image; `annotations` are those that the index gives it. Its names are those that the index will have.
    ///
    /// # Errors
    /// As [`write()`](super::write()).
    pub fn add(
        &mut self,
        (rootfs, plan): (&Rootfs, &Plan),
        original: &Original,
        options: &Options,
        annotations: &BTreeMap<String, String>,
        progress: Option<Progress>,
    ) -> Result<Written> {
        places::check(Some(self.destination), &[], &options.inputs())?;
        let job = Job { rootfs, plan, original, options, destination: self.destination };
        let progress = progress.unwrap_or(&|_| {});
        let image = match self.destination {
            Destination::Registry(remote) => registry::write_part(&job, remote, progress)?,
            Destination::Layout { path, .. } => {
                let (image, blobs) = layout::part(&job, path, progress)?;
                self.blobs.extend(blobs);
                image
            }
            _ => return Err(Error::Usage("no index can go there".into())),
        };
        self.descriptors.push(listed(&image, annotations));
        Ok(written(&job, &image, None))
    }

    /// Writes the index, and gives it its names.
    ///
    /// # Errors
    /// As [`write()`](super::write()).
    pub fn finish(self, original: &OriginalIndex) -> Result<WrittenIndex> {
        let Self { destination, options, descriptors, blobs } = self;
        let tags = named_tags(original.tags, options, destination);
        let mut index = json!({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": descriptors});
        let annotations = annotations(original);
        if !annotations.is_empty() {
            index["annotations"] = json!(annotations);
        }
        let bytes = index.to_string().into_bytes();
        let (digest, size) = (BlobDigest::of(&bytes), bytes.len() as u64);
        match destination {
            Destination::Registry(remote) => registry::write_index(options, remote, &tags, &bytes, &digest)?,
            Destination::Layout { path, .. } => {
                let plain = manifest::descriptor(INDEX_TYPE, &digest, size);
                let entries = manifest::named(&plain, destination, &tags);
                layout::publish(path, blobs, &[(digest.clone(), bytes)], &entries)?;
            }
            _ => {}
        }
        Ok(WrittenIndex {
            tags: tags.iter().map(ToString::to_string).collect(),
            reference: destination.by_digest(digest.as_str()),
            digest: digest.as_str().into(),
            size,
        })
    }
}

/// What the index says of an image.
fn listed(image: &NewImage, annotations: &BTreeMap<String, String>) -> Value {
    let mut descriptor = image.descriptor.clone();
    if !annotations.is_empty() {
        descriptor["annotations"] = json!(annotations);
    }
    descriptor
}

fn annotations(original: &OriginalIndex) -> BTreeMap<String, String> {
    let mut annotations = original.annotations.clone();
    annotations.extend(original.digest.map(|digest| (BASE_DIGEST.to_owned(), digest.to_owned())));
    let name = original.tags.iter().find_map(|tag| tag.parse::<ImageName>().ok());
    annotations.extend(name.map(|name| (BASE_NAME.to_owned(), name.canonical())));
    annotations
}
