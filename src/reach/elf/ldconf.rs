//! `/etc/ld.so.conf`: the directories `ldconfig` looks through, see `ldconfig(8)`.

use bstr::{BString, ByteSlice};
use globset::GlobBuilder;

use crate::rootfs::{NodeId, Rootfs, Tree};

/// Files that include each other are followed so deep.
const MAX_DEPTH: usize = 8;
/// Larger files are not lists of directories.
const MAX_SIZE: u64 = 1 << 20;

/// The directories that `/etc/ld.so.conf` and the files it includes name, in order, without duplicates.
pub fn directories(rootfs: &Rootfs) -> Vec<BString> {
    let mut dirs = Vec::new();
    if let Some(file) = rootfs.tree.follow("/etc/ld.so.conf") {
        read(rootfs, file, MAX_DEPTH, &mut dirs);
    }
    dirs
}

fn read(rootfs: &Rootfs, file: NodeId, depth: usize, dirs: &mut Vec<BString>) {
    let mut text = Vec::new();
    if depth == 0 || rootfs.read_prefix(file, MAX_SIZE, &mut text).is_err() {
        return;
    }
    for line in text.lines() {
        let line = line.split(|&b| b == b'#').next().unwrap_or_default().trim();
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        match words.next() {
            Some(b"include") => {
                for pattern in words {
                    for file in included(&rootfs.tree, pattern) {
                        read(rootfs, file, depth - 1, dirs);
                    }
                }
            }
            // `hwcap 0 nosegneg` is ignored since glibc 2.33.
            Some(b"hwcap") | None => {}
            Some(_) => {
                // Directories may be separated by blanks, colons or commas; `=TYPE` behind one is obsolete.
                for dir in line.split(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',')) {
                    let dir = dir.split(|&b| b == b'=').next().unwrap_or_default();
                    if dir.starts_with(b"/") && !dirs.iter().any(|known| known == dir) {
                        dirs.push(dir.into());
                    }
                }
            }
        }
    }
}

/// Files that match a glob; a relative one is relative to `/etc`. Wildcards in directories are rare: only the
/// last part may have any.
fn included(tree: &Tree, pattern: &[u8]) -> Vec<NodeId> {
    let absolute = if pattern.starts_with(b"/") { pattern.to_vec() } else { [b"/etc/", pattern].concat() };
    let Some((dir, name)) = absolute.rsplit_once_str("/") else { return Vec::new() };
    let Some(dir) = tree.follow(dir) else { return Vec::new() };
    let glob =
        std::str::from_utf8(name).ok().and_then(|name| GlobBuilder::new(name).literal_separator(true).build().ok());
    let Some(glob) = glob.map(|glob| glob.compile_matcher()) else { return Vec::new() };
    let matches = tree.children(dir).filter(|&file| {
        let name = tree.name(file).to_str_lossy();
        !name.starts_with('.') && glob.is_match(&*name)
    });
    matches.filter_map(|file| tree.follow(tree.path(file))).collect()
}

#[cfg(test)]
mod tests {
    use crate::rootfs::Builder;

    #[test]
    fn follows_includes_within_the_tree() {
        let rootfs = Builder::new()
            .file("/etc/ld.so.conf", b"# comment\ninclude /etc/ld.so.conf.d/*.conf\n/opt/lib=libc6 /opt/b:/opt/c\n")
            .file("/etc/ld.so.conf.d/b.conf", b"/usr/local/lib # ours\ninclude ld.so.conf\nhwcap 1 x\n")
            .file("/etc/ld.so.conf.d/a.conf", b"/lib/x86_64-linux-gnu\n/usr/local/lib\n")
            .file("/etc/ld.so.conf.d/c.txt", b"/not/this\n")
            .build();
        let dirs = super::directories(&rootfs);
        assert_eq!(dirs, ["/lib/x86_64-linux-gnu", "/usr/local/lib", "/opt/lib", "/opt/b", "/opt/c"]);
        assert!(super::directories(&Builder::new().build()).is_empty());
    }
}
