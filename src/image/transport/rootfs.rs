//! A tar of a root file system, as `docker export` and `tar -C DIR -c .` write it: an image of one layer, of which nobody says what
//! it runs.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::{archive, path, stdin};
use crate::image::blob::Blob;
use crate::image::described::{Described, Description};
use crate::image::digest;
use crate::image::load::Means;
use crate::image::reference::Reference;
use crate::image::source::Source;
use crate::image::store::index_of;
use crate::tarball::{Budget, EntryKind};
use crate::{Error, Result};

/// The file of the layer.
const LAYER: &str = "rootfs.tar";
/// How many programs and libraries are asked for which machine they are, and how many files are looked at for that.
const MAX_ASKED: usize = 64;
const MAX_LOOKED_AT: usize = 20_000;

/// What `docker import` says of any: the machine that it runs on.
const HERE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

pub fn connect(reference: &Reference, means: Means<'_>) -> Result<Box<dyn Source>> {
    let fail = |reason: String| Error::Input { input: reference.to_string(), reason };
    let stored = if reference.path.as_os_str() == "-" {
        stdin::spooled(reference, means)?
    } else {
        path::file(reference, means)?
    };
    let tar = archive::unpacked(stored, reference, means)?;
    let architecture = architecture(&tar, means.budget).map_err(fail)?;
    let diff_id = digest::sha256_of(tar.reader()).map_err(|e| fail(format!("cannot read: {e}")))?;
    let config = json!({
        "architecture": architecture.unwrap_or(HERE),
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    });
    let image = Description { config, tags: Vec::new(), layers: vec![LAYER.to_owned()] };
    Ok(Box::new(Described::new(&[image], BTreeMap::from([(LAYER.to_owned(), tar)]), None)))
}

/// The machine that most of the ELF files are for, in the words of images (Go's `GOARCH`).
fn architecture(tar: &Blob, budget: &Budget) -> Result<Option<&'static str>, String> {
    // It is indexed once more, when it is read as a layer.
    let budget = Budget::new(budget.limits().clone());
    let index = index_of(tar, &budget)?;
    if index.entries().is_empty() {
        return Err("an empty tar archive".into());
    }
    let files = index.entries().iter().filter_map(|entry| match entry.kind {
        EntryKind::File { offset, size: 64.. } => Some(offset),
        _ => None,
    });
    let machine = |offset| {
        let mut head = [0; 20];
        tar.read_exact_at(&mut head, offset).ok()?;
        machine(&head)
    };
    let mut votes: HashMap<&str, usize> = HashMap::new();
    for machine in files.take(MAX_LOOKED_AT).filter_map(machine).take(MAX_ASKED) {
        *votes.entry(machine).or_default() += 1;
    }
    // The same whatever the order of the map.
    Ok(votes.into_iter().max_by_key(|&(machine, votes)| (votes, machine)).map(|(machine, _)| machine))
}

/// What an ELF header says of the machine: class, byte order, `e_machine` (elf(5)).
fn machine(head: &[u8; 20]) -> Option<&'static str> {
    use goblin::elf::header::{
        EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_MIPS, EM_PPC64, EM_RISCV, EM_S390, EM_X86_64,
    };
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let (is_64, little) = (head[4] == 2, head[5] == 1);
    let number = [head[18], head[19]];
    let number = if little { u16::from_le_bytes(number) } else { u16::from_be_bytes(number) };
    Some(match (number, is_64, little) {
        (EM_X86_64, true, _) => "amd64",
        (EM_386, ..) => "386",
        (EM_AARCH64, ..) => "arm64",
        (EM_ARM, ..) => "arm",
        (EM_PPC64, _, true) => "ppc64le",
        (EM_PPC64, _, false) => "ppc64",
        (EM_S390, true, _) => "s390x",
        (EM_RISCV, true, _) => "riscv64",
        (EM_LOONGARCH, true, _) => "loong64",
        (EM_MIPS, true, true) => "mips64le",
        (EM_MIPS, true, false) => "mips64",
        (EM_MIPS, false, true) => "mipsle",
        (EM_MIPS, false, false) => "mips",
        _ => return None,
    })
}
