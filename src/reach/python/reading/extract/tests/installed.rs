//! A whole Python installation, as far as there is one: `cargo test -- --ignored --nocapture installed`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::{decode, nesting};
use super::extract;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => sources(&path, found),
            Ok(_) if path.extension().is_some_and(|e| e == "py") => found.push(path),
            _ => {}
        }
    }
}

/// Prints which files fall back to the line scan, and the time it takes. The only files of an installation that may
/// not parse are tests of the parser, and templates.
#[test]
#[ignore = "needs a Python installation: python3 or the folders in EXTRACT_PATHS, separated by colons"]
fn installed() {
    let paths = std::env::var("EXTRACT_PATHS").unwrap_or_else(|_| {
        let mut python = std::process::Command::new("python3");
        let output = python.args(["-c", "import sys; print(':'.join(sys.path))"]).output().expect("python3");
        String::from_utf8(output.stdout).expect("UTF-8")
    });
    let mut found = Vec::new();
    for path in paths.trim().split(':').filter(|path| !path.is_empty()) {
        sources(Path::new(path), &mut found);
    }
    found.sort();
    found.dedup();
    let (mut bytes, mut facts_bytes, mut time, mut unparsed) = (0, 0, Duration::ZERO, 0);
    let (mut bounding, mut deep) = (Duration::ZERO, 0);
    let mut slowest = (Duration::ZERO, PathBuf::new());
    for path in &found {
        let source = std::fs::read(path).expect("readable");
        bytes += source.len();
        let start = Instant::now();
        let depth = nesting::bound(&decode::decode(&source)).expect("no program has so many tokens");
        bounding += start.elapsed();
        deep += usize::from(depth > nesting::IN_PLACE);
        let start = Instant::now();
        let facts = extract(&source);
        let took = start.elapsed();
        time += took;
        if took > slowest.0 {
            slowest = (took, path.clone());
        }
        facts_bytes += serde_json::to_vec(&facts).expect("serializable").len();
        if let Some(message) = &facts.unparsed {
            unparsed += 1;
            println!("{}: {message}", path.display());
        }
    }
    println!(
        "{} files, {:.1} MB, {unparsed} unparsed, {deep} deep, {:.1} ms/MB (bounding the depth {:.1}), facts {:.1} MB as JSON, slowest {:?}",
        found.len(),
        bytes as f64 / 1e6,
        time.as_secs_f64() * 1e9 / bytes as f64,
        bounding.as_secs_f64() * 1e9 / bytes as f64,
        facts_bytes as f64 / 1e6,
        slowest,
    );
    assert!(unparsed * 100 <= found.len(), "{unparsed} of {} files do not parse", found.len());
}
