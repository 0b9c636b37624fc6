//! Pure: which running jobs give way when one of a higher class finds no room.
//!
//! They are all of one worker and of strictly lower classes: of the lowest that there are, as few as can be, and of those the
//! ones that lose least since their newest checkpoint. Each is asked to stop with a checkpoint, waits again at its old place, and
//! is not asked again for a while. What is stopping already counts as room, so that nobody stops twice for one job; and with
//! classes that go strictly before each other ([`crate::queue::Rules::preempts`]) nobody takes that room from whom it was made for.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;

use trainyard_events::TenantId;
use trainyard_events::reason::Ending;
use uuid::Uuid;

use crate::action::{Action, ask_job};
use crate::berth::{Berth, Devices};
use crate::deadlines::Deadlines;
use crate::job::JobCommand;
use crate::queue::{Queue, Waiting, rank};
use crate::schedule;
use crate::world::World;

/// A job that may be asked to give way.
#[derive(Clone, Debug)]
struct Yielding<'w> {
    key: &'w (TenantId, Uuid),
    /// Of its class; the higher, the sooner it gives way.
    rank: u32,
    /// What it has trained since its newest checkpoint, or its begin, as its facts tell.
    unkept_ms: i64,
}

/// The less, the sooner: lowest classes, fewest jobs, least lost.
type Cost = (Reverse<u32>, usize, i64);

/// What is asked for the jobs that found no place in `queue`, in which what is stopping has left already.
pub(crate) fn due(world: &World, mut queue: Queue, deadlines: &Deadlines, now: Instant) -> Vec<Action> {
    let mut yielding = yielding(world, &queue, deadlines, now);
    let mut actions = Vec::new();
    for (next, could) in queue.stuck() {
        if !queue.may_run(&next) {
            continue;
        }
        let fewest = could.iter().filter_map(|(index, suiting)| {
            let those = yielding.get(index)?.iter().filter(|job| job.rank > rank(next.class));
            let lower: Vec<&Yielding> = those.collect();
            let chosen = cheapest(&queue.berths[*index], *suiting, next.gpus(), lower)?;
            Some((cost(&chosen), *index, chosen.into_iter().cloned().collect::<Vec<_>>()))
        });
        let Some((_, index, chosen)) = fewest.min_by_key(|(cost, index, _)| (*cost, *index)) else {
            continue;
        };
        for job in &chosen {
            queue.berths[index].leave(job.key.1);
            actions.extend(ask(world, job.key, &next));
        }
        queue.berths[index].take(next.job, next.asked.as_ref());
        *queue.running.entry(next.tenant.clone()).or_default() += u32::from(!next.holds_slot);
        let gone = |job: &Yielding| chosen.iter().any(|chosen| chosen.key == job.key);
        if let Some(left) = yielding.get_mut(&index) {
            left.retain(|job| !gone(job));
        }
    }
    actions
}

/// Those that may be asked, by the number of their berth; the first to give way first.
fn yielding<'w>(
    world: &'w World,
    queue: &Queue,
    deadlines: &Deadlines,
    now: Instant,
) -> BTreeMap<usize, Vec<Yielding<'w>>> {
    let berths: BTreeMap<&str, usize> =
        queue.berths.iter().enumerate().map(|(index, berth)| (berth.name(), index)).collect();
    let mut yielding: BTreeMap<usize, Vec<Yielding>> = BTreeMap::new();
    for key in &world.agenda().running {
        let Some(open) = world.jobs.get(key) else { continue };
        let job = &open.job;
        let Some(berth) = job.worker.as_deref().and_then(|worker| berths.get(worker)) else { continue };
        if job.token.is_none() || job.is_stopping() || !deadlines.may_yield(key, job, now) {
            continue;
        }
        let unkept_ms =
            i64::try_from((open.newest_at - open.kept_at).whole_milliseconds()).unwrap_or(i64::MAX);
        let rank = rank(schedule::class(open));
        yielding.entry(*berth).or_default().push(Yielding { key, rank, unkept_ms });
    }
    for jobs in yielding.values_mut() {
        jobs.sort_by_key(|job| (Reverse(job.rank), job.unkept_ms, job.key));
    }
    yielding
}

/// As few of these as make room on the berth; `None` where all of them do not, or where none need.
fn cheapest<'y, 'w>(
    berth: &Berth,
    suiting: Devices,
    count: u32,
    lower: Vec<&'y Yielding<'w>>,
) -> Option<Vec<&'y Yielding<'w>>> {
    if berth.has_room(suiting, count) || lower.is_empty() {
        return None;
    }
    let makes_room = |jobs: &[&Yielding]| {
        let mut berth = berth.clone();
        jobs.iter().for_each(|job| berth.leave(job.key.1));
        berth.has_room(suiting, count)
    };
    let lowest_alone = lower.iter().copied().find(|job| makes_room(&[*job]));
    let mut chosen: Vec<&Yielding> = Vec::new();
    for job in lower {
        chosen.push(job);
        if makes_room(&chosen) {
            break;
        }
    }
    if !makes_room(&chosen) {
        return None;
    }
    // Whom it has not needed after all, the dearest first.
    for dearest in (0..chosen.len()).rev() {
        let without: Vec<_> = (0..chosen.len()).filter(|at| *at != dearest).map(|at| chosen[at]).collect();
        if !without.is_empty() && makes_room(&without) {
            chosen = without;
        }
    }
    match lowest_alone {
        Some(alone) if cost(&[alone]) < cost(&chosen) => Some(vec![alone]),
        _ => Some(chosen),
    }
}

fn cost(jobs: &[&Yielding]) -> Cost {
    let highest = jobs.iter().map(|job| job.rank).min().unwrap_or(0);
    (Reverse(highest), jobs.len(), jobs.iter().map(|job| job.unkept_ms).fold(0, i64::saturating_add))
}

fn ask(world: &World, key: &(TenantId, Uuid), next: &Waiting) -> Option<Action> {
    let open = world.jobs.get(key)?;
    let because = vec![Ending::GaveWay { class: next.class }.into()];
    let command = JobCommand::Preempt { token: open.job.token?, because };
    Some(ask_job("make-room", &key.0, key.1, open, command))
}
