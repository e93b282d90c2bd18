//! One walk over the tree that finds where installations are.

use crate::rootfs::{NodeId, Tree};

/// Names that give installations away. All in the order of the tree.
#[derive(Debug, Default)]
pub(crate) struct Landmarks {
    /// `*.dist-info` directories.
    pub(crate) dist_infos: Vec<NodeId>,
    /// `*.egg-info` directories and files.
    pub(crate) egg_infos: Vec<NodeId>,
    /// `*.egg` directories and zip files.
    pub(crate) eggs: Vec<NodeId>,
    /// `*.egg-link` files.
    pub(crate) egg_links: Vec<NodeId>,
    /// `pyvenv.cfg` files.
    pub(crate) venvs: Vec<NodeId>,
    /// `lib*/pythonX.Y/os.py`.
    pub(crate) stdlibs: Vec<NodeId>,
    /// `conda-meta` directories.
    pub(crate) conda_metas: Vec<NodeId>,
}

impl Landmarks {
    pub(crate) fn find(tree: &Tree) -> Self {
        let mut found = Self::default();
        for node in tree.iter() {
            let name = tree.name(node);
            let list = if name.ends_with(b".dist-info") {
                &mut found.dist_infos
            } else if name.ends_with(b".egg-info") {
                &mut found.egg_infos
            } else if name.ends_with(b".egg") {
                &mut found.eggs
            } else if name.ends_with(b".egg-link") {
                &mut found.egg_links
            } else {
                match name.as_ref() as &[u8] {
                    b"pyvenv.cfg" => &mut found.venvs,
                    b"os.py" => &mut found.stdlibs,
                    b"conda-meta" => &mut found.conda_metas,
                    _ => continue,
                }
            };
            list.push(node);
        }
        found
    }
}
