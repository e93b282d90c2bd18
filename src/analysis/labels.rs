//! The user's globs: those of the caller, and those in labels of the image.

use std::collections::BTreeMap;

use super::choices::Choices;
use crate::profile::{Given, UserGlob, Wish};

/// Every glob, those of the caller before those of labels.
pub fn globs(choices: &Choices, labels: &BTreeMap<String, String>) -> Vec<UserGlob> {
    let of = |wish, given: &[String], label: &str| {
        let words = labels.get(label).map_or("", String::as_str).split_whitespace();
        let given = given.iter().map(|glob| UserGlob::new(wish, Given::Option, glob));
        given.chain(words.map(|glob| UserGlob::new(wish, Given::Label, glob))).collect::<Vec<_>>()
    };
    [of(Wish::Keep, &choices.keep, "bantam.keep"), of(Wish::Strip, &choices.strip, "bantam.strip")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_before_labels() {
        let choices = Choices { keep: vec!["/a".into()], ..Choices::default() };
        let labels = [("bantam.keep", " /b\n /c /d "), ("bantam.strip", "/e")];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let found = globs(&choices, &labels);
        let shown: Vec<&str> = found.iter().map(UserGlob::as_str).collect();
        let keep = ["--keep /a", "label bantam.keep /b", "label bantam.keep /c", "label bantam.keep /d"];
        assert_eq!(shown, [&keep[..], &["label bantam.strip /e"]].concat());
    }
}
