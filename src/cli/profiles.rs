//! `bantam profiles`.

use std::io::Write;

use bantam::profile::{Loaded, Origin, ProfileSet};

use super::args::{General, Profiles, ProfilesCommand};
use super::exit::{Exit, Failure};
use super::profile_test;
use super::terminal;

/// Lists profiles, prints one, or tries one.
pub fn run(args: &Profiles, general: &General) -> Result<Exit, Failure> {
    if let Some(ProfilesCommand::Test(test)) = &args.command {
        return profile_test::run(test, &args.profile, general);
    }
    let profiles = ProfileSet::load(&[], &args.profile)?;
    let mut out = terminal::stdout();
    match &args.command {
        Some(ProfilesCommand::Show { name }) => {
            let Some(loaded) = profiles.get(name) else {
                let names: Vec<&str> = profiles.iter().map(|loaded| loaded.profile.name.as_str()).collect();
                let message = format!("no profile is called {name:?}; there are {}", names.join(", "));
                return Err(bantam::Error::Usage(message).into());
            };
            out.write_all(loaded.text.as_bytes())?;
        }
        Some(ProfilesCommand::Test(_)) | None => {
            for loaded in profiles.iter() {
                list(loaded, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn list(loaded: &Loaded, out: &mut impl Write) -> std::io::Result<()> {
    let profile = &loaded.profile;
    let sections = profile.sections().into_iter().filter(|(_, ids)| !ids.is_empty());
    let counts: Vec<String> = sections.map(|(what, ids)| format!("{} {what}", ids.len())).collect();
    let origin = match &loaded.origin {
        Origin::Builtin => String::new(),
        Origin::File(path) => format!(", {}", path.display()),
    };
    writeln!(out, "{} ({}{origin})\n    {}", profile.name, counts.join(", "), profile.description)
}
