//! Files are read ahead of their turn: while one thread resolves facts in the order in which the files were reached,
//! others turn those that wait into facts. What comes out does not depend on which thread is the faster one.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::evidence::EvidenceKind;
use super::extraction::{Extracted, Extractor};
use super::graph::Watcher;
use crate::rootfs::NodeId;

/// How many files the threads may be ahead, besides as many that the resolving thread has taken over: bounds the memory
/// that facts take, however many files are reached at once.
const MOST_AHEAD: usize = 4096;
/// The same in bytes, as the files weigh that the facts are of: facts are about as large as what they are read from.
const MOST_BYTES: u64 = 64 << 20;
/// How many files a thread takes at once, at most: there may be a million, with a few bytes in each.
const BATCH: usize = 16;
/// The same in bytes: nobody else reads what one thread has taken.
const BATCH_BYTES: u64 = 1 << 20;

/// A reached file, and the kind of evidence that reached it.
type Reached = (NodeId, EvidenceKind);

/// Reached files on their way to facts, as the thread sees it that resolves them.
#[derive(Debug)]
pub(super) struct Ahead<'a> {
    shared: &'a Shared<'a>,
    /// Files that the other threads have not been told of yet.
    new: RefCell<Vec<Reached>>,
    /// What the other threads have found out.
    done: RefCell<FxHashMap<NodeId, Extracted>>,
    /// How many files were pushed and not taken.
    waiting: Cell<usize>,
}

/// What the threads share.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    extractor: &'a Extractor<'a>,
    state: Mutex<State>,
    /// There may be something to do for the threads that read.
    work: Condvar,
    /// Files have been read.
    finished: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// In the order reached.
    todo: VecDeque<Reached>,
    reading: Vec<NodeId>,
    done: FxHashMap<NodeId, Extracted>,
    /// What the files weigh that are being read or done.
    bytes: u64,
    closed: bool,
}

impl<'a> Ahead<'a> {
    pub fn new(shared: &'a Shared<'a>) -> Self {
        Self { shared, new: RefCell::default(), done: RefCell::default(), waiting: Cell::new(0) }
    }

    /// What the next file says. As long as another thread is not done with it, those after it are read here too.
    pub fn take(&self, node: NodeId) -> Extracted {
        self.waiting.set(self.waiting.get().saturating_sub(1));
        let mut done = self.done.borrow_mut();
        loop {
            if let Some(extracted) = done.remove(&node) {
                return extracted;
            }
            self.shared.tell(&mut self.new.borrow_mut());
            let mut state = self.shared.state();
            if let Some(extracted) = state.done.remove(&node) {
                state.bytes -= self.shared.weight(node);
                // Many at once, so that the lock is not asked for every file.
                if done.is_empty() {
                    std::mem::swap(&mut *done, &mut state.done);
                    state.bytes = state.reading.iter().map(|&node| self.shared.weight(node)).sum();
                    self.shared.work.notify_all();
                }
                return extracted;
            }
            let awaited = state.reading.contains(&node) || state.todo.front().is_some_and(|&(next, _)| next == node);
            assert!(awaited, "the thread that read this file has panicked");
            if let Err(state) = self.shared.read_next(state) {
                drop(self.shared.finished.wait(state).unwrap_or_else(PoisonError::into_inner));
            }
        }
    }
}

impl Watcher for Ahead<'_> {
    /// Adds a file. Each is taken once, and in this order.
    fn reached(&self, node: NodeId, kind: EvidenceKind) {
        let mut new = self.new.borrow_mut();
        new.push((node, kind));
        // Others are told in batches, unless they have next to nothing to do.
        if new.len() >= BATCH || self.waiting.get() < BATCH {
            self.shared.tell(&mut new);
        }
        self.waiting.set(self.waiting.get() + 1);
    }
}

impl Drop for Ahead<'_> {
    /// Ends the other threads.
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.work.notify_all();
    }
}

impl<'a> Shared<'a> {
    pub fn new(extractor: &'a Extractor<'a>) -> Self {
        Self { extractor, state: Mutex::default(), work: Condvar::new(), finished: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn weight(&self, node: NodeId) -> u64 {
        self.extractor.weight(node)
    }

    fn tell(&self, new: &mut Vec<Reached>) {
        if !new.is_empty() {
            self.state().todo.extend(new.drain(..));
            self.work.notify_one();
        }
    }

    /// Reads files until the resolving thread is done: what each of the other threads does.
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

    /// Reads the first files that nobody has begun with, if there are any that may be ahead; else gives back the lock.
    fn read_next<'s>(&'s self, mut state: MutexGuard<'s, State>) -> Result<(), MutexGuard<'s, State>> {
        // One at a time as long as few wait, so that nobody waits for the others of a batch.
        let count = (state.todo.len() / BATCH).clamp(1, BATCH);
        let room = MOST_AHEAD.saturating_sub(state.done.len() + state.reading.len());
        let count = count.min(room).min(state.todo.len());
        // One at least, or the file that is waited for might never be read.
        let mut first = state.done.is_empty() && state.reading.is_empty();
        let (mut bytes, mut batch) = (state.bytes, 0);
        let fits = |&&(node, _): &&Reached| {
            let weight = self.weight(node);
            let is_first = batch == 0;
            (bytes, batch) = (bytes + weight, batch + weight);
            (is_first || batch <= BATCH_BYTES) && (std::mem::take(&mut first) || bytes <= MOST_BYTES)
        };
        let count = state.todo.iter().take(count).take_while(fits).count();
        if count == 0 {
            return Err(state);
        }
        let files: Vec<Reached> = state.todo.drain(..count).collect();
        if !state.todo.is_empty() {
            self.work.notify_one();
        }
        state.reading.extend(files.iter().map(|&(node, _)| node));
        state.bytes += files.iter().map(|&(node, _)| self.weight(node)).sum::<u64>();
        drop(state);
        let reading = Reading { shared: self, files: &files };
        let facts: Vec<Extracted> = files.iter().map(|&(node, kind)| self.extractor.extract(node, kind)).collect();
        self.state().done.extend(files.iter().map(|&(node, _)| node).zip(facts));
        drop(reading);
        Ok(())
    }
}

/// Files being read. If that panics, they no longer count as such, so that nobody waits for them.
struct Reading<'a> {
    shared: &'a Shared<'a>,
    files: &'a [Reached],
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.reading.retain(|node| self.files.iter().all(|(read, _)| read != node));
        self.shared.finished.notify_one();
    }
}
