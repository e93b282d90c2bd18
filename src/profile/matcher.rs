//! The strip and keep rules of a run, compiled.

use bstr::BStr;

use super::glob::GlobIndex;
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
    /// Each rule, and whether it is on.
    rules: Vec<(StripRule, bool)>,
    globs: GlobIndex,
    except: GlobIndex,
}

impl StripMatcher {
    /// The strip rules of `profiles`, in order, all of them on.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub fn new(profiles: &ProfileSet, variables: &Variables) -> Result<Self> {
        let all = profiles.iter().flat_map(|loaded| &loaded.profile.strip);
        let rules: Vec<(StripRule, bool)> = all.map(|rule| (rule.clone(), true)).collect();
        let each = |pick: fn(&StripRule) -> &Vec<String>| {
            let numbered = rules.iter().enumerate();
            let globs = numbered.flat_map(|(i, (rule, _))| pick(rule).iter().map(move |glob| (i, glob)));
            index(globs, variables)
        };
        let (globs, except) = (each(|rule| &rule.globs)?, each(|rule| &rule.except)?);
        Ok(Self { rules, globs, except })
    }

    /// Turns the rules off for which `applies` is false. None comes on again.
    pub fn restrict(&mut self, applies: impl Fn(&StripRule) -> bool) {
        for (rule, on) in &mut self.rules {
            *on = *on && applies(rule);
        }
    }

    /// The rules that are on and name `path`, in order; their conditions are not looked at.
    pub fn matches(&self, path: &BStr) -> Vec<&StripRule> {
        let mut found = self.globs.matches(path);
        if !found.is_empty() {
            let except = self.except.matches(path);
            found.retain(|rule| except.binary_search(rule).is_err());
        }
        found.into_iter().filter_map(|rule| self.rules.get(rule)).filter(|(_, on)| *on).map(|(rule, _)| rule).collect()
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
