//! The newest ids: what comes twice comes soon, and nobody can remember all there ever were.

use std::collections::{HashSet, VecDeque};

use uuid::Uuid;

/// Ids that are remembered: 16 MB.
const IDS: usize = 400_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    known: HashSet<Uuid>,
    order: VecDeque<Uuid>,
}

impl Recent {
    /// Whether it is new.
    pub(crate) fn add(&mut self, id: Uuid) -> bool {
        if !self.known.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
