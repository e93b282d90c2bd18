//! The strip and keep rules of a run, compiled.

use bstr::BStr;

use super::glob::{GlobIndex, PathGlobs};
use super::load::ProfileSet;
use super::placeholder::Variables;
use super::schema::{KeepRule, StripRule};
use crate::{Error, Result};

fn index<'a>(globs: impl Iterator<Item = (usize, &'a String)>, variables: &Variables) -> Result<GlobIndex> {
    let expanded: Vec<(usize, String)> =
        globs.flat_map(|(rule, glob)| variables.expand(glob).into_iter().map(move |glob| (rule, glob))).collect();
    GlobIndex::new(expanded.iter().map(|(rule, glob)| (*rule, glob.as_str()))).map_err(Error::Usage)
}

/// Finds the strip rules whose globs name a path.
#[derive(Clone, Debug)]
pub struct StripMatcher {
    rules: Vec<StripRule>,
    globs: GlobIndex,
    except: GlobIndex,
}

impl StripMatcher {
    /// The strip rules of `profiles` that `applies` lets through, in order.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn new(profiles: &ProfileSet, variables: &Variables, applies: impl Fn(&StripRule) -> bool) -> Result<Self> {
        let all = profiles.iter().flat_map(|loaded| &loaded.profile.strip);
        let rules: Vec<StripRule> = all.filter(|rule| applies(rule)).cloned().collect();
        let each = |pick: fn(&StripRule) -> &Vec<String>| {
            index(
                rules.iter().enumerate().flat_map(|(i, rule)| pick(rule).iter().map(move |glob| (i, glob))),
                variables,
            )
        };
        let (globs, except) = (each(|rule| &rule.globs)?, each(|rule| &rule.except)?);
        Ok(Self { rules, globs, except })
    }

    /// The rules that name `path`, in order; their conditions are not looked at.
    pub fn matches(&self, path: &BStr) -> Vec<&StripRule> {
        let mut found = self.globs.matches(path);
        if !found.is_empty() {
            let except = self.except.matches(path);
            found.retain(|rule| except.binary_search(rule).is_err());
        }
        found.into_iter().filter_map(|rule| self.rules.get(rule)).collect()
    }

    /// All rules.
    pub fn rules(&self) -> &[StripRule] {
        &self.rules
    }
}

/// Finds the first keep rule that names a path.
#[derive(Clone, Debug)]
pub struct KeepMatcher {
    rules: Vec<KeepRule>,
    globs: GlobIndex,
}

impl KeepMatcher {
    /// The keep rules of `profiles`, in order; those that hold without condition first.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn new(profiles: &ProfileSet, variables: &Variables) -> Result<Self> {
        let mut rules: Vec<KeepRule> = profiles.iter().flat_map(|loaded| loaded.profile.keep.clone()).collect();
        rules.sort_by_key(|rule| rule.with_owner);
        let globs = rules.iter().enumerate().flat_map(|(i, rule)| rule.globs.iter().map(move |glob| (i, glob)));
        let globs = index(globs, variables)?;
        Ok(Self { rules, globs })
    }

    /// The rule that keeps `path`.
    pub fn find(&self, path: &BStr) -> Option<&KeepRule> {
        self.globs.matches(path).first().and_then(|&rule| self.rules.get(rule))
    }
}

/// `--keep` and `--strip`: globs that name a file, or a directory with all that is below it.
#[derive(Clone, Debug)]
pub struct UserGlobs {
    globs: PathGlobs,
    list: Vec<(String, PathGlobs)>,
}

impl UserGlobs {
    /// Compiles the globs as the user wrote them.
    ///
    /// # Errors
    /// The first bad one.
    pub fn new(option: &str, globs: &[String]) -> Result<Self> {
        let usage = |reason| Error::Usage(format!("{option}: {reason}"));
        let both = |glob: &String| {
            let glob = glob.trim_end_matches('/');
            [if glob.is_empty() { "/" } else { glob }.to_owned(), format!("{glob}/**")]
        };
        let mut list = Vec::new();
        for glob in globs {
            let plain = if glob.len() > 1 { glob.trim_end_matches('/') } else { glob };
            super::check_path_glob(plain).map_err(usage)?;
            list.push((glob.clone(), PathGlobs::new(both(glob)).map_err(usage)?));
        }
        let globs = PathGlobs::new(globs.iter().flat_map(both)).map_err(usage)?;
        Ok(Self { globs, list })
    }

    /// The globs, as written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(glob, _)| glob.as_str())
    }

    /// The glob that names `path`, as written.
    pub fn find(&self, path: &BStr) -> Option<&str> {
        if !self.globs.is_match(path) {
            return None;
        }
        self.list.iter().find(|(_, globs)| globs.is_match(path)).map(|(glob, _)| glob.as_str())
    }
}
