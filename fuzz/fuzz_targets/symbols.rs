//! Any bytes as an ELF file that is to lose its symbols: a file that is kept, and what is written in its place.
#![no_main]

use bantam::image::RunConfig;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let rootfs = bantam_fuzz::tree(&[("/app/run", "")], "/app/run", bytes);
    bantam_fuzz::slim(&rootfs, &RunConfig { entrypoint: vec!["/app/run".into()], ..RunConfig::default() });
});
