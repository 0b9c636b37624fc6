//! The promise of the queue: nothing that was asked for much later goes before a job, however urgent it is.

use std::collections::BTreeSet;

use proptest::prelude::*;
use time::{Duration, OffsetDateTime};
use trainyard_commands::schedule::{HANDICAP_MAX, Queue, Waiting};
use trainyard_events::TenantId;
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use uuid::Uuid;

#[derive(Clone, Debug)]
enum Step {
    Ask {
        tenant: usize,
        class: Priority,
    },
    Minutes(i64),
    /// So many slots become free.
    Free(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let class = prop_oneof![1 => Just(Priority::Low), 1 => Just(Priority::Normal), 3 => Just(Priority::High)];
    let step = prop_oneof![
        6 => (0..3_usize, class).prop_map(|(tenant, class)| Step::Ask { tenant, class }),
        2 => (1..60_i64).prop_map(Step::Minutes),
        3 => (1..4_usize).prop_map(Step::Free),
    ];
    prop::collection::vec(step, 1..160)
}

fn tenant(index: usize) -> TenantId {
    ["acme", "beta", "gamma"][index].parse().expect("a name")
}

/// Plays the steps; for each job chosen: the job, and what still waited then.
fn play(steps: &[Step], quota: Option<u32>) -> Vec<(Waiting, Vec<Waiting>)> {
    let mut queue = Queue::default();
    queue.quota.extend(quota.map(|most| (tenant(0), most)));
    let (mut now, mut requested, mut chosen) = (OffsetDateTime::UNIX_EPOCH, 0, Vec::new());
    for step in steps {
        match step {
            Step::Ask { tenant: of, class } => {
                requested += 1;
                queue.push(Waiting {
                    tenant: tenant(*of),
                    job: Uuid::from_u128(u128::from(requested)),
                    class: *class,
                    pool: Pool::Cpu,
                    runner: None,
                    asked: None,
                    avoid: None,
                    holds_slot: false,
                    worker: None,
                    requested,
                    since: now,
                });
            }
            Step::Minutes(minutes) => now += Duration::minutes(*minutes),
            Step::Free(slots) => {
                queue.room.insert(Pool::Cpu, *slots);
                for next in queue.choose() {
                    chosen.push((next, queue.waiting().cloned().collect()));
                }
            }
        }
    }
    chosen
}

proptest! {
    #[test]
    fn nothing_goes_before_a_job_that_was_asked_for_much_earlier(steps in steps()) {
        for (next, left) in play(&steps, None) {
            let passed_over = left.iter().find(|waiting| next.since - waiting.since > HANDICAP_MAX);
            prop_assert_eq!(passed_over, None, "{:?} went first", next);
        }
    }

    #[test]
    fn a_higher_class_of_the_same_time_goes_first(steps in steps()) {
        for (next, left) in play(&steps, None) {
            let passed_over = left.iter().find(|waiting| {
                waiting.tenant == next.tenant && waiting.class > next.class && waiting.since <= next.since
            });
            prop_assert_eq!(passed_over, None, "{:?} went first", next);
        }
    }

    #[test]
    fn choosing_is_deterministic_and_no_job_is_chosen_twice(steps in steps()) {
        let (first, again) = (play(&steps, None), play(&steps, None));
        prop_assert_eq!(&first, &again);
        let jobs: BTreeSet<Uuid> = first.iter().map(|(next, _)| next.job).collect();
        prop_assert_eq!(jobs.len(), first.len());
    }

    #[test]
    fn a_quota_is_never_exceeded(steps in steps(), most in 0..4_u32) {
        // Nothing ends here: what was chosen runs for ever.
        let of_limited = play(&steps, Some(most)).iter().filter(|(next, _)| next.tenant == tenant(0)).count();
        prop_assert!(of_limited <= most as usize);
    }
}

/// A minute for each job that its tenant runs already: of two who have asked within one, the one who has nothing goes first.
#[test]
fn who_runs_much_lets_others_go_first() {
    let asked = |tenant_index, number: u64, second| Waiting {
        tenant: tenant(tenant_index),
        job: Uuid::from_u128(number.into()),
        class: Priority::Normal,
        pool: Pool::Cpu,
        runner: None,
        asked: None,
        avoid: None,
        holds_slot: false,
        worker: None,
        requested: number,
        since: OffsetDateTime::UNIX_EPOCH + Duration::seconds(second),
    };
    let first = |runs: u32| {
        let mut queue = Queue::default();
        (queue.running, queue.room) = ([(tenant(0), runs)].into(), [(Pool::Cpu, 1)].into());
        [asked(0, 1, 0), asked(1, 2, 30)].into_iter().for_each(|waiting| queue.push(waiting));
        queue.choose().into_iter().map(|chosen| chosen.requested).collect::<Vec<_>>()
    };
    assert_eq!(first(0), [1]);
    assert_eq!(first(1), [2]);
}
