//! What `slim`, `report`, `diff` and `why` have in common: from the command line to an analysis.

use std::sync::Arc;

use bantam::analysis::{Analysis, Analyst, CacheDir, Choices, Means};
use bantam::image::{Platform, Reference};
use bantam::network::{Network, Settings};
use bantam::plan;
use bantam::tarball::Limits;

use super::args::{Bytecode, Input, Print, RaisedLimit, Registries, Resources, Selection, Switch};
use super::exit::Failure;
use super::platforms;
use super::sbom::source_date_epoch;
use super::watch::Watch;

/// What decides about files.
pub fn choices(selection: &Selection) -> bantam::Result<Choices> {
    let bytecode = match selection.bytecode {
        Bytecode::Strip => plan::Bytecode::Strip,
        Bytecode::Keep => plan::Bytecode::Keep { latest: source_date_epoch()? },
    };
    Ok(Choices {
        profiles: selection.profile.clone(),
        without_profiles: selection.no_profile.clone(),
        keep: selection.keep.clone(),
        strip: selection.strip.clone(),
        entries: selection.entry.clone(),
        tools: selection.keep_tools.clone(),
        without_rules: selection.no_rule.clone(),
        assume: selection.assume.into(),
        labels: !selection.no_labels,
        strip_rules: !selection.no_strip,
        prune: !selection.no_prune,
        strip_symbols: selection.strip_symbols == Switch::On,
        dedupe: selection.dedupe,
        bytecode,
    })
}

/// Whether it is worth finding out what only assumptions keep out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It will be printed.
    Wanted,
    /// Nobody will see it.
    Idle,
}

impl Doubt {
    /// For a report in the form asked for: a list of paths, or one table, does not show it.
    pub fn of_report(print: &Print) -> Self {
        let shown = !print.list && !print.markdown && print.by.is_none();
        if shown { Self::Wanted } else { Self::of_page(print) }
    }

    /// For the page alone.
    pub fn of_page(print: &Print) -> Self {
        if print.html.is_some() { Self::Wanted } else { Self::Idle }
    }
}

/// What the run may use; it speaks to registries by `network`.
pub fn means(input: &Input, platform: Option<Platform>, network: &Arc<Network>, doubt: Doubt) -> Means {
    let Resources { memory, cache, cache_size, limit, .. } = &input.means.resources;
    let mut limits = Limits::default();
    limit.iter().for_each(|&RaisedLimit { counted, limit }| limits.set(counted, limit));
    let cache = cache.clone().map(|path| CacheDir { path, limit: *cache_size });
    let network = Arc::clone(network);
    Means { platform, memory: *memory, limits, network, cache, doubt: doubt == Doubt::Wanted }
}

/// How registries are reached.
pub fn network(Registries { ca, insecure }: &Registries) -> Arc<Network> {
    Arc::new(Network::new(Settings { ca: ca.clone(), insecure: insecure.clone(), ..Settings::default() }))
}

/// Reads the image and decides on every file.
pub fn analyse(
    input: &Input,
    selection: &Selection,
    network: &Arc<Network>,
    doubt: Doubt,
    watch: &Watch,
) -> Result<Analysis, Failure> {
    let reference = Reference::parse(&input.image)?;
    let (choices, means) = (choices(selection)?, means(input, platforms::one(input)?, network, doubt));
    let analyst = Analyst::new(&choices, &means, watch)?;
    let image = analyst.open(&reference)?;
    Ok(analyst.analyse(image)?)
}
