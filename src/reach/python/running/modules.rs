//! How far modules have got.

use super::super::search::ModuleId;

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    reached: bool,
    /// Runs as a program: its `__main__` block runs too.
    main: bool,
    /// Somebody takes `*` from it.
    star: bool,
    /// Its data has been marked.
    data: bool,
    /// It is the user's own, and all that is known is that it is there.
    idle: bool,
}

/// Which modules are reached, and as what.
#[derive(Debug, Default)]
pub(in crate::reach::python) struct ReachedModules {
    progress: Vec<Progress>,
    /// Those reached so far, in order.
    order: Vec<ModuleId>,
}

impl ReachedModules {
    fn of(&mut self, id: ModuleId) -> &mut Progress {
        if self.progress.len() <= id.index() {
            self.progress.resize(id.index() + 1, Progress::default());
        }
        &mut self.progress[id.index()]
    }

    fn get(&self, id: ModuleId) -> Progress {
        self.progress.get(id.index()).copied().unwrap_or_default()
    }

    /// Whether a module is reached. One that was only looked up is not.
    pub fn has(&self, id: ModuleId) -> bool {
        self.get(id).reached
    }

    /// Whether a module runs as a program.
    pub fn is_program(&self, id: ModuleId) -> bool {
        self.get(id).main
    }

    /// Whether somebody takes `*` from a module.
    pub fn is_taken_whole(&self, id: ModuleId) -> bool {
        self.get(id).star
    }

    /// All of them, in the order they were reached.
    pub fn in_order(&self) -> &[ModuleId] {
        &self.order
    }

    /// Marks a module as reached. Returns whether that is new.
    pub fn reach(&mut self, id: ModuleId) -> bool {
        let new = !std::mem::replace(&mut self.of(id).reached, true);
        if new {
            self.order.push(id);
        }
        new
    }

    /// Marks source without a file as reached: it is no module that anybody could name.
    pub fn reach_unnamed(&mut self, id: ModuleId) {
        self.of(id).reached = true;
    }

    /// Notes that a module runs as a program. Returns whether that is new.
    pub fn run(&mut self, id: ModuleId) -> bool {
        !std::mem::replace(&mut self.of(id).main, true)
    }

    /// Puts a module at the end of the order once more: it runs as something else than it did.
    pub fn repeat(&mut self, id: ModuleId) {
        self.order.push(id);
    }

    /// Notes of a module of the user's own that nothing has imported or run so far.
    pub fn leave_idle(&mut self, id: ModuleId) {
        self.of(id).idle = true;
    }

    /// Whether all that is known of a module is that it is there.
    pub fn is_idle(&self, id: ModuleId) -> bool {
        self.get(id).idle
    }

    /// Notes that a module is imported or runs. Returns whether that is new of one that was just there.
    pub fn start(&mut self, id: ModuleId) -> bool {
        std::mem::take(&mut self.of(id).idle)
    }

    /// Notes that somebody takes `*` from a module. Returns whether that is new.
    pub fn take_whole(&mut self, id: ModuleId) -> bool {
        !std::mem::replace(&mut self.of(id).star, true)
    }

    /// Notes that a module's data is marked. Returns whether that is new.
    pub fn take_data(&mut self, id: ModuleId) -> bool {
        !std::mem::replace(&mut self.of(id).data, true)
    }
}
