//! Tables of cron jobs: see `crontab(5)`. What a table's lines mean is decided by where it lies: those of the system name a
//! user before the command, those of users do not.

mod table;

pub(in crate::reach) use table::after_time;
pub use table::{CronTable, read, read_anacron};

use bstr::ByteSlice;

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{Outcome, Runner};
use super::context::Context;
use super::decoding;
use super::evidence::{Evidence, EvidenceKind};
use super::request::Request;
use super::rules::Rules;
use super::trace::Trace;
use crate::rootfs::{NodeId, Tree};

/// What runs the commands unless the table says otherwise.
const SHELL: &str = "/bin/sh";

const ANACRON: Form = "anacrontab";

/// The analyser of crontabs.
#[derive(Debug)]
pub struct Crontab<'a> {
    ctx: &'a Context,
}

/// Whether the lines of a table name a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// They do: `/etc/crontab`, `/etc/cron.d`.
    System,
    /// They do not: the spool folders of cron and of BusyBox's crond, and anacron's table.
    User,
    /// A file that is called like a table; whoever installs it knows.
    Elsewhere,
}

impl Place {
    fn of(tree: &Tree, file: NodeId) -> Option<Self> {
        let path = tree.path(file);
        let dir = path.rsplit_once_str("/").map_or(&b""[..], |(dir, _)| dir);
        let name = tree.name(file);
        match dir {
            b"/etc/cron.d" => Some(Self::System),
            b"/var/spool/cron" | b"/var/spool/cron/crontabs" | b"/var/cron/tabs" | b"/etc/crontabs" => Some(Self::User),
            b"/etc" if name == "crontab" => Some(Self::System),
            b"/etc" if name == "anacrontab" => Some(Self::User),
            _ if name == "crontab" || name.ends_with(b".cron") || name.ends_with(b".crontab") => Some(Self::Elsewhere),
            _ => None,
        }
    }
}

impl<'a> Analyser<'a> for Crontab<'a> {
    const NAME: &'static str = "crontab";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = CronTable;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        let place = Place::of(&file.rootfs.tree, file.node)?;
        let read = place != Place::Elsewhere || file.is_readable();
        let form = if file.name() == b"anacrontab" { ANACRON } else { "crontab" };
        (read && !file.head.contains(&0)).then_some(form)
    }

    fn read(form: Form, bytes: &[u8]) -> Option<CronTable> {
        let text = decoding::text(bytes);
        Some(if form == ANACRON { read_anacron(&text) } else { read(&text) })
    }

    fn listens(_table: &CronTable, _file: &Candidate<'_>) -> Listens {
        Listens::ForSettingsToo
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, table: CronTable) {
        if table.cut {
            trace.graph.cut_short(file);
        }
        let tree = trace.graph.tree();
        let place = Place::of(tree, file).unwrap_or(Place::Elsewhere);
        let evidence = Evidence::new(EvidenceKind::Command, "cron");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        runner.dirs.push(tree.parent(file));
        runner.program(SHELL);
        for (name, value) in &table.environment {
            runner.set(name, value);
        }
        for job in &table.jobs {
            runner.evidence.line = job.line;
            let of_user = job.text.split_once([' ', '\t']).map(|(_, command)| command.trim_start());
            let commands = match place {
                Place::System => [None, of_user],
                Place::User => [Some(&*job.text), None],
                Place::Elsewhere => [Some(&*job.text), of_user],
            };
            let missing = commands.into_iter().flatten().map(|command| runner.try_code_line(command).1);
            let missing: Vec<_> = missing.collect();
            // Where both are tried, one of them is the command.
            if missing.iter().all(|missing| !missing.is_empty()) {
                runner.note_missing(missing.into_iter().next_back().unwrap_or_default());
            }
        }
        runner.finish(Outcome::default());
    }
}

#[cfg(test)]
mod tests;
