//! Where the new image goes: what `-o` can name.

use std::path::PathBuf;
use std::str::FromStr;

use super::compression::Compression;
use crate::image::{Looked, Reference};
use crate::registry::{ImageName, RemoteImage};
use crate::{Error, Result};

/// What an image archive can be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// Both of the others, as Docker saves from version 25 on.
    Combined,
    /// What `docker load` reads: `manifest.json`, config and layer.
    Docker,
    /// An OCI image layout in a tar.
    Oci,
}

/// Where the new image goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output, as a combined archive.
    Stdout,
    /// A tar file.
    Archive {
        /// The file.
        path: PathBuf,
        /// What it can be read as.
        format: ArchiveFormat,
        /// The name given behind the path: an image name for a docker-archive, any reference for an OCI archive.
        reference: Option<String>,
    },
    /// A registry, under a tag.
    Registry(RemoteImage),
    /// A daemon, under a name.
    Daemon(ImageName),
    /// An OCI image layout in a directory: a new one, or one that gets another image.
    Layout {
        /// The directory.
        path: PathBuf,
        /// The reference given behind the path.
        reference: Option<String>,
    },
}

/// Transports that image tools know and that are no file here. A plain path that begins so is a mistake.
const OTHER_TRANSPORTS: [&str; 6] = ["containers-storage", "dir", "ostree", "sif", "tarball", "atomic"];

impl FromStr for Destination {
    type Err = Error;

    /// `FILE`, `-`, `docker://HOST/REPOSITORY[:TAG]`, `docker-daemon:NAME[:TAG]`, `oci:DIR[:REF]`, `oci-archive:FILE[:REF]` or `docker-archive:FILE[:NAME]`. Behind a prefix, the path ends
    /// at the first colon, as in skopeo.
    fn from_str(text: &str) -> Result<Self> {
        if text == "-" {
            return Ok(Self::Stdout);
        }
        if let Some(name) = text.strip_prefix("docker://") {
            let image: RemoteImage = name.parse()?;
            if image.digest().is_some() {
                return Err(Error::Usage(format!("{text}: a digest cannot be given to a new image; use a tag")));
            }
            return Ok(Self::Registry(image));
        }
        let (transport, rest) = text.split_once(':').unwrap_or(("", text));
        let (path, reference) = match rest.split_once(':') {
            Some((path, reference)) => (path, Some(reference.to_owned())),
            None => (rest, None),
        };
        let parsed = match transport {
            "docker-daemon" => return Ok(Self::Daemon(rest.parse()?)),
            "oci" => Self::Layout { path: path.into(), reference },
            "oci-archive" => Self::Archive { path: path.into(), format: ArchiveFormat::Oci, reference },
            "docker-archive" => {
                if let Some(name) = &reference {
                    name.parse::<ImageName>()?;
                }
                Self::Archive { path: path.into(), format: ArchiveFormat::Docker, reference }
            }
            other if OTHER_TRANSPORTS.contains(&other) => {
                return Err(Error::Usage(format!(
                    "cannot write to {other}: use a file name, docker://HOST/REPOSITORY, docker-daemon:NAME, oci:DIR, oci-archive:FILE, docker-archive:FILE or -"
                )));
            }
            _ => Self::Archive { path: text.into(), format: ArchiveFormat::Combined, reference: None },
        };
        match &parsed {
            Self::Archive { path, .. } | Self::Layout { path, .. } if path.as_os_str().is_empty() => {
                Err(Error::Usage(format!("the output {text:?} names no file")))
            }
            Self::Layout { reference: Some(reference), .. }
            | Self::Archive { format: ArchiveFormat::Oci, reference: Some(reference), .. }
                if !valid_reference(reference) =>
            {
                Err(Error::Usage(format!("{reference:?} cannot be the reference of an image in an OCI layout")))
            }
            _ => Ok(parsed),
        }
    }
}

impl Destination {
    /// How the layer is compressed unless the user says otherwise: not at all for a daemon and in a docker-archive, as Docker and skopeo write
    /// them; gzip elsewhere, which every engine and registry takes.
    pub fn default_compression(&self) -> Compression {
        match self {
            Self::Archive { format: ArchiveFormat::Docker, .. } | Self::Daemon(_) => Compression::None,
            _ => Compression::GZIP,
        }
    }

    /// The name that it gets in a registry.
    pub(super) fn remote_name(&self) -> Option<&ImageName> {
        match self {
            Self::Registry(image) => image.name(),
            _ => None,
        }
    }

    /// The name that it gets there in any case.
    pub(super) fn given_name(&self) -> Option<&ImageName> {
        match self {
            Self::Daemon(name) => Some(name),
            _ => self.remote_name(),
        }
    }

    /// What is written to a registry, by its digest.
    pub(super) fn by_digest(&self, digest: &str) -> Option<String> {
        self.remote_name().map(|name| format!("{}/{}@{digest}", name.domain(), name.path()))
    }

    /// Refuses other names for the image than it can have there.
    ///
    /// # Errors
    /// If one is of another repository than the one of the registry that is written to.
    pub fn check_names(&self, names: &[ImageName]) -> Result<()> {
        let Some(own) = self.remote_name() else { return Ok(()) };
        let other = names.iter().find(|name| (name.domain(), name.path()) != (own.domain(), own.path()));
        other.map_or(Ok(()), |other| {
            let (domain, path) = (own.domain(), own.path());
            Err(Error::Usage(format!("{other}: is in another repository than {domain}/{path}, which is written to")))
        })
    }

    /// How an image that was written there is read; none where annotations of its manifest cannot be read back: standard output, a
    /// daemon, a docker-archive.
    pub fn as_reference(&self) -> Option<Reference> {
        let text = match self {
            Self::Stdout | Self::Daemon(_) | Self::Archive { format: ArchiveFormat::Docker, .. } => return None,
            Self::Registry(image) => format!("docker://{image}"),
            Self::Layout { path, .. } => format!("oci:{}", path.to_str()?),
            Self::Archive { path, .. } => format!("oci-archive:{}", path.to_str()?),
        };
        Reference::parse(&text).ok()
    }

    /// Whether an image that is there has the name that is given here, if one is.
    pub fn is_name_of(&self, image: &Looked) -> bool {
        self.reference().is_none_or(|name| image.ref_names.iter().any(|own| own == name))
    }

    /// The reference given behind the path.
    pub(super) fn reference(&self) -> Option<&str> {
        match self {
            Self::Stdout | Self::Registry(_) | Self::Daemon(_) => None,
            Self::Archive { reference, .. } | Self::Layout { reference, .. } => reference.as_deref(),
        }
    }
}

/// The grammar of `org.opencontainers.image.ref.name`: runs of letters and digits, with one separator (or `--`) in between,
/// in components divided by slashes (OCI image specification, "Pre-Defined Annotation Keys").
fn valid_reference(reference: &str) -> bool {
    reference.split('/').all(|component| {
        let mut separators = component.split(|c: char| c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
        let edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric());
        edge(component.bytes().next())
            && edge(component.bytes().last())
            && separators.all(|s| matches!(s, "-" | "." | "_" | ":" | "@" | "+" | "--"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_output_is_recognised() {
        use ArchiveFormat::{Combined, Docker, Oci};
        let archive = |path: &str, format, reference: Option<&str>| Destination::Archive {
            path: path.into(),
            format,
            reference: reference.map(Into::into),
        };
        let layout = |path: &str, reference: Option<&str>| Destination::Layout {
            path: path.into(),
            reference: reference.map(Into::into),
        };
        for (text, expected) in [
            ("-", Destination::Stdout),
            ("out.tar", archive("out.tar", Combined, None)),
            ("dir/a:b.tar", archive("dir/a:b.tar", Combined, None)),
            ("docker://r.example/app:1", Destination::Registry("r.example/app:1".parse().unwrap())),
            ("docker-daemon:app:1", Destination::Daemon("app:1".parse().unwrap())),
            ("oci:dir", layout("dir", None)),
            ("oci:dir:v1.0", layout("dir", Some("v1.0"))),
            ("oci:dir:host:5000/app", layout("dir", Some("host:5000/app"))),
            ("oci-archive:x.tar:v1", archive("x.tar", Oci, Some("v1"))),
            ("docker-archive:x.tar", archive("x.tar", Docker, None)),
            ("docker-archive:x.tar:app:1", archive("x.tar", Docker, Some("app:1"))),
        ] {
            assert_eq!(text.parse::<Destination>().unwrap(), expected, "{text}");
        }
        for bad in [
            "",
            "oci:",
            "oci::v1",
            "oci:dir:",
            "oci:dir:a..b",
            "docker-archive:x:App",
            "docker-archive:x:",
            "docker://App",
            "docker://app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "docker-daemon:",
            "ostree:app",
        ] {
            assert!(bad.parse::<Destination>().is_err(), "{bad}");
        }
    }
}
