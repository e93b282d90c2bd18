//! Files that operands name by rules: `service NAME`, `runsvdir DIR`.

use std::sync::Arc;

use super::runner::{Runner, shown};
use crate::profile::CommandRule;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::hole::HOLE;
use crate::rootfs::{NodeId, Tree};

/// How deep commands may nest that start files, which start others.
const MAX_DEPTH: u32 = 6;

/// Stands for the operand in a rule's paths.
const OPERAND: &str = "{operand}";

/// Stands for what an instance is made from: the operand up to its `@`. Without one, paths that speak of it mean nothing.
const TEMPLATE: &str = "{template}";

impl Runner<'_, '_, '_> {
    /// Marks what rules say that the words of a program called `name` name, which is a file called `real`.
    pub(super) fn named_by_rules(&mut self, name: &str, real: &str, args: &[String]) {
        let rules = Arc::clone(&self.graph.commands);
        let is_meant = |rule: &&CommandRule| rule.programs.iter().any(|known| known == name || known == real);
        for rule in rules.iter().filter(is_meant) {
            let words = operands(args, &rule.valued);
            let last = if rule.and_later { words.len() } else { rule.operand.min(words.len()) };
            let meant = words.get(rule.operand.saturating_sub(1)..last).unwrap_or_default();
            if meant.is_empty() {
                for word in &rule.default {
                    self.named_by_rule(rule, word, &[]);
                }
            }
            for &(at, word) in meant {
                self.operand_of_rule(rule, name, word, args.get(at + 1..).unwrap_or_default());
            }
        }
    }

    fn operand_of_rule(&mut self, rule: &CommandRule, program: &str, word: &str, rest: &[String]) {
        if !word.contains(HOLE) {
            self.named_by_rule(rule, word, rest);
            return;
        }
        if self.is_passed_on(rule) {
            return;
        }
        self.is_cut = false;
        let nothing_known = !word.chars().any(char::is_alphanumeric);
        let found = match nothing_known && !rule.default.is_empty() {
            true => rule.default.iter().map(|word| self.named_by_rule(rule, word, rest)).sum(),
            false => self.named_by_rule(rule, word, rest),
        };
        let effect = match found {
            0 => "nothing was kept for it".to_owned(),
            _ if self.is_cut => format!("{found} of those that it may name were kept, the others not"),
            _ => format!("all {found} that it may name were kept"),
        };
        let what = format!("a word of `{program}` that is known at run time only: {}", shown(word));
        self.graph.uncertain_once(self.from, self.evidence.line, what, effect);
    }

    /// Whether the command stands in a script that passes on what it is given.
    fn is_passed_on(&mut self, rule: &CommandRule) -> bool {
        let Some(from) = self.from else { return false };
        let path = self.graph.tree().path(from);
        let Ok(path) = std::str::from_utf8(&path) else { return false };
        let matchers = &mut self.graph.matchers;
        rule.passed_on_by.iter().any(|glob| matchers.get(glob).is_some_and(|glob| glob.is_match(path)))
    }

    /// Marks what a rule says that `word` names, and starts it where the rule says so. Returns how much there is.
    fn named_by_rule(&mut self, rule: &CommandRule, word: &str, rest: &[String]) -> usize {
        let evidence = Evidence::at(EvidenceKind::Rule, rule.id.as_str(), self.evidence.line);
        let hole = HOLE.to_string();
        let mut found: Vec<NodeId> = Vec::new();
        let template = word.find('@').and_then(|at| word.get(..=at));
        let is_meant = |path: &&String| template.is_some() || !path.contains(TEMPLATE);
        let filled = |path: &String| {
            let path = path.replace('*', &hole).replace(OPERAND, word);
            path.replace(TEMPLATE, template.unwrap_or_default())
        };
        for path in rule.paths.iter().filter(is_meant).map(filled) {
            for path in self.absolute(&path) {
                for path in self.matching(&path) {
                    let Some(node) = self.graph.reach_path(self.from, Tree::ROOT, path.as_slice(), &evidence) else {
                        continue;
                    };
                    if found.contains(&node) {
                        continue;
                    }
                    found.push(node);
                    if rule.run && self.graph.tree().inode(node).is_file() && self.depth < MAX_DEPTH {
                        let mut argv = vec![path.to_string()];
                        argv.extend_from_slice(rest);
                        self.depth += 1;
                        self.command(&argv, None);
                        self.depth -= 1;
                    }
                }
            }
        }
        found.len()
    }

    /// A path as an absolute one, from each of the working directories.
    pub(super) fn absolute(&self, path: &str) -> Vec<String> {
        if path.starts_with('/') {
            return vec![path.to_owned()];
        }
        let tree = self.graph.tree();
        self.dirs.iter().map(|&dir| format!("{}/{path}", tree.path(dir))).collect()
    }
}

/// The words that are neither options nor values of the options in `valued`, with their places.
fn operands<'w>(args: &'w [String], valued: &[String]) -> Vec<(usize, &'w str)> {
    let mut found = Vec::new();
    let mut words = args.iter().enumerate();
    let mut options = true;
    while let Some((at, word)) = words.next() {
        if options && word == "--" {
            options = false;
        } else if options && word.starts_with('-') && word.len() > 1 {
            if valued.contains(word) {
                words.next();
            }
        } else {
            found.push((at, word.as_str()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::profile::ProfileSet;
    use crate::reach::context::Context;
    use crate::reach::graph::Graph;
    use crate::rootfs::Builder;

    /// What the built-in rules make of shell code that stands in the script of this name.
    fn run_in(script: &str, code: &str) -> (Vec<String>, Vec<String>) {
        run_with(Builder::new(), script, code)
    }

    /// The same, where there are more files.
    fn run_with(files: Builder, script: &str, code: &str) -> (Vec<String>, Vec<String>) {
        let rootfs = files
            .exe(script, code.as_bytes())
            .exe("/bin/sh", b"\x7fELF")
            .exe("/usr/sbin/service", b"\x7fELF")
            .exe("/usr/bin/systemctl", b"\x7fELF")
            .exe("/usr/bin/runsvdir", b"\x7fELF")
            .exe("/etc/init.d/web", b"#!/bin/sh\n")
            .exe("/etc/init.d/jobs", b"#!/bin/sh\n")
            .file("/usr/lib/systemd/system/web.service", b"")
            .file("/usr/lib/systemd/system/job@.service", b"")
            .exe("/etc/sv/web/run", b"#!/bin/sh\n")
            .exe("/etc/sv/web/log/run", b"#!/bin/sh\n")
            .symlink("/etc/service/web", "/etc/sv/web")
            .build();
        let set = ProfileSet::builtin().unwrap();
        let commands = set.iter().flat_map(|loaded| &loaded.profile.command).cloned().collect();
        let mut graph = Graph::new(&rootfs).knowing(commands);
        let ctx = Context { workdir: "/etc".into(), ..Context::default() };
        let node = rootfs.tree.get(script).unwrap();
        let facts = crate::reach::shell::reader::read(code.as_bytes());
        let _ = crate::reach::command::run_script(
            &mut graph,
            &ctx,
            node,
            &facts,
            crate::reach::shell::expand::Outer::default(),
        );
        let reached = graph.take_frontier().into_iter().map(|node| rootfs.tree.path(node).to_string()).collect();
        (reached, graph.uncertainties.into_iter().map(|found| found.effect).collect())
    }

    #[track_caller]
    fn reaches(code: &str, expected: &[&str]) {
        let (reached, _) = run_in("/srv/start", code);
        let all = ["/etc/init.d/web", "/etc/init.d/jobs", "/etc/sv/web/run", "/etc/sv/web/log/run"];
        let units = ["/usr/lib/systemd/system/web.service", "/usr/lib/systemd/system/job@.service"];
        let all = all.into_iter().chain(units).chain(["/etc/service/web"]);
        let found: Vec<&str> = all.filter(|path| reached.iter().any(|found| found == path)).collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn an_operand_is_looked_up_in_a_folder() {
        reaches("service web start", &["/etc/init.d/web"]);
        reaches("for s in web other; do service $s start; done", &["/etc/init.d/web"]);
        reaches("systemctl --no-block -H host start web", &["/etc/init.d/web", "/usr/lib/systemd/system/web.service"]);
        reaches("systemctl enable", &[]);
        reaches("systemctl start job@one", &["/usr/lib/systemd/system/job@.service"]);
    }

    #[test]
    fn folders_of_services_are_searched_through_links() {
        let all = ["/etc/sv/web/run", "/etc/sv/web/log/run", "/etc/service/web"];
        reaches("runsvdir -P /etc/service log: .....", &all);
        reaches("cd /etc; runsvdir service", &all);
        reaches("runsvdir \"$(choose)\"", &all);
    }

    #[test]
    fn a_list_that_is_cut_says_so() {
        let service = |builder: Builder, n: usize| builder.exe(&format!("/etc/init.d/s{n}"), b"#!/bin/sh\n");
        let (_, effects) = run_with((0..300).fold(Builder::new(), service), "/srv/start", "service \"$1\" start");
        let said = ["the others are not kept for it", "256 of those that it may name were kept, the others not"];
        assert_eq!(effects, said);
    }

    #[test]
    fn a_word_that_cannot_be_read_means_all_it_may_name() {
        let (reached, effects) = run_in("/srv/start", "service \"$1\" start");
        assert!(reached.contains(&"/etc/init.d/web".to_owned()) && reached.contains(&"/etc/init.d/jobs".to_owned()));
        assert_eq!(effects, ["all 2 that it may name were kept"]);
        let (reached, effects) = run_in("/usr/sbin/invoke-rc.d", "service \"$1\" start");
        assert!(!reached.contains(&"/etc/init.d/web".to_owned()) && effects.is_empty(), "who calls it says what");
    }
}
