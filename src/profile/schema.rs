//! The shape of a profile file. Unknown keys are errors.
//!
//! *Path globs* are [`globset`] patterns over absolute paths, where `*` and `?` stop at `/` and `**` does not.
//! *Module globs* are the same over dotted names, with `.` in the place of `/`: `celery.app.*`, `numpy.**`
//! (which is everything below `numpy`, but not `numpy` itself).
//!
//! The globs of strip and keep rules may hold *placeholders*, filled in from the image's config: `${NAME}` is the
//! environment variable `NAME`, `${languages}` stands for each language that `LANGUAGE`, `LC_ALL`, `LC_MESSAGES` or
//! `LANG` names (`de_DE.UTF-8`, `de_DE`, `de`). A glob whose placeholder has no value matches nothing.

use serde::{Deserialize, Serialize};

use crate::owners::Ecosystem;

/// One profile file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Unique name, the same as the file's stem for a built-in one.
    pub name: String,
    /// One sentence for `bantam profiles`.
    pub description: String,
    /// Baggage that goes unless something reached needs it.
    #[serde(default)]
    pub strip: Vec<StripRule>,
    /// Files that stay.
    #[serde(default)]
    pub keep: Vec<KeepRule>,
    /// Edges that no parser can see.
    #[serde(default)]
    pub implies: Vec<ImpliesRule>,
    /// What operands of programs name.
    #[serde(default)]
    pub command: Vec<CommandRule>,
    /// Names that mean nothing.
    #[serde(default)]
    pub cut: Vec<CutRule>,
    /// Names that count under a condition only.
    #[serde(default)]
    pub conditional: Vec<ConditionalRule>,
    /// Files that no package lists, and the package that makes them.
    #[serde(default)]
    pub owned: Vec<OwnedRule>,
    /// Libraries that no image holds.
    #[serde(default)]
    pub host: Vec<HostRule>,
    /// Sets of programs that stay on demand.
    #[serde(default)]
    pub tools: Vec<ToolsRule>,
}

impl Profile {
    /// The ids of its rules, by the keys that they stand under.
    pub fn sections(&self) -> [(&'static str, Vec<&str>); 9] {
        [
            ("strip", self.strip.iter().map(|rule| rule.id.as_str()).collect()),
            ("keep", self.keep.iter().map(|rule| rule.id.as_str()).collect()),
            ("implies", self.implies.iter().map(|rule| rule.id.as_str()).collect()),
            ("command", self.command.iter().map(|rule| rule.id.as_str()).collect()),
            ("cut", self.cut.iter().map(|rule| rule.id.as_str()).collect()),
            ("conditional", self.conditional.iter().map(|rule| rule.id.as_str()).collect()),
            ("owned", self.owned.iter().map(|rule| rule.id.as_str()).collect()),
            ("host", self.host.iter().map(|rule| rule.id.as_str()).collect()),
            ("tools", self.tools.iter().map(|rule| rule.id.as_str()).collect()),
        ]
    }

    /// The sentence of a `cut` or `conditional` rule.
    pub fn reason_of_cut(&self, id: &str) -> Option<&str> {
        let cuts = self.cut.iter().map(|rule| (&rule.id, &rule.reason));
        let all = cuts.chain(self.conditional.iter().map(|rule| (&rule.id, &rule.reason)));
        all.into_iter().find(|(known, _)| *known == id).map(|(_, reason)| reason.as_str())
    }
}

/// Names baggage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripRule {
    /// Unique among all rules of all profiles; `kebab-case`.
    pub id: String,
    /// The heading it is counted under in reports.
    pub category: String,
    /// Path globs of what goes. A directory that they name goes once everything in it has gone, unless it was
    /// empty from the start or programs may mount on it or write to it.
    pub globs: Vec<String>,
    /// Path globs of what stays all the same.
    #[serde(default)]
    pub except: Vec<String>,
    /// What must be true of a file for the rule to apply; all of it. Directories are not asked.
    #[serde(default)]
    pub only: Vec<Condition>,
    /// The rule is off in an image that runs a command of one of these names: in the words of its entry point, or
    /// as a reached file.
    #[serde(default)]
    pub unless_running: Vec<String>,
    /// Strips files that evidence reaches too (byte code caches, message catalogues …). Without it evidence
    /// beats the glob.
    #[serde(default)]
    pub even_if_reached: bool,
    /// Only files that an owner put there, never the user's own payload.
    #[serde(default)]
    pub owned_only: bool,
    /// Off where nothing was analysed (`--no-prune`, an entry point that may run anything): [`ImpliesRule`]s bring back
    /// what is in use of the files it names.
    #[serde(default)]
    pub needs_analysis: bool,
    /// Why it may go, in one sentence.
    pub reason: String,
}

/// What a strip rule can ask of a file besides its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// A directory: the rule strips no file, only folders that nothing is left in.
    Directory,
    /// A regular file.
    RegularFile,
    /// A regular file of at least one byte.
    Content,
    /// Whoever can write to the file could also create it anew: its directory is writable to the same users.
    Recreatable,
    /// Byte code whose source is there, so that Python can compile it again: `x.pyc` beside `x.py`, or in
    /// `__pycache__` below it.
    WithSource,
    /// The source of a message catalogue (`x.po`) beside the catalogue (`x.mo`).
    WithCatalogue,
    /// Inside a folder `test` or `tests` of a Python package that holds test modules (`test_*.py`, `*_test.py`,
    /// `conftest.py`), as opposed to a folder that only has that name.
    TestSuite,
    /// Neither at nor below a path that the image's config names (working directory, entry point, environment).
    Unnamed,
    /// A symlink that led somewhere and no longer does. It does not hold what it leads to.
    Dangling,
}

/// Names files that stay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// Path globs of what stays.
    pub globs: Vec<String>,
    /// Only as long as something else of the same owner stays (licences). A file without an owner stays.
    #[serde(default)]
    pub with_owner: bool,
    /// Why, in one sentence.
    pub reason: String,
}

/// When any part of [`when`](Self::when) is reached, everything named here is reached too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpliesRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// What sets it off.
    pub when: Trigger,
    /// What Python reaches.
    #[serde(default)]
    pub python: PythonEffects,
    /// Path globs that count as reached. `{dir}` stands for the directory of the file that set the rule off, `{name}`
    /// for the name that did, or for the first word of the value that did.
    #[serde(default)]
    pub paths: Vec<String>,
    /// What set the rule off is a runtime whose code no analyser reads: packages stay whole whose programs start it.
    #[serde(default)]
    pub callers: bool,
    /// What set the rule off is a program that may not do in the new image what it did: why. The result is doubtful where the
    /// image's own command or own files run it.
    #[serde(default)]
    pub doubt: Option<String>,
    /// The option that settles the doubt.
    #[serde(default)]
    pub settle: Option<String>,
    /// It lets people log in, who may run any program: nothing is pruned unless the user names what they run.
    #[serde(default)]
    pub logins: bool,
    /// Why, in one sentence.
    pub reason: String,
}

/// What an [`ImpliesRule`] means to Python programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonEffects {
    /// Module globs that count as imported.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Names below *each reached package* that count as imported once the rule is set off, as module globs
    /// relative to the package (`templatetags.*`, `management.commands.*`).
    #[serde(default)]
    pub submodules: Vec<String>,
    /// Path globs of files that a test runner imports, or that tests read: they count as reached, and all functions of
    /// modules among them as used. `{dir}` stands for the directory of the file that set the rule off, `{above}` for
    /// each folder above something that a command names by its path or as a module. After `{named}`, a glob only
    /// means what a command names, and what lies below it.
    #[serde(default)]
    pub collected: Vec<String>,
    /// Module globs of plugins that a loader finds by their file names: those of them run whose last part is a word of the
    /// user's own text, of a command or of the configuration. Strings in them that are programs in `PATH` count as run.
    #[serde(default)]
    pub plugins: Vec<String>,
    /// The same of plugins that are loaded together: all that lie in one folder as soon as one of them is named.
    #[serde(default)]
    pub plugin_folders: Vec<String>,
    /// Names in the user's own Python code that are programs in `PATH` count as run.
    #[serde(default)]
    pub names_are_commands: bool,
}

/// What sets an [`ImpliesRule`] off: any of these, once what [`with_module`](PythonTrigger::with_module) names is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Path globs of reached files.
    #[serde(default)]
    pub path: Vec<String>,
    /// What ELF files say.
    #[serde(default)]
    pub elf: ElfTrigger,
    /// What Python code says.
    #[serde(default)]
    pub python: PythonTrigger,
}

/// What reached ELF files say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElfTrigger {
    /// Globs over sonames and file names of reached ELF libraries (`libcrypto.so.*`).
    #[serde(default)]
    pub soname: Vec<String>,
    /// Globs over symbols that reached ELF files import (`iconv_open`).
    #[serde(default)]
    pub symbol: Vec<String>,
    /// Globs over sonames and file names of ELF files whose symbols do not count: they import them for uses that
    /// need nothing (`libstdc++.so*` and `iconv_open`).
    #[serde(default)]
    pub except: Vec<String>,
}

/// What reachable Python code says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonTrigger {
    /// Module globs of reached modules.
    #[serde(default)]
    pub module: Vec<String>,
    /// Module globs: what sets the rule off counts only once a module of these is reached too. Empty means at once.
    #[serde(default)]
    pub with_module: Vec<String>,
    /// Names that reachable code uses (attributes, variables, what imports take, strings), and words of the image's
    /// commands, its environment and the user's own files.
    #[serde(default)]
    pub name: Vec<String>,
    /// Settings: module-level names to which reachable code gives something that is no string constant, or which it
    /// uses as an attribute, a keyword or a string.
    #[serde(default)]
    pub computed: Vec<String>,
    /// Settings: module-level names to which reachable code gives a string constant. `{name}` in [`ImpliesRule::paths`]
    /// stands for the first word of that string.
    #[serde(default)]
    pub value: Vec<String>,
    /// Globs of modules that reachable code imports.
    #[serde(default)]
    pub imported: Vec<String>,
    /// Functions of those modules: an import does not count that a function makes for itself and uses for nothing but
    /// calls of these with string constants.
    #[serde(default)]
    pub except_constant: Vec<String>,
    /// Top-level modules whose own uses of those names and whose own imports do not count: they offer what the names
    /// stand for. `stdlib` is every module of the standard library, `words` are those of the configuration, of commands
    /// and of the user's own files.
    #[serde(default)]
    pub name_except: Vec<String>,
}

/// Wherever a program is started, a word of its command line names these files.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// File names of the programs.
    pub programs: Vec<String>,
    /// Which word it is: 1 is the first that is neither an option nor the value of one.
    #[serde(default = "first_operand")]
    pub operand: usize,
    /// So is every word after that.
    #[serde(default)]
    pub and_later: bool,
    /// Options whose value is a word of its own.
    #[serde(default)]
    pub valued: Vec<String>,
    /// What stands for the word where there is none, or none of it can be read.
    #[serde(default)]
    pub default: Vec<String>,
    /// Path globs of scripts that pass words of their own on: those that cannot be read there are the caller's, whose own
    /// command counts.
    #[serde(default)]
    pub passed_on_by: Vec<String>,
    /// Paths of the files; `{operand}` stands for the word, `{template}` for it up to its `@`, and `*` for any text
    /// without `/`.
    pub paths: Vec<String>,
    /// The files are started, with the words that follow as their arguments.
    #[serde(default)]
    pub run: bool,
    /// What the program does with them, in one sentence.
    pub reason: String,
}

fn first_operand() -> usize {
    1
}

/// The language that a [`CutRule`] or a [`ConditionalRule`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Modules and what they import.
    Python,
    /// ELF files, by soname or file name, and the libraries that strings in them name.
    Elf,
}

/// A name that looks like that of a module, a library or a command, and is none, or means what a caller names. It takes back
/// no import statement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// What the names are names of.
    pub language: Language,
    /// Who names it: module globs, or globs over sonames and file names.
    pub from: Vec<String>,
    /// What it names, likewise.
    pub to: Vec<String>,
    /// Only imports inside these functions or classes (names, any depth); empty means anywhere.
    #[serde(default)]
    pub within: Vec<String>,
    /// Only names in the data of extension modules, where those of methods cannot be told from those of modules.
    #[serde(default)]
    pub in_extensions: bool,
    /// It is about libraries: a module of the user's own that is called like one is another module. So is every built-in
    /// rule.
    #[serde(skip)]
    pub of_libraries: bool,
    /// Why it does not count, in one sentence.
    pub reason: String,
}

/// A name that counts only once a condition holds. Of import statements it takes back only those that run later than the
/// module that they stand in, or whose failure is caught.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionalRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// What the names are names of.
    pub language: Language,
    /// Who names it: module globs, or globs over sonames and file names.
    pub from: Vec<String>,
    /// What it names, likewise.
    pub to: Vec<String>,
    /// Only names inside these functions or classes (names, any depth); empty means anywhere.
    #[serde(default)]
    pub within: Vec<String>,
    /// Only in modules of the user's own that are just there: nothing that was found imports or runs them. There it takes
    /// back every import statement.
    #[serde(default)]
    pub idle: bool,
    /// As [`CutRule::of_libraries`].
    #[serde(skip)]
    pub of_libraries: bool,
    /// When it counts: as soon as any part of this is met.
    pub when: Trigger,
    /// Other such conditions: one of all is enough.
    #[serde(default)]
    pub or_when: Vec<Trigger>,
    /// Why it does not count before, in one sentence.
    pub reason: String,
}

impl ConditionalRule {
    /// As long as the condition does not hold.
    pub(crate) fn cut(&self) -> CutRule {
        CutRule {
            id: self.id.clone(),
            language: self.language,
            from: self.from.clone(),
            to: self.to.clone(),
            within: self.within.clone(),
            in_extensions: false,
            of_libraries: self.of_libraries,
            reason: self.reason.clone(),
        }
    }

    /// What waits for the conditions, one for each.
    pub(crate) fn awaiting(&self) -> impl Iterator<Item = ImpliesRule> {
        std::iter::once(&self.when).chain(&self.or_when).map(|when| ImpliesRule {
            id: self.id.clone(),
            when: when.clone(),
            python: PythonEffects::default(),
            paths: Vec::new(),
            callers: false,
            doubt: None,
            settle: None,
            logins: false,
            reason: self.reason.clone(),
        })
    }
}

/// Says which package makes files that no package lists. It applies only where the package is installed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnedRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// Which package managers the packages are of: `dpkg`, `apk`, `python`, `conda`, `cpython`.
    pub ecosystems: Vec<Ecosystem>,
    /// The files belong to the first of these that is installed.
    pub packages: Vec<String>,
    /// Path globs of the files. They must not match where people put files of their own.
    pub globs: Vec<String>,
    /// Only symlinks with exactly this target that came in the same layer as what they lead to.
    #[serde(default)]
    pub links_to: Option<String>,
    /// Only files with the same content as the one at this path.
    #[serde(default)]
    pub copy_of: Option<String>,
    /// What makes the files, in one sentence.
    pub reason: String,
}

/// Libraries that come from the machine that runs the container. One that an image lacks is not missed; one that it has is looked
/// for like any other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostRule {
    /// Unique among all rules of all profiles.
    pub id: String,
    /// Globs over sonames.
    pub libraries: Vec<String>,
    /// Who brings them, in one sentence.
    pub reason: String,
}

/// Programs that stay, with all that they reach, if somebody asks for the set: `--keep-tools ID`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolsRule {
    /// What the set is called; unique among all rules of all profiles.
    pub id: String,
    /// Names of commands, looked up along `PATH`; those that an image does not have are passed over.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Packages all of whose commands belong to it.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Path globs of other files.
    #[serde(default)]
    pub paths: Vec<String>,
    /// What it is for, in one sentence.
    pub reason: String,
}
