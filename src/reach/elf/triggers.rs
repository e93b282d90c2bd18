//! The conditions of rules that ELF files meet, and the strings in them that rules say mean nothing.

use std::collections::BTreeSet;

use crate::profile::Language;
use crate::reach::rules::{Cuts, ImpliesRules, RuleId, RuleIndex, Rules, Spelling, TakenBack, TakingRule};
use crate::rootfs::NodeId;

/// `when.elf` of the rules, and the cuts about ELF files.
#[derive(Clone, Debug)]
pub(super) struct Triggers {
    soname: RuleIndex,
    symbol: RuleIndex,
    except: RuleIndex,
    cuts: Cuts<NodeId>,
}

impl Triggers {
    /// Those of some rules.
    ///
    /// # Errors
    /// If a glob does not compile, which loading a profile rules out.
    pub(super) fn new(rules: &Rules) -> Result<Self, globset::Error> {
        let implies: &ImpliesRules = rules.implies();
        Ok(Self {
            soname: implies.index(Spelling::Plain, |when| &when.elf.soname)?,
            symbol: implies.index(Spelling::Plain, |when| &when.elf.symbol)?,
            except: implies.index(Spelling::Plain, |when| &when.elf.except)?,
            cuts: rules.cuts(Language::Elf, Spelling::Plain)?,
        })
    }

    /// The rules that wait for a library of this soname or file name.
    pub(super) fn of_soname(&self, name: &str) -> Vec<RuleId> {
        self.soname.matches(name)
    }

    /// The rules that wait for the import of this symbol by a file of these names: rules may except some.
    pub(super) fn of_symbol(&self, symbol: &str, names: &[String]) -> Vec<RuleId> {
        let mut rules = self.symbol.matches(symbol);
        if !rules.is_empty() {
            let excepted: BTreeSet<RuleId> = names.iter().flat_map(|name| self.except.matches(name)).collect();
            rules.retain(|rule| !excepted.contains(rule));
        }
        rules
    }

    /// Whether a rule knows that this library's name in a file, which has these names, counts under other conditions only.
    pub(super) fn is_cut(&self, file: NodeId, names: &[String], library: &str) -> bool {
        let holds = |rule: &TakingRule| rule.cut.within.is_empty() && !rule.cut.in_extensions;
        names.iter().any(|name| self.cuts.take_back(name, library, file, holds))
    }

    /// Turns such a rule off, and returns the libraries whose names it took back, with the files that name them.
    pub(super) fn let_count(&mut self, rule: &str) -> Vec<(NodeId, Box<str>)> {
        self.cuts.let_count(rule)
    }

    /// What such rules took back.
    pub(super) fn taken_back(&self) -> Vec<TakenBack> {
        self.cuts.taken_back()
    }
}
