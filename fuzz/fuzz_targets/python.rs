//! Any bytes as Python source.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::python::extract::extract(bytes);
});
