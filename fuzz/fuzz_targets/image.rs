//! Any bytes as a stored image.
#![no_main]

use std::io::Write;

use bantam::image::{OpenOptions, Reference, open};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let reference = Reference::parse(&file.path().display().to_string()).unwrap();
    if let Ok(image) = open(&reference, &OpenOptions::default()) {
        let _ = bantam::rootfs::merge(&image.layers);
    }
});
