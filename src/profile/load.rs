//! Reads profiles, checks them, and puts a run's set together.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::builtin::BUILTIN;
use super::glob::{check_glob, check_module_glob, check_path_glob};
use super::placeholder::without_placeholders;
use super::schema::{Language, OwnedRule, Profile, Trigger};
use super::source::{SourceMap, Step};
use crate::owners::Rule;
use crate::{Error, Result};

/// Where a profile comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the binary.
    Builtin,
    /// A file of the user's.
    File(PathBuf),
}

/// A profile and the text it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub profile: Profile,
    /// Where it comes from.
    pub origin: Origin,
    /// Its text.
    pub text: String,
}

impl Loaded {
    /// Reads a profile of the user's by itself.
    ///
    /// # Errors
    /// If the file cannot be read, breaks the schema, or gives an id twice.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).map_err(Error::io(file, "cannot read the profile"))?;
        let profile = parse(&display(file), &text)?;
        Uniqueness::default().add(&display(file), &text, &profile)?;
        Ok(Self { profile, origin: Origin::File(file.to_owned()), text })
    }

    /// Its ownership rules, ready for [`crate::owners::find`].
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn owner_rules(&self) -> Result<Vec<Rule>> {
        let compiled =
            |rule: &OwnedRule| rule.compile().map_err(|error| Error::Usage(format!("rule {}: {error}", rule.id)));
        self.profile.owned.iter().map(compiled).collect()
    }
}

/// The profiles of a run: the built-in ones in order of their names, then the user's in the order given.
#[derive(Clone, Debug, Default)]
pub struct ProfileSet {
    profiles: Vec<Loaded>,
    without: Vec<String>,
}

impl ProfileSet {
    /// The built-in profiles.
    ///
    /// # Errors
    /// If a built-in profile is broken, which a test rules out.
    pub fn builtin() -> Result<Self> {
        Self::load(&[], &[])
    }

    /// This profile and no other.
    pub fn of(loaded: Loaded) -> Self {
        Self { profiles: vec![loaded], without: Vec::new() }
    }

    /// The built-in profiles without those called `without`, plus those in `files`.
    ///
    /// # Errors
    /// If a file cannot be read, breaks the schema, or repeats a name or a rule's id; if there is no built-in
    /// profile of a name in `without`.
    pub fn load(without: &[String], files: &[PathBuf]) -> Result<Self> {
        if let Some(unknown) = without.iter().find(|name| !BUILTIN.iter().any(|(known, _)| known == name)) {
            let names: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
            return Err(Error::Usage(format!(
                "no built-in profile is called {unknown:?}; there are {}",
                names.join(", ")
            )));
        }
        let mut set = Self { profiles: Vec::new(), without: without.to_vec() };
        let mut check = Uniqueness::default();
        for (name, text) in BUILTIN {
            if !without.iter().any(|other| other == name) {
                set.add(Origin::Builtin, &format!("profiles/{name}.toml"), (*text).to_owned(), &mut check)?;
            }
        }
        for file in files {
            let text = std::fs::read_to_string(file).map_err(Error::io(file, "cannot read the profile"))?;
            set.add(Origin::File(file.clone()), &display(file), text, &mut check)?;
        }
        Ok(set)
    }

    fn add(&mut self, origin: Origin, label: &str, text: String, check: &mut Uniqueness) -> Result<()> {
        let mut profile = parse(label, &text)?;
        let builtin = origin == Origin::Builtin;
        profile.cut.iter_mut().for_each(|cut| cut.of_libraries = builtin);
        profile.conditional.iter_mut().for_each(|conditional| conditional.of_libraries = builtin);
        check.add(label, &text, &profile)?;
        self.profiles.push(Loaded { profile, origin, text });
        Ok(())
    }

    /// All profiles, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Loaded> + Clone {
        self.profiles.iter()
    }

    /// Leaves out the rules of these ids.
    ///
    /// # Errors
    /// If there is no such rule, or one that takes nothing away: without it only more would go.
    pub fn leave_out(&mut self, ids: &[String]) -> Result<()> {
        for id in ids {
            let before = self.taking().count();
            for Loaded { profile, .. } in &mut self.profiles {
                profile.strip.retain(|rule| rule.id != *id);
                profile.cut.retain(|rule| rule.id != *id);
                profile.conditional.retain(|rule| rule.id != *id);
            }
            if self.taking().count() == before {
                return Err(Error::Usage(self.not_left_out(id)));
            }
        }
        Ok(())
    }

    /// The ids of the rules by which something goes.
    fn taking(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().flat_map(|Loaded { profile, .. }| {
            let strip = profile.strip.iter().map(|rule| rule.id.as_str());
            let cut = profile.cut.iter().map(|rule| rule.id.as_str());
            strip.chain(cut).chain(profile.conditional.iter().map(|rule| rule.id.as_str()))
        })
    }

    fn not_left_out(&self, id: &str) -> String {
        let keeping = self.profiles.iter().any(|Loaded { profile, .. }| {
            profile.keep.iter().any(|rule| rule.id == id)
                || profile.implies.iter().any(|rule| rule.id == id)
                || profile.command.iter().any(|rule| rule.id == id)
                || profile.owned.iter().any(|rule| rule.id == id)
                || profile.host.iter().any(|rule| rule.id == id)
        });
        match keeping {
            true => format!("rule {id:?} takes nothing away, so there is no sense in leaving it out"),
            false => format!("no rule is called {id:?}; `bantam profiles show PROFILE` prints those of a profile"),
        }
    }

    /// The names of the built-in profiles that were left out, as they were given.
    pub fn without(&self) -> &[String] {
        &self.without
    }

    /// The ownership rules of all profiles, ready for [`crate::owners::find`].
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn owner_rules(&self) -> Result<Vec<Rule>> {
        let rules: Vec<Vec<Rule>> = self.iter().map(Loaded::owner_rules).collect::<Result<_>>()?;
        Ok(rules.concat())
    }

    /// The profile with this name.
    pub fn get(&self, name: &str) -> Option<&Loaded> {
        self.iter().find(|loaded| loaded.profile.name == name)
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

/// Reads one profile's text and checks it. `label` is its name in messages.
fn parse(label: &str, text: &str) -> Result<Profile> {
    let map = SourceMap::new(text);
    let wrong = |line: usize, reason: String| Error::Profile { origin: label.to_owned(), line, reason };
    let profile: Profile = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| map.line_at(span.start));
        wrong(line, error.message().replace('\n', " "))
    })?;
    let mut checker = Checker { map: &map, found: None };
    checker.check(&profile);
    match checker.found {
        Some((line, reason)) => Err(wrong(line, reason)),
        None => Ok(profile),
    }
}

/// How globs over the names of a language are checked.
fn glob_check(language: Language) -> fn(&str) -> Result<(), String> {
    match language {
        Language::Python => check_module_glob,
        Language::Elf => check_glob,
    }
}

/// Remembers the first mistake.
struct Checker<'a> {
    map: &'a SourceMap<'a>,
    found: Option<(usize, String)>,
}

impl Checker<'_> {
    fn check(&mut self, profile: &Profile) {
        let top = |key| [Step::Key(key)];
        self.text(&top("name"), "name", &profile.name);
        self.text(&top("description"), "description", &profile.description);
        for (i, rule) in profile.strip.iter().enumerate() {
            let at = [Step::Key("strip"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.text(&key(at, "category"), "category", &rule.category);
            self.not_empty(at, "globs", &rule.globs);
            self.paths(at, "globs", &rule.globs);
            self.paths(at, "except", &rule.except);
        }
        for (i, rule) in profile.keep.iter().enumerate() {
            let at = [Step::Key("keep"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.not_empty(at, "globs", &rule.globs);
            self.paths(at, "globs", &rule.globs);
        }
        for (i, rule) in profile.implies.iter().enumerate() {
            let at = [Step::Key("implies"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            let python = [Step::Key("implies"), Step::At(i), Step::Key("python")];
            for (field, globs) in [("modules", &rule.python.modules), ("submodules", &rule.python.submodules)] {
                self.each(&python, field, globs, check_module_glob);
            }
            let collected = rule.python.collected.iter();
            let collected: Vec<String> = collected
                .map(|glob| glob.strip_prefix("{named}").unwrap_or(glob))
                .filter(|glob| !glob.is_empty())
                .map(|glob| glob.replacen("{dir}", "/dir", 1).replacen("{above}", "/above", 1))
                .collect();
            self.each(&python, "collected", &collected, check_path_glob);
            let paths: Vec<String> =
                rule.paths.iter().map(|glob| glob.replacen("{dir}", "/dir", 1).replace("{name}", "name")).collect();
            self.paths(at, "paths", &paths);
            self.trigger([Step::Key("implies"), Step::At(i), Step::Key("when")], &rule.when);
        }
        for (i, rule) in profile.command.iter().enumerate() {
            let at = [Step::Key("command"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.not_empty(at, "programs", &rule.programs);
            self.not_empty(at, "paths", &rule.paths);
            let whole = |glob: &String| glob.strip_prefix("{operand}").map_or(glob.clone(), |rest| format!("/x{rest}"));
            let paths: Vec<String> = rule
                .paths
                .iter()
                .map(|glob| whole(glob).replace("{operand}", "x").replace("{template}", "x@"))
                .collect();
            self.each(&at, "paths", &paths, check_path_glob);
            self.each(&at, "passed_on_by", &rule.passed_on_by, check_path_glob);
            if rule.operand == 0 {
                self.wrong(&key(at, "operand"), "operand is 0: the first word is 1".into());
            }
        }
        for (i, rule) in profile.cut.iter().enumerate() {
            let at = [Step::Key("cut"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.names(at, rule.language, &rule.from, &rule.to);
        }
        for (i, rule) in profile.conditional.iter().enumerate() {
            let at = [Step::Key("conditional"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.names(at, rule.language, &rule.from, &rule.to);
            if rule.when == Trigger::default() {
                self.wrong(&key(at, "when"), "when is empty: a name that never counts is a [[cut]]".into());
            }
            for when in std::iter::once(&rule.when).chain(&rule.or_when) {
                self.trigger([Step::Key("conditional"), Step::At(i), Step::Key("when")], when);
            }
        }
        for (i, rule) in profile.owned.iter().enumerate() {
            let at = [Step::Key("owned"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.not_empty(at, "packages", &rule.packages);
            self.not_empty(at, "globs", &rule.globs);
            // No placeholders here: owners are found before the config matters.
            self.each(&at, "globs", &rule.globs, check_path_glob);
        }
        for (i, rule) in profile.host.iter().enumerate() {
            let at = [Step::Key("host"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.not_empty(at, "libraries", &rule.libraries);
            self.each(&at, "libraries", &rule.libraries, check_glob);
        }
        for (i, rule) in profile.tools.iter().enumerate() {
            let at = [Step::Key("tools"), Step::At(i)];
            self.rule(at, &rule.id, &rule.reason);
            self.not_empty(at, "commands", &rule.commands);
            self.each(&at, "paths", &rule.paths, check_path_glob);
        }
    }

    fn names(&mut self, at: [Step<'_>; 2], language: Language, from: &[String], to: &[String]) {
        self.not_empty(at, "from", from);
        self.not_empty(at, "to", to);
        self.each(&at, "from", from, glob_check(language));
        self.each(&at, "to", to, glob_check(language));
    }

    fn trigger(&mut self, at: [Step<'_>; 3], when: &Trigger) {
        self.each(&at, "path", &when.path, check_path_glob);
        let python = [at[0], at[1], at[2], Step::Key("python")];
        let modules = [
            ("module", &when.python.module),
            ("with_module", &when.python.with_module),
            ("imported", &when.python.imported),
        ];
        for (field, globs) in modules {
            self.each(&python, field, globs, check_module_glob);
        }
        let elf = [at[0], at[1], at[2], Step::Key("elf")];
        let globs = [("soname", &when.elf.soname), ("symbol", &when.elf.symbol), ("except", &when.elf.except)];
        for (field, globs) in globs {
            self.each(&elf, field, globs, check_glob);
        }
    }

    fn wrong(&mut self, place: &[Step<'_>], reason: String) {
        let line = self.map.line_of(place);
        if self.found.as_ref().is_none_or(|(first, _)| line < *first) {
            self.found = Some((line, reason));
        }
    }

    fn text(&mut self, place: &[Step<'_>], field: &str, value: &str) {
        if value.trim().is_empty() {
            self.wrong(place, format!("{field} is empty"));
        }
    }

    fn rule(&mut self, at: [Step<'_>; 2], id: &str, reason: &str) {
        let kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || !id.bytes().all(kebab) {
            self.wrong(&key(at, "id"), format!("bad id {id:?}: lower-case letters, digits and hyphens only"));
        }
        self.text(&key(at, "reason"), "reason", reason);
    }

    fn not_empty(&mut self, at: [Step<'_>; 2], field: &str, globs: &[String]) {
        if globs.is_empty() {
            self.wrong(&key(at, field), format!("{field} is empty, so the rule never applies"));
        }
    }

    fn paths(&mut self, at: [Step<'_>; 2], field: &str, globs: &[String]) {
        self.each(&at, field, globs, |glob| check_path_glob(&without_placeholders(glob)));
    }

    fn each(&mut self, at: &[Step<'_>], field: &str, globs: &[String], check: fn(&str) -> Result<(), String>) {
        for (i, glob) in globs.iter().enumerate() {
            if let Err(reason) = check(glob) {
                let place: Vec<Step<'_>> = at.iter().copied().chain([Step::Key(field), Step::At(i)]).collect();
                self.wrong(&place, reason);
            }
        }
    }
}

fn key<'a>(at: [Step<'a>; 2], field: &'a str) -> [Step<'a>; 3] {
    [at[0], at[1], Step::Key(field)]
}

/// Names of profiles and ids of rules seen so far, and where.
#[derive(Default)]
struct Uniqueness {
    profiles: HashMap<String, String>,
    rules: HashMap<String, String>,
}

impl Uniqueness {
    fn add(&mut self, label: &str, text: &str, profile: &Profile) -> Result<()> {
        let map = SourceMap::new(text);
        let wrong = |line: usize, reason: String| Error::Profile { origin: label.to_owned(), line, reason };
        let line = map.line_of(&[Step::Key("name")]);
        if let Some(other) = self.profiles.insert(profile.name.clone(), format!("{label}:{line}")) {
            let name = &profile.name;
            let reason =
                format!("there is a profile {name:?} already, at {other}; `--no-profile {name}` leaves it out");
            return Err(wrong(line, reason));
        }
        for (section, ids) in profile.sections() {
            for (i, id) in ids.into_iter().enumerate() {
                let line = map.line_of(&[Step::Key(section), Step::At(i), Step::Key("id")]);
                if let Some(other) = self.rules.insert(id.to_owned(), format!("{label}:{line}")) {
                    return Err(wrong(line, format!("duplicate id {id:?}: there is a rule of that id at {other}")));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_list_is_the_folder_and_loads() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
            .collect();
        files.sort();
        let listed: Vec<&str> = BUILTIN.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, files);
        let set = ProfileSet::builtin().unwrap();
        let named: Vec<&str> = set.iter().map(|loaded| loaded.profile.name.as_str()).collect();
        assert_eq!(named, listed, "a profile's name is its file's stem");
    }

    fn error(text: &str) -> String {
        parse("p.toml", text).unwrap_err().to_string()
    }

    const HEAD: &str = "name = 'p'\ndescription = 'd'\n";

    #[test]
    fn mistakes_are_named_with_their_line() {
        assert!(error("name = 'p'\ndescription = 'd'\ncolour = 1\n").starts_with("p.toml:3: unknown field `colour`"));
        assert!(error("name = 'p'\ndescription = \n").starts_with("p.toml:2: "));
        let rule = |body: &str| error(&format!("{HEAD}[[strip]]\n{body}"));
        let ok = "id = 'a'\ncategory = 'c'\n";
        assert!(rule(&format!("{ok}globs = ['/x']\nreason = ' '\n")).starts_with("p.toml:7: reason is empty"));
        assert!(rule(&format!("{ok}globs = [\n'/x',\n'/[x',\n]\nreason = 'r'\n")).starts_with("p.toml:8: bad glob"));
        assert!(rule(&format!("{ok}globs = ['x']\nreason = 'r'\n")).starts_with("p.toml:6: bad glob \"x\""));
        assert!(rule(&format!("{ok}globs = []\nreason = 'r'\n")).starts_with("p.toml:6: globs is empty"));
        assert!(rule("id = 'A b'\ncategory = 'c'\nglobs = ['/x']\nreason = 'r'\n").starts_with("p.toml:4: bad id"));
        assert!(
            rule(&format!("{ok}globs = ['/x']\nonly = ['odd']\nreason = 'r'\n"))
                .starts_with("p.toml:7: unknown variant")
        );
        let cut =
            error(&format!("{HEAD}[[cut]]\nid = 'a'\nlanguage = 'python'\nfrom = ['a/b']\nto = ['c']\nreason = 'r'\n"));
        assert!(cut.starts_with("p.toml:6: bad module glob"), "{cut}");
    }

    #[test]
    fn ids_and_names_are_unique_over_all_profiles() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let keep = "[[keep]]\nid = 'same'\nglobs = ['/x']\nreason = 'r'\n";
        let one = write("one.toml", &format!("name = 'one'\ndescription = 'd'\n{keep}"));
        let two = write("two.toml", &format!("name = 'two'\ndescription = 'd'\n{keep}"));
        assert!(ProfileSet::load(&[], std::slice::from_ref(&one)).is_ok());
        let error = ProfileSet::load(&[], &[one.clone(), two]).unwrap_err().to_string();
        assert!(error.contains("two.toml:4: duplicate id \"same\"") && error.contains("one.toml:4"), "{error}");
        let error = ProfileSet::load(&[], &[one.clone(), one]).unwrap_err().to_string();
        assert!(error.contains("already"), "{error}");
        let builtin = write("docs.toml", "name = 'docs'\ndescription = 'mine'\n");
        assert!(ProfileSet::load(&[], std::slice::from_ref(&builtin)).is_err());
        let set = ProfileSet::load(&["docs".to_owned()], &[builtin]).unwrap();
        assert_eq!(set.get("docs").unwrap().profile.description, "mine");
        let error = ProfileSet::load(&["nosuch".to_owned()], &[]).unwrap_err().to_string();
        assert!(error.contains("nosuch") && error.contains("docs"), "{error}");
    }
}
