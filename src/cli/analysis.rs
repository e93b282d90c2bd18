//! From the command line's image to a plan: what `slim`, `report` and `why` have in common.

use bantam::image::{self, Image, OpenOptions, Reference};
use bantam::owners::{self, Owners};
use bantam::plan::{self, Choices, Inputs, Plan, Rules, Setting};
use bantam::profile::ProfileSet;
use bantam::reach::entrypoint::Launch;
use bantam::reach::{self, Reach};
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
    /// What the program reaches; nothing where pruning is off.
    pub reach: Option<Reach>,
    /// What the config says about how the program runs.
    pub setting: Setting,
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
        let tree = &merged.rootfs.tree;
        let mut notes = Vec::new();
        let reach = if selection.no_prune {
            None
        } else {
            let reach = reached(&Parts {
                merged: &merged,
                owners: &owners,
                profiles: &profiles,
                choices: &choices,
                setting: &setting,
                launch: &launch(&config, &selection.entry),
            })?;
            Some(reach)
        };
        // An entry point that says nothing about what runs: whatever is there may be wanted.
        let edges = reach.as_ref().filter(|reach| reach.roots.keep_all.is_none()).map(|reach| &reach.edges);
        let rules = Rules::new(&profiles, &choices, &setting, tree, edges)?;
        let inputs =
            Inputs { rootfs: &merged.rootfs, owners: &owners, reached: edges, rules: &rules, setting: &setting };
        let mut plan = plan::decide(&inputs);
        if edges.is_some() {
            plan::records::trim(&merged.rootfs, &owners, &mut plan);
        }
        notes.extend(rules.idle_globs(tree, &plan));
        drop(stage);
        Ok(Self { image, merged, owners, profiles, plan, reach, setting, notes })
    }

    /// The image, for reports.
    pub fn image_info(&self) -> ImageInfo {
        let layers = self.image.layers.iter().map(|layer| LayerInfo {
            digest: layer.digest.clone(),
            diff_id: layer.diff_id.clone(),
            ..LayerInfo::default()
        });
        ImageInfo {
            reference: self.image.reference.to_string(),
            tags: self.image.tags.clone(),
            platform: self.image.platform.to_string(),
            config_digest: self.image.config_digest.clone(),
            layers: layers.collect(),
        }
    }

    /// What the plan does, added up.
    pub fn report(&self) -> Report {
        let sources = Sources {
            rootfs: &self.merged.rootfs,
            accounting: &self.merged.accounting,
            owners: &self.owners,
            plan: &self.plan,
            reach: self.reach.as_ref(),
            context: &self.setting.context,
        };
        let mut report = Report::new(self.image_info(), &sources);
        report.notes.extend(self.notes.iter().cloned());
        report
    }
}

struct Parts<'a> {
    merged: &'a Merged,
    owners: &'a Owners,
    profiles: &'a ProfileSet,
    choices: &'a Choices,
    setting: &'a Setting,
    launch: &'a Launch,
}

/// What the program reaches.
fn reached(parts: &Parts<'_>) -> Result<Reach, Failure> {
    let rootfs = &parts.merged.rootfs;
    let rules = Rules::new(parts.profiles, parts.choices, parts.setting, &rootfs.tree, None)?;
    let inputs = Inputs { rootfs, owners: parts.owners, reached: None, rules: &rules, setting: parts.setting };
    let baggage = plan::baggage(&inputs);
    let loaded = || parts.profiles.iter().map(|loaded| &loaded.profile);
    let mut edges = reach::rules::Rules::new(
        loaded().flat_map(|profile| &profile.implies),
        loaded().flat_map(|profile| &profile.cut),
    )
    .map_err(|error| Failure::other(error.to_string()))?;
    let request = reach::Request {
        rootfs,
        ctx: &parts.setting.context,
        owners: parts.owners,
        launch: parts.launch,
        baggage: &baggage,
        kept: &reach::engine::named_nodes(&rootfs.tree, &parts.choices.keep),
    };
    Ok(reach::analyse(&request, &mut edges))
}

fn launch(config: &bantam::image::RunConfig, entries: &[String]) -> Launch {
    Launch {
        entrypoint: config.entrypoint.clone(),
        cmd: config.cmd.clone(),
        healthcheck: config.healthcheck.clone(),
        shell: config.shell.clone(),
        labels: config.labels.clone(),
        entries: entries.to_vec(),
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
