//! Interpreters of which nothing is known: what they load stands in no file that is read, so all that came with them stays.

use rustc_hash::{FxHashMap, FxHashSet};

use super::language::Language;
use crate::owners::{OwnerId, Owners};
use crate::reach::command::reads_shell_code;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::shell::shebang::base_name;
use crate::rootfs::NodeId;

/// Programs that run the file which they are given, in languages of which no more is known. One that only a `#!` line names
/// needs no place here.
const OTHERS: [&str; 37] = [
    "chezscheme",
    "chibi-scheme",
    "clisp",
    "clojure",
    "crystal",
    "csi",
    "dc",
    "ecl",
    "elvish",
    "fennel",
    "fish",
    "gforth",
    "gnuplot",
    "groovy",
    "gsi",
    "gst",
    "guile",
    "hy",
    "io",
    "janet",
    "kotlin",
    "maxima",
    "mit-scheme",
    "newlisp",
    "nu",
    "pike",
    "picolisp",
    "pwsh",
    "racket",
    "raku",
    "rexx",
    "runghc",
    "sbcl",
    "scala",
    "scsh",
    "swipl",
    "yorick",
];

/// Interpreters that a rule says everything of, or that load nothing.
const READ: [&str; 17] = [
    "python",
    "env",
    "sed",
    "make",
    "java",
    "Rscript",
    "R",
    "julia",
    "octave",
    "ocaml",
    "ocamlrun",
    "erl",
    "escript",
    "mono",
    "dotnet",
    "busybox",
    "execlineb",
];

fn unversioned(name: &str) -> &str {
    let digit = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    name.get(..digit).unwrap_or(name).trim_end_matches(['-', '.'])
}

/// Whether a program of this name runs the files that it is given, in a language of which no more is known.
pub(super) fn is_interpreter(name: &str) -> bool {
    OTHERS.contains(&name) || OTHERS.contains(&unversioned(name))
}

/// Whether what an interpreter of this name loads is known.
fn is_known(name: &str) -> bool {
    reads_shell_code(name) || READ.contains(&unversioned(name)) || Language::of_interpreter(name).is_some()
}

/// Interpreters that are not known, and what was kept for them.
#[derive(Debug, Default)]
pub(super) struct Packages {
    kept: FxHashSet<OwnerId>,
    /// What each package brought: found when first asked for.
    by_owner: Option<FxHashMap<OwnerId, Vec<NodeId>>>,
}

impl Packages {
    /// Keeps the package of an interpreter that nobody knows, and those that were built with it. `script` is what it runs.
    pub fn keep(&mut self, graph: &mut Graph<'_>, owners: &Owners, script: Option<NodeId>, program: NodeId) {
        let tree = graph.tree();
        let name = tree.name(program).to_string();
        let mut head = Vec::new();
        let binary = graph.rootfs.read_prefix(program, 4, &mut head).is_ok() && head == b"\x7fELF";
        if !binary || is_known(base_name(&name)) {
            return;
        }
        let why = format!("came with {name}, whose language no analyser reads");
        if let Some((names, size)) = self.keep_whole(graph, owners, program, &why) {
            graph.uncertain(
                script.or(Some(program)),
                u32::from(script.is_some()),
                format!("no analyser knows the interpreter {name}"),
                format!("kept all of {names}: {size}"),
            );
        }
    }

    /// Keeps the package of a program that starts a runtime whose code nobody reads, and those that were built with it.
    pub fn keep_caller(&mut self, graph: &mut Graph<'_>, owners: &Owners, caller: NodeId, runtime: NodeId) {
        let name = graph.tree().name(runtime).to_string();
        let why = format!("came with what starts {name}, whose code no analyser reads");
        if let Some((names, size)) = self.keep_whole(graph, owners, caller, &why) {
            graph.uncertain(
                Some(caller),
                0,
                format!("starts {name}, and no analyser reads its code"),
                format!("kept all of {names}: {size}"),
            );
        }
    }

    /// Keeps all that came with a file. Returns the names of the packages, and how much more that is, if anything.
    fn keep_whole(
        &mut self,
        graph: &mut Graph<'_>,
        owners: &Owners,
        of: NodeId,
        why: &str,
    ) -> Option<(String, String)> {
        let tree = graph.tree();
        let owner = owners.of(of).filter(|&owner| self.kept.insert(owner))?;
        let siblings = owners.siblings(owner);
        self.kept.extend(&siblings);
        let by_owner = self.by_owner.get_or_insert_with(|| {
            let mut by_owner: FxHashMap<OwnerId, Vec<NodeId>> = FxHashMap::default();
            for node in tree.iter() {
                owners.of(node).into_iter().for_each(|owner| by_owner.entry(owner).or_default().push(node));
            }
            by_owner
        });
        let mut nodes: Vec<NodeId> = siblings.iter().filter_map(|id| by_owner.get(id)).flatten().copied().collect();
        nodes.sort_unstable();
        let evidence = Evidence::new(EvidenceKind::Data, why);
        let (mut files, mut bytes) = (0_u64, 0_u64);
        for node in nodes {
            if graph.reach(Some(of), node, evidence.clone()) {
                files += 1;
                bytes += tree.inode(node).size();
                graph.reach_followed(Some(of), node, &evidence);
            }
        }
        let names = owners.iter().filter(|(id, _)| siblings.contains(id)).map(|(_, owner)| owner.name.as_str());
        let names: Vec<&str> = names.collect();
        #[expect(clippy::cast_precision_loss, reason = "a rounded figure for people")]
        let megabytes = bytes as f64 / 1e6;
        (files > 0).then(|| (names.join(", "), format!("{files} more files, {megabytes:.1} MB")))
    }
}
