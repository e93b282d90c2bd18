//! What of a tree the image's config names.

use std::collections::BTreeSet;

use super::launch::Launch;
use crate::profile::{Premises, Variables};
use crate::rootfs::{NodeId, Tree};

impl Launch {
    /// What rules ask of the config.
    pub fn premises(&self, tree: &Tree) -> Premises {
        let program = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
        Premises {
            variables: Variables::new(&self.context.env),
            running: self.words().map(program).collect(),
            named: self.named(tree),
            started: self.started(tree),
        }
    }

    /// Everything that the config names by path and that exists, symlinks followed: the working directory, words of
    /// the commands, directories in environment variables. The root and the folders for temporary files that
    /// `TMPDIR` and the like name do not count.
    pub fn named(&self, tree: &Tree) -> BTreeSet<NodeId> {
        let workdir = tree.follow(&self.context.workdir).unwrap_or(Tree::ROOT);
        let mut named: BTreeSet<NodeId> =
            self.words().filter_map(|word| tree.resolve_from(workdir, word)).map(|r| r.node).collect();
        named.insert(workdir);
        for (name, value) in &self.context.env {
            if !matches!(name.as_str(), "TMPDIR" | "TEMP" | "TMP" | "TEMPDIR") {
                let paths = value.split([':', ',', ';', ' ']).filter(|part| part.starts_with('/'));
                named.extend(paths.filter_map(|path| tree.follow(path)));
            }
        }
        named.extend(self.volumes.iter().filter_map(|path| tree.follow(path)));
        named.remove(&Tree::ROOT);
        named
    }

    /// Directories that must be there when the program starts: working directory, volumes, `HOME`.
    pub fn needed_directories(&self, tree: &Tree) -> BTreeSet<NodeId> {
        let home = self.context.env.get("HOME");
        let paths = self.volumes.iter().chain([&self.context.workdir]).chain(home);
        paths.filter_map(|path| tree.follow(path)).collect()
    }

    /// The files that the commands name, with the symlinks on the way. Program names without a folder are looked up as
    /// the kernel's callers do, along `PATH`.
    pub fn started(&self, tree: &Tree) -> BTreeSet<NodeId> {
        let workdir = tree.follow(&self.context.workdir).unwrap_or(Tree::ROOT);
        let mut found = BTreeSet::new();
        for word in self.words() {
            let here = tree.resolve_from(workdir, word);
            let mut along_path = Vec::new();
            for dir in self.context.path().filter(|_| !word.contains('/')) {
                let Some(found) = tree.resolve(format!("{dir}/{word}")) else { continue };
                let inode = tree.inode(found.node);
                let runs = inode.is_file() && inode.meta.mode & 0o111 != 0;
                along_path.push(found);
                // Programs of that name further along never run.
                if runs {
                    break;
                }
            }
            let files = here.into_iter().chain(along_path).filter(|found| !tree.inode(found.node).is_dir());
            for resolution in files {
                found.extend(resolution.via);
                found.insert(resolution.node);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    #[test]
    fn commands_are_found_in_words_and_shell_forms() {
        let launch = Launch::running(&["/bin/sh", "-c", "cd /src && exec /usr/local/go/bin/go run ."]);
        let running = launch.premises(&Builder::new().build().tree).running;
        assert!(running.contains("go") && running.contains("sh"));
        assert!(!running.contains("cargo") && !running.contains("run."));
    }

    #[test]
    fn what_the_config_names() {
        let tree = Builder::new().file("/tmp/app/main.py", b"").file("/tmp/x", b"").dir("/opt/data").build().tree;
        let mut launch = Launch::running(&["python", "main.py"]);
        launch.context.workdir = "/tmp/app".into();
        launch.context.env.insert("DATA".into(), "/none:/opt/data".into());
        launch.context.env.insert("TMPDIR".into(), "/tmp".into());
        let named: Vec<_> = launch.named(&tree).into_iter().map(|node| tree.path(node).to_string()).collect();
        assert_eq!(named, ["/tmp/app", "/tmp/app/main.py", "/opt/data"]);
    }
}
