//! An image in a registry, as references name it.

use std::fmt;
use std::str::FromStr;

use oci_spec::image::Digest;

use super::name::ImageName;
use crate::{Error, Result};

/// The registry behind Docker's default domain has a host name of its own.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// What one logs in to, to be let in by this host.
pub fn login_name(host: &str) -> &str {
    if host == DOCKER_HUB.1 { DOCKER_HUB.0 } else { host }
}

/// `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`, completed as engines complete it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteImage {
    name: ImageName,
    /// Whether a tag names it; without tag and digest it is `latest`.
    tagged: bool,
    digest: Option<Digest>,
}

impl RemoteImage {
    /// The host as names have it: `docker.io`.
    pub fn domain(&self) -> &str {
        self.name.domain()
    }

    /// The host, with its port, that is spoken to.
    pub fn host(&self) -> &str {
        if self.domain() == DOCKER_HUB.0 { DOCKER_HUB.1 } else { self.domain() }
    }

    /// The repository on that host.
    pub fn repository(&self) -> &str {
        self.name.path()
    }

    /// The tag, where it has one.
    pub fn tag(&self) -> Option<&str> {
        self.tagged.then(|| self.name.tag())
    }

    /// The digest, where it is named by one; it counts more than a tag.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The manifest with this digest in the same repository, under the same name.
    #[must_use]
    pub fn at(&self, digest: &Digest) -> Self {
        Self { digest: Some(digest.clone()), ..self.clone() }
    }

    /// What the registry is asked for: digest or tag.
    pub fn wanted(&self) -> &str {
        self.digest.as_ref().map_or(self.name.tag(), AsRef::as_ref)
    }

    /// Its name with a tag, where it has one.
    pub fn name(&self) -> Option<&ImageName> {
        self.tagged.then_some(&self.name)
    }
}

impl FromStr for RemoteImage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let digest = digest.map(|digest| {
            Digest::from_str(digest).map_err(|_| Error::Usage(format!("{text:?}: {digest:?} is no digest")))
        });
        let digest = digest.transpose()?;
        let has_tag = name.rsplit('/').next().is_some_and(|last| last.contains(':'));
        Ok(Self { name: name.parse()?, tagged: has_tag || digest.is_none(), digest })
    }
}

impl fmt::Display for RemoteImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.domain(), self.repository())?;
        if let Some(tag) = self.tag() {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_and_a_digest_needs_no_tag() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, host, repository, wanted, shown) in [
            (
                "alpine",
                "registry-1.docker.io",
                "library/alpine",
                "latest",
                "docker.io/library/alpine:latest".to_owned(),
            ),
            ("localhost:5000/a/b:1", "localhost:5000", "a/b", "1", "localhost:5000/a/b:1".to_owned()),
            (&format!("r.example/a@{digest}"), "r.example", "a", &digest, format!("r.example/a@{digest}")),
            (&format!("r.example/a:1@{digest}"), "r.example", "a", &digest, format!("r.example/a:1@{digest}")),
        ] {
            let image: RemoteImage = text.parse().unwrap();
            assert_eq!((image.host(), image.repository(), image.wanted()), (host, repository, wanted));
            assert_eq!(image.to_string(), shown);
        }
        assert_eq!([login_name("registry-1.docker.io"), login_name("r.example:1")], ["docker.io", "r.example:1"]);
        for bad in ["", "App", "a@", "a@sha256:0", "a@b@c", "user:secret@r.example/a"] {
            assert!(bad.parse::<RemoteImage>().is_err(), "{bad}");
        }
    }
}
