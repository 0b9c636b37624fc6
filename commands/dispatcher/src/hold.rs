//! Actions that were refused or could not be decided, and are still due: each tried again ever more rarely.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LONGEST: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Held(HashMap<Uuid, Hold>);

#[derive(Debug)]
struct Hold {
    until: Instant,
    pause: Duration,
}

impl Held {
    pub(crate) fn holds(&self, id: Uuid, now: Instant) -> bool {
        self.0.get(&id).is_some_and(|hold| now < hold.until)
    }

    /// The world may only be behind, or what it is about cannot be read; asking again soon is as vain.
    pub(crate) fn refused(&mut self, id: Uuid, now: Instant) {
        let pause = self.0.get(&id).map_or(PAUSE_FIRST, |hold| (hold.pause * 2).min(PAUSE_LONGEST));
        self.0.insert(id, Hold { until: now + pause, pause });
    }

    /// Forgets what is not due any more.
    pub(crate) fn retain(&mut self, wanted: &HashSet<Uuid>) {
        self.0.retain(|id, _| wanted.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_again_ever_more_rarely_and_forgotten_when_it_is_not_due() {
        let (mut held, mut now, id) = (Held::default(), Instant::now(), Uuid::from_u128(1));
        let mut pauses = Vec::new();
        for _ in 0..8 {
            held.refused(id, now);
            let begun = now;
            while held.holds(id, now) {
                now += Duration::from_secs(1);
            }
            pauses.push((now - begun).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        held.retain(&HashSet::from([id]));
        held.refused(id, now);
        assert!(held.holds(id, now + PAUSE_FIRST), "it is still due");
        held.retain(&HashSet::new());
        held.refused(id, now);
        assert!(held.holds(id, now) && !held.holds(id, now + PAUSE_FIRST));
    }
}
