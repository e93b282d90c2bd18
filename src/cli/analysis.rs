//! What `slim`, `report`, `diff` and `why` have in common: from the command line to an analysis.

use bantam::analysis::{Analysis, Analyst, CacheDir, Choices, Options};
use bantam::image::Reference;

use super::args::{Input, Selection, Switch};
use super::exit::Failure;
use super::watch::Watch;

/// What the command line asks the library for.
pub fn options(input: &Input, selection: &Selection) -> Options {
    let resources = &input.resources;
    Options {
        choices: Choices {
            profiles: selection.profile.clone(),
            without_profiles: selection.no_profile.clone(),
            keep: selection.keep.clone(),
            strip: selection.strip.clone(),
            entries: selection.entry.clone(),
            strip_rules: !selection.no_strip,
            prune: !selection.no_prune,
            strip_symbols: selection.strip_symbols == Switch::On,
            dedupe: selection.dedupe,
        },
        platform: input.platform.clone(),
        memory: resources.memory,
        cache: resources.cache.clone().map(|path| CacheDir { path, limit: resources.cache_size }),
    }
}

/// Reads the image and decides on every file.
pub fn analyse(input: &Input, options: &Options, watch: &Watch) -> Result<Analysis, Failure> {
    let reference = Reference::parse(&input.image)?;
    let analyst = Analyst::new(options, watch)?;
    let image = analyst.open(&reference)?;
    Ok(analyst.analyse(image)?)
}
