//! Text on the seam: whose text is read, and what is made of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::facts::{TextFacts, read};
use super::names::is_configuration;
use super::resolve::{resolve, resolve_commands};
use crate::owners::Owners;
use crate::reach::analyser::{Analyser, Candidate, Form, Listens};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::notice::Notice;
use crate::reach::request::Request;
use crate::reach::rules::Rules;
use crate::reach::trace::Trace;
use crate::reach::words::dotted_words;
use crate::rootfs::NodeId;

/// Larger files beside code are data, not settings.
const MAX_SETTINGS: usize = 64 << 10;

/// How configuration of packages is read.
const COMMANDS: Form = "commands in text";

/// The analyser of text: configuration and templates.
#[derive(Debug)]
pub struct Text<'a> {
    ctx: &'a Context,
    owners: &'a Owners,
}

/// What a text says, and the text itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct WholeText {
    facts: TextFacts,
    /// Only its commands count.
    commands: bool,
    /// Not part of what is cached.
    #[serde(skip)]
    content: String,
}

impl<'a> Analyser<'a> for Text<'a> {
    const NAME: &'static str = "text";
    type Facts = WholeText;

    fn claim(file: &Candidate<'_>) -> Option<Form> {
        if file.head.contains(&0) {
            return None;
        }
        // Of what packages configure only the commands count.
        let ruled = file.reached_by == EvidenceKind::Rule && is_configuration(file.name());
        let package = || ruled && file.rootfs.tree.path(file.node).starts_with(b"/etc/");
        if file.is_readable() { Some("text") } else { package().then_some(COMMANDS) }
    }

    fn read(form: Form, bytes: &[u8]) -> Option<WholeText> {
        Some(WholeText { facts: read(bytes), commands: form == COMMANDS, content: String::new() })
    }

    fn complete(facts: &mut WholeText, bytes: &[u8]) {
        facts.content = String::from_utf8_lossy(bytes).into_owned();
    }

    fn listens(_facts: &WholeText, file: &Candidate<'_>) -> Listens {
        if is_configuration(file.name()) { Listens::ForSettingsToo } else { Listens::ForWords }
    }

    fn new(request: &Request<'a>, _rules: &Rules) -> Result<Self, globset::Error> {
        Ok(Self { ctx: request.ctx, owners: request.owners })
    }

    fn resolve(&mut self, trace: &mut Trace<'_>, file: NodeId, text: WholeText) {
        let WholeText { facts, commands, content } = text;
        if commands {
            resolve_commands(&mut trace.graph, self.ctx, file, &facts);
            return;
        }
        let tree = trace.graph.tree();
        let owned = self.owners.of(file).is_some();
        let configuration = is_configuration(tree.name(file)) || is_in_folder_of_etc(&tree.path(file));
        let settings = configuration && !(owned && content.len() >= MAX_SETTINGS);
        if configuration && (!owned || tree.path(file).starts_with(b"/etc/")) {
            resolve(&mut trace.graph, self.ctx, file, &facts);
        }
        // Settings beside reached code name modules too (`pygments_style = alabaster.support.Alabaster`).
        if owned && settings {
            for word in dotted_words(&content) {
                let evidence = Evidence::new(EvidenceKind::Name, word.as_str());
                trace.graph.tell(Some(file), Notice::Word(word), evidence);
            }
        }
        if settings || is_template(&content) {
            let evidence = Evidence::new(EvidenceKind::Name, "");
            trace.graph.tell(Some(file), Notice::Text(Arc::from(content)), evidence);
        }
    }
}

/// Whether a file is one of a program's own folder below `/etc`, where files that configuration includes may have any name
/// (`named.conf.default-zones`, `sites-enabled/default`).
fn is_in_folder_of_etc(path: &[u8]) -> bool {
    // What dpkg's says are files that are left out when a package is installed.
    let rest = path.strip_prefix(b"/etc/").filter(|rest| !rest.starts_with(b"dpkg/"));
    rest.is_some_and(|rest| rest.contains(&b'/'))
}

/// Whether a text may call functions by name.
fn is_template(content: &str) -> bool {
    ["{{", "{%", "<%", "${"].iter().any(|mark| content.contains(mark))
}
