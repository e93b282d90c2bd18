//! Globs of the user's: `--keep`, `--strip`, and labels of the image that say the same.

use std::sync::Arc;

use bstr::BStr;

use super::glob::{PathGlobs, check_path_glob};
use crate::rootfs::Tree;
use crate::{Error, Result};

/// What a glob of the user's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// What it names stays.
    Keep,
    /// What it names goes.
    Strip,
}

/// Where a glob of the user's stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Given {
    /// In an option on the command line.
    Option,
    /// In a label of the image.
    Label,
}

/// A glob of the user's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserGlob {
    wish: Wish,
    given: Given,
    /// Where it stands and the glob, as reports name it.
    text: Box<str>,
}

impl UserGlob {
    /// This glob, for this purpose, from there.
    pub fn new(wish: Wish, given: Given, glob: &str) -> Self {
        Self { wish, given, text: format!("{} {glob}", place(wish, given)).into() }
    }

    /// What it is for.
    pub fn wish(&self) -> Wish {
        self.wish
    }

    /// Where it stands.
    pub fn given(&self) -> Given {
        self.given
    }

    /// The option or the label that it stands in: `--keep`, `label bantam.keep`.
    pub fn place(&self) -> &'static str {
        place(self.wish, self.given)
    }

    /// The glob itself.
    pub fn glob(&self) -> &str {
        self.text.get(self.place().len() + 1..).unwrap_or_default()
    }

    /// What reports call it: `--keep GLOB`, `label bantam.keep GLOB`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// With symlinks in its literal leading directories followed: see [`canonical_glob`].
    pub fn canonical(&self, tree: &Tree) -> Self {
        Self::new(self.wish, self.given, &canonical_glob(tree, self.glob()))
    }
}

fn place(wish: Wish, given: Given) -> &'static str {
    match (wish, given) {
        (Wish::Keep, Given::Option) => "--keep",
        (Wish::Strip, Given::Option) => "--strip",
        (Wish::Keep, Given::Label) => "label bantam.keep",
        (Wish::Strip, Given::Label) => "label bantam.strip",
    }
}

/// What names a file, where a verdict rests on that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedBy {
    /// A rule of a profile, by its id.
    Profile(Box<str>),
    /// A glob of the user's.
    User(Arc<UserGlob>),
}

impl NamedBy {
    /// What reports call it: the rule's id, or [`UserGlob::as_str`].
    pub fn as_str(&self) -> &str {
        match self {
            Self::Profile(id) => id,
            Self::User(glob) => glob.as_str(),
        }
    }

    /// Whether it is the user's own glob.
    pub fn is_users(&self) -> bool {
        matches!(self, Self::User(_))
    }
}

/// A rule of a profile, by its id.
impl From<&str> for NamedBy {
    fn from(id: &str) -> Self {
        Self::Profile(id.into())
    }
}

impl From<&Arc<UserGlob>> for NamedBy {
    fn from(glob: &Arc<UserGlob>) -> Self {
        Self::User(glob.clone())
    }
}

/// Globs of one [`Wish`], compiled: each names a file, or a directory with all that is below it.
#[derive(Clone, Debug)]
pub struct UserGlobs {
    globs: PathGlobs,
    list: Vec<(Arc<UserGlob>, PathGlobs)>,
}

impl UserGlobs {
    /// Compiles the globs in the order in which they count.
    ///
    /// # Errors
    /// The first bad one.
    pub fn new(globs: impl IntoIterator<Item = UserGlob>) -> Result<Self> {
        let both = |glob: &str| {
            let glob = glob.trim_end_matches('/');
            [if glob.is_empty() { "/" } else { glob }.to_owned(), format!("{glob}/**")]
        };
        let mut list = Vec::new();
        for glob in globs {
            let usage = |reason| Error::Usage(format!("{}: {reason}", glob.place()));
            let text = glob.glob();
            check_path_glob(if text.len() > 1 { text.trim_end_matches('/') } else { text }).map_err(usage)?;
            let compiled = PathGlobs::new(both(text)).map_err(usage)?;
            list.push((Arc::new(glob), compiled));
        }
        let globs = PathGlobs::new(list.iter().flat_map(|(glob, _)| both(glob.glob()))).map_err(Error::Usage)?;
        Ok(Self { globs, list })
    }

    /// The globs, in order.
    pub fn iter(&self) -> impl Iterator<Item = &UserGlob> {
        self.list.iter().map(|(glob, _)| glob.as_ref())
    }

    /// The first glob that names `path`.
    pub fn find(&self, path: &BStr) -> Option<&Arc<UserGlob>> {
        if !self.globs.is_match(path) {
            return None;
        }
        self.list.iter().find(|(_, globs)| globs.is_match(path)).map(|(glob, _)| glob)
    }
}

/// The glob with symlinks in its literal leading directories followed: whoever writes `/bin/x` means `/usr/bin/x`
/// where `/bin` is a symlink.
pub fn canonical_glob(tree: &Tree, glob: &str) -> String {
    let literal = glob.find(['*', '?', '[', '{', '\\']).unwrap_or(glob.len());
    // The last part may be a symlink that is meant itself.
    let Some(end) = glob[..literal].rfind('/') else { return glob.to_owned() };
    let (dir, rest) = glob.split_at(end);
    match tree.follow(dir) {
        Some(node) if node != Tree::ROOT => match std::str::from_utf8(&tree.path(node)) {
            Ok(path) => globset::escape(path) + rest,
            Err(_) => glob.to_owned(),
        },
        _ => glob.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn user_globs_follow_symlinked_directories() {
        let tree = Builder::new().file("/usr/bin/x", b"").symlink("/bin", "usr/bin").dir("/a*").build().tree;
        assert_eq!(canonical_glob(&tree, "/bin/x"), "/usr/bin/x");
        assert_eq!(canonical_glob(&tree, "/bin/*"), "/usr/bin/*");
        assert_eq!(canonical_glob(&tree, "/bin"), "/bin");
        assert_eq!(canonical_glob(&tree, "/none/*"), "/none/*");
        assert_eq!(canonical_glob(&tree, "**/x"), "**/x");
    }

    #[test]
    fn a_glob_knows_where_it_stands() {
        let tree = Builder::new().file("/usr/bin/x", b"").symlink("/bin", "usr/bin").build().tree;
        let glob = UserGlob::new(Wish::Strip, Given::Label, "/bin/x").canonical(&tree);
        assert_eq!((glob.as_str(), glob.glob()), ("label bantam.strip /usr/bin/x", "/usr/bin/x"));
        assert_eq!(UserGlob::new(Wish::Keep, Given::Option, "/a b").as_str(), "--keep /a b");
    }

    #[test]
    fn bad_globs_of_the_user_name_the_place() {
        let error = |given| UserGlobs::new([UserGlob::new(Wish::Strip, given, "*.map")]).unwrap_err().to_string();
        assert!(error(Given::Option).starts_with("--strip: bad glob \"*.map\""), "{}", error(Given::Option));
        assert!(error(Given::Label).starts_with("label bantam.strip: bad glob"), "{}", error(Given::Label));
    }
}
