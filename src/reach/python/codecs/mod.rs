//! Codecs: modules of the package `encodings` that are looked up by name.
//!
//! Text arrives in any encoding, but few programs let who sends it choose one. Outside the standard library, code that
//! looks up a codec by a name that it computes sets off the rules that wait for
//! [`ANY_CODEC`](super::names::ANY_CODEC); a string that names a codec keeps that codec. What the standard library
//! computes comes from its callers.

mod aliases;
mod asked;
mod computed;

use aliases::Aliases;
use asked::Askers;

use super::names::is_identifier;
use super::reaching::Reaching;
use super::reading::codec_arguments::Certainty;
use super::reading::facts::{Call, Text, Value};
use super::running::Frame;
use super::search::ModuleId;
use super::site::{Expected, Site};
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::trace::Trace;
use crate::rootfs::NodeId;

/// What cuts call a codec that is looked up by a computed name.
const CUT: &str = "codec:computed";

/// Codecs from bytes to bytes and the like: their names are everyday words, and only calls name them.
const TRANSFORMS: &[&str] =
    &["base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"];

/// Variables that set up the locale and the streams of a program.
const VARIABLES: [&str; 4] = ["LANG", "LC_ALL", "LC_CTYPE", "PYTHONIOENCODING"];

/// Longer strings name no codec.
const MAX_NAME: usize = 24;

/// A string that may name a codec, and where it stands.
struct Mention<'t> {
    env: usize,
    from: Option<NodeId>,
    text: &'t str,
    line: u32,
    expected: Expected,
}

/// The codecs that code looks up.
#[derive(Debug, Default)]
pub(super) struct Codecs {
    aliases: Aliases,
    askers: Askers,
}

impl Codecs {
    /// The codecs of the locales and streams that the image's environment sets up.
    pub(super) fn of_environment(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, env: usize) {
        for value in VARIABLES.iter().filter_map(|&variable| reaching.ctx.env.get(variable)) {
            for text in value.split(['.', ':', '@']) {
                let mention = Mention { env, from: None, text, line: 0, expected: Expected::Name };
                self.import(reaching, trace, &mention);
            }
        }
    }

    /// The codec that a string names.
    pub(super) fn of_string(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        text: &Text,
    ) {
        let Frame { env, file: from, .. } = *frame;
        self.import(
            reaching,
            trace,
            &Mention { env, from, text: &text.value, line: text.line, expected: Expected::Anything },
        );
    }

    /// The codec that the keyword `encoding` of a call names.
    pub(super) fn of_keyword(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        for arg in call.args.iter().filter(|arg| &*arg.keyword == "encoding") {
            self.of_value(reaching, trace, frame, &arg.value, call.line);
        }
    }

    /// The codecs that arguments of a call name that encodes or decodes.
    pub(super) fn of_arguments(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        for arg in &call.args {
            self.of_value(reaching, trace, frame, &arg.value, call.line);
        }
    }

    fn of_value(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        value: &Value,
        line: u32,
    ) {
        if let Value::Str(text) = value {
            let Frame { env, file: from, .. } = *frame;
            self.import(reaching, trace, &Mention { env, from, text, line, expected: Expected::Name });
        }
    }

    fn import(&mut self, reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, mention: &Mention<'_>) {
        let &Mention { env, from, text, line, expected } = mention;
        if text.len() > MAX_NAME || text.is_empty() {
            return;
        }
        let name = text.to_lowercase().replace(['-', ' ', '.'], "_");
        let name = self.aliases.resolve(&mut reaching.search, trace.graph.rootfs, env, name);
        if !is_identifier(&name) || (expected == Expected::Anything && TRANSFORMS.contains(&name.as_str())) {
            return;
        }
        let full = format!("encodings.{name}");
        if reaching.search.exists(env, &full) {
            let evidence = Evidence::at(EvidenceKind::Name, format!("codec {text}"), line);
            reaching.import(trace, &Site { env, from, evidence }, &full);
        }
    }

    /// A call that may look up a codec by a name that is no constant.
    pub(super) fn of_computed(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        frame: &Frame<'_>,
        call: &Call,
    ) {
        if reaching.search.is_stdlib(frame.module()) {
            return;
        }
        // A library passes on what its caller says, and that is a word of somebody's.
        if reaching.is_users_code(frame.file) && computed::computes_errors(call) {
            reaching.set_off_by_errors(trace, frame.module());
        }
        // In the user's own code, whatever is given may be one.
        let given = if reaching.is_users_code(frame.file) { Certainty::Sure } else { Certainty::ByItsName };
        if computed::is_computed(call, given) || self.askers.ask(frame.scope, call) {
            look_up_any(reaching, trace, frame);
        }
    }

    /// A function runs that may be a method in the place of one that returns constants: what asks that for the name of
    /// a codec may ask this.
    pub(super) fn function_runs(
        &mut self,
        reaching: &mut Reaching<'_>,
        trace: &mut Trace<'_>,
        module: ModuleId,
        name: &str,
    ) {
        for scope in self.askers.function_runs(module, name) {
            if let Some(facts) = reaching.facts_of(scope.module) {
                let frame = reaching.frame(scope, &facts);
                look_up_any(reaching, trace, &frame);
            }
        }
    }
}

/// Some codec is looked up, and its name is known at run time only.
fn look_up_any(reaching: &mut Reaching<'_>, trace: &mut Trace<'_>, frame: &Frame<'_>) {
    if !reaching.is_cut(frame.module(), CUT, &frame.scope_names()) {
        reaching.set_off_by_codec(trace, frame.module());
    }
}
