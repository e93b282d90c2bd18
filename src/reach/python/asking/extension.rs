//! What extension modules say: names in their data, strings run together, source text.

use super::super::names::{last_name, parent_name};
use super::super::reaching::Reaching;
use super::super::reading::extension::ExtensionFacts;
use super::super::reading::extract::extract;
use super::super::reading::facts::PythonFacts;
use super::super::running::ScopeId;
use super::super::search::ModuleId;
use super::super::site::Expected;
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

/// How mypyc names the module that holds the code of a whole distribution; the modules themselves are shims.
const MYPYC_HELPER: &str = "__mypyc";

/// Module names shorter than this are not looked for in strings without separators.
const MIN_GLUED_NAME: usize = 4;

/// Shorter ones that are.
const SHORT_NAMES: [&str; 3] = ["re", "abc", "os"];

impl Asking {
    /// What an extension module imports: any of its names that is a module, in its own package or at top level.
    pub fn answer_extension(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        facts: &ExtensionFacts,
    ) {
        let bases = bases(reaching, module);
        for name in &facts.names {
            self.use_held_name(reaching, trace, module, name, &bases);
        }
        import_from_named_packages(reaching, trace, module, facts, &bases);
        if !facts.glued.is_empty() {
            reaching.use_glued(trace, module, &facts.glued);
            import_glued(reaching, trace, module, facts, &bases);
        }
        for source in &facts.sources {
            import_embedded(reaching, trace, module, &extract(source.as_bytes()));
        }
        if facts.opaque
            && let Some(base) = bases.first()
        {
            import_unread(reaching, trace, module, base);
        }
    }

    fn use_held_name(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        name: &str,
        bases: &[String],
    ) {
        reaching.use_name(trace, Some(module), name);
        reaching.use_computed(trace, Some(module), name);
        if reaching.is_cut_in_extension(module, name) {
            return;
        }
        let site = reaching.site(module, held(name));
        if name.contains('.') {
            let expected = if names_capsule(name) { Expected::Name } else { Expected::Anything };
            self.import_named(reaching, trace, &site, name, expected);
        } else if reaching.search.exists(site.env, name) {
            reaching.import(trace, &site, name);
        }
        for base in bases {
            reaching.import_relative(trace, &site, base, name);
        }
    }
}

/// Whether a dotted name is that of a capsule, by the ways in which C interfaces are called (`datetime.datetime_CAPI`,
/// `_decimal._C_API`): `PyCapsule_Import` imports the module that holds it, where no source says so.
fn names_capsule(name: &str) -> bool {
    last_name(name).ends_with("API")
}

/// What is said of a name in an extension module's data.
fn held(name: &str) -> Evidence {
    Evidence::new(EvidenceKind::Import, format!("{name} in its strings"))
}

/// The packages that names in a module may be relative to, the nearest first.
fn bases(reaching: &mut Reaching<'_>, module: ModuleId) -> Vec<String> {
    let own = reaching.search.module(module).clone();
    if own.name.ends_with(MYPYC_HELPER) {
        return reaching.search.packages_of_distribution(&own);
    }
    std::iter::successors(parent_name(&own.name), |base| parent_name(base)).map(str::to_owned).collect()
}

/// Strings without separators (Rust, compressed tables that could not be cut): every module that exists and whose name begins where
/// something points to, or, where that is not known, whose name they hold. Short names are found by chance everywhere, so they have to be longer.
fn import_glued(
    reaching: &mut Reaching<'_>,
    trace: &mut Trace<'_>,
    module: ModuleId,
    facts: &ExtensionFacts,
    bases: &[String],
) {
    let env = reaching.env_of(module);
    let mut names: Vec<String> = reaching.search.top_level(env);
    names.retain(|name| name.len() >= MIN_GLUED_NAME || SHORT_NAMES.contains(&name.as_str()));
    for base in bases {
        names.extend(reaching.search.below(env, base).iter().map(ToString::to_string));
    }
    names.sort_unstable();
    names.dedup();
    let found = match &facts.beginnings {
        Some(beginnings) => begun(&names, beginnings),
        None => held_within(&names, &facts.glued),
    };
    for name in found {
        if reaching.is_cut_in_extension(module, name) {
            continue;
        }
        let site = reaching.site(module, held(name));
        reaching.import(trace, &site, name);
        // `collections.abc`: a submodule named after it.
        for below in reaching.search.below(env, name).iter() {
            let is_named = match &facts.beginnings {
                Some(beginnings) => begins(beginnings, below),
                None => memchr::memmem::find(facts.glued.as_bytes(), below.as_bytes()).is_some(),
            };
            if is_named {
                reaching.import(trace, &site, below);
            }
        }
    }
}

/// The names with which one of `beginnings` begins. Both are sorted.
fn begun<'n>(names: &'n [String], beginnings: &[Box<str>]) -> Vec<&'n str> {
    names.iter().map(String::as_str).filter(|name| begins(beginnings, name)).collect()
}

/// Whether one of `beginnings`, which are sorted, begins with `name`.
fn begins(beginnings: &[Box<str>], name: &str) -> bool {
    let first = beginnings.partition_point(|text| **text < *name);
    beginnings.get(first).is_some_and(|text| text.starts_with(name))
}

/// The names that stand anywhere in `glued`.
fn held_within<'n>(names: &'n [String], glued: &str) -> Vec<&'n str> {
    let mut builder = aho_corasick::AhoCorasick::builder();
    let Ok(search) = builder.match_kind(aho_corasick::MatchKind::Standard).build(names) else { return Vec::new() };
    let mut found: Vec<usize> = search.find_overlapping_iter(glued).map(|found| found.pattern().as_usize()).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().filter_map(|index| names.get(index)).map(String::as_str).collect()
}

/// `from .parts import tool` in compiled code: the package and what is taken from it stand apart in its strings.
fn import_from_named_packages(
    reaching: &mut Reaching<'_>,
    trace: &mut Trace<'_>,
    module: ModuleId,
    facts: &ExtensionFacts,
    bases: &[String],
) {
    let env = reaching.env_of(module);
    let mut packages: Vec<String> = Vec::new();
    for name in &facts.names {
        for candidate in bases.iter().map(|base| format!("{base}.{name}")).chain([name.to_string()]) {
            if reaching.search.is_package(env, &candidate) && !bases.contains(&candidate) {
                packages.push(candidate);
            }
        }
    }
    packages.sort();
    packages.dedup();
    for package in packages {
        for below in reaching.search.below(env, &package).iter() {
            let last = below.rsplit('.').next().unwrap_or_default();
            let named = facts.names.binary_search_by(|name| (**name).cmp(last)).is_ok();
            // Every module of Cython's has this word, to see whether it is run as a program.
            if named && last != "__main__" && !reaching.is_cut_in_extension(module, below) {
                let site = reaching.site(module, held(below));
                reaching.import(trace, &site, below);
            }
        }
    }
}

/// Python source in an extension module's data.
fn import_embedded(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, module: ModuleId, facts: &PythonFacts) {
    for unit in 0..facts.units.len() {
        let frame = reaching.frame(ScopeId { module, unit: unit as u32 }, facts);
        reaching.import_statements(trace, &frame);
    }
}

/// A module whose names cannot be read may import any of its own package.
fn import_unread(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, module: ModuleId, base: &str) {
    let own = &reaching.search.module(module).name;
    let site = reaching.site(module, Evidence::new(EvidenceKind::DynamicImport, format!("{own} hides its names")));
    for name in reaching.search.below(site.env, base).iter() {
        reaching.import(trace, &site, name);
    }
    reaching.set_off_by_opaque(trace, module);
    trace.graph.uncertain(
        site.from,
        0,
        "an extension module whose names cannot be read",
        format!("kept the modules of {base}"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_with_a_name_names_it() {
        let names = ["cffi", "code", "decimal", "re"].map(str::to_owned);
        let beginnings = ["_cffi_types", "decimalcannot", "recv", "xcode"].map(Box::from);
        assert_eq!(begun(&names, &beginnings), ["decimal", "re"]);
        assert_eq!(held_within(&names, "_cffi_types\nxcode\n"), ["cffi", "code"]);
    }
}
