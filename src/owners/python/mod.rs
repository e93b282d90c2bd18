//! Python distributions, by the metadata that installers leave beside them: `*.dist-info` (PEP 376, PEP 627),
//! `*.egg-info` and eggs.

mod egg;
pub(crate) mod record;
pub(super) mod venv;

use bstr::ByteSlice;

use super::claim::{Installed, Listed, claim_listed, read_record};
use super::digest::Digest;
use super::dpkg::control::stanzas;
use super::foreign::Foreign;
use super::landmarks::Landmarks;
use super::owner::{Ecosystem, Owner, OwnerId, Owners};
use super::place::Places;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Claims what Python installers put there.
pub(super) fn find(rootfs: &Rootfs, landmarks: &Landmarks, foreign: Foreign, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let is_own = |&node: &NodeId| !foreign.may_own(tree, node) && !is_bundled(tree, tree.parent(node));
    let own = |list: &[NodeId]| list.iter().copied().filter(is_own).collect::<Vec<_>>();
    let is_pips = |&node: &NodeId| is_own(&node) || !is_bundled(tree, tree.parent(node)) && is_of_pip(rootfs, node);
    for node in landmarks.dist_infos.iter().copied().filter(is_pips) {
        claim_dist_info(rootfs, node, owners);
    }
    for node in own(&landmarks.eggs) {
        egg::claim_egg(rootfs, node, owners);
    }
    for node in own(&landmarks.egg_links) {
        egg::claim_egg_link(rootfs, node, owners);
    }
    // Last, as some of these have to guess: what a RECORD names is taken by then.
    for node in own(&landmarks.egg_infos) {
        egg::claim_egg_info(rootfs, node, owners);
    }
    egg::claim_scripts(rootfs, landmarks, owners);
}

/// Whether pip says that a distribution is its own: PEP 376's `INSTALLER`. Where a package manager's records cannot be read, that
/// tells what it did not install.
fn is_of_pip(rootfs: &Rootfs, info: NodeId) -> bool {
    let mut text = Vec::new();
    let installer = rootfs.tree.child(info, b"INSTALLER");
    installer.is_some_and(|node| rootfs.read_prefix(node, 64, &mut text).is_ok()) && text.trim() == b"pip"
}

/// Whether `dir` is where installers put distributions, and not a folder of sources that is being developed.
fn is_site(tree: &Tree, dir: NodeId) -> bool {
    matches!(tree.name(dir).as_bytes(), b"site-packages" | b"dist-packages")
}

/// Whether `dir` is part of a program that brings all of its modules along (PyInstaller's folder, cx_Freeze's, an unpacked
/// pex): metadata in it are what the program reads, and nobody installed anything there.
fn is_bundled(tree: &Tree, dir: NodeId) -> bool {
    const MARKS: [&[u8]; 3] = [b"base_library.zip", b"library.zip", b"PEX-INFO"];
    let mut above = std::iter::successors(Some(dir), |&at| Some(tree.parent(at))).take_while(|&at| at != Tree::ROOT);
    !is_site(tree, dir) && above.any(|at| MARKS.iter().any(|mark| tree.child(at, mark).is_some()))
}

/// How far up the paths of a record may lead: the prefix of the installation for `PREFIX/lib/pythonX.Y/site-packages`
/// (scripts are in its `bin`), else the directory itself (`pip install --target`).
fn prefix_of(tree: &Tree, dir: NodeId) -> NodeId {
    let python = tree.parent(dir);
    let lib = tree.parent(python);
    let in_prefix = is_site(tree, dir)
        && (tree.name(python).starts_with(b"python") || tree.name(python).starts_with(b"pypy"))
        && tree.name(lib).starts_with(b"lib");
    if in_prefix { tree.parent(lib) } else { dir }
}

/// `Name` and `Version` of a metadata file, where it has them.
fn identity(text: &[u8]) -> (Option<String>, Option<String>) {
    let Some(header) = stanzas(text).find(|stanza| !stanza.is_blank()) else { return (None, None) };
    let text = |name| header.field(name).filter(|v| !v.is_empty()).map(|v| v.to_str_lossy().into_owned());
    (text("Name"), text("Version"))
}

/// Name and version in a file name: `NAME-VERSION-pyX.Y.egg`, `NAME-VERSION.dist-info`.
fn identity_from_name(stem: &[u8]) -> (String, String) {
    let mut parts = stem.split_str("-").map(|part| part.to_str_lossy().into_owned());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// A distribution whose metadata is in the file at `metadata` and whose records are at `node`.
fn owner(rootfs: &Rootfs, owners: &mut Owners, node: NodeId, metadata: Option<NodeId>) -> OwnerId {
    let file_name = rootfs.tree.name(node).as_bytes();
    let stem = file_name.rfind_byte(b'.').map_or(file_name, |dot| &file_name[..dot]);
    let text = metadata.and_then(|metadata| read_record(rootfs, owners, metadata)).unwrap_or_default();
    let (name, version) = identity(&text);
    let (name_by_file, version_by_file) = identity_from_name(stem);
    owners.add(Owner {
        records: vec![node],
        ..Owner::new(Ecosystem::Python, name.unwrap_or(name_by_file), version.unwrap_or(version_by_file))
    })
}

/// Every file below `dir` as part of `owner`.
fn whole(tree: &Tree, dir: NodeId, owner: OwnerId, installed: Option<Installed>) -> Vec<Listed> {
    tree.walk(dir).map(|node| Listed { node, owner, installed, digest: None }).collect()
}

fn claim_dist_info(rootfs: &Rootfs, info: NodeId, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let metadata = tree.child(info, b"METADATA");
    let record = tree.child(info, b"RECORD");
    // pip renames what it is about to remove: `~ip-24.0.dist-info`. Its RECORD names what has replaced it.
    let stale = tree.name(info).starts_with(b"~");
    if !tree.inode(info).is_dir() || stale || (metadata.is_none() && record.is_none()) {
        return;
    }
    let owner = owner(rootfs, owners, info, metadata);
    let mut listed = Vec::new();
    if let Some(record) = record
        && let Some(text) = read_record(rootfs, owners, record)
    {
        let dir = tree.parent(info);
        let prefix = prefix_of(tree, dir);
        let installed = Installed::with(tree.inode(record));
        let mut places = Places::below(tree, dir);
        for line in record::lines(&text) {
            let Some(node) = places.find(&line.path).filter(|&node| tree.is_within(node, prefix)) else { continue };
            let digest = Digest::record(&line.hash);
            // Byte code has no hash in a RECORD, and every import may write it again.
            let installed = (!line.path.ends_with(b".pyc")).then_some(installed);
            listed.push(Listed { node, owner, installed, digest });
        }
    }
    // After the lines, so that the records are the distribution's own whatever their hashes say.
    listed.extend(whole(tree, info, owner, None));
    claim_listed(rootfs, owners, &listed);
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::owners::{Ecosystem, digest::Written};
    use crate::rootfs::Builder;

    #[test]
    fn reads_records_with_scripts_quotes_and_hostile_paths() {
        let site = "/usr/lib/python3.11/site-packages";
        let info = format!("{site}/Flask-3.dist-info");
        let rootfs = Builder::new()
            .file(&format!("{site}/flask/a,b.py"), b"")
            .file(&format!("{site}/flask/__pycache__/app.cpython-311.pyc"), b"")
            .file(&format!("{site}/flask/app.py"), b"")
            .file(&format!("{site}/mine.py"), b"")
            .file("/usr/bin/flask", b"")
            .file("/usr/share/doc/flask.txt", b"")
            .file("/etc/passwd", b"")
            .file("/app/main.py", b"")
            .file(&format!("{info}/METADATA"), b"Metadata-Version: 2.1\nName: Flask\nVersion: 3.0\n\nName: no\n")
            .file(&format!("{info}/licenses/LICENSE"), b"")
            .file(
                &format!("{info}/RECORD"),
                b"\"flask/a,b.py\",,\r\nflask/app.py,sha256=zz,1\n../../../bin/flask,,\n/usr/share/doc/flask.txt,,\n\
                  ../../../../etc/passwd,,\n../../../../../../../../app/main.py,,\n,,\n\xff\xfe,,\n\"unclosed",
            )
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path: &str| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).version.as_str());
        assert_eq!(of(&format!("{site}/flask/a,b.py")), Some("3.0"));
        assert_eq!(of(&format!("{site}/flask/app.py")), Some("3.0"));
        assert_eq!(of(&format!("{site}/flask/__pycache__/app.cpython-311.pyc")), Some("3.0"));
        assert_eq!(of("/usr/bin/flask"), Some("3.0"));
        assert_eq!(of("/usr/share/doc/flask.txt"), Some("3.0"));
        assert_eq!(of(&format!("{info}/licenses/LICENSE")), Some("3.0"));
        for path in ["/etc/passwd", "/app/main.py", &format!("{site}/mine.py")] {
            assert_eq!(of(path), None, "{path}");
        }
        assert_eq!(owners.iter().next().unwrap().1.name, "Flask");
    }

    #[test]
    fn an_edited_module_is_payload_and_an_editable_install_leaves_its_sources_alone() {
        let site = "/v/lib/python3.12/site-packages";
        let hash = Written::Record.of_bytes(b"a");
        let mut rootfs = Builder::new()
            .file(&format!("{site}/m.py"), b"edited")
            .file(&format!("{site}/__editable__.app-1.pth"), b"/app/src\n")
            .file("/app/src/app.py", b"")
            .file("/app/src/app.egg-info/SOURCES.txt", b"app.py\n")
            .file("/app/src/app.egg-info/top_level.txt", b"app\n")
            .file("/app/src/app.egg-info/PKG-INFO", b"Name: app\n")
            .file(&format!("{site}/app-1.dist-info/RECORD"), b"__editable__.app-1.pth,,\n")
            .file(&format!("{site}/m-1.dist-info/RECORD"), format!("m.py,{hash},1\n").as_bytes())
            .build();
        let edited = rootfs.tree.get(format!("{site}/m.py")).unwrap();
        rootfs.tree.inode_mut(edited).meta.mtime = 1;
        let owners = find(&rootfs, &[]);
        assert_eq!(owners.of(edited), None);
        assert_eq!(owners.of(rootfs.tree.get("/app/src/app.py").unwrap()), None);
        assert!(owners.of(rootfs.tree.get(format!("{site}/__editable__.app-1.pth")).unwrap()).is_some());
    }

    #[test]
    fn a_target_directory_is_a_site_of_its_own() {
        let rootfs = Builder::new()
            .file("/task/six.py", b"")
            .file("/task/bin/six", b"")
            .file("/task/main.py", b"")
            .file("/other.py", b"")
            .file("/task/six-1.dist-info/RECORD", b"six.py,,\nbin/six,,\n../other.py,,\n")
            .build();
        let owners = find(&rootfs, &[]);
        let owned = |path| owners.of(rootfs.tree.get(path).unwrap()).is_some();
        assert!(owned("/task/six.py") && owned("/task/bin/six"));
        assert!(!owned("/task/main.py") && !owned("/other.py"));
    }

    #[test]
    fn metadata_in_a_bundle_are_no_installation() {
        let mut builder = Builder::new()
            .file("/srv/app/_internal/base_library.zip", b"PK")
            .file("/srv/tool/PEX-INFO", b"{}")
            .file("/frozen/lib/library.zip", b"PK");
        let sites =
            ["/srv/app/_internal", "/srv/app/_internal/setuptools/_vendor", "/srv/tool/.deps/six-1.whl", "/frozen/lib"];
        for site in sites {
            builder = builder
                .file(&format!("{site}/six.py"), b"")
                .file(&format!("{site}/six-1.dist-info/METADATA"), b"Name: six\n")
                .file(&format!("{site}/six-1.dist-info/RECORD"), b"six.py,,\n");
        }
        // An interpreter that is brought along may have real installations.
        let site = "/frozen/lib/python3.11/site-packages";
        let rootfs = builder
            .file(&format!("{site}/six.py"), b"")
            .file(&format!("{site}/six-1.dist-info/RECORD"), b"six.py,,\n")
            .build();
        let owners = find(&rootfs, &[]);
        let owned = |path: String| owners.of(rootfs.tree.get(path).unwrap()).is_some();
        for site in sites {
            assert!(!owned(format!("{site}/six.py")) && !owned(format!("{site}/six-1.dist-info/METADATA")), "{site}");
        }
        assert!(owned(format!("{site}/six.py")));
    }

    #[test]
    fn a_system_package_owns_its_files_and_the_distribution_is_known_all_the_same() {
        let site = "/usr/lib/python3/dist-packages";
        let rootfs = Builder::new()
            .file(&format!("{site}/yaml/__init__.py"), b"")
            .file(&format!("{site}/yaml/__pycache__/__init__.cpython-311.pyc"), b"")
            .file(&format!("{site}/PyYAML-6.dist-info/METADATA"), b"Name: PyYAML\nVersion: 6\n")
            .file(&format!("{site}/PyYAML-6.dist-info/RECORD"), b"yaml/__init__.py,,\n")
            .file("/var/lib/dpkg/status", b"Package: python3-yaml\nStatus: install ok installed\nVersion: 6-1\n")
            .file("/var/lib/dpkg/info/python3-yaml.list", format!("{site}/yaml/__init__.py\n").as_bytes())
            .build();
        let owners = find(&rootfs, &[]);
        for path in ["yaml/__init__.py", "yaml/__pycache__/__init__.cpython-311.pyc"] {
            let node = rootfs.tree.get(format!("{site}/{path}")).unwrap();
            assert_eq!(owners.get(owners.of(node).unwrap()).ecosystem, Ecosystem::Dpkg);
            assert_eq!(owners.get(owners.distribution_of(node).unwrap()).name, "PyYAML");
        }
    }
}
