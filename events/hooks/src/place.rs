//! Pure: how far one hook is in the feed, what waits for its receiver, and what was given up.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use trainyard_events::hook::Miss;
use trainyard_events::limits::{HOOK_DEAD, HOOK_WAITING};

use crate::patience::Patience;

/// What is kept of a hook. It moves as one: what has been read is either wanted by nobody, heard, waiting or given up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Up to here the feed has been read.
    pub read: u64,
    /// What is still to be sent, in the order of the feed.
    pub waiting: Vec<Waiting>,
    /// Places of what was given up, in the order of the feed.
    pub dead: VecDeque<u64>,
    /// Sent and taken, since there is the hook.
    pub taken: u64,
    /// The last try.
    pub last: Option<Try>,
    /// Since when nothing was taken, in milliseconds, and how many tries.
    pub silent_since: Option<i64>,
    pub misses: u32,
    /// Sequences of the replay that was done last, and of the test, with what became of it.
    pub replayed: u64,
    pub tested: u64,
    pub test: Option<Try>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub place: u64,
    /// Tries that failed, and when the first was, in milliseconds.
    pub tries: u32,
    pub since: Option<i64>,
}

/// When something was sent, in milliseconds, and why it was not taken, if it was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Try {
    pub at: i64,
    pub miss: Option<Miss>,
}

/// What follows from a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is sent again, after so many tries that failed.
    Again {
        tries: u32,
    },
    GivenUp,
}

impl Place {
    pub(crate) fn after(read: u64) -> Place {
        Place { read, ..Place::default() }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < HOOK_WAITING
    }

    /// Takes in the next message of the feed.
    pub(crate) fn read(&mut self, place: u64, is_wanted: bool) {
        self.read = self.read.max(place);
        if is_wanted {
            self.waiting.push(Waiting { place, tries: 0, since: None });
        }
    }

    /// Its receiver has it.
    pub(crate) fn taken(&mut self, place: u64, now: i64) {
        self.waiting.retain(|waiting| waiting.place != place);
        self.taken += 1;
        self.last = Some(Try { at: now, miss: None });
        self.silent_since = None;
        self.misses = 0;
    }

    pub(crate) fn missed(&mut self, place: u64, miss: Miss, now: i64, patience: &Patience) -> Verdict {
        self.last = Some(Try { at: now, miss: Some(miss) });
        self.silent_since.get_or_insert(now);
        self.misses = self.misses.saturating_add(1);
        let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.place == place) else {
            return Verdict::GivenUp;
        };
        waiting.tries = waiting.tries.saturating_add(1);
        let since = *waiting.since.get_or_insert(now);
        if patience.is_over(since, now) {
            self.give_up(place);
            return Verdict::GivenUp;
        }
        Verdict::Again { tries: waiting.tries }
    }

    /// What waits no longer, to be sent again by a replay: the newest that there is room for.
    pub(crate) fn give_up(&mut self, place: u64) {
        self.waiting.retain(|waiting| waiting.place != place);
        let at = self.dead.partition_point(|dead| *dead < place);
        self.dead.insert(at, place);
        if self.dead.len() > HOOK_DEAD {
            self.dead.pop_front();
        }
    }

    /// Forgets one that is nowhere any more.
    pub(crate) fn drop(&mut self, place: u64) {
        self.waiting.retain(|waiting| waiting.place != place);
    }

    /// After who sends was away for long itself, which is nobody's miss.
    pub(crate) fn wake(&mut self, now: i64, patience: &Patience) {
        let away = i64::try_from(patience.longest.as_millis() * 2).unwrap_or(i64::MAX);
        if self.last.as_ref().is_some_and(|last| now.saturating_sub(last.at) > away) {
            self.waiting.iter_mut().for_each(|waiting| waiting.since = None);
            self.silent_since = None;
        }
    }

    /// Whether nothing was taken for a day.
    pub(crate) fn is_dead(&self, now: i64, patience: &Patience) -> bool {
        self.silent_since.is_some_and(|since| patience.is_over(since, now))
    }

    /// All that was given up waits again, as if it had never been tried, before what came later.
    pub(crate) fn replay(&mut self, sequence: u64) {
        self.replayed = sequence;
        let places: BTreeSet<u64> =
            self.dead.drain(..).chain(self.waiting.drain(..).map(|waiting| waiting.place)).collect();
        self.waiting = places.into_iter().map(|place| Waiting { place, tries: 0, since: None }).collect();
        self.silent_since = None;
        self.misses = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISS: Miss = Miss::Silent;
    const DAY: i64 = 86_400_000;

    fn waiting(place: &Place) -> Vec<u64> {
        place.waiting.iter().map(|waiting| waiting.place).collect()
    }

    #[test]
    fn what_is_wanted_waits_until_it_is_taken() {
        let mut place = Place::after(10);
        place.read(11, true);
        place.read(12, false);
        place.read(13, true);
        assert_eq!((place.read, waiting(&place)), (13, vec![11, 13]));
        assert_eq!(place.missed(11, MISS, 5, &Patience::default()), Verdict::Again { tries: 1 });
        assert_eq!((place.silent_since, place.misses), (Some(5), 1));
        place.taken(13, 6);
        assert_eq!((waiting(&place), place.silent_since, place.misses), (vec![11], None, 0));
        assert_eq!(place.waiting[0].since, Some(5), "its own day goes on");
        place.taken(11, 7);
        assert_eq!((waiting(&place), place.taken), (vec![], 2));
    }

    #[test]
    fn what_was_not_taken_for_a_day_is_given_up_and_a_replay_sends_it_before_what_came_later() {
        let (mut place, patience) = (Place::after(0), Patience::default());
        (1..=3).for_each(|at| place.read(at, true));
        place.missed(2, MISS, 0, &patience);
        place.missed(1, MISS, 10, &patience);
        assert_eq!(place.missed(2, MISS, DAY - 1, &patience), Verdict::Again { tries: 2 });
        assert_eq!(place.missed(2, MISS, DAY, &patience), Verdict::GivenUp);
        assert_eq!(place.missed(1, MISS, DAY + 10, &patience), Verdict::GivenUp);
        assert_eq!((waiting(&place), &place.dead), (vec![3], &VecDeque::from([1, 2])));
        assert!(place.is_dead(DAY, &patience) && !place.is_dead(DAY - 1, &patience));
        place.replay(77);
        assert_eq!((waiting(&place), place.replayed, place.dead.len()), (vec![1, 2, 3], 77, 0));
        assert!(!place.is_dead(DAY, &patience) && place.waiting.iter().all(|it| it.since.is_none()));
    }

    #[test]
    fn a_receiver_is_not_blamed_for_days_on_which_nobody_sent() {
        let (mut place, patience) = (Place::after(0), Patience::default());
        place.read(1, true);
        place.missed(1, MISS, 0, &patience);
        let mut soon = place.clone();
        soon.wake(7_200_000, &patience);
        assert_eq!(soon, place);
        place.wake(3 * DAY, &patience);
        assert_eq!(place.missed(1, MISS, 3 * DAY, &patience), Verdict::Again { tries: 2 });
        assert!(!place.is_dead(3 * DAY, &patience));
    }

    #[test]
    fn only_the_newest_dead_letters_are_kept_and_reading_stops_where_too_much_waits() {
        let mut place = Place::default();
        let most = HOOK_DEAD as u64;
        (1..=most + 2).for_each(|at| place.give_up(at));
        assert_eq!((place.dead.len(), place.dead.front()), (HOOK_DEAD, Some(&3)));
        let mut place = Place::default();
        for at in 1..=HOOK_WAITING as u64 {
            assert!(place.has_room());
            place.read(at, true);
        }
        assert!(!place.has_room());
    }

    #[test]
    fn a_place_is_read_as_it_was_written_and_by_a_release_that_knows_less() {
        let mut place = Place::after(4);
        place.read(5, true);
        place.missed(5, Miss::Status { status: 500 }, 9, &Patience::default());
        let mut json = serde_json::to_value(&place).expect("plain data");
        json["of_the_future"] = 1.into();
        assert_eq!(serde_json::from_value::<Place>(json).expect("a place"), place);
    }
}
