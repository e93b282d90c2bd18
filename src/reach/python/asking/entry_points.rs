//! Entry points that code loads.

use super::super::reaching::Reaching;
use super::super::reading::facts::{Call, Value};
use super::super::running::Frame;
use super::super::site::{Expected, Site};
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;

impl Asking {
    /// One entry point by distribution, group and name (`pkg_resources.load_entry_point`).
    pub(super) fn load_entry_point(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        let (Some(Value::Str(dist)), Some(Value::Str(group)), Some(Value::Str(name))) =
            (call.positional(0), call.positional(1), call.positional(2))
        else {
            return;
        };
        let plain = dist.split(['=', '<', '>', ' ']).next().unwrap_or(dist);
        let installed = reaching.search.installed(frame.env);
        let Some(index) = installed.by_name(plain) else { return };
        let points = installed.get(index).entry_points.clone();
        let evidence = Evidence::at(EvidenceKind::Metadata, format!("entry point {group}: {name}"), call.line);
        let site = frame.site(evidence);
        reaching.metadata.reach(&mut trace.graph, &reaching.search, &site, index);
        for (_, _, target) in points.iter().filter(|(g, n, _)| **g == **group && **n == **name) {
            if let Some((_, object)) = target.split_once(':') {
                reaching.running.live.add_string(object);
            }
            self.import_named(reaching, trace, &site, target, Expected::Name);
        }
    }

    /// Loads the entry points of every group whose name reachable code holds. Returns whether any was new.
    pub fn load_groups(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>) -> bool {
        let mut new = false;
        for env in reaching.search.environments() {
            for point in reaching.metadata.groups.named(env, reaching.search.installed(env)) {
                new = true;
                reaching.metadata.groups.load(env, &point.group);
                let detail = format!("entry point {}: {}", point.group, point.name);
                let evidence = Evidence::new(EvidenceKind::Metadata, detail);
                let info = reaching.search.installed(env).get(point.dist).info;
                let site = Site { env, from: Some(info), evidence };
                let nowhere = Site { from: None, ..site.clone() };
                reaching.metadata.reach(&mut trace.graph, &reaching.search, &nowhere, point.dist);
                if let Some((_, object)) = point.target.split_once(':') {
                    reaching.running.live.add_string(object.trim());
                }
                self.import_named(reaching, trace, &site, &point.target.replace(' ', ""), Expected::Name);
            }
        }
        new
    }
}
