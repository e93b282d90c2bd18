//! What is read of a report (`bantam.report/1`, `bantam.index/1`) and of a line of `slim --from` (`bantam.fleet/1`). What a summary does
//! not say, files above all, is passed over.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::image::StoredBlob;

#[derive(Deserialize)]
pub struct Document {
    pub schema: String,
    // Of a report.
    pub image: Option<Image>,
    pub totals: Option<Both>,
    #[serde(default)]
    pub categories: Vec<Category>,
    pub packages: Option<Vec<Package>>,
    #[serde(default)]
    pub owners: Vec<Owner>,
    #[serde(default)]
    pub uncertainties: Vec<Open>,
    /// Of an index it is another object, of which nothing is needed.
    pub output: Option<Output>,
    // Of several.
    #[serde(default)]
    pub images: Vec<Document>,
    // Of a line.
    pub source: Option<String>,
    pub target: Option<String>,
    pub status: Option<String>,
    pub error: Option<String>,
    pub before: Option<Side>,
    pub after: Option<Side>,
    pub report: Option<Summed>,
}

#[derive(Deserialize)]
pub struct Image {
    pub reference: String,
    #[serde(default)]
    pub platform: String,
    #[serde(default)]
    pub blobs: Vec<StoredBlob>,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub struct Sums {
    pub files: u64,
    pub bytes: u64,
}

#[derive(Deserialize)]
pub struct Both {
    pub original: Sums,
    pub result: Sums,
}

#[derive(Deserialize)]
pub struct Category {
    pub name: String,
    pub files: u64,
    pub bytes: i64,
}

#[derive(Deserialize)]
pub struct Package {
    pub ecosystem: String,
    pub name: String,
    pub before: u64,
    pub after: u64,
}

/// Of reports from before there were packages in them.
#[derive(Deserialize)]
pub struct Owner {
    pub ecosystem: String,
    pub name: String,
    pub bytes: u64,
    pub stays: Sums,
}

#[derive(Deserialize)]
pub struct Open {
    pub settle: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub struct Output {
    pub reference: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub blobs: Option<Vec<StoredBlob>>,
}

#[derive(Deserialize)]
pub struct Side {
    pub digest: String,
    #[serde(default)]
    pub blobs: Vec<StoredBlob>,
}

#[derive(Deserialize)]
pub struct Summed {
    #[serde(default)]
    pub platform: String,
    pub original: Sums,
    pub result: Sums,
    #[serde(default)]
    pub categories: Vec<Category>,
    #[serde(default)]
    pub packages: Vec<Package>,
    #[serde(default)]
    pub doubts: u64,
}
