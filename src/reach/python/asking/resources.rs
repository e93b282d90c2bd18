//! Files of packages that code reads by a path: `pkgutil.get_data("p", "t/x.txt")`.

use super::super::names::OWN_NAME;
use super::super::reaching::{Reaching, reach_matching};
use super::super::reading::facts::{Call, HOLE, Value, in_module};
use super::super::running::Frame;
use super::super::site::Expected;
use super::open::Asking;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::Trace;

impl Asking {
    /// A call that reads data of a package: the data, and the package.
    pub(super) fn read_resource(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        reach_path(reaching, &mut trace.graph, frame, call);
        let site = frame.site(Evidence::at(EvidenceKind::Data, &*call.callee, call.line));
        for value in call.args.iter().map(|arg| &arg.value).take(2) {
            match value {
                Value::Str(name) => {
                    self.import_named(reaching, trace, &site, name, Expected::Name);
                    if let Some(base) = reaching.search.relative_base(frame.module(), 1) {
                        reaching.import_relative(trace, &site, &base, name);
                    }
                }
                Value::Pattern(pattern) => self.import_pattern(reaching, trace, &site, frame.module(), pattern),
                Value::Name(name) => {
                    self.import_named(reaching, trace, &site, name, Expected::Name);
                }
                Value::List(_) | Value::Returned(_) | Value::Many | Value::Constant | Value::Other => {}
            }
        }
    }
}

/// A path in a package, as far as it can be read, whatever the file is: source code may be read as data.
/// The strings of the function that asks stand for a path that cannot.
fn reach_path(reaching: &mut Reaching<'_>, graph: &mut Graph<'_>, frame: &Frame<'_>, call: &Call) {
    let own = reaching.search.module(frame.module()).clone();
    let mut args = call.args.iter().map(|arg| &arg.value);
    let package = match args.next() {
        Some(Value::Str(package)) => package.to_string(),
        Some(Value::Name(name)) if &**name == OWN_NAME => own.name.to_string(),
        Some(_) => own.package().to_owned(),
        None => return,
    };
    let paths = match args.next() {
        Some(Value::Str(path)) => vec![path],
        Some(Value::Pattern(pattern)) => vec![pattern],
        Some(Value::Name(_) | Value::Returned(_) | Value::Many | Value::Other) => {
            frame.unit().patterns.iter().chain(&frame.unit().strings).map(|text| &text.value).collect()
        }
        Some(Value::List(_) | Value::Constant) | None => return,
    };
    let packages = reaching.search.find(frame.env, &package);
    let dirs: Vec<_> = packages.into_iter().flat_map(|id| reaching.search.module(id).dirs.clone()).collect();
    for path in paths {
        let path = in_module(path, &own.name, own.package());
        let evidence = Evidence::at(EvidenceKind::Data, path.replace(HOLE, "*"), call.line);
        dirs.iter().for_each(|&dir| reach_matching(graph, frame.file, dir, &path, &evidence));
    }
}
