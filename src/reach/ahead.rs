//! Files are read ahead of their turn: while one thread resolves facts in the order in which the files were reached,
//! others turn those that wait into facts. What comes out does not depend on which thread is the faster one.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::evidence::EvidenceKind;
use super::extraction::{Extracted, Extractor};
use crate::rootfs::NodeId;

/// How many files may be ahead: bounds the memory that their facts take, however many files are reached at once.
const MOST_AHEAD: usize = 1024;

/// Reached files on their way to facts.
#[derive(Debug)]
pub(super) struct Ahead<'a> {
    extractor: &'a Extractor<'a>,
    state: Mutex<State>,
    /// There may be something to do for the threads that read.
    work: Condvar,
    /// A file has been read.
    finished: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// In the order reached.
    todo: VecDeque<(NodeId, EvidenceKind)>,
    reading: Vec<NodeId>,
    done: FxHashMap<NodeId, Extracted>,
    closed: bool,
}

impl<'a> Ahead<'a> {
    pub fn new(extractor: &'a Extractor<'a>) -> Self {
        Self { extractor, state: Mutex::default(), work: Condvar::new(), finished: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a file that was reached by evidence of this kind. Each is taken once, and in this order.
    pub fn push(&self, node: NodeId, kind: EvidenceKind) {
        self.state().todo.push_back((node, kind));
        self.work.notify_one();
    }

    /// What the next file says. As long as another thread is not done with it, those after it are read here too.
    pub fn take(&self, node: NodeId) -> Extracted {
        loop {
            let mut state = self.state();
            if let Some(extracted) = state.done.remove(&node) {
                self.work.notify_one();
                return extracted;
            }
            let awaited = state.reading.contains(&node) || state.todo.front().is_some_and(|&(next, _)| next == node);
            assert!(awaited, "the thread that read this file has panicked");
            if let Err(state) = self.read_next(state) {
                drop(self.finished.wait(state).unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// Reads files until [`close`](Self::close): what each of the other threads does.
    pub fn work(&self) {
        loop {
            let state = self.state();
            if state.closed {
                return;
            }
            if let Err(state) = self.read_next(state) {
                drop(self.work.wait(state).unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// Reads the first file that nobody has begun with, if there is one and it may be ahead; else gives back the lock.
    fn read_next<'s>(&'s self, mut state: MutexGuard<'s, State>) -> Result<(), MutexGuard<'s, State>> {
        let room = state.done.len() + state.reading.len() < MOST_AHEAD;
        let Some((node, kind)) = state.todo.pop_front_if(|_| room) else { return Err(state) };
        state.reading.push(node);
        drop(state);
        let reading = Reading { ahead: self, node };
        let extracted = self.extractor.extract(node, kind);
        self.state().done.insert(node, extracted);
        drop(reading);
        Ok(())
    }

    /// Ends the other threads.
    pub fn close(&self) {
        self.state().closed = true;
        self.work.notify_all();
    }
}

/// A file being read. If that panics, the file counts as not begun with, so that nobody waits for it.
struct Reading<'a> {
    ahead: &'a Ahead<'a>,
    node: NodeId,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.ahead.state().reading.retain(|&node| node != self.node);
        self.ahead.finished.notify_one();
    }
}
