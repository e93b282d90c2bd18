//! `--platform`: which of the images of an index; `slim` takes several, and writes an index again.

use std::str::FromStr;

use bantam::Error;
use bantam::image::Platform;

use super::args::Input;

/// One platform, or all that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Each image of an index.
    All,
    /// Images for this one.
    One(Platform),
}

impl FromStr for Wanted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

/// The platform that is wanted, where only one can be.
///
/// # Errors
/// If several are.
pub fn one(input: &Input) -> Result<Option<Platform>, Error> {
    match input.means.platform.as_slice() {
        [] => Ok(None),
        [wanted] => single(wanted).map(Some),
        _ => Err(too_many()),
    }
}

/// The platform that is wanted.
///
/// # Errors
/// If it is all of them.
pub fn single(wanted: &Wanted) -> Result<Platform, Error> {
    match wanted {
        Wanted::One(platform) => Ok(platform.clone()),
        Wanted::All => Err(too_many()),
    }
}

fn too_many() -> Error {
    Error::Usage(
        "only `slim` of one image with an output takes several platforms at a time: name one with --platform".into(),
    )
}

/// Whether an index is to be written.
pub fn are_several(input: &Input) -> bool {
    input.means.platform.len() > 1 || input.means.platform.contains(&Wanted::All)
}

/// The platforms that are named; none where all are wanted.
pub fn named(input: &Input) -> Vec<Platform> {
    if input.means.platform.contains(&Wanted::All) {
        return Vec::new();
    }
    let named = input.means.platform.iter().filter_map(|wanted| match wanted {
        Wanted::One(platform) => Some(platform.clone()),
        Wanted::All => None,
    });
    named.collect()
}
