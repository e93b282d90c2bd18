//! From the command line's image to a plan: what `slim`, `report` and `why` have in common.

use bantam::image::{self, Image, OpenOptions, Reference};
use bantam::owners::{self, Owners};
use bantam::plan::{self, Choices, Inputs, Plan, Rules, Setting};
use bantam::profile::ProfileSet;
use bantam::reach::{Graph, Uncertainty};
use bantam::report::{ImageInfo, LayerInfo, Report, Sources};
use bantam::rootfs::{self, Merged};

use super::args::{Input, Selection};
use super::exit::Failure;
use super::progress::Progress;

/// An image, its tree, and what is to become of it.
pub struct Analysis {
    pub image: Image,
    pub merged: Merged,
    pub owners: Owners,
    pub profiles: ProfileSet,
    pub plan: Plan,
    pub uncertainties: Vec<Uncertainty>,
    /// What to tell the user besides.
    pub notes: Vec<String>,
}

impl Analysis {
    /// Reads the image and decides on every file.
    pub fn new(input: &Input, selection: &Selection, progress: Progress) -> Result<Self, Failure> {
        let reference = Reference::parse(&input.image)?;
        let profiles = ProfileSet::load(&selection.no_profile, &selection.profile)?;
        let owner_rules = profiles.owner_rules()?;
        let image = {
            let stage = progress.bytes("reading");
            let report = |event| stage.opening(event);
            let report = image::Report(Some(&report));
            image::open(
                &reference,
                &OpenOptions { platform: input.platform.clone(), report, ..OpenOptions::default() },
            )?
        };
        let stage = progress.spinner("analysing");
        let merged = rootfs::merge(&image.layers)?;
        let owners = owners::find(&merged.rootfs, &owner_rules);
        let config = image.run_config();
        let choices = choices(selection, &config.labels);
        let entries = selection.entry.iter().cloned().chain(lines(&config.labels, "bantam.entry"));
        let setting = Setting::of(&config, &image.platform.architecture, entries);
        let reached: Option<Graph<'_>> = None;
        let tree = &merged.rootfs.tree;
        let rules = Rules::new(&profiles, &choices, &setting, tree, reached.as_ref())?;
        let inputs = Inputs {
            rootfs: &merged.rootfs,
            owners: &owners,
            reached: reached.as_ref(),
            rules: &rules,
            setting: &setting,
        };
        let plan = plan::decide(&inputs);
        let notes = rules.idle_globs(tree, &plan);
        let uncertainties = reached.map(|graph| graph.uncertainties).unwrap_or_default();
        drop(stage);
        Ok(Self { image, merged, owners, profiles, plan, uncertainties, notes })
    }

    /// What the plan does, added up.
    pub fn report(&self) -> Report {
        let layers = self.image.layers.iter().map(|layer| LayerInfo {
            digest: layer.digest.clone(),
            diff_id: layer.diff_id.clone(),
            ..LayerInfo::default()
        });
        let info = ImageInfo {
            reference: self.image.reference.to_string(),
            tags: self.image.tags.clone(),
            platform: self.image.platform.to_string(),
            config_digest: self.image.config_digest.clone(),
            layers: layers.collect(),
        };
        let sources = Sources {
            rootfs: &self.merged.rootfs,
            accounting: &self.merged.accounting,
            owners: &self.owners,
            plan: &self.plan,
            uncertainties: &self.uncertainties,
        };
        let mut report = Report::new(info, &sources);
        report.notes.extend(self.notes.iter().cloned());
        report
    }
}

type Labels = std::collections::BTreeMap<String, String>;

/// What the command line asks for, and what labels in the image ask for in the same way.
fn choices(selection: &Selection, labels: &Labels) -> Choices {
    let globs = |given: &[String], label: &str| {
        let words =
            lines(labels, label).flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        given.iter().cloned().chain(words).collect()
    };
    Choices {
        keep: globs(&selection.keep, "bantam.keep"),
        strip: globs(&selection.strip, "bantam.strip"),
        no_strip: selection.no_strip,
        no_prune: selection.no_prune,
    }
}

fn lines<'a>(labels: &'a Labels, label: &str) -> impl Iterator<Item = String> + use<'a> {
    let value = labels.get(label).map_or("", String::as_str);
    value.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}
