//! init's table: see `inittab(5)`, and the comment in BusyBox's `init/init.c`. Both have lines `ID:LEVELS:ACTION:PROCESS`.

use serde::{Deserialize, Serialize};

use super::analyser::{Analyser, Candidate, Form, Listens};
use super::command::{Outcome, Runner, run_lines};
use super::context::Context;
use super::decoding;
use super::evidence::{Evidence, EvidenceKind};
use super::request::Request;
use super::rules::Rules;
use super::trace::Trace;
use crate::rootfs::NodeId;

/// How many lines are read of one table.
const MAX_LINES: usize = 10_000;

/// The analyser of init's table.
#[derive(Debug)]
pub struct Inittab<'a> {
    ctx: &'a Context,
}

/// A line that starts something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Shell code: init passes what is more than plain words to a shell.
    pub code: Box<str>,
    /// 1-based line.
    pub line: u32,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitTable {
    /// What it starts, in order.
    pub processes: Vec<Process>,
    /// There was more than is read.
    pub cut: bool,
}

/// Reads a table.
pub fn read(text: &str) -> InitTable {
    let process = |(line, number): (&str, u32)| {
        let mut fields = line.trim().splitn(4, ':');
        let (id, action, code) = (fields.next()?, fields.nth(1)?, fields.next()?);
        // `+` asks for no record of the login, `-` for a login shell.
        let code = code.trim().trim_start_matches(['+', '-', '@']);
        let starts = !id.starts_with('#') && !matches!(action, "off" | "initdefault") && !code.is_empty();
        starts.then(|| Process { code: code.into(), line: number })
    };
    let processes = text.lines().take(MAX_LINES).zip(1..).filter_map(process).collect();
    InitTable { processes, cut: text.lines().nth(MAX_LINES).is_some() }
}

impl<'a> Analyser<'a> for Inittab<'a> {
    const NAME: &'static str = "inittab";
    const LIMIT: u64 = 1 << 20;
    const STARTS: bool = true;
    type Facts = InitTable;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        (file.rootfs.tree.path(file.node) == "/etc/inittab" && !file.head.contains(&0)).then_some("inittab")
    }

    fn read(_form: Form, bytes: &[u8]) -> Option<InitTable> {
        Some(read(&decoding::text(bytes)))
    }

    fn listens(_table: &InitTable, _file: &Candidate<'_>) -> Listens {
        Listens::ForSettingsToo
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, table: InitTable) {
        if table.cut {
            trace.graph.cut_short(file);
        }
        let evidence = Evidence::new(EvidenceKind::Command, "init");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        runner.program("/bin/sh");
        run_lines(&mut runner, table.processes.iter().map(|process| (&*process.code, process.line)));
        runner.finish(Outcome::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_inits_are_read() {
        let table = "# ::respawn:/bin/no\nid:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n1:2345:respawn:+/sbin/getty 38400 tty1 a:b\n::askfirst:-/bin/sh\nx:3:off:/bin/no\n\n";
        let found: Vec<String> = read(table).processes.into_iter().map(|p| format!("{} {}", p.line, p.code)).collect();
        assert_eq!(found, ["3 /etc/init.d/rcS", "4 /sbin/getty 38400 tty1 a:b", "5 /bin/sh"]);
    }
}
