//! Any bytes as a user's profile, without the built-in ones: reading them takes longer than anything else here.
#![no_main]

use std::io::Write;
use std::sync::LazyLock;

use bantam::profile::ProfileSet;

static BUILTIN: LazyLock<Vec<String>> = LazyLock::new(|| {
    let builtin = ProfileSet::builtin().expect("the built-in profiles are sound");
    builtin.iter().map(|loaded| loaded.profile.name.clone()).collect()
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let _ = ProfileSet::load(&BUILTIN, &[file.path().to_owned()]);
});
