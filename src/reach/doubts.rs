//! Programs of which rules say that they may not do in the new image what they did, where the image itself runs them.

use super::graph::Graph;
use super::rules::{RuleId, Rules};
use super::trace::Firing;
use crate::owners::Owners;
use crate::rootfs::NodeId;

/// Such programs that were reached.
#[derive(Debug, Default)]
pub(super) struct Doubts(Vec<(RuleId, NodeId)>);

impl Doubts {
    /// Notes the program that set a rule off.
    pub(super) fn watch(&mut self, graph: &Graph<'_>, rules: &Rules, firing: Firing) {
        if let Some(file) = firing.from.filter(|_| rules.implies().get(firing.rule).doubt.is_some()) {
            self.0.push((firing.rule, graph.target(file)));
        }
    }

    /// Says which of them the image's command or files of its own run.
    pub(super) fn tell(&self, graph: &mut Graph<'_>, rules: &Rules, owners: &Owners) {
        for &(rule, program) in &self.0 {
            let rule = rules.implies().get(rule);
            let (Some(doubt), settle) = (&rule.doubt, rule.settle.as_deref().unwrap_or("--no-prune")) else { continue };
            let own = |caller: Option<NodeId>| caller.is_none_or(|caller| owners.of(caller).is_none());
            let caller = graph.callers(program).find(|&caller| own(caller));
            if let Some(caller) = caller {
                let what = format!("runs {}, which {doubt}", graph.tree().name(program));
                graph.doubtful(caller, 0, what, "the program stays, but may fail", settle);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::{Ecosystem, Owner, Owners};
    use crate::reach::entrypoint::Launch;
    use crate::reach::profile_tests::profiles;
    use crate::reach::{Context, Request, Rules, analyse};
    use crate::rootfs::Builder;

    #[test]
    fn an_installer_is_doubtful_where_the_image_itself_runs_it() {
        let rootfs = Builder::new()
            .exe("/bin/sh", b"\x7fELF")
            .exe("/usr/bin/apt-get", b"\x7fELF")
            .exe("/usr/bin/daily", b"#!/bin/sh\napt-get update\n")
            .exe("/app/start", b"#!/bin/sh\nif [ -n \"$MORE\" ]; then\n    apt-get install -y $MORE\nfi\n")
            .exe("/usr/bin/apt", b"\x7fELF")
            .exe("/app/both", b"#!/bin/sh\n/usr/bin/daily\napt install -y x\n")
            .exe("/app/idle", b"#!/bin/sh\n/usr/bin/daily\n")
            .build();
        let doubts = |argv: &[&str], keep: &str| {
            let mut owners = Owners::none(&rootfs.tree);
            let owner = owners.add(Owner::new(Ecosystem::Dpkg, "tools", "1"));
            for node in rootfs.tree.iter().filter(|&node| rootfs.tree.path(node) != keep) {
                owners.claim(node, owner);
            }
            let ctx = Context { workdir: "/".into(), ..Context::default() };
            let launch = Launch::running(argv);
            let rules = Rules::of_profiles(profiles(&["programs"])).unwrap();
            let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), rules).unwrap();
            reach
                .uncertainties
                .into_iter()
                .filter_map(|one| one.settle.map(|settle| (one.path, settle)))
                .collect::<Vec<_>>()
        };
        let said = |path: &str| vec![(path.to_owned(), "--no-prune".to_owned())];
        assert_eq!(doubts(&["/app/start"], "/app/start"), said("/app/start"));
        assert_eq!(doubts(&["apt-get", "update"], "/app/start"), said(""));
        assert_eq!(doubts(&["/app/both"], "/app/both"), said("/app/both"), "each program counts");
        assert_eq!(doubts(&["/app/idle"], "/app/idle"), []);
    }
}
