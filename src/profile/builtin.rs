//! The profiles embedded in the binary. A test compares this list with the folder.

macro_rules! builtin {
    ($($name:literal)*) => {
        /// Names and texts, in order of the names.
        pub const BUILTIN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/profiles/", $name, ".toml")))),*];
    };
}

builtin! {
    "bytecode"
    "desktop"
    "docs"
    "language-caches"
    "libc"
    "links"
    "locales"
    "logs"
    "machine-learning"
    "os-packages"
    "ownership"
    "programs"
    "python-codecs"
    "python-cuts"
    "python-frameworks"
    "python-startup"
    "python-tests"
    "runtimes"
    "services"
    "system-libraries"
    "temporary"
    "tls"
    "tools"
    "web-assets"
}
