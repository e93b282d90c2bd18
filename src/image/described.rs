//! What is stored without the documents that say what image it is: those are put beside it, and it reads as a docker-archive.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::blob::Blob;
use super::candidate::StoredLayer;
use super::digest;
use super::docker_archive::MANIFEST;
use super::source::{Kind, Source, Stored};

/// Files of a source, and some besides.
pub struct Described {
    files: BTreeMap<String, Blob>,
    rest: Option<Box<dyn Source>>,
}

/// An image as it is to be listed.
pub struct Description {
    /// Its config.
    pub config: Value,
    /// Its names.
    pub tags: Vec<String>,
    /// The files of its layers.
    pub layers: Vec<String>,
}

impl Described {
    /// `images`, whose layers are files of `rest` or among `files`.
    pub fn new(images: &[Description], files: BTreeMap<String, Blob>, rest: Option<Box<dyn Source>>) -> Self {
        let mut all = files;
        let mut list = Vec::new();
        for Description { config, tags, layers } in images {
            let bytes = config.to_string().into_bytes();
            let name = format!("{}.json", digest::sha256(&bytes).trim_start_matches("sha256:"));
            list.push(json!({"Config": name, "RepoTags": tags, "Layers": layers}));
            all.insert(name, bytes.into());
        }
        all.insert(MANIFEST.to_owned(), Value::from(list).to_string().into_bytes().into());
        Self { files: all, rest }
    }
}

impl Source for Described {
    fn has(&self, name: &str) -> bool {
        self.files.contains_key(name) || self.rest.as_ref().is_some_and(|rest| rest.has(name))
    }

    fn document(&self, name: &str, kind: Kind) -> Result<Option<Blob>, String> {
        match (self.files.get(name), &self.rest) {
            (Some(file), _) => Ok(Some(file.clone())),
            (None, Some(rest)) => rest.document(name, kind),
            (None, None) => Ok(None),
        }
    }

    fn layer(&self, layer: &StoredLayer) -> Result<Option<Stored>, String> {
        match (self.files.get(&layer.file), &self.rest) {
            (Some(file), _) => Ok(Some(Stored::Here(file.clone()))),
            (None, Some(rest)) => rest.layer(layer),
            (None, None) => Ok(None),
        }
    }
}
