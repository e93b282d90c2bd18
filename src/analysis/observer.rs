//! Who is told how far things are.

use crate::{image, output};

/// The stages of a run, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Profiles are loaded, the cache is opened.
    Starting,
    /// The image is opened, its layers are verified and indexed.
    Reading,
    /// The layers become one tree.
    Merging,
    /// Who put files there is found out.
    Owners,
    /// What the program reaches is found out. Left out where nothing is pruned.
    Reach,
    /// What was found out is kept for later runs. Left out without a cache.
    Cache,
    /// Every file gets its verdict.
    Plan,
    /// The new image is written.
    Writing,
}

impl Stage {
    /// Its name in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Reading => "reading",
            Self::Merging => "merging",
            Self::Owners => "owners",
            Self::Reach => "reach",
            Self::Cache => "cache",
            Self::Plan => "plan",
            Self::Writing => "writing",
        }
    }
}

/// Is told how far a run is; does nothing with it unless it says otherwise. Bytes are reported from several threads.
pub trait Observer: Sync {
    /// A stage begins.
    fn began(&self, _stage: Stage) {}
    /// It is over.
    fn ended(&self, _stage: Stage) {}
    /// Within [`Stage::Reading`].
    fn opening(&self, _event: image::Event<'_>) {}
    /// Within [`Stage::Writing`].
    fn writing(&self, _event: output::Event<'_>) {}
    /// A figure about the run itself, for whoever measures it.
    fn measured(&self, _figure: String) {}
    /// Something went wrong without which the result is as good.
    fn warned(&self, _warning: &str) {}
}

/// Takes note of nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Runs a stage, and says so.
pub(super) fn staged<T>(observer: &dyn Observer, stage: Stage, work: impl FnOnce() -> T) -> T {
    observer.began(stage);
    let result = work();
    observer.ended(stage);
    result
}
