//! `bantam diff`: how two images differ, or an image and what `slim` makes of it.

use std::io::Write;

use bantam::diff::{self, Diff, Side};
use bantam::image::{self, Image, OpenOptions, Reference};
use bantam::owners::{self, Owners};
use bantam::profile::ProfileSet;
use bantam::rootfs::{self, Accounting, Rootfs};

use super::analysis::Analysis;
use super::args::{Diff as Args, General, Input};
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal;

/// An image, read.
struct Read {
    image: Image,
    rootfs: Rootfs,
    accounting: Accounting,
    owners: Owners,
}

/// Prints the differences.
pub fn run(args: &Args, general: &General) -> Result<Exit, Failure> {
    let progress = Progress::new(general);
    let found = match &args.other {
        Some(other) => {
            let before = read(&args.input, args, progress)?;
            let input = Input {
                image: other.clone(),
                platform: args.input.platform.clone(),
                resources: args.input.resources.clone(),
            };
            let after = read(&input, args, progress)?;
            let [before, after] = [&before, &after].map(|read| Side {
                reference: read.image.reference.to_string(),
                tags: &read.image.tags,
                config_digest: Some(&read.image.config_digest),
                config: &read.image.config,
                rootfs: &read.rootfs,
                owners: &read.owners,
                layer_bytes: read.accounting.layers.iter().map(|layer| layer.bytes).sum(),
            });
            compare(&before, &after, progress)?
        }
        None => with_slimmed(args, progress)?,
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

fn read(input: &Input, args: &Args, progress: Progress) -> Result<Read, Failure> {
    let reference = Reference::parse(&input.image)?;
    let profiles = ProfileSet::load(&args.selection.no_profile, &args.selection.profile)?;
    let image = {
        let stage = progress.bytes("reading");
        let report = |event| stage.opening(event);
        let report = image::Listener(Some(&report));
        let (platform, memory) = (input.platform.clone(), input.resources.memory);
        image::open(&reference, &OpenOptions { platform, memory, report, ..OpenOptions::default() })?
    };
    let merged = rootfs::merge(&image.layers)?;
    let owners = owners::find(&merged.rootfs, &profiles.owner_rules()?);
    Ok(Read { image, rootfs: merged.rootfs, accounting: merged.accounting, owners })
}

fn with_slimmed(args: &Args, progress: Progress) -> Result<Diff, Failure> {
    let analysis = Analysis::new(&args.input, &args.selection, progress)?;
    let slimmed = super::analysis::slimmed(&analysis)?;
    let owners = owners::find(&slimmed, &analysis.profiles.owner_rules()?);
    let before = Side {
        reference: analysis.image.reference.to_string(),
        tags: &analysis.image.tags,
        config_digest: Some(&analysis.image.config_digest),
        config: &analysis.image.config,
        rootfs: &analysis.merged.rootfs,
        owners: &analysis.owners,
        layer_bytes: analysis.merged.accounting.layers.iter().map(|layer| layer.bytes).sum(),
    };
    let after = Side {
        reference: format!("{} slimmed", before.reference),
        config_digest: None,
        rootfs: &slimmed,
        owners: &owners,
        layer_bytes: diff::file_bytes(&slimmed.tree),
        ..before.clone()
    };
    compare(&before, &after, progress)
}

fn compare(before: &Side<'_>, after: &Side<'_>, progress: Progress) -> Result<Diff, Failure> {
    let _stage = progress.spinner("comparing");
    Diff::new(before, after).map_err(|error| Failure::other(format!("a layer cannot be read any more: {error}")))
}
