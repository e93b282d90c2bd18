//! Any bytes as the header of an rpm package, and as a list of packages.
#![no_main]

use bantam::owners::rpm::{header, manifest};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    manifest::lines(bytes);
    let Some(header) = header::Header::parse(bytes) else { return };
    header.version();
    header.architecture();
    header.source();
    header.files();
});
