//! Questions about whole files: thousands of calls in a file ask the same.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::reading::callees::Depth;
use super::super::search::ModuleId;

/// A question about a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// Do its strings name modules?
    Candidates,
    /// What does the stub beside it import?
    Stub,
}

/// For which state of the search something was found out last, see [`Search::changes`](super::super::search::Search::changes),
/// and how often it was.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    changes: u32,
    times: u32,
}

impl Asked {
    /// How often something is found out again because names may mean something else than before. Beyond that what was found
    /// stays: a file that adds thousands of folders to the search path may ask after each.
    const MAX_TIMES: u32 = 16;

    /// Whether what was found holds for this state.
    pub fn is_current(self, changes: u32) -> bool {
        self.times > 0 && self.changes == changes
    }

    /// Whether it is not to be found out again for this state.
    pub fn stays(self, changes: u32) -> bool {
        self.is_current(changes) || self.times >= Self::MAX_TIMES
    }

    /// Notes that it is found out for this state.
    pub fn again(&mut self, changes: u32) {
        *self = Self { changes, times: self.times + 1 };
    }

    /// The state.
    pub fn changes(self) -> u32 {
        self.changes
    }
}

/// A path that begins at another package's place is looked for beside every package that the file imports: so many places
/// for one file.
pub(super) const MAX_BESIDE: usize = 1 << 14;

/// What was asked, and the answers.
#[derive(Debug, Default)]
pub(super) struct Answered {
    answers: HashMap<(ModuleId, Question), Answer>,
    /// The packages that files import, and for which state of the search that is so.
    imported: HashMap<ModuleId, (u32, Arc<[String]>)>,
    /// What listings of packages that cannot be read find, in words.
    listed: HashMap<(ModuleId, Depth), (u32, Arc<str>)>,
    /// How many places of paths beside other packages were looked at for files.
    beside: HashMap<ModuleId, usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    yes: bool,
    asked: Asked,
}

impl Answered {
    /// The answer to a question, unless it has to be asked anew.
    pub fn get(&self, module: ModuleId, question: Question, changes: u32) -> Option<bool> {
        let known = self.answers.get(&(module, question))?;
        known.asked.stays(changes).then_some(known.yes && known.asked.is_current(changes))
    }

    /// Notes an answer.
    pub fn put(&mut self, module: ModuleId, question: Question, changes: u32, yes: bool) {
        let answer = self.answers.entry((module, question)).or_default();
        answer.yes = yes;
        answer.asked.again(changes);
    }

    /// The packages that a file imports.
    pub fn imported(&self, module: ModuleId, changes: u32) -> Option<Arc<[String]>> {
        self.imported.get(&module).filter(|(at, _)| *at == changes).map(|(_, packages)| packages.clone())
    }

    /// What a listing of packages that cannot be read finds, if one was answered.
    pub fn listed(&self, module: ModuleId, depth: Depth, changes: u32) -> Option<Arc<str>> {
        self.listed.get(&(module, depth)).filter(|(at, _)| *at == changes).map(|(_, kept)| kept.clone())
    }

    /// Notes that.
    pub fn put_listed(&mut self, module: ModuleId, depth: Depth, changes: u32, kept: Arc<str>) {
        self.listed.insert((module, depth), (changes, kept));
    }

    /// Whether a file may look at so many more places beside packages that it imports.
    pub fn look_beside(&mut self, module: ModuleId, places: usize) -> bool {
        let looked = self.beside.entry(module).or_default();
        *looked += places;
        *looked <= MAX_BESIDE
    }

    /// Notes them.
    pub fn put_imported(&mut self, module: ModuleId, changes: u32, packages: Arc<[String]>) {
        self.imported.insert(module, (changes, packages));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::python::search::Modules;
    use crate::rootfs::Tree;

    #[test]
    fn an_answer_holds_until_names_mean_something_else() {
        let id = Modules::default().adopt(0, "m", Tree::ROOT, Tree::ROOT, Vec::new());
        let mut answered = Answered::default();
        assert_eq!(answered.get(id, Question::Candidates, 1), None);
        answered.put(id, Question::Candidates, 1, true);
        assert_eq!(answered.get(id, Question::Candidates, 1), Some(true));
        assert_eq!(answered.get(id, Question::Stub, 1), None);
        assert_eq!(answered.get(id, Question::Candidates, 2), None);
        for changes in 2..=Asked::MAX_TIMES {
            answered.put(id, Question::Candidates, changes, true);
        }
        // What may be missing then is no answer that a doubt could rest on.
        assert_eq!(answered.get(id, Question::Candidates, Asked::MAX_TIMES + 1), Some(false));
    }
}
