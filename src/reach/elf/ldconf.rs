//! `/etc/ld.so.conf`: the directories `ldconfig` looks through, see `ldconfig(8)`.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};
use globset::GlobBuilder;
use rustc_hash::FxHashSet;

use crate::rootfs::{NodeId, Rootfs};

/// Larger files are not lists of directories.
const MAX_SIZE: u64 = 1 << 20;
/// No more than so many bytes of all files are read.
const MAX_TOTAL: usize = 4 << 20;
/// No more than so many names are held against the patterns of includes.
const MAX_LOOKS: usize = 200_000;

/// The directories that `/etc/ld.so.conf` and the files it includes name, in order, without duplicates.
pub fn directories(rootfs: &Rootfs) -> Vec<BString> {
    let mut reader = Reader { rootfs, seen: FxHashSet::default(), bytes: MAX_TOTAL, looks: MAX_LOOKS };
    let mut dirs = Vec::new();
    let mut known: HashSet<BString> = HashSet::default();
    let mut open: Vec<Open> =
        rootfs.tree.follow("/etc/ld.so.conf").and_then(|file| reader.open(file)).into_iter().collect();
    // The files that are being read: what one includes comes where the line stands.
    while let Some(file) = open.last_mut() {
        if let Some(included) = file.included.pop() {
            open.extend(reader.open(included));
            continue;
        }
        let Some(line) = file.next_line() else {
            open.pop();
            continue;
        };
        let line = line.split(|&b| b == b'#').next().unwrap_or_default().trim();
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        match words.next() {
            Some(b"include") => {
                let mut included: Vec<NodeId> = words.flat_map(|pattern| reader.included(pattern)).collect();
                included.reverse();
                file.included = included;
            }
            // `hwcap 0 nosegneg` is ignored since glibc 2.33.
            Some(b"hwcap") | None => {}
            Some(_) => {
                // Directories may be separated by blanks, colons or commas; `=TYPE` behind one is obsolete.
                for dir in line.split(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',')) {
                    let dir = dir.split(|&b| b == b'=').next().unwrap_or_default();
                    if dir.starts_with(b"/") && known.insert(dir.into()) {
                        dirs.push(dir.into());
                    }
                }
            }
        }
    }
    dirs
}

/// A file that is being read.
struct Open {
    text: Vec<u8>,
    at: usize,
    /// What its last line included, the next one last.
    included: Vec<NodeId>,
}

impl Open {
    fn next_line(&mut self) -> Option<Vec<u8>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = rest.lines_with_terminator().next().unwrap_or_default();
        self.at += line.len();
        Some(line.to_owned())
    }
}

struct Reader<'a> {
    rootfs: &'a Rootfs,
    /// Files that were opened: what a file names twice is known after the first time.
    seen: FxHashSet<NodeId>,
    bytes: usize,
    looks: usize,
}

impl Reader<'_> {
    fn open(&mut self, file: NodeId) -> Option<Open> {
        let mut text = Vec::new();
        if !self.seen.insert(file) || self.rootfs.read_prefix(file, MAX_SIZE, &mut text).is_err() {
            return None;
        }
        text.truncate(self.bytes);
        self.bytes -= text.len();
        Some(Open { text, at: 0, included: Vec::new() })
    }

    /// Files that match a glob; a relative one is relative to `/etc`. Wildcards in directories are rare: only the
    /// last part may have any.
    fn included(&mut self, pattern: &[u8]) -> Vec<NodeId> {
        let tree = &self.rootfs.tree;
        let absolute = if pattern.starts_with(b"/") { pattern.to_vec() } else { [b"/etc/", pattern].concat() };
        let Some((dir, name)) = absolute.rsplit_once_str("/") else { return Vec::new() };
        let Some(dir) = tree.follow(dir) else { return Vec::new() };
        if !name.iter().any(|b| b"*?[]{}\\!".contains(b)) {
            return tree.resolve_from(dir, name).map(|found| found.node).into_iter().collect();
        }
        let count = tree.children(dir).len() + 1;
        if self.looks < count {
            return Vec::new();
        }
        self.looks -= count;
        let glob =
            std::str::from_utf8(name).ok().and_then(|name| GlobBuilder::new(name).literal_separator(true).build().ok());
        let Some(glob) = glob.map(|glob| glob.compile_matcher()) else { return Vec::new() };
        let matches = tree.children(dir).filter(|&file| {
            let name = tree.name(file).to_str_lossy();
            !name.starts_with('.') && glob.is_match(&*name)
        });
        matches.filter_map(|file| tree.follow(tree.path(file))).collect()
    }
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

    #[test]
    fn files_that_include_one_another_are_read_once_each() {
        let mut builder = Builder::new().file("/etc/ld.so.conf", b"include x/*.conf\n/last\n");
        for name in 0..200 {
            let text = format!("include x/*.conf\n/dir{name}\ninclude x/{}.conf\n", name + 1);
            builder = builder.file(&format!("/etc/x/{name}.conf"), text.as_bytes());
        }
        let dirs = super::directories(&builder.build());
        assert_eq!(dirs.len(), 201);
        assert_eq!(dirs.last().unwrap(), "/last");
    }

    #[test]
    fn a_chain_of_includes_may_be_long() {
        let mut builder = Builder::new().file("/etc/ld.so.conf", b"include x/0\n/last\n");
        for name in 0..20_000 {
            builder = builder.file(&format!("/etc/x/{name}"), format!("include x/{}\n/d\n", name + 1).as_bytes());
        }
        assert_eq!(super::directories(&builder.build()), ["/d", "/last"]);
    }
}
