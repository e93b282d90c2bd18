//! Paragraphs of the status file.

use std::collections::HashSet;

use bstr::ByteSlice;

use super::super::adapting::Records;
use super::lists::Lists;
use crate::owners::dpkg::control::{Stanza, stanzas};

/// apt's list of packages that it installed for others.
const EXTENDED_STATES: &str = "/var/lib/apt/extended_states";

/// The paragraph of a package that stays: as it is, but for configuration files that are gone.
pub(super) fn without_lost_conffiles(stanza: Stanza<'_>, lists: &mut Lists<'_>, records: &Records<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(stanza.raw.len());
    let mut in_conffiles = false;
    let mut heading: &[u8] = b"";
    for line in stanza.raw.lines_with_terminator() {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            in_conffiles = line.get(..10).is_some_and(|key| key.eq_ignore_ascii_case(b"conffiles:"));
            heading = if in_conffiles { line } else { b"" };
            if !in_conffiles {
                out.extend_from_slice(line);
            }
        } else if !in_conffiles {
            out.extend_from_slice(line);
        } else if line.trim().split_str(" ").next().is_some_and(|path| lists.stays(records, path, b"")) {
            // The heading goes with the last of its lines.
            out.extend_from_slice(std::mem::take(&mut heading));
            out.extend_from_slice(line);
        }
    }
    out
}

/// The paragraph of a package of which only configuration is left, as `dpkg --remove` would write it.
pub(super) fn as_config_files(stanza: Stanza<'_>, lists: &mut Lists<'_>, records: &Records<'_>) -> Vec<u8> {
    let text = without_lost_conffiles(stanza, lists, records);
    let mut out = Vec::with_capacity(text.len() + 64);
    for line in text.lines_with_terminator() {
        if line.get(..7).is_some_and(|key| key.eq_ignore_ascii_case(b"status:")) {
            out.extend_from_slice(b"Status: deinstall ok config-files\n");
            continue;
        }
        out.extend_from_slice(line);
        if line.get(..8).is_some_and(|key| key.eq_ignore_ascii_case(b"version:")) {
            out.extend_from_slice(b"Config-");
            out.extend_from_slice(line);
        }
    }
    out
}

/// Leaves the paragraphs of packages that are still listed.
pub(super) fn trim_extended_states(records: &mut Records<'_>, listed: &HashSet<(Vec<u8>, Vec<u8>)>) {
    let Some(node) = records.rootfs.tree.follow(EXTENDED_STATES) else { return };
    let Some(before) = records.content(node).map(std::borrow::Cow::into_owned) else { return };
    let known: HashSet<&[u8]> = listed.iter().map(|(name, _)| name.as_slice()).collect();
    let left = stanzas(&before).filter(|stanza| stanza.field("Package").is_none_or(|name| known.contains(name)));
    let after = left.flat_map(|stanza| stanza.raw).copied().collect();
    records.rewrite(node, &before, after);
}
