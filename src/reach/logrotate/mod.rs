//! What logrotate reads: `/etc/logrotate.conf` and the files of `/etc/logrotate.d`, whose scripts a shell runs. See
//! `logrotate(8)`.

mod table;

pub use table::{Rotation, read};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{Outcome, Runner, run_lines};
use super::context::Context;
use super::decoding;
use super::evidence::{Evidence, EvidenceKind};
use super::request::Request;
use super::rules::Rules;
use super::trace::Trace;
use crate::rootfs::NodeId;

/// The analyser of logrotate's configuration.
#[derive(Debug)]
pub struct Logrotate<'a> {
    ctx: &'a Context,
}

impl<'a> Analyser<'a> for Logrotate<'a> {
    const NAME: &'static str = "logrotate";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = Rotation;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let path = file.rootfs.tree.path(file.node);
        let named = path == "/etc/logrotate.conf" || path.starts_with(b"/etc/logrotate.d/");
        let named = named || (file.is_readable() && path.ends_with(b"logrotate.conf"));
        (named && !file.head.contains(&0)).then_some("logrotate")
    }

    fn read(_form: Form, bytes: &[u8]) -> Option<Rotation> {
        Some(read(&decoding::text(bytes)))
    }

    fn listens(_facts: &Rotation, _file: &Candidate<'_>) -> Listens {
        Listens::ForWords
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, facts: Rotation) {
        if facts.cut {
            trace.graph.cut_short(file);
        }
        let evidence = Evidence::new(EvidenceKind::Command, "logrotate");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        run_lines(&mut runner, facts.scripts.iter().map(|(code, line)| (&**code, *line)));
        for (path, line) in &facts.included {
            let evidence = Evidence::at(EvidenceKind::Command, path.clone(), *line);
            for found in runner.files(path, &evidence) {
                // A folder: all files in it.
                runner.graph.reach_tree(Some(file), found, &evidence);
            }
        }
        runner.finish(Outcome::default());
    }
}

#[cfg(test)]
mod tests;
