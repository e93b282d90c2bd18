//! By what an image was made, said in annotations of its manifest: whoever would make it once more can tell that it is there.

use std::collections::BTreeMap;

use super::manifest::BASE_DIGEST;

/// The version that made the image.
const VERSION: &str = "bantam.version";
/// A digest of all that decides about the image's bytes besides the original and the version.
const RECIPE: &str = "bantam.recipe";

/// All that decides about an image's bytes, besides the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Version of bantam.
    pub version: String,
    /// Digest of the rest: options, the texts of all rules, compression, time.
    pub digest: String,
}

impl Recipe {
    /// Says it in annotations; what the original's say of how that was made does not hold for the new image.
    pub(super) fn annotate(recipe: Option<&Self>, annotations: &mut BTreeMap<String, String>) {
        annotations.remove(VERSION);
        annotations.remove(RECIPE);
        if let Some(Self { version, digest }) = recipe {
            annotations.insert(VERSION.into(), version.clone());
            annotations.insert(RECIPE.into(), digest.clone());
        }
    }

    /// Whether a manifest with these annotations says that it was made by this.
    pub fn made(&self, annotations: &BTreeMap<String, String>) -> bool {
        annotations.get(VERSION) == Some(&self.version) && annotations.get(RECIPE) == Some(&self.digest)
    }

    /// The digest of the original that a manifest with these annotations was made from.
    pub fn original(annotations: &BTreeMap<String, String>) -> Option<&str> {
        annotations.get(BASE_DIGEST).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_original_says_of_itself_is_not_taken_over() {
        let recipe = Recipe { version: "1".into(), digest: "sha256:a".into() };
        let mut annotations = BTreeMap::from([("team".to_owned(), "x".to_owned())]);
        Recipe::annotate(Some(&recipe), &mut annotations);
        assert!(recipe.made(&annotations));
        assert!(!Recipe { version: "2".into(), ..recipe.clone() }.made(&annotations));
        assert!(!Recipe { digest: "sha256:b".into(), ..recipe.clone() }.made(&annotations));
        Recipe::annotate(None, &mut annotations);
        assert_eq!(annotations, BTreeMap::from([("team".to_owned(), "x".to_owned())]));
        assert!(!recipe.made(&annotations));
    }
}
