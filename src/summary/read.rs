//! Files with reports: a document each, or one a line.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Deserializer;
use serde_json::de;

use super::add::{Adder, Found};
use super::document::Document;
use super::model::Summary;
use crate::{Error, Result};

/// How many files are read before they are added: together they are in memory.
const AT_ONCE: usize = 32;
/// Larger files are not read whole.
const WHOLE: u64 = 8 << 20;
/// Longest file, in bytes: 100,000 images' lines.
const MAX_FILE: u64 = 16 << 30;
/// Longest list of files, in bytes.
const MAX_LIST: u64 = 64 << 20;

/// Reads a list of files, a name a line. Relative names are as they are.
///
/// # Errors
/// If it cannot be read.
pub fn file_names(name: &str, input: impl Read) -> Result<Vec<PathBuf>> {
    let mut text = String::new();
    input.take(MAX_LIST + 1).read_to_string(&mut text).map_err(Error::io(name, "cannot read the list"))?;
    if text.len() as u64 > MAX_LIST {
        return Err(Error::Usage(format!("{name}: is longer than {MAX_LIST} bytes")));
    }
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from).collect())
}

/// Reads reports, and adds them up. Standard input is `-`.
///
/// # Errors
/// Names the file, if it cannot be read or has something else in it.
pub fn read(files: &[PathBuf]) -> Result<Summary> {
    let mut adder = Adder::default();
    for some in files.chunks(AT_ONCE) {
        let (large, small): (Vec<&PathBuf>, Vec<&PathBuf>) = some.iter().partition(|path| is_large(path));
        if large.is_empty() {
            let found: Vec<Result<Vec<Found>>> = small.par_iter().map(|path| whole(path)).collect();
            for found in found {
                found?.into_iter().for_each(|one| adder.add(one));
            }
            continue;
        }
        for path in some {
            stream(path, &mut adder)?;
        }
    }
    Ok(adder.finish())
}

/// Whether it is read bit by bit; what is no file may be of any length.
fn is_large(path: &Path) -> bool {
    path.as_os_str() == "-" || std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() || meta.len() > WHOLE)
}

fn whole(path: &Path) -> Result<Vec<Found>> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Error::io(path, "cannot open"))?;
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(Error::io(path, "cannot read"))?;
    let mut found = Vec::new();
    documents(path, Deserializer::from_slice(&bytes), |one| found.push(one))?;
    Ok(found)
}

fn stream(path: &Path, adder: &mut Adder) -> Result<()> {
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(Error::io(path, "cannot open"))?)
    };
    let input = BufReader::with_capacity(1 << 20, input.take(MAX_FILE));
    documents(path, Deserializer::from_reader(input), |one| adder.add(one))
}

fn documents<'d, R: de::Read<'d>>(path: &Path, input: Deserializer<R>, mut take: impl FnMut(Found)) -> Result<()> {
    let name = if path.as_os_str() == "-" { "standard input".into() } else { path.display().to_string() };
    let fail = |reason: String| Error::Input { input: name.clone(), reason };
    let mut any = false;
    for document in input.into_iter::<Document>() {
        let document = document.map_err(|error| fail(format!("is no report: {error}")))?;
        for found in Found::of(document).map_err(fail)? {
            any = true;
            take(found);
        }
    }
    if any { Ok(()) } else { Err(fail("no report is in it".into())) }
}
