//! bantam makes built container images small without running them.
//!
//! It reads an image, merges its layers into one tree, finds out who put each file there, works out which
//! files the image's own program can reach, and writes one squashed layer without the rest.
//! Every file gets a verdict and every verdict a reason.
//!
//! ```
//! use bantam::analysis::{Choices, Silent};
//! use bantam::image::{self, OpenOptions, Reference};
//! use bantam::output;
//!
//! # fn main() -> bantam::Result<()> {
//! let reference = Reference::parse("fixtures/tiny-python.tar")?;
//! let image = image::open(&reference, &OpenOptions::default())?;
//! let analysis = bantam::analyse(image, &Choices::default())?;
//!
//! let report = analysis.report();
//! assert!(report.result.bytes < report.original.bytes);
//!
//! // Why is a file still there?
//! let explainer = analysis.explainer();
//! let node = explainer.find("json")?[0];
//! let explanation = explainer.explain(node);
//! assert!(explanation.stays && explanation.sentence == "the program reaches it");
//!
//! // The smaller image, in whatever form is wanted.
//! let file = std::env::temp_dir().join(format!("small-{}.tar", std::process::id()));
//! let out = format!("oci-archive:{}", file.display());
//! let written = analysis.write(&out.parse()?, &output::Options::default(), &Silent)?;
//! assert!(written.config_digest.starts_with("sha256:"));
//! # std::fs::remove_file(&file).map_err(bantam::Error::io(&file, "cannot remove"))?;
//! # Ok(())
//! # }
//! ```
//!
//! Data flows down this list once; outside tests no module imports from one below it. [`error`], the one error type, and
//! `pieces` (ranges of files, read bit by bit), `staging` (files that appear when they are complete) and `text` (what of text is not
//! shown) stand outside it:
//!
//! | module | what it holds |
//! |---|---|
//! | [`tarball`] | tar, read and written |
//! | [`network`] | HTTP |
//! | [`registry`] | images in registries |
//! | [`daemon`] | images in Docker's daemon, or Podman's |
//! | [`image`] | container images as people store them: docker-archive, OCI layout, OCI archive |
//! | [`rootfs`] | the layers merged into one tree |
//! | [`owners`] | who put a file there: dpkg, apk, rpm, pip, conda, CPython's `make install`, or nobody |
//! | [`profile`] | knowledge as data: what to strip, what to keep, what imports what; matched against the tree |
//! | [`cache`] | results of earlier runs, found by the bytes they were made from |
//! | [`reach`] | what the image starts, which files that can reach, and by which evidence |
//! | [`plan`] | one verdict a file |
//! | [`output`] | the squashed layer and the new image |
//! | [`sbom`] | the packages of an image as a bill of materials |
//! | [`report`] | what happened, for people and machines |
//! | [`diff`] | how two images differ |
//! | [`analysis`] | all of it, from an image to what is made of it: [`analyse`] |
//! | [`fleet`] | lists of images, and what became of each |
//! | [`summary`] | many reports, added up |
#![forbid(unsafe_code)]

pub mod analysis;
pub mod cache;
pub mod daemon;
pub mod diff;
pub mod error;
pub mod fleet;
pub mod image;
pub mod network;
pub mod output;
pub mod owners;
mod pieces;
pub mod plan;
pub mod profile;
pub mod reach;
pub mod registry;
pub mod report;
pub mod rootfs;
pub mod sbom;
mod staging;
pub mod summary;
pub mod tarball;
mod text;

pub use analysis::analyse;
pub use error::{Error, Result};
