//! The run, stage by stage.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BStr, ByteSlice};

use super::attachment::Attachment;
use super::choices::{CacheDir, Choices, Means};
use super::inventory::Inventory;
use super::labels;
use super::observer::{Observer, Stage, staged};
use super::outcome::Analysis;
use super::recipe::recipe;
use crate::cache::Cache;
use crate::image::{self, Image, Listing, Looked, OpenOptions, Platform, Reference};
use crate::output::{self, Destination, Recipe};
use crate::owners::{Ecosystem, Rule};
use crate::plan::{self, Amount, Inputs, Plan};
use crate::profile::{Matchers, ProfileSet, UserGlob, Wish};
use crate::reach::entrypoint::Launch;
use crate::reach::{self, Edges, Reach};
use crate::report;
use crate::rootfs::Tree;
use crate::{Error, Result};

/// A run that is ready to start: profiles are loaded and the cache is open, so that what is wrong with them is said before an
/// image is read. It serves for any number of images.
pub struct Analyst<'o> {
    choices: &'o Choices,
    means: &'o Means,
    observer: &'o dyn Observer,
    profiles: Arc<ProfileSet>,
    owner_rules: Arc<[Rule]>,
    /// Where results are kept.
    cache_dir: Option<&'o CacheDir>,
    /// Opened, for the image that is analysed first.
    cache: Mutex<Option<Cache>>,
}

impl<'o> Analyst<'o> {
    /// Makes everything ready.
    ///
    /// # Errors
    /// If a profile does not load, or the cache cannot be opened.
    pub fn new(choices: &'o Choices, means: &'o Means, observer: &'o dyn Observer) -> Result<Self> {
        staged(observer, Stage::Starting, || {
            let mut profiles = ProfileSet::load(&choices.without_profiles, &choices.profiles)?;
            profiles.leave_out(&choices.without_rules)?;
            profiles.tools(&choices.tools)?;
            let owner_rules = profiles.owner_rules()?.into();
            let distrusted = means.cache.as_ref().and_then(|dir| Cache::distrust(&dir.path));
            distrusted.iter().for_each(|why| observer.warned(why));
            let cache_dir = means.cache.as_ref().filter(|_| distrusted.is_none());
            let cache = Mutex::new(cache_dir.map(open_cache).transpose()?);
            Ok(Self { choices, means, observer, profiles: profiles.into(), owner_rules, cache_dir, cache })
        })
    }

    /// The cache as the last image left it.
    fn take_cache(&self) -> Result<Option<Cache>> {
        match self.cache.lock().unwrap_or_else(PoisonError::into_inner).take() {
            None => self.cache_dir.map(open_cache).transpose(),
            opened => Ok(opened),
        }
    }

    /// Refuses outputs that cannot be, before any work is done: the image, if one is written, and files beside it.
    ///
    /// # Errors
    /// As [`output::check`].
    pub fn check_outputs(
        choices: &Choices,
        input: &Reference,
        image: Option<&Destination>,
        files: &[&Path],
    ) -> Result<()> {
        let inputs = input.file().into_iter().chain(choices.profiles.iter().map(PathBuf::as_path));
        output::check(image, files, &inputs.collect::<Vec<_>>())
    }

    /// Opens an image.
    ///
    /// # Errors
    /// As [`image::open`].
    pub fn open(&self, reference: &Reference) -> Result<Image> {
        let report = |event: image::Event<'_>| self.observer.opening(event);
        let report = image::Listener(Some(&report));
        let Means { platform, memory, limits, network, .. } = self.means.clone();
        let options = OpenOptions { platform, memory, limits, network, report, ..OpenOptions::default() };
        staged(self.observer, Stage::Reading, || image::open(reference, &options))
    }

    /// Looks at an image's documents, without its layers.
    ///
    /// # Errors
    /// As [`image::look`].
    pub fn look(&self, reference: &Reference) -> Result<Looked> {
        let Means { platform, memory, limits, network, .. } = self.means.clone();
        image::look(reference, &OpenOptions { platform, memory, limits, network, ..OpenOptions::default() })
    }

    /// Whether images that were made by the same choices, version and options from the original are at a destination, under the name that it
    /// names, and from which original: the digest, and what they take. That something cannot be told is a no.
    pub fn made_before(
        &self,
        destination: &Destination,
        options: &output::Options,
        attachments: &[Attachment],
    ) -> Vec<(String, Looked)> {
        let Some(reference) = destination.as_reference() else { return Vec::new() };
        let Means { memory, limits, network, .. } = self.means.clone();
        let looking = OpenOptions { memory, limits, network, ..OpenOptions::default() };
        let Ok(there) = image::look_all(&reference, &looking) else { return Vec::new() };
        let compression = options.compression.unwrap_or_else(|| destination.default_compression());
        let recipe = recipe(self.choices, &self.profiles, compression, options, attachments);
        let made = there.into_iter().filter_map(|image| {
            let original = Recipe::original(&image.manifest_annotations)?.to_owned();
            let named = destination.is_name_of(&image);
            (named && image.is_whole && recipe.made(&image.manifest_annotations)).then_some((original, image))
        });
        made.collect()
    }

    /// Lists the images of an index that are for one of these platforms, or all if none is named.
    ///
    /// # Errors
    /// As [`image::listing`].
    pub fn listing(&self, reference: &Reference, platforms: &[Platform]) -> Result<Listing> {
        let Means { memory, limits, network, .. } = self.means.clone();
        let options = OpenOptions { memory, limits, network, ..OpenOptions::default() };
        image::listing(reference, platforms, &options)
    }

    /// Opens an image and finds out who put its files there.
    ///
    /// # Errors
    /// As [`image::open`] and [`rootfs::merge`](crate::rootfs::merge).
    pub fn read(&self, reference: &Reference) -> Result<Inventory> {
        Inventory::new(self.open(reference)?, &self.owner_rules, self.observer)
    }

    /// Decides on every file of the image.
    ///
    /// # Errors
    /// If a glob of the user's is malformed, or a layer cannot be read any more.
    pub fn analyse(&self, image: Image) -> Result<Analysis> {
        let cache = self.take_cache()?;
        let original = Inventory::new(image, &self.owner_rules, self.observer)?;
        let input = original.image.reference.to_string();
        let refused = |reason: String| Error::Input { input: input.clone(), reason };
        let config = labels::counted(original.image.run_config(), self.choices);
        let launch = Launch::of(&config, &original.image.platform.architecture, &self.choices.entries);
        let globs = labels::globs(self.choices, &config.labels).map_err(refused)?;
        let tree = &original.merged.rootfs.tree;
        let mut matchers = Matchers::new(&self.profiles, &globs, launch.premises(tree), tree)?;
        if !self.choices.strip_rules {
            matchers.strip_rules.restrict(|_| false);
        }
        let reach = match self.choices.prune {
            true => Some(self.reach(&original, &launch, &matchers, &globs, cache.as_ref())?),
            false => None,
        };
        readable(&original, &input)?;
        if let Some(cache) = cache {
            staged(self.observer, Stage::Cache, || self.save(cache));
        }
        // An entry point that says nothing about what runs: whatever is there may be wanted.
        let edges = reach.as_ref().filter(|reach| reach.roots.keep_all.is_none()).map(|reach| &reach.edges);
        let (plan, notes) = staged(self.observer, Stage::Plan, || self.plan(&original, &launch, &mut matchers, edges))?;
        drop(matchers);
        readable(&original, &input)?;
        let edges = reach.as_ref().map(|reach| &reach.edges);
        labels::check_taken(tree, &plan, &launch, edges).map_err(refused)?;
        let (profiles, owner_rules) = (Arc::clone(&self.profiles), Arc::clone(&self.owner_rules));
        Ok(Analysis { original, launch, reach, plan, notes, profiles, owner_rules, choices: self.choices.clone() })
    }

    /// What the program reaches.
    fn reach(
        &self,
        original: &Inventory,
        launch: &Launch,
        matchers: &Matchers<'_>,
        globs: &[UserGlob],
        cache: Option<&Cache>,
    ) -> Result<Reach> {
        self.observer.began(Stage::Reach);
        let rootfs = &original.merged.rootfs;
        let keep: Vec<String> =
            globs.iter().filter(|glob| glob.wish() == Wish::Keep).map(|glob| glob.glob().to_owned()).collect();
        let profiles = self.profiles.iter().map(|loaded| &loaded.profile);
        let broken = |error: globset::Error| Error::Usage(error.to_string());
        let rules = reach::Rules::of_profiles(profiles).map_err(broken)?;
        let mut kept = vec![("--keep".to_owned(), reach::named_nodes(&rootfs.tree, &keep))];
        for tools in self.profiles.tools(&self.choices.tools)? {
            let nodes = reach::tools(&rootfs.tree, &original.owners, &launch.context, tools);
            kept.push((format!("--keep-tools {}", tools.id), nodes));
        }
        // A store path may be the user's own program as well as a library: it is read like the former.
        let mut baggage = matchers.baggage(&original.owners);
        let aside = original.owners.set_aside(Ecosystem::Nix);
        let owners = aside.as_ref().map_or(&original.owners, |(owners, stored)| {
            baggage.iter_mut().zip(stored).for_each(|(baggage, &stored)| *baggage |= stored);
            owners
        });
        let request = reach::Request {
            rootfs,
            ctx: &launch.context,
            owners,
            launch,
            baggage: &baggage,
            kept: &kept,
            assume: self.choices.assume,
            doubt: self.means.doubt,
            cache,
        };
        let identity = self.identity(&original.image);
        let reach = reach::analyse_again(&request, rules, identity.as_bytes()).map_err(broken)?;
        self.observer.ended(Stage::Reach);
        let extracting = reach.effort.extracting.as_secs_f64();
        let figure = format!("within reach: {extracting:.3} s for what {} files say", reach.effort.files);
        self.observer.measured(figure);
        Ok(reach)
    }

    /// Everything that decides on what is reached: the layers' contents, the config, the choices, the rules.
    fn identity(&self, image: &Image) -> String {
        let layers: Vec<&str> = image.layers.iter().map(|layer| layer.diff_id.as_str()).collect();
        let rules: Vec<&str> = self.profiles.iter().map(|loaded| loaded.text.as_str()).collect();
        let choices = self.choices;
        format!("{layers:?} {} {} {choices:?} {rules:?}", image.config, image.platform)
    }

    fn save(&self, cache: Cache) {
        let (found, new) = cache.found();
        self.observer.measured(format!("cache: {found} found, {new} new"));
        if let Err(error) = cache.save() {
            self.observer.warned(&error.to_string());
        }
    }

    /// The verdicts, and what to tell the user about them.
    fn plan(
        &self,
        original: &Inventory,
        launch: &Launch,
        matchers: &mut Matchers<'_>,
        edges: Option<&Edges>,
    ) -> Result<(Plan, Vec<String>)> {
        let (rootfs, owners, choices) = (&original.merged.rootfs, &original.owners, self.choices);
        let tree = &rootfs.tree;
        if let Some(edges) = edges {
            // Caches of a tool that the program may run stay.
            let programs = programs(tree, edges);
            let runs = |program: &String| programs.contains(program.as_bytes().as_bstr());
            matchers.strip_rules.restrict(|rule| !rule.unless_running.iter().any(runs));
        }
        let mut notes = Vec::new();
        let mut plan =
            plan::decide(&Inputs { rootfs, owners, reached: edges, matchers, launch, bytecode: choices.bytecode });
        if choices.strip_symbols {
            notes.extend(plan::symbols::strip(rootfs, &mut plan).notes());
        }
        let removes = tree.iter().any(|node| !plan.keeps(node)) || !plan.stripped.is_empty();
        if removes {
            notes.extend(plan::records::trim(rootfs, owners, &mut plan));
        }
        if choices.dedupe {
            plan::dedupe(rootfs, owners, &mut plan).map_err(Error::content("a layer cannot be read any more"))?;
        }
        notes.extend(uncompiled(plan.uncompiled));
        notes.extend(plan::idle_globs(matchers, tree, &plan));
        Ok((plan, notes))
    }
}

/// That programs start more slowly without byte code.
fn uncompiled(gone: Amount) -> Option<String> {
    let Amount { files, bytes } = gone;
    let modules = if files == 1 { "module that stays" } else { "modules that stay" };
    let what = format!("byte code of {files} Python {modules} ({}) goes", report::human(bytes));
    (files > 0).then(|| format!("{what}: Python compiles what it imports at every start; --bytecode keep leaves it"))
}

/// Ends the run if a layer could not be read for some file: what was found out without it counts for nothing.
fn readable(original: &Inventory, input: &str) -> Result<()> {
    original.merged.rootfs.unreadable().map_or(Ok(()), |(path, error)| {
        Err(Error::Input { input: input.to_owned(), reason: format!("{path} cannot be read any more: {error}") })
    })
}

/// The names of the reached files that can be executed.
pub(super) fn programs<'t>(tree: &'t Tree, edges: &Edges) -> BTreeSet<&'t BStr> {
    let runs = |node| !tree.inode(node).is_dir() && tree.inode(node).meta.mode & 0o111 != 0;
    tree.iter().filter(|&node| edges.is_reached(node) && runs(node)).map(|node| tree.name(node)).collect()
}

fn open_cache(dir: &CacheDir) -> Result<Cache> {
    Cache::open(&dir.path, dir.limit)
}
