//! The images of one input, and the choice among them.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::digest::{Digest, Hasher};
use super::documents::parse;
use super::platform::Platform;
use super::source::{Kind, Source};
use super::store::read_document;

/// Key and value pairs of a manifest, an index, or a descriptor.
pub type Annotations = BTreeMap<String, String>;

/// An image that could be read: its documents have been read and verified, its layers not yet.
#[derive(Clone, Debug)]
pub struct ImageCandidate {
    /// Full names with tags: `team/app:1.0`.
    pub tags: Vec<String>,
    /// Names within an OCI layout: `1.0`, `latest`.
    pub ref_names: Vec<String>,
    pub platform: Platform,
    pub manifest_digest: Option<Digest>,
    /// Length of the manifest; 0 without one.
    pub manifest_size: u64,
    pub manifest_annotations: Annotations,
    pub index_annotations: Annotations,
    /// The annotations of its own descriptor.
    pub own_annotations: Annotations,
    /// The index that lists it, if it is not the list of all that is there, with its annotations.
    pub index: Option<(Digest, Annotations)>,
    /// The file that holds its config.
    pub config: String,
    pub config_digest: String,
    /// Length of the config, where the manifest states it.
    pub config_size: Option<u64>,
    pub layers: Vec<StoredLayer>,
}

/// A layer as the manifest lists it.
#[derive(Clone, Debug)]
pub struct StoredLayer {
    /// The file that holds it.
    pub file: String,
    /// Digest and size of that file, where the manifest states them.
    pub digest: Option<Digest>,
    pub size: Option<u64>,
    pub media_type: String,
}

impl StoredLayer {
    /// What to say of one that cannot be had: some are not to be stored with images (OCI image specification, layer.md, "Non-Distributable
    /// Layers"; Docker's are called foreign).
    pub fn remark(&self) -> &'static str {
        if self.media_type.contains("nondistributable") || self.media_type.contains(".foreign.") {
            " (a non-distributable layer: it is had from the URLs in its descriptor; store it beside the others)"
        } else {
            ""
        }
    }
}

/// An image that is listed but not there, as in an archive of one platform out of several.
#[derive(Clone, Debug)]
pub struct Absent {
    pub label: String,
    pub platform: Option<Platform>,
    pub blob: String,
}

/// What an input lists.
#[derive(Debug, Default)]
pub struct ImageCandidates {
    pub images: Vec<ImageCandidate>,
    pub absent: Vec<Absent>,
    /// What is listed and is no image.
    pub left_out: Vec<String>,
    /// What was not looked at, because it is for another platform.
    pub others: Vec<String>,
}

impl ImageCandidate {
    /// Its config.
    ///
    /// # Errors
    /// If it cannot be read (any more), or is no JSON object.
    pub fn config(&self, source: &dyn Source) -> Result<Value, String> {
        let (name, digest) = (&self.config, &self.config_digest);
        let blob = source.document(name, Kind::Config)?.ok_or_else(|| format!("the config {name} is not there"))?;
        let bytes = read_document(&blob, name)?;
        let hasher = Digest::from_str(digest).ok().as_ref().and_then(Hasher::like);
        let found = hasher.map(|mut hasher| {
            hasher.update(&bytes);
            hasher.finish()
        });
        if found.as_ref() != Some(digest) {
            return Err(format!("the config {name} does not match its digest any more"));
        }
        let config: Value = parse(&bytes, name)?;
        if !config.is_object() {
            return Err(format!("the config {name} is not a JSON object"));
        }
        Ok(config)
    }

    /// What the user can tell it by.
    fn label(&self) -> String {
        let name = self.tags.first().or(self.ref_names.first()).cloned();
        let name = name.or_else(|| self.manifest_digest.as_ref().map(ToString::to_string));
        format!("{} ({})", name.unwrap_or_else(|| self.config_digest.clone()), self.platform)
    }

    fn has_digest(&self, wanted: &str) -> bool {
        self.config_digest == wanted || self.manifest_digest.as_ref().is_some_and(|digest| digest.as_ref() == wanted)
    }

    fn has_name(&self, wanted: &str) -> bool {
        self.tags.iter().chain(&self.ref_names).any(|name| name == wanted)
    }

    /// Whether a tag is `wanted` with a registry or a namespace in front, or `:latest` behind.
    fn has_similar_name(&self, wanted: &str) -> bool {
        let tagged = wanted.rsplit('/').next().is_some_and(|last| last.contains(':'));
        let wanted = if tagged { wanted.to_owned() } else { format!("{wanted}:latest") };
        self.tags
            .iter()
            .any(|tag| tag.strip_suffix(&wanted).is_some_and(|front| front.is_empty() || front.ends_with('/')))
    }
}

impl ImageCandidates {
    /// The one image that the reference's name and the platform leave.
    ///
    /// # Errors
    /// If none is left, or more than one: the message lists what there is.
    pub fn choose(self, name: Option<&str>, platform: Option<&Platform>) -> Result<ImageCandidate, String> {
        let Self { images, absent, others, .. } = self;
        let everything =
            || list(images.iter().map(ImageCandidate::label).chain(absent.iter().map(|a| a.label.clone())));
        if let (true, true, Some(wanted), [_, ..]) = (images.is_empty(), absent.is_empty(), platform, &others[..]) {
            return Err(format!("no image is for {wanted}; there is {}", list(others.into_iter())));
        }
        if images.is_empty() {
            return Err(match absent.first() {
                Some(first) => format!("{} is listed, but its blob {} is not there", first.label, first.blob),
                None => "no image is in it".into(),
            });
        }
        let named: Vec<&ImageCandidate> = match name {
            Some(name) => by_name(&images, name),
            None => images.iter().collect(),
        };
        if let (Some(name), true) = (name, named.is_empty()) {
            return Err(format!("no image is called {name}; there is {}", everything()));
        }
        let fitting: Vec<&ImageCandidate> = named
            .iter()
            .copied()
            .filter(|image| platform.is_none_or(|wanted| image.platform.satisfies(wanted)))
            .collect();
        match (fitting.as_slice(), platform) {
            ([one], _) => Ok((*one).clone()),
            ([], Some(wanted)) => {
                let listed = absent.iter().find(|a| a.platform.as_ref().is_some_and(|p| p.satisfies(wanted)));
                Err(match listed {
                    Some(absent) => format!("{} is listed, but its blob {} is not there", absent.label, absent.blob),
                    None => {
                        format!("no image is for {wanted}; there is {}", list(named.iter().map(|image| image.label())))
                    }
                })
            }
            ([], None) => Err("no image is in it".into()),
            (several, _) => {
                let same_platform = several.windows(2).all(|pair| pair[0].platform == pair[1].platform);
                let how = if same_platform { "name one with TRANSPORT:PATH:REF" } else { "choose with --platform" };
                let list = list(several.iter().map(|image| image.label()));
                Err(format!("{} images fit; {how}: {list}", several.len()))
            }
        }
    }
}

/// An exact name goes before a similar one.
pub fn by_name<'c>(images: &'c [ImageCandidate], name: &str) -> Vec<&'c ImageCandidate> {
    if let Some(number) = name.strip_prefix('@').and_then(|number| number.parse::<usize>().ok()) {
        return images.get(number).into_iter().collect();
    }
    let digest = name.strip_prefix('@').unwrap_or(name);
    let tests: [&dyn Fn(&ImageCandidate) -> bool; 3] =
        [&|image| image.has_digest(digest), &|image| image.has_name(name), &|image| image.has_similar_name(name)];
    let found = tests.iter().map(|test| images.iter().filter(|image| test(image)).collect::<Vec<_>>());
    found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

fn list(labels: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let labels: Vec<String> = labels.collect();
    let mut text = labels.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if labels.len() > SHOWN {
        text.push_str(&format!(" and {} more", labels.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(tag: &str, platform: &str) -> ImageCandidate {
        ImageCandidate {
            tags: vec![tag.into()],
            ref_names: Vec::new(),
            platform: platform.parse().unwrap(),
            manifest_digest: None,
            manifest_size: 0,
            manifest_annotations: Annotations::new(),
            index_annotations: Annotations::new(),
            own_annotations: Annotations::new(),
            index: None,
            config: String::new(),
            config_digest: format!("sha256:{tag}{platform}"),
            config_size: None,
            layers: Vec::new(),
        }
    }

    fn choose(name: Option<&str>, platform: Option<&str>) -> Result<String, String> {
        let images = vec![
            image("r.example/team/app:1", "linux/amd64"),
            image("r.example/team/app:1", "linux/arm64"),
            image("web:latest", "linux/amd64"),
        ];
        let absent =
            Absent { label: "web:latest (linux/s390x)".into(), platform: "linux/s390x".parse().ok(), blob: "b".into() };
        let platform: Option<Platform> = platform.map(|p| p.parse().unwrap());
        let chosen = ImageCandidates { images, absent: vec![absent], ..ImageCandidates::default() }
            .choose(name, platform.as_ref());
        chosen.map(|image| image.config_digest)
    }

    #[test]
    fn name_and_platform_choose() {
        assert_eq!(choose(Some("web"), None).unwrap(), "sha256:web:latestlinux/amd64");
        assert_eq!(choose(Some("@2"), None).unwrap(), "sha256:web:latestlinux/amd64");
        assert_eq!(choose(Some("app:1"), Some("linux/arm64")).unwrap(), "sha256:r.example/team/app:1linux/arm64");
        assert_eq!(choose(None, Some("linux/arm64")).unwrap(), "sha256:r.example/team/app:1linux/arm64");
    }

    #[test]
    fn an_unclear_choice_lists_what_there_is() {
        let error = choose(Some("team/app:1"), None).unwrap_err();
        assert!(
            error.contains("--platform") && error.contains("linux/amd64") && error.contains("linux/arm64"),
            "{error}"
        );
        let error = choose(Some("pp:1"), None).unwrap_err();
        assert!(error.contains("called pp:1") && error.contains("web:latest"), "{error}");
        let error = choose(None, Some("linux/riscv64")).unwrap_err();
        assert!(error.contains("linux/riscv64") && error.contains("linux/arm64"), "{error}");
        let error = choose(None, Some("linux/s390x")).unwrap_err();
        assert!(error.contains("not there"), "{error}");
    }
}
