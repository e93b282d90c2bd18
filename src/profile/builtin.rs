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
    "docs"
    "language-caches"
    "links"
    "locales"
    "logs"
    "os-packages"
    "ownership"
    "python-tests"
    "temporary"
}
