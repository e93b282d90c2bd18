//! What `docker save` wrote before Docker 1.10: `repositories` names images by the ID of their uppermost layer; each layer has
//! a folder with `layer.tar` and a `json` that names the one below. See the Docker Image Specification v1.0. There is no list of
//! diff IDs: they are worked out, as Docker does when it loads such an archive.

use std::collections::{BTreeMap, HashMap};
use std::io::BufReader;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::candidate::StoredLayer;
use super::chunk::Chunk;
use super::compression::{Decoder, Inflate, StoredCompression};
use super::described::{Described, Description};
use super::digest::Hasher;
use super::docker_archive;
use super::documents::{Documents, parse};
use super::oci::{self, MAX_MANIFESTS, check_layers};
use super::source::{Kind, Source, Stored};
use crate::tarball::{Counted, Limits};

/// The list of images.
const REPOSITORIES: &str = "repositories";
/// What is about a layer, and not about how an image runs.
const OF_LAYER: [&str; 6] = ["id", "parent", "parent_id", "layer_id", "Size", "throwaway"];

/// Puts what is missing beside an archive of this kind; any other stays as it is.
///
/// # Errors
/// If a layer or what is said of it is missing or cannot be read, or the layers do not end.
pub fn described(source: Box<dyn Source>, limits: &Limits) -> Result<Box<dyn Source>, String> {
    let has = |name: &str| source.has(name);
    if has(oci::INDEX) || has(docker_archive::MANIFEST) || !has(REPOSITORIES) {
        return Ok(source);
    }
    let documents = Documents::of(source.as_ref());
    let images =
        Archive { source: source.as_ref(), documents, layers: HashMap::new(), unpacked: 0, limits }.images()?;
    Ok(Box::new(Described::new(&images, BTreeMap::new(), Some(source))))
}

struct Archive<'s> {
    source: &'s dyn Source,
    documents: Documents<'s>,
    /// By ID: layers are shared.
    layers: HashMap<String, Rc<Layer>>,
    /// How many bytes layers have, in all.
    unpacked: u64,
    limits: &'s Limits,
}

struct Layer {
    parent: Option<String>,
    /// Its `json`.
    said: Map<String, Value>,
    diff_id: String,
}

impl Archive<'_> {
    fn images(&mut self) -> Result<Vec<Description>, String> {
        let bytes = self.documents.read(REPOSITORIES, Kind::List, None)?.unwrap_or_default();
        let named: BTreeMap<String, BTreeMap<String, String>> = parse(&bytes, REPOSITORIES)?;
        let mut by_id: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, tags) in named {
            for (tag, id) in tags {
                by_id.entry(id).or_default().push(format!("{name}:{tag}"));
            }
        }
        if by_id.len() > MAX_MANIFESTS {
            return Err(format!("{REPOSITORIES}: more than {MAX_MANIFESTS} images are listed"));
        }
        by_id.into_iter().map(|(id, tags)| self.image(&id, tags)).collect()
    }

    fn image(&mut self, id: &str, tags: Vec<String>) -> Result<Description, String> {
        // The uppermost first.
        let mut stack: Vec<(String, Rc<Layer>)> = Vec::new();
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            check_layers(stack.len() + 1, &format!("{id}/json"))?;
            let layer = self.layer(&id)?;
            next = layer.parent.clone();
            stack.push((id, layer));
        }
        stack.reverse();
        let mut config = stack.last().map(|(_, layer)| layer.said.clone()).unwrap_or_default();
        config.retain(|key, _| !OF_LAYER.contains(&key.as_str()));
        let diff_ids: Vec<&str> = stack.iter().map(|(_, layer)| layer.diff_id.as_str()).collect();
        config.insert("rootfs".into(), json!({"type": "layers", "diff_ids": diff_ids}));
        config.insert("history".into(), stack.iter().map(|(_, layer)| history(&layer.said)).collect());
        let config = Value::Object(config);
        self.documents.count(config.to_string().len() as u64)?;
        let layers = stack.iter().map(|(id, _)| format!("{id}/layer.tar")).collect();
        Ok(Description { config, tags, layers })
    }

    fn layer(&mut self, id: &str) -> Result<Rc<Layer>, String> {
        if let Some(known) = self.layers.get(id) {
            return Ok(known.clone());
        }
        let name = format!("{id}/json");
        let bytes = self.documents.read(&name, Kind::Config, None)?.ok_or_else(|| format!("{name} is not there"))?;
        let said: Map<String, Value> = parse(&bytes, &name)?;
        let parent = said.get("parent").and_then(Value::as_str).filter(|parent| !parent.is_empty());
        let layer = Rc::new(Layer { parent: parent.map(Into::into), diff_id: self.diff_id(id)?, said });
        self.layers.insert(id.to_owned(), layer.clone());
        Ok(layer)
    }

    fn diff_id(&mut self, id: &str) -> Result<String, String> {
        let file = format!("{id}/layer.tar");
        let stored = StoredLayer { file, digest: None, size: None, media_type: String::new() };
        let name = &stored.file;
        let Some(Stored::Here(blob)) = self.source.layer(&stored)? else {
            return Err(format!("the layer {name} is not there"));
        };
        let fail = |error: std::io::Error| format!("{name}: cannot read: {error}");
        // Docker wrote none that is compressed, and reads it.
        let compression = StoredCompression::of_blob(&blob).map_err(fail)?;
        let source = BufReader::with_capacity(128 << 10, blob.reader());
        let mut decoder = Decoder::new(compression, Inflate::Members, source).map_err(fail)?;
        let (mut hasher, mut chunk) = (Hasher::sha256(), Chunk::new());
        loop {
            decoder.next(&mut chunk).map_err(fail)?;
            if chunk.is_empty() {
                return Ok(hasher.finish());
            }
            self.unpacked += chunk.unread().len() as u64;
            self.limits.check(Counted::Unpacked, self.unpacked)?;
            hasher.update(chunk.unread());
        }
    }
}

/// What was said of a layer, as a line of an image's history.
fn history(said: &Map<String, Value>) -> Value {
    let mut line = Map::new();
    for key in ["created", "author", "comment"] {
        if let Some(Value::String(text)) = said.get(key).filter(|text| text.as_str() != Some("")) {
            line.insert(key.into(), text.clone().into());
        }
    }
    let command = said.get("container_config").and_then(|config| config.get("Cmd")).and_then(Value::as_array);
    let words: Vec<&str> = command.into_iter().flatten().filter_map(Value::as_str).collect();
    if !words.is_empty() {
        line.insert("created_by".into(), words.join(" ").into());
    }
    Value::Object(line)
}
