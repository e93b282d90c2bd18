//! The platform an image is made for: OCI image spec, image-index.md, "platform".

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::Error;

/// Operating system, architecture and, for some architectures, a variant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Platform {
    /// As in Go's `GOOS`: `linux`.
    #[serde(default)]
    pub os: String,
    /// As in Go's `GOARCH`: `amd64`, `arm64`.
    #[serde(default)]
    pub architecture: String,
    /// As in `v7`; empty where there is none.
    #[serde(default)]
    pub variant: String,
}

impl Platform {
    /// Whether it is for Windows.
    pub fn is_windows(&self) -> bool {
        self.os.eq_ignore_ascii_case("windows")
    }

    /// Whether an image of this platform is what `wanted` asks for. Without a variant any will do.
    pub fn satisfies(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_empty() || self.full_variant() == wanted.full_variant())
    }

    /// The variant, the usual one where none is named.
    fn full_variant(&self) -> &str {
        match (self.architecture.as_str(), self.variant.as_str()) {
            ("arm64", "") => "v8",
            ("arm", "") => "v7",
            ("amd64", "") => "v1",
            (_, variant) => variant,
        }
    }

    /// Whether this marks something that is no image, such as an attestation.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

impl FromStr for Platform {
    type Err = Error;

    /// Understands `os/arch[/variant]`, with the kernel's names of architectures as well as Go's.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.split('/');
        let (os, architecture) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let variant = parts.next().unwrap_or_default();
        if os.is_empty() || architecture.is_empty() || parts.next().is_some() {
            return Err(Error::Usage(format!(
                "{text:?} is not a platform; write os/arch[/variant], as in linux/arm64"
            )));
        }
        let architecture = match architecture {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "i386" | "i686" => "386",
            other => other,
        };
        Ok(Self { os: os.into(), architecture: architecture.into(), variant: variant.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_count_only_where_asked_for() {
        let platform = |text: &str| text.parse::<Platform>().unwrap();
        assert!(platform("linux/arm/v6").satisfies(&platform("linux/arm")));
        assert!(!platform("linux/arm/v6").satisfies(&platform("linux/arm/v7")));
        assert!(platform("linux/aarch64").satisfies(&platform("linux/arm64/v8")));
        assert!(!platform("linux/amd64").satisfies(&platform("linux/arm64")));
        for bad in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x"] {
            assert!(bad.parse::<Platform>().is_err(), "{bad}");
        }
    }
}
