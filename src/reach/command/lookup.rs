//! From names to files: programs over `PATH`, paths from the working directories, paths with unreadable parts.

use bstr::{BString, ByteSlice};

use super::runner::{Runner, shown};
use crate::reach::evidence::Evidence;
use crate::reach::hole::{GLOB, HOLE};
use crate::reach::interpreter::Program;
use crate::rootfs::{NodeId, Tree};

/// How many files a path with unreadable parts may stand for.
const MAX_MATCHES: usize = 256;

/// How long a pattern of `glob(3)` may be, in bytes: Linux takes no longer paths.
const MAX_PATTERN: usize = 4096;

impl Runner<'_, '_, '_> {
    /// Finds the program `name` as `execvp(3)` does, and marks it. A path with unreadable parts marks every file
    /// it may stand for, and counts as found if that is a single one.
    pub(crate) fn program(&mut self, name: &str) -> Option<Program> {
        let evidence = self.evidence.clone();
        if name.contains(HOLE) {
            let found = self.files_of(name, &evidence);
            let [node] = found.as_slice() else { return None };
            let path = self.graph.tree().path(*node);
            return self.graph.tree().inode(*node).is_file().then_some(Program { path, node: *node });
        }
        let (base, path) = self.locate(name)?;
        let node = self.graph.reach_path(self.from, base, path.as_slice(), &evidence)?;
        let path = if path.starts_with(b"/") {
            path
        } else {
            let mut whole = self.graph.tree().path(base);
            if whole != "/" {
                whole.push(b'/');
            }
            whole.extend_from_slice(path.strip_prefix(b"./").unwrap_or(&path));
            whole
        };
        Some(Program { path, node })
    }

    /// Whether `name` is a program that can be run.
    pub(crate) fn is_program(&self, name: &str) -> bool {
        self.locate(name).is_some_and(|(base, path)| {
            let tree = self.graph.tree();
            tree.resolve_from(base, path).is_some_and(|found| tree.inode(found.node).meta.mode & 0o111 != 0)
        })
    }

    fn locate(&self, name: &str) -> Option<(NodeId, BString)> {
        let tree = self.graph.tree();
        let file = |base: NodeId, path: &str| {
            let node = tree.resolve_from(base, path)?.node;
            tree.inode(node).is_file().then_some(node)
        };
        if name.is_empty() {
            return None;
        }
        if name.contains('/') {
            let base = self.dirs.iter().copied().find(|&dir| file(dir, name).is_some())?;
            return Some((base, name.into()));
        }
        // A file without the executable bit is passed over, unless there is no other.
        let mut other = None;
        for dir in &self.path {
            let path = format!("{}/{name}", dir.trim_end_matches('/'));
            let bases: &[NodeId] = if dir.starts_with('/') { &[Tree::ROOT] } else { &self.dirs };
            for &base in bases {
                let Some(node) = file(base, &path) else { continue };
                if tree.inode(node).meta.mode & 0o111 != 0 {
                    return Some((base, path.into()));
                }
                other.get_or_insert_with(|| (base, BString::from(path.as_str())));
            }
        }
        other
    }

    /// The same where the files run: a pattern (`/etc/rc.d/*`) stands for all files of a folder that fit.
    pub(crate) fn files_of(&mut self, path: &str, evidence: &Evidence) -> Vec<NodeId> {
        let pattern = path.rsplit_once('/').is_some_and(|(folder, name)| !folder.is_empty() && name.contains(GLOB));
        if pattern { self.fitting(path, evidence) } else { self.files(path, evidence) }
    }

    /// Marks every object that `path` may name, from each of the working directories.
    pub(crate) fn files(&mut self, path: &str, evidence: &Evidence) -> Vec<NodeId> {
        let bases = if path.starts_with('/') { vec![Tree::ROOT] } else { self.dirs.clone() };
        let mut found = Vec::new();
        if !path.contains(HOLE) {
            for base in bases {
                if let Some(node) = self.graph.reach_path(self.from, base, path, evidence)
                    && !found.contains(&node)
                {
                    found.push(node);
                }
            }
            return found;
        }
        // `$DIR/app` could be anything; `/usr/lib/app/$VERSION/app` is known well enough.
        if !path.starts_with('/') || !path.rsplit('/').next().is_some_and(is_named) {
            return found;
        }
        self.fitting(path, evidence)
    }

    /// Marks every file that fits a pattern of `glob(3)`.
    pub(crate) fn glob(&mut self, pattern: &str, evidence: &Evidence) -> Vec<NodeId> {
        if pattern.len() > MAX_PATTERN {
            let what = format!("a pattern of files that is longer than {MAX_PATTERN} bytes");
            let effect = "nothing was kept for it".to_owned();
            self.graph.uncertain_once(self.from, self.evidence.line, what, effect);
            return Vec::new();
        }
        let (mut path, mut rest) = (String::new(), pattern);
        while let Some(c) = rest.chars().next() {
            // A pattern that is read as more than it means keeps more.
            let bracket = Some(rest).filter(|_| c == '[').and_then(|rest| {
                let end = rest.char_indices().skip(2).find(|&(_, c)| c == ']' || c == '/');
                rest.get(end.filter(|&(_, c)| c == ']')?.0 + 1..)
            });
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match (c, bracket) {
                ('*' | '?', _) => path.push(HOLE),
                ('[', Some(after)) => {
                    path.push(HOLE);
                    rest = after;
                }
                ('\\', _) => {
                    path.extend(rest.chars().next());
                    rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
                }
                (c, _) => path.push(c),
            }
        }
        if path.contains(HOLE) { self.fitting(&path, evidence) } else { self.files(&path, evidence) }
    }

    /// Marks every file that a path with unreadable parts may stand for.
    pub(super) fn fitting(&mut self, path: &str, evidence: &Evidence) -> Vec<NodeId> {
        let mut found = Vec::new();
        if path.starts_with('/') {
            for path in self.matching(path) {
                found.extend(self.graph.reach_path(self.from, Tree::ROOT, path.as_slice(), evidence));
            }
        }
        found
    }

    /// The paths that an absolute path with unreadable parts may stand for, as far as their folders are there. Where there are
    /// too many of them, that is a doubt.
    pub(super) fn matching(&mut self, path: &str) -> Vec<BString> {
        let mut paths = vec![BString::from("")];
        let mut cut = false;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let mut longer = Vec::new();
            for prefix in &paths {
                if !part.contains(HOLE) {
                    longer.push(join(prefix, part.as_bytes()));
                    continue;
                }
                let Some(dir) = self.graph.tree().follow(prefix.as_slice()) else { continue };
                let names: Vec<_> =
                    self.graph.tree().children(dir).map(|child| self.graph.tree().name(child)).collect();
                for name in names {
                    if !self.step() {
                        return Vec::new();
                    }
                    if fits(part, name) {
                        match longer.len() < MAX_MATCHES {
                            true => longer.push(join(prefix, name)),
                            false => cut = true,
                        }
                    }
                }
            }
            paths = longer;
        }
        if cut {
            self.is_cut = true;
            let what = format!("a path that more than {MAX_MATCHES} files fit: {}", shown(path));
            let effect = "the others are not kept for it";
            self.graph.doubtful_if_own_once(self.from, self.evidence.line, what, effect, "--keep GLOB");
        }
        paths
    }
}

fn join(prefix: &BString, part: &[u8]) -> BString {
    let mut path = prefix.clone();
    path.push(b'/');
    path.extend_from_slice(part);
    path
}

/// Whether a part of a path says more than a suffix or a digit.
fn is_named(part: &str) -> bool {
    part.chars().filter(|c| c.is_alphanumeric()).count() > 1
}

/// Whether `name` is what `pattern` stands for: each hole is any text.
pub(crate) fn fits(pattern: &str, name: &[u8]) -> bool {
    let mut parts = pattern.split(HOLE);
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default().as_bytes()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part.as_bytes()) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::context::Context;
    use crate::reach::evidence::EvidenceKind;
    use crate::reach::graph::Graph;
    use crate::rootfs::Builder;

    #[test]
    fn patterns_of_glob_fit_files_and_end_quickly() {
        let rootfs = Builder::new().file("/etc/ab", b"x").file("/etc/[b", b"x").build();
        let mut graph = Graph::new(&rootfs);
        let (ctx, evidence) = (Context::default(), Evidence::new(EvidenceKind::Name, ""));
        let mut runner = Runner::new(&mut graph, &ctx, None, evidence.clone(), "/");
        for (pattern, count) in [("/etc/[a]b", 2), ("/etc/a?", 1), ("/etc/[b", 1), ("/etc/\\[b", 1), ("/etc/c*", 0)] {
            assert_eq!(runner.glob(pattern, &evidence).len(), count, "{pattern}");
        }
        assert!(runner.graph.uncertainties.is_empty());
        let start = std::time::Instant::now();
        for pattern in ["a".repeat(1 << 20), "[a".repeat(1 << 19)] {
            assert!(runner.glob(&pattern, &evidence).is_empty());
        }
        assert!(start.elapsed().as_secs() < 20);
        assert_eq!(runner.graph.uncertainties.len(), 1);
    }

    #[test]
    fn holes_stand_for_any_text() {
        let pattern = |text: &str| text.replace('*', &HOLE.to_string());
        assert!(fits(&pattern("python*"), b"python3.11"));
        assert!(fits(&pattern("*.sh"), b"10-listen.sh"));
        assert!(fits(&pattern("a*b*c"), b"a1b2c"));
        assert!(!fits(&pattern("a*b*c"), b"a1c2b"));
        assert!(!fits(&pattern("ab*ba"), b"aba"));
        assert!(!fits("python", b"python3"));
    }
}
