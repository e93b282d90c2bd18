//! `bantam diff`: how two images differ, or an image and what `slim` makes of it.

use std::io::Write;

use bantam::analysis::{Analyst, Inventory, Observer, Stage};
use bantam::diff::{self, Diff};
use bantam::image::{self, Reference};

use super::analysis::{Doubt, analyse, choices, means, network};
use super::args::{Diff as Args, General};
use super::exit::{Exit, Failure};
use super::platforms;
use super::progress::Progress;
use super::terminal;
use super::watch::Watch;

/// Prints the differences.
pub fn run(args: &Args, general: &General) -> Result<Exit, Failure> {
    let watch = Watch::new(general, &args.input);
    let found = match &args.other {
        Some(other) => {
            let reading = Reading(watch);
            let before = read(&args.input.image, args, &reading)?;
            let after = read(other, args, &reading)?;
            let _bar = Progress::new(general).spinner("comparing");
            Diff::new(&before.side(), &after.side())
                .map_err(bantam::Error::content("a layer cannot be read any more"))?
        }
        None => {
            let analysis =
                analyse(&args.input, &args.selection, &network(&args.input.means.registries), Doubt::Idle, &watch)?;
            let _bar = Progress::new(general).spinner("comparing");
            analysis.diff()?
        }
    };
    let mut out = terminal::stdout();
    if args.json {
        diff::write_json(&found, &mut out)?;
    } else if args.list {
        diff::write_list(&found, &mut out)?;
    } else {
        diff::write_text(&found, args.top, &mut out)?;
    }
    out.flush()?;
    Ok(if args.exit_code && !found.is_empty() { Exit::Differs } else { Exit::Done })
}

fn read(image: &str, args: &Args, watch: &dyn Observer) -> Result<Inventory, Failure> {
    let reference = Reference::parse(image)?;
    let network = network(&args.input.means.registries);
    let (choices, platform) = (choices(&args.selection)?, platforms::one(&args.input)?);
    let means = means(&args.input, platform, &network, Doubt::Idle);
    Ok(Analyst::new(&choices, &means, watch)?.read(&reference)?)
}

/// Shows how far reading is, and nothing else.
struct Reading(Watch);

impl Observer for Reading {
    fn began(&self, stage: Stage) {
        if stage == Stage::Reading {
            self.0.began(stage);
        }
    }

    fn ended(&self, stage: Stage) {
        self.0.ended(stage);
    }

    fn opening(&self, event: image::Event<'_>) {
        self.0.opening(event);
    }
}
