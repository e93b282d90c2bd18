//! Registries: an image is shown as the OCI layout with the same content, of which nothing is got that nobody asks for.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::listing;
use crate::image::blob::Blob;
use crate::image::candidate::StoredLayer;
use crate::image::oci;
use crate::image::source::{Broken, Far, Kind, Source, Stored};
use crate::network::Network;
use crate::registry::{self, Access, BlobReader, Manifest, RemoteImage, Session, Trouble};

/// An image, or an index of images.
struct RegistrySource {
    session: Arc<Session>,
    /// What the name leads to.
    top: Manifest,
    /// Where a layout has it.
    top_name: String,
    /// An index that lists it.
    list: Blob,
    /// Configs that were got: each is asked for twice, for its platform and for itself.
    configs: Mutex<HashMap<String, Blob>>,
}

/// # Errors
/// If the registry does not say what the name leads to.
pub fn connect(network: &Arc<Network>, image: &RemoteImage) -> Result<Box<dyn Source>, Trouble> {
    let session = Arc::new(Session::new(Arc::clone(network), image, Access::Pull));
    let top = registry::manifest(&session, image.wanted())?;
    // What was asked for by digest is verified against that.
    let digest = image.digest().map_or(top.digest.as_str(), AsRef::as_ref);
    let name = image.name().map(|name| name.canonical());
    let list = listing::of(&top.media_type, digest, top.bytes.len(), name.as_deref());
    let top_name = format!("blobs/{}", digest.replacen(':', "/", 1));
    Ok(Box::new(RegistrySource { session, top, top_name, list, configs: Mutex::default() }))
}

/// The digest of what a layout has in this place.
fn digest_of(name: &str) -> Option<String> {
    let (algorithm, digits) = name.strip_prefix("blobs/")?.split_once('/')?;
    Some(format!("{algorithm}:{digits}"))
}

/// What is not there is nothing; anything else is an error.
fn found(got: Result<Vec<u8>, Trouble>) -> Result<Option<Blob>, String> {
    match got {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(trouble) if trouble.is_absent() => Ok(None),
        Err(trouble) => Err(trouble.to_string()),
    }
}

impl RegistrySource {
    fn config(&self, digest: String) -> Result<Option<Blob>, String> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = configs.get(&digest) {
            return Ok(Some(known.clone()));
        }
        let got = found(registry::small_blob(&self.session, &digest))?;
        configs.extend(got.clone().map(|config| (digest, config)));
        Ok(got)
    }
}

impl Source for RegistrySource {
    fn has(&self, name: &str) -> bool {
        name == oci::INDEX
    }

    fn document(&self, name: &str, kind: Kind) -> Result<Option<Blob>, String> {
        match (kind, digest_of(name)) {
            (Kind::List, _) => Ok((name == oci::INDEX).then(|| self.list.clone())),
            (Kind::Manifest, _) if name == self.top_name => Ok(Some(self.top.bytes.clone().into())),
            (_, None) => Ok(None),
            (Kind::Manifest, Some(digest)) => {
                found(registry::manifest(&self.session, &digest).map(|manifest| manifest.bytes))
            }
            (Kind::Config, Some(digest)) => self.config(digest),
        }
    }

    fn layer(&self, layer: &StoredLayer) -> Result<Option<Stored>, String> {
        let Some((digest, size)) = layer.digest.as_ref().zip(layer.size) else { return Ok(None) };
        let session = Arc::clone(&self.session);
        Ok(Some(Stored::Far(Arc::new(RegistryBlob { session, digest: digest.to_string(), size }))))
    }

    fn is_far(&self) -> bool {
        true
    }
}

struct RegistryBlob {
    session: Arc<Session>,
    digest: String,
    size: u64,
}

impl Far for RegistryBlob {
    fn len(&self) -> u64 {
        self.size
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Resumed(BlobReader::new(Arc::clone(&self.session), &self.digest, self.size))))
    }
}

struct Resumed(BlobReader);

impl Read for Resumed {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.next(buf).map_err(|trouble| io::Error::other(Broken(trouble.to_string())))
    }
}
