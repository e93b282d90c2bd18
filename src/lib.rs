//! bantam makes built container images small without running them.
//!
//! It reads an image, merges its layers into one tree, finds out who put each file there, works out which
//! files the image's own program can reach, and writes one squashed layer without the rest.
//! Every file gets a verdict and every verdict a reason.
//!
//! Data flows down this list once; no module imports from one below it:
//!
//! | module | what it holds |
//! |---|---|
//! | [`tarball`] | tar, read and written |
//! | [`image`] | container images as people store them: docker-archive, OCI layout, OCI archive |
//! | [`rootfs`] | the layers merged into one tree |
//! | [`owners`] | who put a file there: dpkg, apk, pip, conda, CPython's `make install`, or nobody |
//! | [`profile`] | knowledge as data: what to strip, what to keep, what imports what |
//! | [`cache`] | results of earlier runs, found by the bytes they were made from |
//! | [`reach`] | which files the program can reach, and by which evidence |
//! | [`plan`] | one verdict a file |
//! | [`output`] | the squashed layer and the new image |
//! | [`sbom`] | the packages of an image as a bill of materials |
//! | [`diff`] | how two images differ |
//! | [`report`] | what happened, for people and machines |
#![forbid(unsafe_code)]

pub mod cache;
pub mod diff;
pub mod error;
pub mod image;
pub mod output;
pub mod owners;
pub mod plan;
pub mod profile;
pub mod reach;
pub mod report;
pub mod rootfs;
pub mod sbom;
pub mod tarball;

pub use error::{Error, Result};
