//! Names the analyser: a digest of everything that can change what an analysis finds, so that results that another
//! version cached are not taken for this one's.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut files = Vec::new();
    // The versions of the parsers stand in the lock file, which a crate that depends on this one does not have.
    for name in ["src", "profiles", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={name}");
        collect(&root.join(name), &mut files)?;
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy();
        let content = fs::read(file)?;
        hasher.update(name.as_bytes()).update(&[0]).update(&(content.len() as u64).to_le_bytes()).update(&content);
    }
    println!("cargo::rustc-env=BANTAM_ANALYSER={}", hasher.finalize().to_hex());
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}
