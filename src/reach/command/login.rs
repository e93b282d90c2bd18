//! Other users and their shells: which program `su` starts, and what a login shell reads.

use std::rc::Rc;

use super::runner::Runner;
use crate::reach::hole::{GLOB, HOLE};

/// How much of the list of users is read, in bytes.
const MAX_USERS: u64 = 1 << 20;

/// What login shells read, for everybody: see `bash(1)`, "INVOCATION", and `zsh(1)`, "STARTUP/SHUTDOWN FILES".
const EVERYBODY: [&str; 6] =
    ["/etc/profile", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh/zprofile", "/etc/zsh/zshrc", "/etc/zsh/zshenv"];

/// The same, in a home directory.
const AT_HOME: [&str; 8] =
    [".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_logout", ".zprofile", ".zshrc", ".zshenv"];

/// A user of `/etc/passwd`: see `passwd(5)`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct User {
    name: String,
    home: String,
    shell: String,
}

impl Runner<'_, '_, '_> {
    /// `su` and `runuser` start the shell of the user unless they are told of another one; with `-` it is a login shell.
    pub(super) fn switch_user(&mut self, program: &str, args: &[String]) {
        if !matches!(program, "su" | "runuser" | "sudo" | "doas" | "chroot") {
            return;
        }
        let login = args.iter().any(|arg| {
            matches!(arg.as_str(), "-" | "--login")
                || (arg.starts_with('-') && !arg.starts_with("--") && arg.contains(['l', 'i']))
        });
        let named = args.iter().any(|arg| arg == "-s" || arg == "--shell" || arg.starts_with("--shell="));
        let user =
            args.iter().find(|arg| !arg.starts_with('-') && !arg.starts_with('/') && !arg.contains(HOLE)).cloned();
        if !named {
            for found in self.users().iter().filter(|found| user.as_ref().is_none_or(|user| found.name == *user)) {
                self.program(&found.shell);
            }
        }
        if login {
            self.log_in(user.as_deref());
        }
    }

    /// Marks what a login shell of a user, or of any, reads.
    pub(crate) fn log_in(&mut self, user: Option<&str>) {
        let evidence = self.evidence.clone();
        let mut files = Vec::new();
        for path in EVERYBODY {
            files.extend(self.files(path, &evidence));
        }
        files.extend(self.files_of(&format!("/etc/profile.d/{GLOB}.sh"), &evidence));
        for found in self.users().iter().filter(|found| user.is_none_or(|user| found.name == user)) {
            for name in AT_HOME {
                files.extend(self.files(&format!("{}/{name}", found.home.trim_end_matches('/')), &evidence));
            }
        }
        self.source(&files);
    }

    /// The users that may log in.
    fn users(&mut self) -> Rc<[User]> {
        let known = self.users.take().unwrap_or_else(|| self.read_users().into());
        self.users = Some(Rc::clone(&known));
        known
    }

    fn read_users(&self) -> Vec<User> {
        let tree = self.graph.tree();
        let mut bytes = Vec::new();
        let list = tree.follow("/etc/passwd").filter(|&list| tree.inode(list).is_file());
        if list.is_none_or(|list| self.graph.rootfs.read_prefix(list, MAX_USERS, &mut bytes).is_err()) {
            return Vec::new();
        }
        users(&String::from_utf8_lossy(&bytes))
    }
}

/// The users of a list that may log in. No shell means `/bin/sh`.
fn users(list: &str) -> Vec<User> {
    let read = |line: &str| {
        let mut fields = line.split(':');
        let (name, home) = (fields.next()?, fields.nth(4)?);
        let shell = fields.next().filter(|shell| !shell.is_empty()).unwrap_or("/bin/sh");
        let none = shell.ends_with("/nologin") || shell.ends_with("/false") || shell.ends_with("/sync");
        let user = User { name: name.to_owned(), home: home.to_owned(), shell: shell.to_owned() };
        (!none).then_some(user)
    };
    list.lines().filter_map(read).take(10_000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_that_may_log_in_have_shells() {
        let list =
            "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\napp:x:9:9::/srv:\nbroken\n";
        let found: Vec<_> = users(list).into_iter().map(|user| (user.name, user.home, user.shell)).collect();
        let expected = [("root", "/root", "/bin/bash"), ("app", "/srv", "/bin/sh")];
        assert_eq!(found, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    }
}
