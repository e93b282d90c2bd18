//! What the settings of a unit start and name.

use super::file::{Name, Setting, UnitFile};
use super::line::{Environment, assign, assign_lines, commands, specified, words};
use super::{MAX_STEPS, TOO_MANY, UNREAD, Unit, Units};
use crate::reach::command::{Operands, Outcome, Runner};
use crate::reach::decoding;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// Settings whose values are units that are started: requirements, what follows success and failure, and what sockets, timers
/// and paths activate. `Requisite=` starts nothing, but the unit fails without; `After=`, `PartOf=` and `Conflicts=` only
/// order and stop.
const STARTS: [&str; 13] = [
    "Wants",
    "Requires",
    "Requisite",
    "BindsTo",
    "BindTo",
    "Upholds",
    "OnFailure",
    "OnSuccess",
    "Sockets",
    "Service",
    "Unit",
    "Slice",
    "SystemdService",
];

/// Settings that keep a unit from starting where a file is not there, and say nothing of it.
const CONDITIONS: [&str; 3] = ["ConditionPathExists", "ConditionFileIsExecutable", "ConditionFileNotEmpty"];

/// How many files a unit may depend on. Without the others it is taken to start all the same.
const MAX_CONDITIONS: usize = 256;

/// Settings that hold text for people.
const SILENT: [&str; 2] = ["Description", "Documentation"];

/// Where systemd looks for programs.
const PATH: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Larger environment files are not read. In bytes.
const MAX_FILE: u64 = 64 << 10;

impl UnitFile {
    /// Whether it says what variables programs are given.
    pub(super) fn sets_environment(&self) -> bool {
        self.settings.iter().any(|setting| setting.key.starts_with("Environment"))
    }
}

impl Units<'_> {
    /// Follows the settings of one of the files of a unit.
    pub(super) fn follow(&mut self, trace: &mut Trace<'_>, unit: &Unit, file: NodeId) {
        let environment = self.environment(trace, unit, file);
        let tested = self.conditions(unit, file);
        self.follow_in(trace, unit, file, &environment, &tested);
    }

    /// The same, where it is known which variables programs are given, and without which files the unit does not start.
    pub(super) fn follow_in(
        &mut self,
        trace: &mut Trace<'_>,
        unit: &Unit,
        file: NodeId,
        environment: &Environment,
        tested: &[String],
    ) {
        if !self.step(&mut trace.graph, file, 0, 1 + environment.len()) {
            return;
        }
        let Some(settings) = self.read.get(&file).map(|unit| unit.settings.clone()) else { return };
        let evidence = Evidence::new(EvidenceKind::Command, "");
        let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence, "/");
        runner.path.extend(PATH.map(str::to_owned));
        for (name, value) in environment {
            runner.set(name, value);
        }
        for setting in settings.iter().filter(|setting| &*setting.section != "Install") {
            if !self.step(runner.graph, file, setting.line, 1) {
                break;
            }
            if STARTS.contains(&&*setting.key) {
                let (manager, name) = unit;
                for started in words(&setting.value).iter().map(|word| specified(word, name)) {
                    self.waiting.push(((*manager, started), Some(file), setting.line));
                }
            } else {
                apply(&mut runner, &unit.1, setting, environment, tested);
            }
        }
        runner.finish(Outcome::default());
    }

    /// Counts units of work. False once there was too much of it, which is said.
    fn step(&mut self, graph: &mut Graph<'_>, file: NodeId, line: u32, count: usize) -> bool {
        let before = self.steps;
        self.steps = before.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        if before < MAX_STEPS && self.steps >= MAX_STEPS {
            graph.uncertain(Some(file), line, TOO_MANY, UNREAD);
        }
        self.steps < MAX_STEPS
    }

    /// The files without which a unit does not start, by what its files say, this one among them.
    pub(super) fn conditions(&self, unit: &Unit, file: NodeId) -> Vec<String> {
        let files = std::iter::once(&file).chain(self.files.get(unit).into_iter().flatten());
        let settings = files.filter_map(|file| self.read.get(file)).flat_map(|unit| &unit.settings);
        let conditions = settings.filter(|setting| CONDITIONS.contains(&&*setting.key));
        let paths = conditions.map(|setting| specified(&setting.value, &unit.1).trim().to_owned());
        // `|` says that another one may hold instead, `!` that the file must not be there.
        paths.filter(|path| path.starts_with('/')).take(MAX_CONDITIONS).collect()
    }

    /// The variables that a unit's programs are given, as far as its files say.
    pub(super) fn environment(&mut self, trace: &mut Trace<'_>, unit: &Unit, file: NodeId) -> Environment {
        let mut environment = Environment::new();
        let only = vec![file];
        let setting = self.files.get(unit).unwrap_or(&only).iter().filter_map(|file| self.read.get(file));
        let count = setting.filter(|unit| unit.sets_environment()).count();
        if !self.step(&mut trace.graph, file, 0, count) {
            return environment;
        }
        let files = self.files.get(unit).unwrap_or(&only);
        let settings = files.iter().filter_map(|file| Some((*file, self.read.get(file)?)));
        let settings = settings.filter(|(_, unit)| unit.sets_environment());
        for (file, setting) in settings.flat_map(|(file, unit)| unit.settings.iter().map(move |one| (file, one))) {
            let value = specified(&setting.value, &unit.1);
            match &*setting.key {
                "Environment" => assign(&words(&value), &mut environment),
                "EnvironmentFile" => {
                    let path = value.trim_start_matches('-').to_owned();
                    let evidence = Evidence::at(EvidenceKind::Name, &*setting.value, setting.line);
                    let mut runner = Runner::new(&mut trace.graph, self.ctx, Some(file), evidence.clone(), "/");
                    // Patterns are of glob(3): see systemd.exec(5).
                    for found in runner.glob(&path, &evidence) {
                        let mut bytes = Vec::new();
                        if runner.graph.tree().inode(found).size() > MAX_FILE {
                            let what = "an environment file that is too large to be read";
                            let effect = "variables that it sets are not known";
                            runner.graph.uncertain_once(Some(found), 0, what.to_owned(), effect.to_owned());
                        }
                        if runner.graph.rootfs.read_prefix(found, MAX_FILE, &mut bytes).is_ok() {
                            assign_lines(&decoding::text(&bytes), &mut environment);
                        }
                    }
                }
                _ => {}
            }
        }
        environment
    }
}

/// A setting that starts no unit.
fn apply(runner: &mut Runner<'_, '_, '_>, unit: &str, setting: &Setting, environment: &Environment, tested: &[String]) {
    let key = &*setting.key;
    if SILENT.contains(&key) {
        return;
    }
    runner.evidence = Evidence::at(EvidenceKind::Command, key, setting.line);
    let value = specified(&setting.value, unit);
    if key.starts_with("Exec") && key != "ExecSearchPath" && key != "ExecPaths" {
        for argv in commands(&value, environment) {
            let outcome = runner.run_line_tested(&argv, tested);
            runner.note_unknown(&outcome);
        }
        return;
    }
    if key == "WorkingDirectory" {
        runner.change_dir(value.trim_start_matches('-'));
    }
    if key == "PAMName" {
        runner.operand(&format!("/etc/pam.d/{value}"), Operands::Files);
    }
    // mount(8) and swapon(8) leave some types of file systems to programs of their own.
    if key == "Type" && Name::of(unit).is_some_and(|name| name.kind == "mount") {
        runner.program(&format!("mount.{value}"));
    }
    for word in words(&value) {
        let path = word.trim_start_matches(['!', '|', '-', '+', ':', '@']);
        if path.contains('/') {
            runner.operand(path, Operands::Files);
        }
    }
}
