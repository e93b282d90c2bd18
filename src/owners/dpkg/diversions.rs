//! Files that dpkg unpacks under another name: dpkg-divert(1), `/var/lib/dpkg/diversions`.

use std::collections::HashMap;

use bstr::ByteSlice;

use crate::rootfs::{NodeId, Tree};

/// All diversions of a system.
#[derive(Debug, Default)]
pub(crate) struct Diversions {
    by_path: HashMap<Box<[u8]>, Diversion>,
}

#[derive(Debug)]
struct Diversion {
    to: Box<[u8]>,
    /// The package that keeps the listed path; `:` for none.
    keeper: Box<[u8]>,
}

impl Diversions {
    /// The diversions file in dpkg's folder.
    pub(crate) fn file(tree: &Tree, admin: NodeId) -> Option<NodeId> {
        tree.child(admin, b"diversions")
    }

    /// Reads the three-line records of the diversions file; no file means no diversions.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut lines = text.lines();
        let mut by_path = HashMap::default();
        while let (Some(from), Some(to), Some(package)) = (lines.next(), lines.next(), lines.next()) {
            by_path.insert(from.into(), Diversion { to: to.into(), keeper: package.into() });
        }
        Self { by_path }
    }

    /// Where the file that `package` lists as `path` really is.
    pub(crate) fn apply<'a>(&'a self, path: &'a [u8], package: &[u8]) -> &'a [u8] {
        match self.by_path.get(path) {
            Some(diversion) if *diversion.keeper != *package => &diversion.to,
            _ => path,
        }
    }
}
