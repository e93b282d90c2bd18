//! What the page has besides text: style and script.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// Its one style sheet.
pub const STYLE: &str = include_str!("style.css");
/// Its one script, in this order.
pub const SCRIPT: &str = concat!(
    include_str!("script/data.js"),
    include_str!("script/squarify.js"),
    include_str!("script/map.js"),
    include_str!("script/files.js"),
    include_str!("script/why.js"),
    include_str!("script/page.js"),
);

/// The source expression of a policy that allows `text` inline.
pub fn allowed(text: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)))
}
