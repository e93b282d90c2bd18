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
    use crate::reach::Rules;
    use crate::reach::profile_tests::profiles;
    use crate::reach::trial::{analysed, owners};
    use crate::rootfs::Builder;

    /// What is doubtful of an image that has this script of its own, and runs this.
    fn doubts(script: &str, argv: &[&str]) -> Vec<(String, String)> {
        let rootfs = Builder::new()
            .exe("/bin/sh", b"\x7fELF")
            .exe("/usr/bin/apt-get", b"\x7fELF")
            .exe("/usr/bin/apt", b"\x7fELF")
            .exe("/usr/bin/daily", b"#!/bin/sh\napt-get update\n")
            .exe("/app/start", format!("#!/bin/sh\n{script}\n").as_bytes())
            .build();
        let owners = owners(&rootfs, &[("/bin/", "tools", "tools"), ("/usr/", "tools", "tools")]);
        let reach = analysed(&rootfs, &owners, argv, Rules::of_profiles(profiles(&["programs"])).unwrap());
        let settled = reach.uncertainties.into_iter().filter_map(|one| Some((one.path, one.settle?)));
        settled.collect()
    }

    #[test]
    fn an_installer_is_doubtful_where_the_image_itself_runs_it() {
        let said = |path: &str| vec![(path.to_owned(), "--no-prune".to_owned())];
        let install = "if [ -n \"$MORE\" ]; then\n    apt-get install -y $MORE\nfi";
        assert_eq!(doubts(install, &["/app/start"]), said("/app/start"));
        assert_eq!(doubts("exit", &["apt-get", "update"]), said(""));
        let both = "/usr/bin/daily\napt install -y x";
        assert_eq!(doubts(both, &["/app/start"]), said("/app/start"), "each program counts");
        assert_eq!(doubts("/usr/bin/daily", &["/app/start"]), []);
    }
}
