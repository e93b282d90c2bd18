//! From the command line's image to a plan: what `slim`, `report` and `why` have in common.

use bantam::cache::Cache;
use bantam::image::{self, Image, OpenOptions, Reference};
use bantam::owners::{self, Owners};
use bantam::plan::{self, Choices, Inputs, Plan, Rules, Setting};
use bantam::profile::ProfileSet;
use bantam::reach::entrypoint::Launch;
use bantam::reach::{self, Reach};
use bantam::report::{Explainer, ImageInfo, LayerInfo, Report, Sources, Subject};
use bantam::rootfs::{self, Merged, Rootfs};

use super::args::{Input, Selection, Switch};
use super::exit::Failure;
use super::progress::Progress;
use super::terminal;
use super::timings::Timings;

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
    /// How long each stage took so far.
    pub timings: Timings,
}

impl Analysis {
    /// Reads the image and decides on every file.
    pub fn new(input: &Input, selection: &Selection, progress: Progress) -> Result<Self, Failure> {
        let resources = &input.resources;
        let mut timings = Timings::new(resources.timings);
        let reference = Reference::parse(&input.image)?;
        let profiles = ProfileSet::load(&selection.no_profile, &selection.profile)?;
        let owner_rules = profiles.owner_rules()?;
        let cache = resources.cache.as_ref().map(|dir| Cache::open(dir, resources.cache_size)).transpose()?;
        timings.lap("starting");
        let mut image = {
            let stage = progress.bytes("reading");
            let report = |event| stage.opening(event);
            let report = image::Listener(Some(&report));
            let (platform, memory) = (input.platform.clone(), resources.memory);
            image::open(&reference, &OpenOptions { platform, memory, report, ..OpenOptions::default() })?
        };
        timings.lap("reading");
        let stage = progress.spinner("analysing");
        let merged = rootfs::merge(&image.layers)?;
        image.forget_entries();
        timings.lap("merging");
        let owners = owners::find(&merged.rootfs, &owner_rules);
        timings.lap("owners");
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
                cache: cache.as_ref(),
                identity: &identity(&image, selection, &profiles),
            })?;
            timings.lap("reach");
            let effort = reach.effort;
            let extracting = effort.extracting.as_secs_f64();
            timings.note(format!("within reach: {extracting:.3} s for what {} files say", effort.files));
            Some(reach)
        };
        if let Some(cache) = cache {
            let (found, new) = cache.found();
            timings.note(format!("cache: {found} found, {new} new"));
            if let Err(error) = cache.save() {
                // The result is as good without.
                terminal::message(&error.to_string());
            }
            timings.lap("cache");
        }
        // An entry point that says nothing about what runs: whatever is there may be wanted.
        let edges = reach.as_ref().filter(|reach| reach.roots.keep_all.is_none()).map(|reach| &reach.edges);
        let rules = Rules::new(&profiles, &choices, &setting, tree, edges)?;
        let inputs =
            Inputs { rootfs: &merged.rootfs, owners: &owners, reached: edges, rules: &rules, setting: &setting };
        let mut plan = plan::decide(&inputs);
        if selection.strip_symbols == Switch::On {
            notes.extend(plan::symbols::strip(&merged.rootfs, &mut plan).notes());
        }
        let removes = tree.iter().any(|node| !plan.keeps(node)) || !plan.stripped.is_empty();
        if removes {
            plan::records::trim(&merged.rootfs, &owners, &mut plan);
        }
        if selection.dedupe {
            plan::dedupe(&merged.rootfs, &owners, &mut plan)
                .map_err(|error| Failure::other(format!("a layer cannot be read any more: {error}")))?;
        }
        notes.extend(rules.idle_globs(tree, &plan));
        timings.lap("plan");
        drop(stage);
        Ok(Self { image, merged, owners, profiles, plan, reach, setting, notes, timings })
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

    /// What reports are made from.
    pub fn sources(&self) -> Sources<'_> {
        Sources {
            rootfs: &self.merged.rootfs,
            accounting: &self.merged.accounting,
            owners: &self.owners,
            plan: &self.plan,
            reach: self.reach.as_ref(),
            context: &self.setting.context,
        }
    }

    /// Says why, file by file.
    pub fn explainer(&self) -> Explainer<'_> {
        Explainer::new(Subject {
            rootfs: &self.merged.rootfs,
            owners: &self.owners,
            profiles: &self.profiles,
            plan: &self.plan,
            reach: self.reach.as_ref(),
        })
    }

    /// What the plan does, added up.
    pub fn report(&self) -> Report {
        let mut report = Report::new(self.image_info(), &self.sources());
        report.notes.extend(self.notes.iter().cloned());
        report
    }
}

/// The tree that is written.
pub fn slimmed(analysis: &Analysis) -> Result<Rootfs, Failure> {
    plan::apply(&analysis.merged.rootfs, &analysis.plan)
        .map_err(|error| Failure::other(format!("cannot put the new tree together: {error}")))
}

struct Parts<'a> {
    merged: &'a Merged,
    owners: &'a Owners,
    profiles: &'a ProfileSet,
    choices: &'a Choices,
    setting: &'a Setting,
    launch: &'a Launch,
    cache: Option<&'a Cache>,
    /// Everything that decides on what is reached, for the cache.
    identity: &'a str,
}

/// Everything that decides on what is reached: the layers' contents, the config, the choices, the rules.
fn identity(image: &Image, selection: &Selection, profiles: &ProfileSet) -> String {
    let layers: Vec<&str> = image.layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    let rules: Vec<&str> = profiles.iter().map(|loaded| loaded.text.as_str()).collect();
    format!("{layers:?} {} {} {selection:?} {rules:?}", image.config, image.platform)
}

/// What the program reaches.
fn reached(parts: &Parts<'_>) -> Result<Reach, Failure> {
    let rootfs = &parts.merged.rootfs;
    let rules = Rules::new(parts.profiles, parts.choices, parts.setting, &rootfs.tree, None)?;
    let inputs = Inputs { rootfs, owners: parts.owners, reached: None, rules: &rules, setting: parts.setting };
    let baggage = plan::baggage(&inputs);
    let profiles = parts.profiles.iter().map(|loaded| &loaded.profile);
    let mut edges = reach::rules::Rules::of_profiles(profiles).map_err(|error| Failure::other(error.to_string()))?;
    let request = reach::Request {
        rootfs,
        ctx: &parts.setting.context,
        owners: parts.owners,
        launch: parts.launch,
        baggage: &baggage,
        kept: &reach::engine::named_nodes(&rootfs.tree, &parts.choices.keep),
        cache: parts.cache,
    };
    Ok(reach::analyse_again(&request, &mut edges, parts.identity.as_bytes()))
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
