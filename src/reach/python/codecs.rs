//! Codecs: modules of the package `encodings` that are looked up by name.
//!
//! Text arrives in any encoding, but few programs let who sends it choose one. Outside the standard library, code that
//! looks up a codec by a name that it computes sets off the rules that wait for [`COMPUTED`]; a string that names a
//! codec keeps that codec. What the standard library computes comes from its callers.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::extract::codec::{Certainty, KEYWORDS, arguments};
use super::facts::{Call, PythonFacts, Value};
use super::live::Scope;
use super::modules::{ModuleId, Source, is_identifier};
use super::resolver::Python;
use super::site::Site;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::trace::{Cause, Trace};
use crate::rootfs::NodeId;

/// What rules call a codec that is looked up by a computed name.
const COMPUTED: &str = "__codec__";

/// What cuts call the same.
const CUT: &str = "codec:computed";

/// How codecs treat errors: who says that after a name has named a codec.
const ERRORS: &[&str] = &[
    "backslashreplace",
    "ignore",
    "namereplace",
    "replace",
    "strict",
    "surrogateescape",
    "surrogatepass",
    "xmlcharrefreplace",
];

/// Codecs from bytes to bytes and the like: their names are everyday words, and only calls name them.
const TRANSFORMS: &[&str] =
    &["base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"];

/// Bytes of `encodings/aliases.py` that are read.
const MAX_ALIASES: u64 = 64 << 10;

impl Python<'_> {
    /// A call that looks up a codec by a name that is no constant.
    pub(super) fn computed_codec(
        &mut self,
        trace: &mut Trace<'_>,
        (module, unit): Scope,
        call: &Call,
        facts: &PythonFacts,
    ) {
        if self.in_stdlib(&trace.graph, module) {
            return;
        }
        let own = self.file_of(module).is_none_or(|file| self.owners.of(file).is_none());
        if !is_computed(call, own) && !self.may_be_replaced((module, unit), call) {
            return;
        }
        self.look_up_any(trace, (module, unit), facts);
    }

    /// A function runs that may be a method in the place of one that returns constants: what asks that for the name of
    /// a codec may ask this.
    pub(super) fn codec_from_function(&mut self, trace: &mut Trace<'_>, module: ModuleId, name: &str) {
        match self.functions_run.get_mut(name) {
            Some((first, more)) => *more |= *first != module,
            None => {
                self.functions_run.insert(name.into(), (module, false));
            }
        }
        // Each asks once: what it may then look up is kept for good.
        let Some(askers) = self.codec_askers.get_mut(name) else { return };
        let (same, others) = std::mem::take(askers).into_iter().partition(|asker| asker.0 == module);
        *askers = same;
        let others: BTreeSet<Scope> = others;
        for scope in others {
            if let Some(facts) = self.facts_of(scope.0) {
                self.look_up_any(trace, scope, &facts);
            }
        }
    }

    /// Whether a call takes the name of a codec from a function that returns constants, and another function of that
    /// name runs elsewhere. If none does so far, [`codec_from_function`](Self::codec_from_function) will be asked.
    fn may_be_replaced(&mut self, scope: Scope, call: &Call) -> bool {
        let mut replaced = false;
        for arg in &call.args {
            let Value::Returned(name) = &arg.value else { continue };
            match self.functions_run.get(name) {
                Some(&(module, more)) if more || module != scope.0 => replaced = true,
                _ => {
                    self.codec_askers.entry(name.clone()).or_default().insert(scope);
                }
            }
        }
        replaced
    }

    /// Some codec is looked up, and its name is known at run time only.
    fn look_up_any(&mut self, trace: &mut Trace<'_>, (module, unit): Scope, facts: &PythonFacts) {
        let name = &self.modules.get(module).name;
        if self.conditions.is_cut(name, CUT, &facts.scope_names(unit)) {
            return;
        }
        let (env, from) = (self.modules.get(module).env, self.file_of(module));
        self.meet_module(trace, COMPUTED, Cause { from, ..Cause::default() }, env);
    }

    /// A value that names a codec.
    pub(super) fn codec(&mut self, trace: &mut Trace<'_>, module: ModuleId, value: &Value, line: u32) {
        if let Value::Str(name) = value {
            let (env, from) = (self.modules.get(module).env, self.file_of(module));
            self.codec_name(trace, env, name, from, line, true);
        }
    }

    /// A string that may be the name of a codec. `asked` says that it stands where one is expected.
    pub(super) fn codec_name(
        &mut self,
        trace: &mut Trace<'_>,
        env: usize,
        text: &str,
        from: Option<NodeId>,
        line: u32,
        asked: bool,
    ) {
        if text.len() > MAX_NAME || text.is_empty() {
            return;
        }
        let name = text.to_lowercase().replace(['-', ' ', '.'], "_");
        let name = match self.codec_aliases(&trace.graph, env).get(&*name) {
            Some(codec) => codec.to_string(),
            None => name,
        };
        if !is_identifier(&name) || (!asked && TRANSFORMS.contains(&name.as_str())) {
            return;
        }
        let full = format!("encodings.{name}");
        if self.exists(&trace.graph, env, &full) {
            let site = Site { env, from, evidence: Evidence::at(EvidenceKind::Name, format!("codec {text}"), line) };
            self.import(trace, &site, &full);
        }
    }

    /// The codecs of the locales and streams that the image's environment sets up.
    pub(super) fn codecs_of_environment(&mut self, trace: &mut Trace<'_>, env: usize) {
        for variable in ["LANG", "LC_ALL", "LC_CTYPE", "PYTHONIOENCODING"] {
            let Some(value) = self.ctx.env.get(variable) else { continue };
            for part in value.split(['.', ':', '@']) {
                self.codec_name(trace, env, part, None, 0, true);
            }
        }
    }

    /// Other names of codecs, by the dictionary in `encodings/aliases.py`: one entry a line.
    fn codec_aliases(&mut self, graph: &Graph<'_>, env: usize) -> &FxHashMap<Box<str>, Box<str>> {
        if !self.aliases.contains_key(&env) {
            let found = self.modules.find(graph.tree(), &self.envs, env, "encodings.aliases");
            let mut bytes = Vec::new();
            if let Some(Source::File(_, file)) = found.first().map(|&id| self.modules.get(id).source) {
                // What cannot be read has no aliases.
                let _ = graph.rootfs.read_prefix(file, MAX_ALIASES, &mut bytes);
            }
            let text = String::from_utf8_lossy(&bytes);
            let entries = text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| {
                let mut parts = line.split(['\'', '"']).skip(1).step_by(2);
                Some((parts.next()?.into(), parts.next()?.into()))
            });
            self.aliases.insert(env, entries.collect());
        }
        &self.aliases[&env]
    }
}

/// Longer strings name no codec.
const MAX_NAME: usize = 24;

fn is_computed(call: &Call, own: bool) -> bool {
    let last = call.callee.rsplit('.').next().unwrap_or_default();
    let value = |index: usize| call.args.iter().filter(|arg| arg.keyword.is_empty()).nth(index).map(|arg| &arg.value);
    let treats_errors = |value: Option<&Value>| matches!(value, Some(Value::Str(text)) if ERRORS.contains(&&**text));
    let by_name = arguments(last).iter().any(|&(index, certainty)| {
        let Some(name) = value(index) else { return false };
        match certainty {
            Certainty::Sure => (last != "lookup" || call.callee.contains("codecs")) && computes(name, true, own),
            Certainty::ByItsName => matches!(name, Value::Name(_)) && computes(name, false, false),
            Certainty::ByErrors => computes(name, own || treats_errors(value(index + 1)), own),
        }
    });
    by_name || call.args.iter().any(|arg| KEYWORDS.contains(&&*arg.keyword) && computes(&arg.value, true, own))
}

/// Whether a value is the computed name of a codec. `sure` says that it names one at all; else a name tells.
fn computes(value: &Value, sure: bool, own: bool) -> bool {
    match value {
        Value::Str(_) | Value::List(_) | Value::Returned(_) => false,
        // A member of an enumeration of file formats: `serialization.Encoding.PEM`.
        Value::Name(name) if &**name == "None" || name.rsplit('.').nth(1) == Some("Encoding") => false,
        Value::Name(name) => {
            let last = name.rsplit('.').next().unwrap_or_default().to_lowercase();
            sure || own || ["enc", "charset", "codec", "coding"].iter().any(|part| last.contains(part)) || last == "cs"
        }
        Value::Pattern(_) | Value::Other => true,
    }
}
