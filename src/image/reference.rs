//! How an image is named on the command line: in the manner of `containers-transports(5)`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use crate::daemon::DaemonImage;
use crate::registry::RemoteImage;
use crate::{Error, Result};

/// In which form an image is stored, and where if that is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// What `docker save` writes.
    DockerArchive,
    /// A directory in OCI image layout.
    Oci,
    /// A tar of an OCI image layout.
    OciArchive,
    /// A directory as skopeo's `dir:` writes it.
    Dir,
    /// A tar of a root file system, as `docker export` writes it.
    Rootfs,
    /// A registry.
    Registry(RemoteImage),
    /// A daemon.
    Daemon(DaemonImage),
    /// Standard input: an archive of either kind.
    Stdin,
    /// A path whose content says what it is.
    Any,
}

/// Which image, and where.
///
/// ```
/// use bantam::image::{Reference, Transport};
/// let image = Reference::parse("oci:build/layout:v2").unwrap();
/// assert_eq!(image.transport, Transport::Oci);
/// assert_eq!(image.path, std::path::Path::new("build/layout"));
/// assert_eq!(image.name.as_deref(), Some("v2"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// In which form.
    pub transport: Transport,
    /// File or directory; empty for what is none.
    pub path: PathBuf,
    /// Which image of those that are there: a tag, a reference name, a digest, or `@N` for the N-th, counted from 0.
    pub name: Option<String>,
    text: String,
}

/// What an image in a registry begins with.
const REGISTRY: &str = "docker://";

/// The transports of other tools, so that the message can say more than "no such file".
const FOREIGN: [&str; 4] = ["containers-storage", "ostree", "sif", "tarball"];

impl Reference {
    /// Understands `docker://HOST/REPOSITORY[:TAG|@DIGEST]`, `docker-daemon:NAME[:TAG|@ID]`, `docker-archive:PATH[:REF]`, `oci:DIR[:REF]`, `oci-archive:FILE[:REF]`,
    /// `dir:DIR`, `rootfs:FILE`, `-`, and a plain path. What is
    /// there under the whole text as its name is that, whatever the text begins with.
    ///
    /// # Errors
    /// If the path is missing, or the transport is one that bantam does not read.
    pub fn parse(text: &str) -> Result<Self> {
        let new = |transport, path: &str, name: Option<&str>| Self {
            transport,
            path: path.into(),
            name: name.filter(|name| !name.is_empty()).map(Into::into),
            text: text.into(),
        };
        if text == "-" {
            return Ok(new(Transport::Stdin, "", None));
        }
        if let Some(image) = text.strip_prefix(REGISTRY) {
            return Ok(new(Transport::Registry(image.parse()?), "", None));
        }
        let transport = match text.split_once(':') {
            Some(_) if Path::new(text).exists() => (Transport::Any, text),
            Some(("docker-archive", rest)) => (Transport::DockerArchive, rest),
            Some(("oci", rest)) => (Transport::Oci, rest),
            Some(("oci-archive", rest)) => (Transport::OciArchive, rest),
            Some(("docker-daemon", rest)) => return Ok(new(Transport::Daemon(rest.parse()?), "", None)),
            Some(("dir", rest)) => (Transport::Dir, rest),
            Some(("rootfs", rest)) => (Transport::Rootfs, rest),
            Some((other, _)) if FOREIGN.contains(&other) => {
                return Err(Error::Usage(format!(
                    "{text}: bantam reads docker://, docker-daemon:, docker-archive:, oci:, oci-archive:, dir:, rootfs:, a path, or - for standard input; \
                     bring the image into one of these forms first, for example with `docker save`"
                )));
            }
            _ => (Transport::Any, text),
        };
        let (transport, rest) = transport;
        let (path, name) = match rest.split_once(':') {
            Some((path, name)) if !matches!(transport, Transport::Any | Transport::Dir | Transport::Rootfs) => {
                (path, Some(name))
            }
            _ => (rest, None),
        };
        if path.is_empty() {
            return Err(Error::Usage(format!("{text:?}: no path to an image is given")));
        }
        Ok(new(transport, path, name))
    }

    /// The manifest with this digest in the same place.
    #[must_use]
    pub fn at(&self, digest: &Digest) -> Self {
        let mut at = self.clone();
        match &self.transport {
            Transport::Registry(image) => at.transport = Transport::Registry(image.at(digest)),
            _ => at.name = Some(format!("@{digest}")),
        }
        at
    }

    /// The file or directory, if it is one; an empty path for standard input.
    pub fn file(&self) -> Option<&Path> {
        (!matches!(self.transport, Transport::Registry(_) | Transport::Daemon(_))).then_some(&self.path)
    }
}

impl fmt::Display for Reference {
    /// As the user wrote it; standard input by its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.transport == Transport::Stdin { "standard input" } else { &self.text })
    }
}

impl std::str::FromStr for Reference {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transports_paths_and_names() {
        let parts = |text: &str| {
            let parsed = Reference::parse(text).unwrap();
            (parsed.transport, parsed.path.to_str().unwrap().to_owned(), parsed.name)
        };
        let owned = |text: &str| text.to_owned();
        assert_eq!(parts("-"), (Transport::Stdin, owned(""), None));
        assert_eq!(parts("app.tar"), (Transport::Any, owned("app.tar"), None));
        assert_eq!(parts("./a:b.tar"), (Transport::Any, owned("./a:b.tar"), None));
        assert_eq!(parts("docker-archive:app.tar"), (Transport::DockerArchive, owned("app.tar"), None));
        assert_eq!(
            parts("docker-archive:/x/app.tar:team/app:1.0"),
            (Transport::DockerArchive, owned("/x/app.tar"), Some(owned("team/app:1.0")))
        );
        assert_eq!(parts("rootfs:a:b.tar"), (Transport::Rootfs, owned("a:b.tar"), None));
        assert_eq!(parts("dir:some/where:else"), (Transport::Dir, owned("some/where:else"), None));
        assert_eq!(parts("oci:dir:latest"), (Transport::Oci, owned("dir"), Some(owned("latest"))));
        assert_eq!(parts("oci-archive:app.tar:"), (Transport::OciArchive, owned("app.tar"), None));
    }

    #[test]
    fn images_in_registries_and_daemons() {
        let daemon = Reference::parse("docker-daemon:app:1").unwrap();
        assert_eq!(daemon.file(), None);
        assert_eq!(daemon.transport, Transport::Daemon("app:1".parse().unwrap()));
        let reference = Reference::parse("docker://r.example:5000/team/app:1").unwrap();
        assert_eq!((reference.file(), reference.name.as_deref()), (None, None));
        assert_eq!(reference.transport, Transport::Registry("r.example:5000/team/app:1".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_read_is_a_usage_error() {
        assert!(Reference::parse("containers-storage:alpine").unwrap_err().to_string().contains("docker save"));
        for text in ["", "oci:", "oci::v1", "docker://", "docker://Alpine", "docker://u:p@r.example/a"] {
            assert!(matches!(Reference::parse(text), Err(Error::Usage(_))), "{text}");
        }
    }
}
