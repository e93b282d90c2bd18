//! The images of an index, for all of which something is to be done.

use super::candidate::{Annotations, ImageCandidate, ImageCandidates};
use super::open::{NO_WINDOWS, OpenOptions, list, with_source};
use super::platform::Platform;
use super::reference::{Reference, Transport};
use crate::{Error, Result};

/// An index, as far as it lists images.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The images, in its order.
    pub images: Vec<Listed>,
    /// Its digest; none where the images stand in no index of their own.
    pub digest: Option<String>,
    /// Its annotations.
    pub annotations: Annotations,
    /// Its names.
    pub tags: Vec<String>,
    /// What it lists besides, which is no image.
    pub left_out: Vec<String>,
}

/// One image of an index.
#[derive(Clone, Debug)]
pub struct Listed {
    /// How it is opened.
    pub reference: Reference,
    /// Which platform it is for.
    pub platform: Platform,
    /// What the index says of it.
    pub annotations: Annotations,
}

/// Lists the images of an index that are for one of these platforms, or all if none is named.
///
/// # Errors
/// If there is none for one of them, or if they are not of one index; if it can be read only once.
pub fn listing(reference: &Reference, platforms: &[Platform], options: &OpenOptions<'_>) -> Result<Listing> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    if matches!(reference.transport, Transport::Stdin | Transport::Daemon(_)) {
        let reason =
            "several platforms are read one after the other: of an index in a registry (docker://) or an OCI layout";
        return Err(fail(reason.into()));
    }
    let found = with_source(reference, options, |source| list(source, &reference.transport, None).map_err(fail))?;
    let ImageCandidates { images, left_out, .. } = found;
    let images = match &reference.name {
        Some(name) => super::candidate::by_name(&images, name).into_iter().cloned().collect(),
        None => images,
    };
    for wanted in platforms {
        if !images.iter().any(|image| image.platform.satisfies(wanted)) {
            let there: Vec<String> = images.iter().map(|image| image.platform.to_string()).collect();
            return Err(fail(format!("no image is for {wanted}; there is {}", there.join(", "))));
        }
    }
    let chosen =
        |image: &&ImageCandidate| platforms.is_empty() || platforms.iter().any(|one| image.platform.satisfies(one));
    let images: Vec<&ImageCandidate> = images.iter().filter(chosen).collect();
    if let Some(windows) = images.iter().find(|image| image.platform.is_windows()) {
        return Err(fail(format!("{}: {NO_WINDOWS}", windows.platform)));
    }
    let Some(first) = images.first() else { return Err(fail("no image is in it".into())) };
    if images.iter().any(|image| image.index != first.index) {
        return Err(fail("its images are not of one index; name one with TRANSPORT:PATH:REF".into()));
    }
    Ok(Listing {
        digest: first.index.as_ref().map(|(digest, _)| digest.to_string()),
        annotations: first.index.as_ref().map(|(_, annotations)| annotations.clone()).unwrap_or_default(),
        tags: first.tags.clone(),
        left_out,
        images: images.iter().map(|image| listed(reference, image)).collect(),
    })
}

fn listed(reference: &Reference, image: &ImageCandidate) -> Listed {
    let digest = image.manifest_digest.as_ref();
    let reference = digest.map_or_else(|| reference.clone(), |digest| reference.at(digest));
    Listed { reference, platform: image.platform.clone(), annotations: image.own_annotations.clone() }
}
