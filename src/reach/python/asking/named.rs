//! Strings that name modules, or objects in them.

use super::super::names::{MAIN, is_identifier, last_name, parent_name, top_name};
use super::super::reaching::Reaching;
use super::super::reading::facts::{HOLE, PythonFacts, Text, UnitKind, in_module};
use super::super::search::ModuleId;
use super::super::site::{Expected, Site};
use super::answered::Question;
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

impl Asking {
    /// Imports what a string names: a module, or an object in one (`a.b:C`, `a.b.C`). Returns the module, if it does.
    pub fn import_named<'t>(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        site: &Site,
        text: &'t str,
        expected: Expected,
    ) -> Option<&'t str> {
        let module = named_module(reaching, site.env, text, expected)?;
        reaching.import(trace, site, module);
        // `f"{package}.base"` somewhere may mean a submodule.
        if reaching.search.is_package(site.env, module) {
            for (site, glob) in self.packages.name(site.env, module) {
                reaching.import_glob(trace, &site, &glob);
            }
        }
        Some(module)
    }

    /// Imports what may have a computed name that ends like this, in the packages that strings name.
    pub(super) fn import_ending(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        site: &Site,
        ending: &str,
    ) {
        for glob in self.packages.add_ending(site, ending) {
            reaching.import_glob(trace, site, &glob);
        }
    }

    /// Imports every module that fits the readable part of a computed name, which stands in `module`.
    pub fn import_pattern(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        site: &Site,
        module: ModuleId,
        pattern: &str,
    ) {
        let own = reaching.search.module(module);
        let package = own.package().to_owned();
        let filled = in_module(pattern, &own.name, &package).into_owned();
        let name = filled.split(':').next().unwrap_or("");
        let valid = |c: char| c == HOLE || matches!(c, '.' | '_' | '-') || c.is_alphanumeric();
        if !name.chars().all(valid) || !name.chars().any(|c| c.is_alphanumeric()) {
            return;
        }
        let glob = name.replace(HOLE, "*");
        if reaching.is_cut(module, &glob, &[]) {
            return;
        }
        if let Some(rest) = glob.strip_prefix("*.") {
            self.import_ending(reaching, trace, site, rest);
        }
        let mut globs = globs(reaching, site, &package, &glob);
        if reaching.globs.is_full(&reaching.search) {
            return globs.iter().for_each(|glob| reaching.import_glob(trace, site, glob));
        }
        // `f"p.backends.{x}.Backend"`: what follows the unreadable part may be an object in the module.
        if names_object(&glob) && globs.iter().all(|glob| reaching.search.glob(site.env, glob).is_empty()) {
            globs = globs.iter().filter_map(|glob| parent_name(glob)).map(str::to_owned).collect();
        }
        for glob in globs {
            // A hole may hold dots, but a whole tree is what `**` asks for: one level more is enough in practice.
            reaching.import_glob(trace, site, &glob);
            reaching.import_glob(trace, site, &format!("{glob}.__init__"));
        }
    }

    /// Imports what a computed name may mean in the user's own code whose readable beginning is a package or module
    /// (`"django.db.backends." + kind`): settings name modules, and objects in them.
    pub(super) fn import_begun(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, site: &Site, text: &str) {
        let Some((begun, _)) = text.split_once(HOLE) else { return };
        let Some((package, _)) = begun.rsplit_once('.') else { return };
        let meant = package.contains('.') || reaching.search.has_outside_stdlib(site.env, package);
        if !meant || !package.split('.').all(is_identifier) || !reaching.search.exists(site.env, package) {
            return;
        }
        reaching.import(trace, site, package);
        let glob = format!("{begun}*");
        if reaching.globs.is_full(&reaching.search) {
            return reaching.import_glob(trace, site, &glob);
        }
        for module in reaching.search.glob(site.env, &glob) {
            self.import_named(reaching, trace, site, &module, Expected::Name);
        }
    }

    /// Imports what strings of a module may name, in a scope of this name. Returns whether any names something.
    pub(super) fn import_strings<'t>(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        scope: &str,
        texts: impl Iterator<Item = &'t Text>,
    ) -> bool {
        let base = reaching.search.relative_base(module, 1);
        let mut found = false;
        for text in texts {
            // `if __name__ == "__main__"` names nothing to import.
            if &*text.value == MAIN || reaching.is_cut(module, &text.value, &[scope]) {
                continue;
            }
            let site = reaching.site(module, Evidence::at(EvidenceKind::DynamicImport, &*text.value, text.line));
            found |= self.import_named(reaching, trace, &site, &text.value, Expected::Name).is_some();
            if let Some(base) = &base
                && !reaching.is_cut(module, &format!("{base}.{}", text.value), &[scope])
            {
                found |= reaching.import_relative(trace, &site, base, &text.value);
            }
            found |= reaching.import_prefix(trace, &site, &text.value);
        }
        found
    }

    /// When a module imports by a name that cannot be read, then its own strings are the names. Returns whether
    /// any of them was one.
    pub(super) fn import_candidates(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        facts: &PythonFacts,
    ) -> bool {
        let changes = reaching.search.changes();
        if let Some(known) = self.answered.get(module, Question::Candidates, changes) {
            return known;
        }
        let mut found = false;
        let stdlib = reaching.search.is_stdlib(module);
        for unit in &facts.units {
            let exports = facts.all.iter().flatten().filter(|_| unit.kind == UnitKind::Module && !stdlib);
            let exports: Vec<Text> = exports.map(|name| Text { value: name.clone(), line: unit.line }).collect();
            let texts = unit.strings.iter().chain(&exports);
            found |= self.import_strings(reaching, trace, module, &unit.name, texts);
            for text in unit.patterns.iter().filter(|text| !text.value.contains('/')) {
                let evidence = Evidence::at(EvidenceKind::DynamicImport, text.value.replace(HOLE, "*"), text.line);
                let site = reaching.site(module, evidence);
                self.import_pattern(reaching, trace, &site, module, &text.value);
            }
        }
        self.answered.put(module, Question::Candidates, changes, found);
        found
    }
}

/// The module that a string names: the longest beginning that is one, if what follows may name an object in it.
fn named_module<'t>(reaching: &mut Reaching<'_>, env: usize, text: &'t str, expected: Expected) -> Option<&'t str> {
    let (dotted, object) = match text.split_once(':') {
        Some((module, object)) => (module, Some(object)),
        None => (text, None),
    };
    if dotted.is_empty() || !dotted.split('.').all(is_identifier) {
        return None;
    }
    if object.is_some_and(|object| !object.split(['.', '(', ' ']).next().is_some_and(is_identifier)) {
        return None;
    }
    let mut module = dotted;
    while !reaching.search.exists(env, module) {
        module = parent_name(module)?;
    }
    let rest = dotted[module.len()..].matches('.').count();
    // `json.dumps` may be prose; `a.b.Class` is a name. A lone word counts only where a name is expected.
    let enough = expected == Expected::Name
        || object.is_some()
        || module.contains('.')
        || (rest == 1 && reaching.binds(env, module, last_name(dotted)));
    (enough && rest <= 2).then_some(module)
}

/// The globs that a computed name may mean in a module of this package.
fn globs(reaching: &Reaching<'_>, site: &Site, package: &str, glob: &str) -> Vec<String> {
    if let Some(rest) = glob.strip_prefix("*.") {
        // `f"{__package__}.x"`: relative to the module itself, its package, and the packages above.
        let above = std::iter::successors(Some(package), |package| parent_name(package));
        return above.take_while(|package| !package.is_empty()).map(|package| format!("{package}.{rest}")).collect();
    }
    if let Some(rest) = glob.strip_prefix('.') {
        return vec![format!("{package}.{}", rest.trim_start_matches('.'))];
    }
    if glob.starts_with('*') {
        // `module.rstrip("models") + "urls"`: the end of a sibling's name, somewhere in the same library.
        let top = top_name(package);
        let stdlib = site.from.is_some_and(|file| reaching.search.lies_in_stdlib(site.env, file));
        let readable = !top.is_empty() && !stdlib && glob.trim_matches('*').len() > 2;
        return readable.then(|| format!("{top}.**.{glob}")).into_iter().collect();
    }
    let own = (!package.is_empty()).then(|| format!("{package}.{glob}"));
    std::iter::once(glob.to_owned()).chain(own).collect()
}

/// Whether the last part of a glob may name an object: it follows one that cannot be read.
fn names_object(glob: &str) -> bool {
    let parts = glob.rsplit_once('.').filter(|_| !glob.starts_with(['*', '.']));
    parts.is_some_and(|(parent, object)| !object.contains('*') && parent.ends_with(".*"))
}
