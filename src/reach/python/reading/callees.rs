//! What is known of functions by their names: which calls are facts whatever they are given, and what they mean.

/// How far down a package is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::reach::python) enum Depth {
    /// The modules directly below it.
    Direct,
    /// All modules below it.
    All,
}

/// How a command is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::python) enum CommandForm {
    /// A program and its arguments.
    Direct,
    /// A line for a shell.
    Shell,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::python) enum Meaning {
    /// Imports the module its first argument names.
    Import,
    /// Runs a module as a program.
    RunModule,
    /// Starts an interpreter that does: what follows its argument `-m`.
    StartModule,
    /// Lists the modules of a package.
    List(Depth),
    /// Merges all folders of a package's name on the search path into one package.
    Namespace,
    /// Reads a package's data.
    Resource,
    /// Reads a distribution's metadata.
    Metadata,
    /// Resolves one entry point: distribution, group, name.
    EntryPoint,
    /// Loads a shared library.
    Library,
    /// Finds a library by its short name.
    FindLibrary,
    /// Runs a program given as a list or a string.
    Command(CommandForm),
    /// Reads a `.pyi` beside the module for what to import lazily.
    AttachStub,
    /// Imports lazily what its arguments name, relative to the package.
    Attach,
    /// Adds to the search path.
    SearchPath,
    /// Encodes or decodes by a codec's name.
    Codec,
}

/// Where a function has its meaning; others of the name may be anything.
#[derive(Clone, Copy, Debug)]
enum Place {
    Anywhere,
    /// In what is called so.
    Within(&'static [&'static str]),
    /// The same, or under its bare name.
    AloneOrWithin(&'static [&'static str]),
    /// As a method of what is called so.
    Naming(&'static str),
}

/// All that is known of functions and methods of one name.
#[derive(Clone, Copy, Debug)]
struct Callee {
    name: &'static str,
    /// Their calls are facts whatever the arguments: they import, execute or list modules, read package data or metadata,
    /// load libraries, start processes, or use names that are computed.
    recorded: bool,
    meaning: Option<Meaning>,
    place: Place,
    /// They import what they are given, also where they are handed to a function that calls them.
    importer: bool,
}

impl Callee {
    const fn named(name: &'static str) -> Self {
        Self { name, recorded: false, meaning: None, place: Place::Anywhere, importer: false }
    }

    const fn recorded(self) -> Self {
        Self { recorded: true, ..self }
    }

    const fn means(self, meaning: Meaning) -> Self {
        Self { meaning: Some(meaning), ..self }
    }

    const fn place(self, place: Place) -> Self {
        Self { place, ..self }
    }

    const fn importer(self) -> Self {
        Self { importer: true, ..self }
    }
}

/// What calls are called that stand for an argument of an interpreter and the module after it.
pub(in crate::reach::python) const DASH_M: &str = "-m";

/// What `subprocess` goes by.
const SUBPROCESS: &[&str] = &["subprocess", "sp"];

/// By name (last component), sorted.
#[rustfmt::skip]
const CALLEES: &[Callee] = &[
    Callee::named(DASH_M).means(Meaning::StartModule),
    Callee::named("CDLL").recorded().means(Meaning::Library),
    Callee::named("DLL").recorded(),
    Callee::named("EntryPoint").recorded(),
    Callee::named("ExtensionFileLoader").recorded(),
    Callee::named("LazyImport").recorded(),
    Callee::named("LazyLoader").recorded(),
    Callee::named("LazyModule").recorded().means(Meaning::Import),
    Callee::named("LoadLibrary").recorded().means(Meaning::Library),
    Callee::named("OleDLL").recorded(),
    Callee::named("PackageLoader").means(Meaning::Resource),
    Callee::named("Popen").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::AloneOrWithin(SUBPROCESS)),
    Callee::named("PyDLL").recorded().means(Meaning::Library),
    Callee::named("SourceFileLoader").recorded(),
    Callee::named("WinDLL").recorded().means(Meaning::Library),
    Callee::named("__import__").recorded().means(Meaning::Import).importer(),
    Callee::named("addsitedir").means(Meaning::SearchPath),
    Callee::named("append").means(Meaning::SearchPath).place(Place::Naming("sys.path")),
    Callee::named("as_file").recorded().means(Meaning::Resource),
    Callee::named("attach").recorded().means(Meaning::Attach),
    Callee::named("attach_stub").recorded().means(Meaning::AttachStub),
    Callee::named("autodiscover_tasks").recorded(),
    Callee::named("call").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(SUBPROCESS)),
    Callee::named("cdll_if_exists").recorded(),
    Callee::named("check_call").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(SUBPROCESS)),
    Callee::named("check_output").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(SUBPROCESS)),
    Callee::named("compile").recorded(),
    Callee::named("contents").recorded().means(Meaning::Resource),
    Callee::named("create_subprocess_exec").recorded().means(Meaning::Command(CommandForm::Direct)),
    Callee::named("create_subprocess_shell").recorded().means(Meaning::Command(CommandForm::Shell)),
    Callee::named("declare_namespace").recorded().means(Meaning::Namespace),
    Callee::named("decode").means(Meaning::Codec),
    Callee::named("delattr").recorded(),
    Callee::named("dist").recorded(),
    Callee::named("distribution").recorded().means(Meaning::Metadata),
    Callee::named("distributions").recorded(),
    Callee::named("dlopen").recorded().means(Meaning::Library),
    Callee::named("encode").means(Meaning::Codec),
    Callee::named("entry_points").recorded(),
    Callee::named("eval").recorded(),
    Callee::named("exec").recorded(),
    Callee::named("exec_module").recorded(),
    Callee::named("execfile").recorded(),
    Callee::named("execl").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execle").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execlp").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execlpe").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execv").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execve").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execvp").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("execvpe").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("extend").means(Meaning::SearchPath).place(Place::Naming("sys.path")),
    Callee::named("extend_path").recorded().means(Meaning::Namespace),
    Callee::named("files").recorded().means(Meaning::Resource),
    Callee::named("find_executable").means(Meaning::Command(CommandForm::Direct)),
    Callee::named("find_library").recorded().means(Meaning::FindLibrary),
    Callee::named("find_loader").recorded().means(Meaning::Import),
    Callee::named("find_module").recorded().means(Meaning::Import),
    Callee::named("find_packages").recorded(),
    Callee::named("find_spec").recorded().means(Meaning::Import),
    Callee::named("from_name").means(Meaning::Metadata),
    Callee::named("get_data").recorded().means(Meaning::Resource),
    Callee::named("get_distribution").recorded().means(Meaning::Metadata),
    Callee::named("get_entry_info").means(Meaning::EntryPoint),
    Callee::named("get_entry_map").means(Meaning::EntryPoint),
    Callee::named("get_loader").means(Meaning::Import),
    Callee::named("get_version").means(Meaning::Metadata),
    Callee::named("getattr").recorded(),
    Callee::named("getdecoder").means(Meaning::Codec),
    Callee::named("getencoder").means(Meaning::Codec),
    Callee::named("getincrementaldecoder").means(Meaning::Codec),
    Callee::named("getincrementalencoder").means(Meaning::Codec),
    Callee::named("getoutput").recorded().means(Meaning::Command(CommandForm::Shell)),
    Callee::named("getreader").means(Meaning::Codec),
    Callee::named("getstatusoutput").recorded().means(Meaning::Command(CommandForm::Shell)),
    Callee::named("getwriter").means(Meaning::Codec),
    Callee::named("globals").recorded(),
    Callee::named("import_from_string").recorded(),
    Callee::named("import_item").recorded(),
    Callee::named("import_module").recorded().means(Meaning::Import).importer(),
    Callee::named("import_object").recorded(),
    Callee::named("import_string").recorded(),
    Callee::named("insert").means(Meaning::SearchPath).place(Place::Naming("sys.path")),
    Callee::named("is_resource").recorded().means(Meaning::Resource),
    Callee::named("iter_entry_points").recorded(),
    Callee::named("iter_modules").recorded().means(Meaning::List(Depth::Direct)),
    Callee::named("lazy_import").recorded(),
    Callee::named("load_dynamic").recorded(),
    Callee::named("load_entry_point").recorded().means(Meaning::EntryPoint),
    Callee::named("load_library").recorded(),
    Callee::named("load_module").recorded().means(Meaning::Import).place(Place::Within(&["imp", "importlib"])),
    Callee::named("load_source").recorded(),
    Callee::named("locals").recorded(),
    Callee::named("lookup").means(Meaning::Codec),
    Callee::named("metadata").recorded().means(Meaning::Metadata),
    Callee::named("methodcaller").recorded(),
    Callee::named("module_from_spec").recorded(),
    Callee::named("open_binary").recorded().means(Meaning::Resource),
    Callee::named("open_text").recorded().means(Meaning::Resource),
    Callee::named("packages_distributions").recorded(),
    Callee::named("path").recorded().means(Meaning::Resource).place(Place::Within(&["resources", "importlib_resources"])),
    Callee::named("popen").recorded().means(Meaning::Command(CommandForm::Shell)).place(Place::Within(&["os"])),
    Callee::named("posix_spawn").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("posix_spawnp").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("read_binary").recorded().means(Meaning::Resource),
    Callee::named("read_text").recorded().means(Meaning::Resource),
    Callee::named("reload").recorded().means(Meaning::Import),
    Callee::named("require").means(Meaning::Metadata),
    Callee::named("requires").recorded().means(Meaning::Metadata),
    Callee::named("resolve_name").recorded().means(Meaning::Import),
    Callee::named("resource_exists").recorded().means(Meaning::Resource),
    Callee::named("resource_filename").recorded().means(Meaning::Resource),
    Callee::named("resource_isdir").recorded().means(Meaning::Resource),
    Callee::named("resource_listdir").recorded().means(Meaning::Resource),
    Callee::named("resource_stream").recorded().means(Meaning::Resource),
    Callee::named("resource_string").recorded().means(Meaning::Resource),
    Callee::named("run").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(SUBPROCESS)),
    Callee::named("run_module").recorded().means(Meaning::RunModule),
    Callee::named("run_path").recorded(),
    Callee::named("safe_import").recorded(),
    Callee::named("setattr").recorded(),
    Callee::named("sh").recorded(),
    Callee::named("shell").recorded(),
    Callee::named("spawn").means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnl").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnle").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnlp").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnlpe").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnv").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnve").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnvp").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spawnvpe").recorded().means(Meaning::Command(CommandForm::Direct)).place(Place::Within(&["os", "pty"])),
    Callee::named("spec_from_file_location").recorded(),
    Callee::named("spec_from_loader").recorded(),
    Callee::named("sudo").recorded(),
    Callee::named("system").recorded().means(Meaning::Command(CommandForm::Shell)).place(Place::Within(&["os"])),
    Callee::named("try_import").recorded(),
    Callee::named("vars").recorded(),
    Callee::named("version").recorded().means(Meaning::Metadata),
    Callee::named("walk_packages").recorded().means(Meaning::List(Depth::All)),
    Callee::named("which").recorded().means(Meaning::Command(CommandForm::Direct)),
];

fn find(function: &str) -> Option<&'static Callee> {
    CALLEES.binary_search_by(|callee| callee.name.cmp(function)).ok().map(|at| &CALLEES[at])
}

/// What a call of a dotted name does.
pub(in crate::reach::python) fn meaning(callee: &str) -> Option<Meaning> {
    let mut parts = callee.rsplit('.');
    let known = find(parts.next().unwrap_or(callee))?;
    let within = parts.next().unwrap_or("");
    let fits = match known.place {
        Place::Anywhere => true,
        Place::Within(names) => names.contains(&within),
        Place::AloneOrWithin(names) => names.contains(&within) || callee == known.name,
        Place::Naming(name) => callee.contains(name),
    };
    known.meaning.filter(|_| fits)
}

/// Whether calls of functions of a name are facts whatever their arguments.
pub(in crate::reach::python) fn is_recorded(function: &str) -> bool {
    find(function).is_some_and(|callee| callee.recorded) || function.contains("import")
}

/// Whether a keyword tells a function which program to run.
pub(in crate::reach::python) fn names_program(keyword: &str) -> bool {
    matches!(keyword, "cmd" | "command" | "executable" | "program" | "shell" | "editor" | "pager" | "browser")
}

/// Whether a dotted name is that of a function that imports what it is given.
pub(in crate::reach::python) fn is_importer(name: &str) -> bool {
    find(name.rsplit('.').next().unwrap_or(name)).is_some_and(|callee| callee.importer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_binary_search() {
        assert!(CALLEES.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn a_name_means_something_where_it_is_at_home() {
        let shell = Some(Meaning::Command(CommandForm::Shell));
        let direct = Some(Meaning::Command(CommandForm::Direct));
        assert_eq!((meaning("os.system"), meaning("self.system")), (shell, None));
        assert_eq!((meaning("Popen"), meaning(".Popen"), meaning("sp.Popen")), (direct, None, direct));
        assert_eq!((meaning("run"), meaning("subprocess.run")), (None, direct));
        assert_eq!((meaning("sys.path.insert"), meaning("path.insert")), (Some(Meaning::SearchPath), None));
        assert_eq!((meaning("import_module"), meaning("lazy_import")), (Some(Meaning::Import), None));
        assert!(is_recorded("lazy_import") && is_recorded("getattr") && !is_recorded("encode"));
    }
}
