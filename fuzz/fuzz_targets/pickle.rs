//! Any bytes as pickled data.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::python::pickled::names(bytes);
});
