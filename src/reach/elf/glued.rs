//! Absolute paths within text whose strings are not separated from each other.

use crate::rootfs::{NodeId, Tree};

/// What every path found has to have: fewer parts name nothing in particular.
const MIN_PARTS: usize = 2;
/// Shorter names at the end of a path are chance, when the next string follows at once.
const MIN_NAME: usize = 3;

/// Longest name of a file on Linux, in bytes.
const NAME_MAX: usize = 255;

/// Paths in `text` that lead to something in `tree`, in order of their places. The end of a path is unknown: the
/// longest one that exists counts.
pub(super) fn paths<'t>(tree: &Tree, text: &'t str) -> Vec<&'t str> {
    let starts = memchr::memchr_iter(b'/', text.as_bytes());
    starts.filter_map(|start| path(tree, text.get(start..)?)).collect()
}

fn path<'t>(tree: &Tree, text: &'t str) -> Option<&'t str> {
    let mut node = Tree::ROOT;
    let mut end = 0;
    let mut parts = 0;
    loop {
        // Between `end` and the next slash or the first byte that no name has.
        let rest = text.get(end + 1..)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-+@,=~".contains(&b);
        let length = rest.bytes().take(NAME_MAX).position(|b| !plain(b)).unwrap_or(rest.len().min(NAME_MAX));
        let whole = rest.as_bytes().get(length) == Some(&b'/');
        if let Some(child) = rest.get(..length).filter(|name| !name.is_empty()).and_then(|name| step(tree, node, name))
        {
            end += 1 + length;
            parts += 1;
            if !whole || !tree.inode(child).is_dir() {
                break;
            }
            node = child;
            continue;
        }
        let longest =
            (MIN_NAME..length).rev().find(|&cut| rest.get(..cut).is_some_and(|name| step(tree, node, name).is_some()));
        if let Some(cut) = longest {
            end += 1 + cut;
            parts += 1;
        }
        break;
    }
    (parts >= MIN_PARTS).then(|| text.get(..end)).flatten()
}

fn step(tree: &Tree, dir: NodeId, name: &str) -> Option<NodeId> {
    tree.resolve_from(dir, name).map(|found| found.node)
}

#[cfg(test)]
mod tests {
    use crate::rootfs::Builder;

    #[test]
    fn finds_where_paths_end() {
        let rootfs = Builder::new()
            .file("/etc/resolv.conf", b"")
            .file("/etc/hosts", b"")
            .file("/usr/lib/ssl/cert.pem", b"")
            .symlink("/usr/etc", "/etc")
            .build();
        let text = "/etc/resolv.conf/etc/hostsNo such file/usr/lib/ssl/cert.pemx /usr/lib /etc/ho /usr/etc/hosts//";
        let found = super::paths(&rootfs.tree, text);
        let expected =
            ["/etc/resolv.conf", "/etc/hosts", "/usr/lib/ssl/cert.pem", "/usr/lib", "/usr/etc/hosts", "/etc/hosts"];
        assert_eq!(found, expected);
    }
}
