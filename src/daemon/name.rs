//! What an image in a daemon is called: by name, by name and ID, or by ID alone.

use std::fmt;
use std::str::FromStr;

use oci_spec::image::Digest;

use crate::registry::ImageName;
use crate::{Error, Result};

/// `NAME[:TAG]`, `NAME@ID` or an ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonImage {
    name: Option<ImageName>,
    id: Option<Digest>,
}

impl DaemonImage {
    /// Its name; none if it is named by an ID.
    pub fn name(&self) -> Option<&ImageName> {
        self.name.as_ref().filter(|_| self.id.is_none())
    }

    /// What the daemon can be asked for, the likeliest first: behind a name may stand the image's ID or its manifest's digest.
    pub(super) fn spellings(&self) -> Vec<String> {
        match (&self.name, &self.id) {
            (Some(name), Some(id)) => {
                let name = name.to_string();
                let bare = name.rsplit_once(':').map_or(name.as_str(), |(bare, _)| bare);
                vec![id.to_string(), format!("{bare}@{id}")]
            }
            (Some(name), None) => vec![name.to_string()],
            (None, id) => id.iter().map(ToString::to_string).collect(),
        }
    }
}

impl FromStr for DaemonImage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(id) = Digest::from_str(text) {
            return Ok(Self { name: None, id: Some(id) });
        }
        let (name, id) = match text.split_once('@') {
            Some((name, id)) => (name, Some(id)),
            None => (text, None),
        };
        let id =
            id.map(|id| Digest::from_str(id).map_err(|_| Error::Usage(format!("{text:?}: {id:?} is no image ID"))));
        Ok(Self { name: Some(name.parse()?), id: id.transpose()? })
    }
}

impl fmt::Display for DaemonImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.id) {
            (Some(name), Some(id)) => write!(f, "{name}@{id}"),
            (Some(name), None) => name.fmt(f),
            (None, Some(id)) => id.fmt(f),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_name_or_an_id_or_both() {
        let id = format!("sha256:{}", "a".repeat(64));
        for (text, asked) in [
            ("app", vec!["app:latest".to_owned()]),
            ("localhost:5000/team/app:1", vec!["localhost:5000/team/app:1".into()]),
            (&id, vec![id.clone()]),
            (&format!("app@{id}"), vec![id.clone(), format!("app@{id}")]),
        ] {
            assert_eq!(text.parse::<DaemonImage>().unwrap().spellings(), asked);
        }
        for bad in ["", "App", "app@1", "sha256:12"] {
            let parsed = bad.parse::<DaemonImage>();
            assert!(parsed.is_err() || bad == "sha256:12", "{bad}: {parsed:?}");
        }
    }
}
