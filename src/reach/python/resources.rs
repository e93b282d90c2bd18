//! Files of packages that code reads by a path: `pkgutil.get_data("p", "t/x.txt")`.

use super::facts::{Call, PythonFacts, Value, in_module};
use super::live::Scope;
use super::resolver::Python;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::rootfs::NodeId;

impl Python<'_> {
    /// A path in a package, as far as it can be read, whatever the file is: source code may be read as data.
    /// The strings of the function that asks stand for a path that cannot.
    pub(super) fn resource_path(
        &mut self,
        graph: &mut Graph<'_>,
        (module, unit): Scope,
        call: &Call,
        facts: &PythonFacts,
    ) {
        let own = self.modules.get(module).clone();
        let mut args = call.args.iter().map(|arg| &arg.value);
        let package = match args.next() {
            Some(Value::Str(package)) => package.to_string(),
            Some(Value::Name(name)) if &**name == "__name__" => own.name.to_string(),
            Some(_) => own.package().to_owned(),
            None => return,
        };
        let paths = match args.next() {
            Some(Value::Str(path)) => vec![path],
            Some(Value::Pattern(pattern)) => vec![pattern],
            Some(Value::Name(_) | Value::Returned(_) | Value::Other) => {
                let unit = &facts.units[unit as usize];
                unit.patterns.iter().chain(&unit.strings).map(|text| &text.value).collect()
            }
            Some(Value::List(_)) | None => return,
        };
        let from = self.file_of(module);
        let packages = self.modules.find(graph.tree(), &self.envs, own.env, &package);
        let dirs: Vec<_> = packages.into_iter().flat_map(|id| self.modules.get(id).dirs.clone()).collect();
        for path in paths {
            let path = in_module(path, &own.name, own.package());
            let evidence = Evidence::at(EvidenceKind::Data, path.replace(HOLE, "*"), call.line);
            dirs.iter().for_each(|&dir| reach_matching(graph, from, dir, &path, &evidence));
        }
    }
}

/// Marks the files below a folder that a path with [`HOLE`]s may mean. A part that is nothing but a hole could be any
/// file, which says too little.
pub(super) fn reach_matching(
    graph: &mut Graph<'_>,
    from: Option<NodeId>,
    dir: NodeId,
    pattern: &str,
    evidence: &Evidence,
) {
    let tree = graph.tree();
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    if folder.contains(HOLE) || name.trim_matches([HOLE, '.']).is_empty() {
        return;
    }
    let Some(dir) = tree.resolve_from(dir, folder.trim_matches('/')).map(|found| found.node) else { return };
    let (first, last) = match (name.split_once(HOLE), name.rsplit_once(HOLE)) {
        (Some((first, _)), Some((_, last))) => (first, last),
        _ => {
            graph.reach_path(from, dir, name, evidence);
            return;
        }
    };
    let fits = |name: &[u8]| {
        name.len() >= first.len() + last.len() && name.starts_with(first.as_bytes()) && name.ends_with(last.as_bytes())
    };
    let found: Vec<_> =
        tree.children(dir).filter(|&child| !tree.inode(child).is_dir() && fits(tree.name(child))).collect();
    for file in found {
        graph.reach_followed(from, file, evidence);
    }
}
