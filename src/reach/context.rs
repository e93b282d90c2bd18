//! What the image's config says about how its program starts.

use std::collections::BTreeMap;

/// The environment a program of the image finds itself in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Environment variables of the image's config.
    pub env: BTreeMap<String, String>,
    /// Working directory; `/` where the config names none.
    pub workdir: String,
    /// The `User` of the config as written (`""`, `app`, `1000:1000` …).
    pub user: String,
    /// Architecture as the config spells it (`amd64`, `arm64` …).
    pub architecture: String,
}

impl Context {
    /// The directories of `PATH`, or those a container engine sets where the image names none.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        const DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        self.env.get("PATH").map_or(DEFAULT, String::as_str).split(':').filter(|dir| !dir.is_empty())
    }
}
