//! `.note.dlopen`: libraries that a file says it loads at run time.
//!
//! Format: systemd's "ELF dlopen metadata" specification. A note of owner `FDO` and type 0x407c0c0a whose
//! descriptor is a JSON array of objects.

use serde::{Deserialize, Serialize};

use super::object::{Note, until_nul};

const OWNER: &[u8] = b"FDO";
const TYPE: u32 = 0x407c_0c0a;

/// One feature that loads a library when it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DlopenNote {
    /// Name of the feature; may be empty.
    #[serde(default)]
    pub feature: Box<str>,
    /// `required`, `recommended` or `suggested`; `recommended` where the note says nothing.
    #[serde(default = "recommended")]
    pub priority: Box<str>,
    /// Sonames in the order they are tried: any of them will do.
    #[serde(default)]
    pub soname: Vec<Box<str>>,
}

fn recommended() -> Box<str> {
    "recommended".into()
}

/// Reads all such notes among `notes`. Malformed ones are passed over.
pub(super) fn read(notes: &[Note]) -> Vec<DlopenNote> {
    let ours = notes.iter().filter(|note| note.owner == OWNER && note.kind == TYPE);
    ours.flat_map(|note| serde_json::from_slice::<Vec<DlopenNote>>(until_nul(&note.descriptor)).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_example_of_the_specification() {
        let text = br#"[{"soname":["libfido2.so.1"],"feature":"fido2","description":"FIDO2","priority":"suggested"},
            {"soname":["libtss2-esys.so.0","libtss2-esys.so"]}]"#;
        let mut padded = text.to_vec();
        padded.push(0);
        let note =
            |owner: &[u8], descriptor: &[u8]| Note { owner: owner.into(), kind: TYPE, descriptor: descriptor.into() };
        let found = read(&[note(OWNER, &padded), note(b"GNU", b"[{}]"), note(OWNER, b"[oops")]);
        assert_eq!(found.len(), 2);
        assert_eq!((&*found[0].feature, &*found[0].priority), ("fido2", "suggested"));
        assert_eq!(found[1].soname, ["libtss2-esys.so.0".into(), "libtss2-esys.so".into()]);
        assert_eq!(&*found[1].priority, "recommended");
    }
}
