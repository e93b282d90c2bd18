//! `bantam profiles test`: what the rules of a profile do.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bantam::analysis::{Analyst, Choices, Folder, Means, Section, Trial, Tried};
use bantam::image::Reference;
use bantam::profile::{Loaded, ProfileSet};
use bantam::report::{Sums, human, printable};

use super::args::{General, ProfileTest};
use super::exit::{Exit, Failure};
use super::terminal;
use super::watch::Watch;

/// Checks the profile, then tries it on what was named. `more` are profiles that apply besides the built-in ones.
pub fn run(args: &ProfileTest, more: &[PathBuf], general: &General) -> Result<Exit, Failure> {
    let loaded = Loaded::read(&args.file)?;
    // A profile that has the name of a built-in one is to replace it.
    let replaced = ProfileSet::builtin()?.get(&loaded.profile.name).map(|builtin| builtin.profile.name.clone());
    let choices = Choices {
        profiles: [more, std::slice::from_ref(&args.file)].concat(),
        without_profiles: replaced.into_iter().collect(),
        ..Choices::default()
    };
    let others = ProfileSet::load(&choices.without_profiles, more)?;
    ProfileSet::load(&choices.without_profiles, &choices.profiles)?;
    let mut out = terminal::stdout();
    if let Some(name) = choices.without_profiles.first() {
        writeln!(out, "in the place of the built-in profile {name}")?;
    }
    match (&args.image, &args.tree) {
        (Some(image), _) => on_image(&loaded, &others, image, &choices, general, &mut out)?,
        (None, Some(dir)) => on_tree(&loaded, &others, dir, &mut out)?,
        (None, None) => {
            let profile = &loaded.profile;
            let rules: usize = profile.sections().iter().map(|(_, ids)| ids.len()).sum();
            writeln!(out, "{}: {rules} rules, no mistakes; --image or --tree says what they do", profile.name)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn on_image(
    loaded: &Loaded,
    others: &ProfileSet,
    image: &str,
    choices: &Choices,
    general: &General,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (means, watch) = (Means::default(), Watch::untimed(general));
    let analyst = Analyst::new(choices, &means, &watch)?;
    let image = analyst.open(&Reference::parse(image)?)?;
    let analysis = analyst.analyse(image)?;
    if let Some(why) = analysis.reach.as_ref().and_then(|reach| reach.roots.keep_all.as_deref()) {
        writeln!(out, "pruning is off: {}", printable(why.into()))?;
    }
    print(&Trial::on_image(loaded, others, &analysis)?, out)?;
    Ok(())
}

fn on_tree(loaded: &Loaded, others: &ProfileSet, dir: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::read(dir)?;
    if folder.left_out > 0 {
        terminal::message(&format!("{} files cannot be read and are left out", folder.left_out));
    }
    print(&Trial::on_tree(loaded, others, &folder.merged.rootfs)?, out)?;
    Ok(())
}

fn print(trial: &Trial, out: &mut impl Write) -> io::Result<()> {
    for rule in &trial.rules {
        writeln!(out, "{:<11} {}: {}", rule.section.as_str(), rule.id, outcome(rule))?;
        for path in rule.names.iter().flat_map(|names| &names.first) {
            writeln!(out, "    {}", printable(path.as_ref()))?;
        }
        let more = rule.names.as_ref().map_or(0, |names| names.sums.files - names.first.len() as u64);
        if more > 0 {
            writeln!(out, "    and {more} more")?;
        }
        for taken in rule.taken_back.iter().flatten() {
            let line = format!("{} in {}", taken.to, taken.from);
            writeln!(out, "    {}", printable(line.as_str().into()))?;
        }
        for warning in &rule.warnings {
            writeln!(out, "    warning: {}", printable(warning.as_str().into()))?;
        }
    }
    Ok(())
}

fn outcome(rule: &Tried) -> String {
    match (rule.section, &rule.names) {
        (Section::Conditional, _) if rule.fired == Some(true) => "its condition is met".into(),
        (Section::Cut | Section::Conditional, _) => match rule.taken_back.as_ref().map(Vec::len) {
            None => "no mistakes; --image says what it takes back".into(),
            Some(0) => "takes back nothing".into(),
            Some(1) => "takes back 1 name".into(),
            Some(count) => format!("takes back {count} names"),
        },
        (_, None) => "no mistakes; --image says what it brings in".into(),
        (Section::Implies, Some(_)) if rule.fired == Some(false) => "is not set off".into(),
        (Section::Implies, Some(names)) if names.sums.files == 0 => {
            "is set off, and brings in nothing that is not reached without it".into()
        }
        (Section::Implies, Some(names)) => format!("brings in {}", amount(names.sums)),
        (Section::Command, Some(names)) => format!("brings in {}", amount(names.sums)),
        (Section::Owned, Some(names)) => format!("finds the owner of {}", amount(names.sums)),
        (section, Some(names)) => {
            let fate = if section == Section::Strip { "removes" } else { "keeps" };
            let decides = rule.decides.map(|sums| format!("; {fate} {}", amount(sums)));
            format!("names {}{}", amount(names.sums), decides.unwrap_or_default())
        }
    }
}

fn amount(sums: Sums) -> String {
    let files = if sums.files == 1 { "file" } else { "files" };
    format!("{} {files}, {}", sums.files, human(sums.bytes))
}
