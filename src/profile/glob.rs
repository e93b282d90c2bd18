//! Globs over absolute paths and over dotted module names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use globset::{Candidate, Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

fn compile(pattern: &str) -> Result<Glob, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map_err(|error| format!("bad glob {pattern:?}: {}", error.kind()))
}

/// Whether `pattern` is a path glob that could ever match.
///
/// # Errors
/// What is wrong with it, as one line.
pub fn check_path_glob(pattern: &str) -> Result<(), String> {
    if !(pattern.starts_with('/') || pattern.starts_with("**/")) {
        return Err(format!("bad glob {pattern:?}: paths are absolute, so it must begin with / or **/"));
    }
    if pattern.len() > 1 && pattern.ends_with('/') {
        return Err(format!("bad glob {pattern:?}: it ends in /, which no path does; for all that is below write /**"));
    }
    compile(pattern).map(drop)
}

/// Whether `pattern` is a glob at all: over sonames or symbols, say.
///
/// # Errors
/// What is wrong with it, as one line.
pub fn check_glob(pattern: &str) -> Result<(), String> {
    compile(pattern).map(drop)
}

/// Path globs of several rules, matched together.
#[derive(Clone, Debug)]
pub struct GlobIndex {
    set: GlobSet,
    /// Which rule each glob belongs to; ascending.
    rule: Vec<usize>,
}

impl GlobIndex {
    /// Compiles `(rule, glob)` pairs. The rules have to come in ascending order.
    ///
    /// # Errors
    /// The first glob that does not compile, and why.
    pub fn new<'a>(globs: impl IntoIterator<Item = (usize, &'a str)>) -> Result<Self, String> {
        let mut builder = GlobSetBuilder::new();
        let mut rule = Vec::new();
        for (index, pattern) in globs {
            builder.add(compile(pattern)?);
            rule.push(index);
        }
        let set = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { set, rule })
    }

    /// The rules that match `path`, ascending, each once.
    pub fn matches(&self, path: &[u8]) -> Vec<usize> {
        if self.set.is_empty() {
            return Vec::new();
        }
        let mut found = self.set.matches_candidate(&candidate(path));
        for at in &mut found {
            *at = self.rule.get(*at).copied().unwrap_or_default();
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn candidate(path: &[u8]) -> Candidate<'_> {
    Candidate::new(OsStr::from_bytes(path))
}

/// A set of path globs, where `*` and `?` stop at `/` and `**` does not. Works for plain names too.
#[derive(Clone, Debug)]
pub struct PathGlobs(GlobSet);

impl PathGlobs {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// The first glob that does not compile, and why.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, String> {
        let mut builder = GlobSetBuilder::new();
        for pattern in patterns {
            builder.add(compile(pattern.as_ref())?);
        }
        builder.build().map(Self).map_err(|error| error.to_string())
    }

    /// Whether any glob matches.
    pub fn is_match(&self, path: impl AsRef<[u8]>) -> bool {
        !self.0.is_empty() && self.0.is_match_candidate(&candidate(path.as_ref()))
    }

    /// Whether there is no glob at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether `pattern` is a glob over dotted module names.
///
/// # Errors
/// What is wrong with it, as one line.
pub fn check_module_glob(pattern: &str) -> Result<(), String> {
    module_glob(pattern).map(drop)
}

fn module_glob(pattern: &str) -> Result<Glob, String> {
    if pattern.contains('/') {
        return Err(format!("bad module glob {pattern:?}: the parts of a module's name are separated by dots"));
    }
    compile(&pattern.replace('.', "/"))
}

/// A set of globs over dotted module names, where `*` and `?` stop at `.` and `**` does not.
#[derive(Clone, Debug)]
pub struct ModuleGlobs(Vec<GlobMatcher>);

impl ModuleGlobs {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// The first glob that does not compile, and why.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, String> {
        // There is hardly ever more than one, for which a set takes several times as long to build.
        let matcher = |pattern: S| module_glob(pattern.as_ref()).map(|glob| glob.compile_matcher());
        patterns.into_iter().map(matcher).collect::<Result<_, _>>().map(Self)
    }

    /// Whether any glob matches the dotted name.
    pub fn is_match(&self, module: &str) -> bool {
        let path = module.replace('.', "/");
        self.0.iter().any(|glob| glob.is_match(&path))
    }

    /// Whether there is no glob at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_separators() {
        let paths = PathGlobs::new(["/usr/share/man/*", "**/tests/**"]).unwrap();
        assert!(paths.is_match("/usr/share/man/man1"));
        assert!(!paths.is_match("/usr/share/man/man1/ls.1"));
        assert!(paths.is_match("/a/b/tests/c/d"));
        assert!(paths.is_match("/tests/c"));
        assert!(!paths.is_match("/a/tests"));
        assert!(paths.is_match(b"/tests/not-utf8-\xff\n"));
        let modules = ModuleGlobs::new(["celery.app.*", "numpy.**"]).unwrap();
        assert!(modules.is_match("celery.app.base"));
        assert!(!modules.is_match("celery.app.base.x"));
        assert!(modules.is_match("numpy.core.x"));
        assert!(!modules.is_match("numpyx.core"));
        assert!(!modules.is_match("numpy"));
    }

    #[test]
    fn globs_that_cannot_match_are_errors() {
        assert!(check_path_glob("/usr/**").is_ok());
        assert!(check_path_glob("**/x").is_ok());
        for bad in ["usr/**", "*.map", "/usr/[", "/usr/", ""] {
            assert!(check_path_glob(bad).unwrap_err().contains("bad glob"), "{bad}");
        }
        assert!(ModuleGlobs::new(["a/b"]).is_err());
    }

    #[test]
    fn an_index_names_each_rule_once_in_order() {
        let index = GlobIndex::new([(0, "/a/**"), (0, "/a/*"), (2, "**/b"), (5, "/c")]).unwrap();
        assert_eq!(index.matches(b"/a/b"), [0, 2]);
        assert_eq!(index.matches(b"/c"), [5]);
        assert!(index.matches(b"/d").is_empty());
    }
}
