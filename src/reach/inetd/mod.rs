//! Tables of servers that are started when somebody connects.

mod table;

pub use table::{Servers, read_inetd, read_xinetd};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{Outcome, Runner};
use super::context::Context;
use super::decoding;
use super::evidence::{Evidence, EvidenceKind};
use super::request::Request;
use super::rules::Rules;
use super::trace::Trace;
use crate::rootfs::{NodeId, Tree};

/// inetd's form.
const INETD: Form = "inetd";

/// xinetd's form.
const XINETD: Form = "xinetd";

/// The analyser of these tables.
#[derive(Debug)]
pub struct Inetd<'a> {
    ctx: &'a Context,
}

impl<'a> Analyser<'a> for Inetd<'a> {
    const NAME: &'static str = "inetd";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = Servers;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let tree = &file.rootfs.tree;
        let folder = tree.name(tree.parent(file.node));
        let form = match (file.name(), &**folder) {
            (b"xinetd.conf", _) | (_, b"xinetd.d") => XINETD,
            (b"inetd.conf", _) | (_, b"inetd.d") => INETD,
            _ => return None,
        };
        (!file.head.contains(&0)).then_some(form)
    }

    fn read(form: Form, bytes: &[u8]) -> Option<Servers> {
        let text = decoding::text(bytes);
        Some(if form == XINETD { read_xinetd(&text) } else { read_inetd(&text) })
    }

    fn listens(_servers: &Servers, _file: &Candidate<'_>) -> Listens {
        Listens::ForSettingsToo
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, servers: Servers) {
        if servers.cut {
            trace.graph.cut_short(file);
        }
        let evidence = Evidence::new(EvidenceKind::Name, "include");
        for path in &servers.included {
            if let Some(node) = trace.graph.reach_path(Some(file), Tree::ROOT, path, &evidence)
                && trace.graph.tree().inode(node).is_dir()
            {
                trace.graph.reach_tree(Some(file), node, &evidence);
            }
        }
        let evidence = Evidence::new(EvidenceKind::Command, "inetd");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        for (argv, line) in &servers.commands {
            runner.evidence.line = *line;
            let outcome = runner.run_line(argv);
            runner.note_unknown(&outcome);
        }
        runner.finish(Outcome::default());
    }
}
