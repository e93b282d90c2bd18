//! Artifacts that refer to an image (OCI image specification 1.1, "subject"; OCI distribution specification, "Pushing Manifests with
//! Subject" and "Referrers Tag Schema").

use serde_json::{Value, json};

use super::pull::{digest, manifest};
use super::push::{Content, blob, put_manifest};
use super::session::Session;
use super::trouble::Trouble;

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// The config of what needs none.
const EMPTY: &[u8] = b"{}";
const TITLE: &str = "org.opencontainers.image.title";

/// A document about an image.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// What it is: `application/vnd.cyclonedx+json`.
    pub kind: &'static str,
    /// What a file with it would be called.
    pub title: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is referred to.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its media type.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its length.
    pub size: u64,
}

/// Puts an artifact beside the image; the digest of its manifest.
///
/// # Errors
/// If the registry does not take it.
pub fn attach(session: &Session, subject: &Subject, artifact: &Artifact) -> Result<String, Trouble> {
    let (content, empty) = (digest(&artifact.bytes), digest(EMPTY));
    blob(session, &content, Content::Bytes(&artifact.bytes))?;
    blob(session, &empty, Content::Bytes(EMPTY))?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": artifact.kind,
        "config": {"mediaType": EMPTY_TYPE, "digest": empty, "size": EMPTY.len()},
        "layers": [{"mediaType": artifact.kind, "digest": content, "size": artifact.bytes.len(), "annotations": {TITLE: artifact.title}}],
        "subject": {"mediaType": subject.media_type, "digest": subject.digest, "size": subject.size},
    });
    let bytes = manifest.to_string().into_bytes();
    let name = digest(&bytes);
    if !put_manifest(session, &name, MANIFEST_TYPE, &bytes, &name)? {
        let descriptor =
            json!({"mediaType": MANIFEST_TYPE, "digest": name, "size": bytes.len(), "artifactType": artifact.kind});
        list(session, subject, descriptor)?;
    }
    Ok(name)
}

/// For registries that take no note of subjects: an index under a tag that is made of the subject's digest lists them.
fn list(session: &Session, subject: &Subject, descriptor: Value) -> Result<(), Trouble> {
    let tag = subject.digest.replacen(':', "-", 1);
    let mut manifests = match manifest(session, &tag) {
        Ok(known) => {
            match serde_json::from_slice::<Value>(&known.bytes).ok().as_mut().map(|index| index["manifests"].take()) {
                Some(Value::Array(manifests)) => manifests,
                _ => return Err(Trouble::new(format!("{} has no index of referrers under {tag}", session.host()))),
            }
        }
        Err(trouble) if trouble.is_absent() => Vec::new(),
        Err(trouble) => return Err(trouble),
    };
    if manifests.iter().any(|known| known["digest"] == descriptor["digest"]) {
        return Ok(());
    }
    manifests.push(descriptor);
    let index = json!({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": manifests}).to_string();
    put_manifest(session, &tag, INDEX_TYPE, index.as_bytes(), &digest(index.as_bytes()))?;
    Ok(())
}
