//! What several targets need: one hostile file in an otherwise ordinary image, and everything bantam does to an image.

use std::sync::LazyLock;

use bantam::Result;
use bantam::image::{Image, OpenOptions, Reference, RunConfig, open};
use bantam::owners;
use bantam::plan::{self, Bytecode, Inputs};
use bantam::profile::{Matchers, ProfileSet};
use bantam::reach::entrypoint::Launch;
use bantam::reach::{self, Request};
use bantam::rootfs::{Builder, Rootfs};
use bantam::sbom::{self, Bill, Subject};
use sha2::{Digest, Sha256};

/// Compiling them takes longer than what they are compiled for.
static PROFILES: LazyLock<ProfileSet> =
    LazyLock::new(|| ProfileSet::builtin().expect("the built-in profiles are sound"));

/// The first byte chooses one of `items`, what follows is the content.
pub fn choose<'a, T>(items: &'a [T], bytes: &'a [u8]) -> Option<(&'a T, &'a [u8])> {
    let (&first, rest) = bytes.split_first()?;
    Some((items.get(usize::from(first) % items.len())?, rest))
}

/// A tree of `files` in which one holds `content` instead of what stands there.
pub fn tree(files: &[(&str, &str)], hostile: &str, content: &[u8]) -> Rootfs {
    let mut builder = Builder::new().symlink("/loop", "loop").symlink("/bin", "usr/bin");
    for (path, usual) in files {
        builder = builder.exe(path, if *path == hostile { content } else { usual.as_bytes() });
    }
    builder.build()
}

/// Analyses a tree as that of an image with this config, plans, trims records, and lists the packages.
pub fn slim(rootfs: &Rootfs, config: &RunConfig) {
    let profiles = &*PROFILES;
    let owners = owners::find(rootfs, &profiles.owner_rules().expect("the built-in rules are sound"));
    let launch = Launch::of(config, "amd64", &[]);
    let premises = launch.premises(&rootfs.tree);
    let matchers = Matchers::new(profiles, &[], premises, &rootfs.tree).expect("there are no globs");
    let rules = reach::Rules::of_profiles(profiles.iter().map(|loaded| &loaded.profile));
    let request = Request {
        baggage: &matchers.baggage(&owners),
        // What assumptions keep out is analysed like all else.
        doubt: true,
        ..Request::new(rootfs, &launch.context, &owners, &launch)
    };
    let found = reach::analyse(&request, rules.expect("the built-in rules are sound")).expect("so are their globs");
    let inputs = Inputs {
        rootfs,
        owners: &owners,
        reached: Some(&found.edges),
        matchers: &matchers,
        launch: &launch,
        bytecode: Bytecode::Strip,
    };
    let mut plan = plan::decide(&inputs);
    plan::symbols::strip(rootfs, &mut plan);
    plan::records::trim(rootfs, &owners, &mut plan);
    let bill = Bill::new(Subject::default(), rootfs, &owners);
    sbom::write_cyclonedx(&bill, &mut Vec::new()).expect("memory takes it");
    sbom::write_spdx(&bill, &mut Vec::new()).expect("memory takes it");
}

/// `sha256:…` of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Opens an archive of these files.
///
/// # Errors
/// If it holds no image.
pub fn open_archive<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Image> {
    let file = tempfile::NamedTempFile::new().expect("there is room for a file");
    let mut tar = tar::Builder::new(&file);
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, path, content).expect("there is room for an archive");
    }
    tar.finish().expect("there is room for an archive");
    open(&Reference::parse(&file.path().display().to_string())?, &OpenOptions::default())
}
