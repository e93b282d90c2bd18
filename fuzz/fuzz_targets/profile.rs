//! Any bytes as a user's profile.
#![no_main]

use std::io::Write;

use bantam::profile::ProfileSet;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let _ = ProfileSet::load(&[], &[file.path().to_owned()]);
});
