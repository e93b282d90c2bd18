//! Where units lie: see `systemd.unit(5)`, "UNIT FILE LOAD PATH".

use super::file::Name;
use crate::rootfs::{NodeId, Tree};

/// Who starts units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Manager {
    /// `systemd`
    System,
    /// `systemd --user`
    User,
}

impl Manager {
    /// The folders that it searches, in order.
    pub(super) fn folders(self) -> &'static [&'static str] {
        match self {
            Self::System => &[
                "/etc/systemd/system.control",
                "/etc/systemd/system",
                "/run/systemd/system",
                "/usr/local/lib/systemd/system",
                "/usr/lib/systemd/system",
                "/lib/systemd/system",
            ],
            Self::User => &[
                "/etc/xdg/systemd/user",
                "/etc/systemd/user",
                "/run/systemd/user",
                "/usr/local/share/systemd/user",
                "/usr/share/systemd/user",
                "/usr/local/lib/systemd/user",
                "/usr/lib/systemd/user",
                "/lib/systemd/user",
            ],
        }
    }

    /// Whose folder `dir` is.
    pub(super) fn of_folder(tree: &Tree, dir: NodeId) -> Option<Self> {
        let path = tree.path(dir);
        [Self::System, Self::User].into_iter().find(|manager| manager.folders().iter().any(|folder| path == *folder))
    }

    /// What is called `name` in its folders, the one that counts first.
    pub(super) fn find(self, tree: &Tree, name: &str) -> Vec<NodeId> {
        let mut found = Vec::new();
        for folder in self.folders() {
            let child = tree.follow(folder).and_then(|dir| tree.child(dir, name.as_bytes()));
            found.extend(child.filter(|child| !found.contains(child)));
        }
        found
    }

    /// What lies in the folders of this name in its folders.
    pub(super) fn inside(self, tree: &Tree, name: &str) -> Vec<NodeId> {
        let folders = self.find(tree, name).into_iter();
        let folders = folders.filter_map(|dir| Some(tree.resolve_from(tree.parent(dir), tree.name(dir))?.node));
        folders.flat_map(|dir| tree.children(dir).collect::<Vec<_>>()).collect()
    }
}

/// Whose unit, or part of a unit (`NAME.d/*.conf`), lies here, by place.
pub(super) fn manager_of(tree: &Tree, file: NodeId) -> Option<Manager> {
    let name = std::str::from_utf8(tree.name(file)).ok()?;
    let dir = tree.parent(file);
    match Manager::of_folder(tree, dir) {
        Some(manager) => Name::of(name).map(|_| manager),
        None => {
            let is_part = name.ends_with(".conf") && tree.name(dir).ends_with(b".d");
            Manager::of_folder(tree, tree.parent(dir)).filter(|_| is_part)
        }
    }
}

/// Who activates the service of the message bus that this file describes: see `dbus-daemon(1)`.
pub(super) fn bus_of(tree: &Tree, file: NodeId) -> Option<Manager> {
    let dir = tree.parent(file);
    let is_bus = tree.name(tree.parent(dir)) == "dbus-1" && tree.name(file).ends_with(b".service");
    match &**tree.name(dir) {
        b"system-services" if is_bus => Some(Manager::System),
        b"services" if is_bus => Some(Manager::User),
        _ => None,
    }
}
