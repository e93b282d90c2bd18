//! Any text as the name of an input, of a platform and of an output.
#![no_main]

use bantam::image::{Platform, Reference};
use bantam::output::{Destination, ImageName};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = Reference::parse(text);
    let _ = text.parse::<Platform>();
    let _ = text.parse::<Destination>();
    let _ = text.parse::<ImageName>();
});
