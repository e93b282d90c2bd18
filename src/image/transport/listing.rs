//! One manifest or index, shown as the index of an OCI layout that lists it.

use serde_json::{Value, json};

use crate::image::blob::Blob;

/// The text of such an index.
pub fn of(media_type: &str, digest: &str, size: usize, name: Option<&str>) -> Blob {
    let mut descriptor = json!({"mediaType": media_type, "digest": digest, "size": size});
    if let Some(name) = name {
        descriptor["annotations"] = json!({"io.containerd.image.name": name});
    }
    let index: Value = json!({"schemaVersion": 2, "manifests": [descriptor]});
    index.to_string().into_bytes().into()
}
