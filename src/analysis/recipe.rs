//! What decides about the bytes of an image that is made, besides the original.

use sha2::{Digest, Sha256};

use super::attachment::Attachment;
use super::choices::Choices;
use crate::output::{Compression, Options, Recipe};
use crate::profile::ProfileSet;

/// Names the choices, the texts of all rules, the compression, the latest time, and the documents that are put beside the image.
pub fn recipe(
    choices: &Choices,
    profiles: &ProfileSet,
    compression: Compression,
    options: &Options,
    attachments: &[Attachment],
) -> Recipe {
    let mut hasher = Sha256::new();
    // Each part with its length before it, so that no two lists of parts read the same.
    let mut part = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    };
    part(&choices.history());
    part(&format!("{compression:?} {:?} {attachments:?}", options.source_date_epoch));
    for loaded in profiles.iter() {
        part(&loaded.text);
    }
    let digest = format!("sha256:{}", data_encoding::HEXLOWER.encode(&hasher.finalize()));
    Recipe { version: env!("CARGO_PKG_VERSION").into(), digest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::Format;

    #[test]
    fn whatever_decides_makes_another_recipe() {
        let profiles = ProfileSet::builtin().unwrap();
        let (choices, options) = (Choices::default(), Options::default());
        let one = recipe(&choices, &profiles, Compression::GZIP, &options, &[]);
        assert_eq!(one, recipe(&choices, &profiles, Compression::GZIP, &options, &[]));
        let fewer = ProfileSet::load(&["docs".into()], &[]).unwrap();
        let others = [
            recipe(&Choices { dedupe: true, ..Choices::default() }, &profiles, Compression::GZIP, &options, &[]),
            recipe(&choices, &fewer, Compression::GZIP, &options, &[]),
            recipe(&choices, &profiles, Compression::None, &options, &[]),
            recipe(
                &choices,
                &profiles,
                Compression::GZIP,
                &Options { source_date_epoch: Some(1), ..Options::default() },
                &[],
            ),
            recipe(&choices, &profiles, Compression::GZIP, &options, &[Attachment::Bill(Format::Spdx)]),
        ];
        for (number, other) in others.iter().enumerate() {
            assert_ne!(other.digest, one.digest, "{number}");
        }
    }
}
