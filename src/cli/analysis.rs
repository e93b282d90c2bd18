//! What `slim`, `report`, `diff` and `why` have in common: from the command line to an analysis.

use bantam::analysis::{Analysis, Analyst, CacheDir, Choices, Means};
use bantam::image::Reference;

use super::args::{Input, Resources, Selection, Switch};
use super::exit::Failure;
use super::watch::Watch;

/// What decides about files.
pub fn choices(selection: &Selection) -> Choices {
    Choices {
        profiles: selection.profile.clone(),
        without_profiles: selection.no_profile.clone(),
        keep: selection.keep.clone(),
        strip: selection.strip.clone(),
        entries: selection.entry.clone(),
        strip_rules: !selection.no_strip,
        prune: !selection.no_prune,
        strip_symbols: selection.strip_symbols == Switch::On,
        dedupe: selection.dedupe,
    }
}

/// What the run may use.
pub fn means(input: &Input) -> Means {
    let Resources { memory, cache, cache_size, .. } = &input.resources;
    let cache = cache.clone().map(|path| CacheDir { path, limit: *cache_size });
    Means { platform: input.platform.clone(), memory: *memory, cache }
}

/// Reads the image and decides on every file.
pub fn analyse(input: &Input, selection: &Selection, watch: &Watch) -> Result<Analysis, Failure> {
    let reference = Reference::parse(&input.image)?;
    let (choices, means) = (choices(selection), means(input));
    let analyst = Analyst::new(&choices, &means, watch)?;
    let image = analyst.open(&reference)?;
    Ok(analyst.analyse(image)?)
}
