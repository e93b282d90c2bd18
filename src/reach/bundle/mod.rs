//! Programs in archives: zip files that Python runs (zipapps, pex, shiv), and programs that carry their interpreter and
//! their modules along (PyInstaller). All of such a file stays or goes together; what its code starts, loads and imports
//! from outside is what counts.

mod budget;
pub mod carchive;
mod contents;
mod toc;
pub mod zipped;

use std::sync::Arc;

pub use contents::{Bundle, Member};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{Unread, run_interpreter, run_script};
use super::context::Context;
use super::evidence::{Evidence, EvidenceKind};
use super::notice::Notice;
use super::request::Request;
use super::rules::Rules;
use super::shell::expand::Outer;
use super::shell::shebang::{LIMIT, Shebang};
use super::source::Source;
use super::trace::Trace;
use crate::rootfs::{NodeId, Rootfs};

const ZIP: Form = "zip of code";
const CARCHIVE: Form = "program with an archive";

/// The analyser of bundles.
#[derive(Debug)]
pub struct Bundles<'a> {
    rootfs: &'a Rootfs,
    ctx: &'a Context,
}

impl<'a> Analyser<'a> for Bundles<'a> {
    const NAME: &'static str = "bundle";
    const LIMIT: u64 = 1 << 30;
    const IN_PARTS: bool = true;
    type Facts = Bundle;

    /// Zip files of the user's own, and those that something starts.
    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let runs = matches!(file.reached_by, EvidenceKind::EntryPoint | EvidenceKind::Command);
        let is_zip = || zipped::begins_zip(file.head) || (file.head.starts_with(b"#!") && has_zip_end(file));
        ((!file.owned || runs) && is_zip()).then_some(ZIP)
    }

    /// A program, which another analyser reads as what else it is.
    fn given(_file: &Candidate<'_>) -> Option<Form> {
        Some(CARCHIVE)
    }

    fn read(form: Form, bytes: &[u8]) -> Option<Bundle> {
        match form {
            CARCHIVE => carchive::read(bytes),
            _ => zipped::read(bytes),
        }
    }

    fn read_parts(form: Form, file: &dyn Source) -> Option<Bundle> {
        match form {
            CARCHIVE => carchive::read_parts(file),
            _ => zipped::read_parts(file),
        }
    }

    fn listens(_facts: &Bundle, _file: &Candidate<'_>) -> Listens {
        Listens::No
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { rootfs: request.rootfs, ctx: request.ctx })
    }

    /// Programs are read for what they carry besides.
    fn reached(&mut self, trace: &mut Trace<'_>, file: NodeId) {
        if carries_archive(self.rootfs, file) {
            let evidence = Evidence::new(EvidenceKind::Name, "the archive that it carries");
            trace.graph.tell(Some(file), Notice::Script { language: Self::LANGUAGE, file }, evidence);
        }
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, bundle: Bundle) {
        if bundle.frozen.is_none() && !self.runs(trace, file, &bundle) {
            return;
        }
        let evidence = |kind, what: &str| Evidence::new(kind, format!("{what} in the archive"));
        for name in &bundle.libraries {
            trace.graph.tell(Some(file), Notice::Load(name.to_string()), evidence(EvidenceKind::Dlopen, name));
        }
        for word in &bundle.commands {
            trace.graph.tell(
                Some(file),
                Notice::Command(vec![word.to_string()]),
                evidence(EvidenceKind::Command, word),
            );
        }
        for script in &bundle.scripts {
            let (_, unread) = run_script(&mut trace.graph, self.ctx, file, script, Outer::default());
            for Unread { name, .. } in unread {
                let what =
                    format!("a script in an archive runs a command whose name is known at run time only: {name}");
                trace.graph.doubtful_if_own(Some(file), 0, what, "nothing was kept for it", "--entry COMMAND");
            }
        }
        for shebang in &bundle.interpreters {
            run_interpreter(&mut trace.graph, self.ctx, file, shebang);
        }
        if let Some(why) = &bundle.unread {
            let what = format!("an archive of which a part was not read: {why}");
            let effect = "what that part starts or imports may be missing";
            trace.graph.doubtful_if_own(Some(file), 0, what, effect, "--entry COMMAND");
        }
        trace.graph.tell(Some(file), Notice::Bundle(Arc::new(bundle)), Evidence::new(EvidenceKind::Name, "archive"));
    }
}

impl Bundles<'_> {
    /// Starts what runs a zip file, if anything does: what its first line names, else whoever was given it. One that is
    /// just there counts if it holds a program or is part of one.
    fn runs(&self, trace: &mut Trace<'_>, file: NodeId, bundle: &Bundle) -> bool {
        let mut start = Vec::new();
        if self.rootfs.read_prefix(file, LIMIT, &mut start).is_ok()
            && let Some(shebang) = Shebang::parse(&start)
        {
            run_interpreter(&mut trace.graph, self.ctx, file, &shebang);
            // A shell looks for an interpreter, and gives it the file (`pex --sh-boot`).
            if !shebang.program().starts_with("py") {
                let path = self.rootfs.tree.path(file).to_string();
                let evidence = Evidence::new(EvidenceKind::Command, "an archive of modules behind a script");
                trace.graph.tell(Some(file), Notice::Command(vec!["python3".to_owned(), path]), evidence);
            }
            return true;
        }
        let tree = &self.rootfs.tree;
        // The distributions of an unpacked pex lie in a folder beside what it knows about itself.
        let is_part = tree.child(tree.parent(tree.parent(file)), b"PEX-INFO").is_some();
        let is_named = trace.graph.edge(file).is_some_and(|edge| !edge.evidence.kind.is_weak());
        // cx_Freeze calls what it starts `NAME__main__`. One in a package runs with the package.
        let starts = |name: &str| name.ends_with("__main__") && !name.contains(['.', '/']);
        is_part || is_named || bundle.members.iter().any(|member| starts(&member.name))
    }
}

/// Whether a script is followed by a zip file.
fn has_zip_end(file: &Candidate<'_>) -> bool {
    let mut end = [0; zipped::END_LENGTH];
    let at = file.rootfs.tree.inode(file.node).size().checked_sub(end.len() as u64);
    at.is_some_and(|at| file.rootfs.read_at(file.node, at, &mut end).is_ok()) && zipped::ends_zip(&end)
}

/// Whether a file is a program with an archive behind it.
fn carries_archive(rootfs: &Rootfs, file: NodeId) -> bool {
    let inode = rootfs.tree.inode(file);
    let mut head = [0; 4];
    // Most files that are reached are libraries, which nobody starts.
    if !rootfs.tree.is_program(file) || rootfs.read_at(file, 0, &mut head).is_err() || head != *b"\x7fELF" {
        return false;
    }
    let length = inode.size().min(carchive::TAIL as u64);
    let mut tail = vec![0; length as usize];
    rootfs.read_at(file, inode.size() - length, &mut tail).is_ok() && carchive::is_in(&tail)
}

#[cfg(test)]
mod tests;
