//! The streams of one kind that were used last, each with its line.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::decider::Decider;
use super::line::Line;
use super::stream::StreamId;

/// The lines of the streams that were used last. A line that is dropped while it is in use loses
/// only its order: what is committed is checked against the store.
pub(super) struct Recent<D: Decider> {
    streams: usize,
    generations: Mutex<Generations<D>>,
}

/// Two generations instead of a list of uses: what is used moves to the young one, and when that is
/// full, what is left in the old one goes.
struct Generations<D: Decider> {
    young: BTreeMap<StreamId, Arc<Line<D>>>,
    old: BTreeMap<StreamId, Arc<Line<D>>>,
}

impl<D: Decider> Recent<D> {
    /// Keeps the lines of about `streams` streams.
    pub(super) fn new(streams: usize) -> Self {
        let generations = Generations { young: BTreeMap::new(), old: BTreeMap::new() };
        Self { streams, generations: Mutex::new(generations) }
    }

    pub(super) fn streams(&self) -> usize {
        self.streams
    }

    pub(super) fn line(&self, stream: &StreamId) -> Arc<Line<D>> {
        let mut guard = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old } = &mut *guard;
        if let Some(line) = young.get(stream) {
            return Arc::clone(line);
        }
        if young.len() >= self.streams.div_ceil(2) {
            *old = std::mem::take(young);
        }
        let line = old.remove(stream).unwrap_or_default();
        young.insert(stream.clone(), Arc::clone(&line));
        line
    }
}
