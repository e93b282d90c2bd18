//! Directories as skopeo's `dir:` writes them (`containers-transports(5)`): a manifest or an index in `manifest.json`, and each blob in
//! a file that is named by the digits of its digest. They are shown as the OCI layout with the same content.

use serde_json::Value;

use super::listing;
use crate::image::blob::Blob;
use crate::image::candidate::StoredLayer;
use crate::image::digest;
use crate::image::docker_archive;
use crate::image::documents::parse;
use crate::image::oci;
use crate::image::source::{Kind, Source, Stored};
use crate::image::store::{Store, read_document};

/// Says that it is such a directory.
const MARK: &str = "version";
const MARK_BEGINS: &[u8] = b"Directory Transport Version: ";

/// The files of such a directory.
pub struct SkopeoDir {
    files: Store,
    /// The one manifest or index.
    top: Blob,
    /// An index that lists it.
    list: Blob,
    /// Where a layout has it.
    top_name: String,
}

impl SkopeoDir {
    /// Whether a directory says that it is one.
    pub fn is_one(files: &Store) -> bool {
        let mark = files.file(MARK).ok().flatten().and_then(|mark| read_document(&mark, MARK).ok());
        mark.is_some_and(|mark| mark.starts_with(MARK_BEGINS)) && !files.has(oci::INDEX)
    }

    /// # Errors
    /// If it has no manifest, or one that is no JSON.
    pub fn open(files: Store) -> Result<Self, String> {
        let name = docker_archive::MANIFEST;
        let top = files.file(name)?.ok_or_else(|| format!("no directory of skopeo's: there is no {name}"))?;
        let bytes = read_document(&top, name)?;
        let document: Value = parse(&bytes, name)?;
        let digest = digest::sha256(&bytes);
        let media_type = document.get("mediaType").and_then(Value::as_str).unwrap_or_default();
        let list = listing::of(media_type, &digest, bytes.len(), None);
        let top_name = format!("blobs/{}", digest.replace(':', "/"));
        Ok(Self { files, top: bytes.into(), list, top_name })
    }

    fn file(&self, name: &str) -> Result<Option<Blob>, String> {
        self.files.file(name.rsplit('/').next().unwrap_or(name))
    }
}

impl Source for SkopeoDir {
    fn has(&self, name: &str) -> bool {
        name == oci::INDEX
    }

    fn document(&self, name: &str, kind: Kind) -> Result<Option<Blob>, String> {
        match kind {
            Kind::List => Ok((name == oci::INDEX).then(|| self.list.clone())),
            Kind::Manifest if name == self.top_name => Ok(Some(self.top.clone())),
            Kind::Manifest => self.file(&format!("{name}.manifest.json")),
            Kind::Config => self.file(name),
        }
    }

    fn layer(&self, layer: &StoredLayer) -> Result<Option<Stored>, String> {
        Ok(self.file(&layer.file)?.map(Stored::Here))
    }
}
