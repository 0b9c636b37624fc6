//! Pure: who comes next of what waits, and where it goes.
//!
//! Whose turn it is follows from one time: when the job was asked for, plus a handicap for its class and one for what its
//! tenant runs already. Handicaps have an upper bound, [`HANDICAP_MAX`]: nothing that was asked for later than that
//! after a job goes before it, however busy the fleet is. A job that needs more of one worker than is free keeps what becomes
//! free there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::time::Duration;

use time::OffsetDateTime;
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use trainyard_events::{Resources, TenantId};
use uuid::Uuid;

use crate::berth::{Berth, Devices};

/// The longest that a job can be held back for the sake of one asked for later, where none gives way.
pub const HANDICAP_MAX: Duration = Duration::from_secs(2 * 30 * 60 + 60 * 60);

/// What decides whose turn it is, and where it goes. The platform has the default; a replay may try another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// For each class below the highest.
    pub class: Duration,
    /// For each job that the tenant runs already, and for all of them together at most.
    pub share: Duration,
    pub share_max: Duration,
    /// A job whose turn comes so much later than that of one that waits for GPUs or labels may still take the room that that one
    /// waits for; what comes after it may not. `None`: nobody keeps anything.
    pub backfill: Option<Duration>,
    /// Whether jobs with GPUs of their own go to the fullest worker that has room, and not to the emptiest.
    pub packs: bool,
    /// Whether a job of a higher class goes before every one of a lower class, and running ones give way to it.
    pub preempts: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            class: Duration::from_secs(30 * 60),
            share: Duration::from_secs(60),
            share_max: Duration::from_secs(60 * 60),
            backfill: Some(Duration::from_secs(10 * 60)),
            packs: true,
            preempts: false,
        }
    }
}

/// A job that could run now if there were room.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub tenant: TenantId,
    pub job: Uuid,
    pub class: Priority,
    pub pool: Pool,
    /// Who has to train it, where that is not our own trainer.
    pub runner: Option<String>,
    /// What the worker has to have.
    pub asked: Option<Resources>,
    /// The worker that lost it last.
    pub avoid: Option<String>,
    /// Sequence of the request, which decides between equals, and its time, which decides the rest.
    pub requested: u64,
    pub since: OffsetDateTime,
    /// Whether it holds a slot of its tenant's quota, and counts among what runs.
    pub holds_slot: bool,
    /// The worker that it goes to, once it is chosen; `None` is any of the pool.
    pub worker: Option<String>,
}

impl Waiting {
    /// GPUs that it is to have to itself.
    pub(crate) fn gpus(&self) -> u32 {
        self.asked.as_ref().map_or(0, Resources::gpu_count)
    }
}

/// Jobs of which nobody overtakes another: alike in all that tells them from others.
#[derive(Clone, Debug)]
struct Line {
    /// By its number.
    need: usize,
    /// The first comes next.
    waiting: VecDeque<Waiting>,
}

/// What a worker has to have for some of those that wait.
#[derive(Clone, Debug)]
struct Need {
    pool: Pool,
    runner: Option<String>,
    asked: Option<Resources>,
    /// The berths that could serve it, with the GPUs that suit it; `None` until it is found out.
    could: Option<Vec<(usize, Devices)>>,
}

/// What was found out while jobs are chosen, and holds for all that need the same: room only becomes less.
struct Found {
    /// That there is none for a need.
    full: Vec<bool>,
    /// Its berths by how much each lacks, the least first, since somebody took something last.
    lacking: Vec<Option<Vec<(u32, usize)>>>,
    /// For whom each worker is kept that is.
    kept: BTreeMap<usize, Turn>,
}

/// Everything that decides who comes next.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub rules: Rules,
    lines: Vec<Line>,
    /// The number of each line, by tenant, class, whether it holds a slot, and need.
    numbers: BTreeMap<(TenantId, Priority, bool, usize), usize>,
    needs: Vec<Need>,
    /// Jobs of each tenant that run or are on the work queue.
    pub running: BTreeMap<TenantId, u32>,
    /// Jobs of a tenant that may run at once, where that is limited.
    pub quota: BTreeMap<TenantId, u32>,
    /// Free slots of each pool.
    pub room: BTreeMap<Pool, usize>,
    /// Of those, slots of workers that have a runner.
    pub able: BTreeMap<(Pool, String), usize>,
    /// Workers that can be dispatched to by name. They stay the same once anybody was chosen.
    pub berths: Vec<Berth>,
    /// Pools in which there are others besides.
    pub nameless: BTreeSet<Pool>,
}

/// When it is somebody's turn: first by class where classes go strictly before each other, then by time.
type Turn = (u32, OffsetDateTime);

/// How many classes are above it.
pub(crate) fn rank(class: Priority) -> u32 {
    match class {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

/// Where a job goes.
#[derive(Clone, Copy)]
enum Place {
    Anywhere,
    /// By its number among the berths.
    Berth(usize),
}

impl Queue {
    /// Puts a job in its line.
    pub fn push(&mut self, waiting: Waiting) {
        let need = self.need(&waiting);
        let line = (waiting.tenant.clone(), waiting.class, waiting.holds_slot, need);
        let number = *self.numbers.entry(line).or_insert_with(|| {
            self.lines.push(Line { need, waiting: VecDeque::new() });
            self.lines.len() - 1
        });
        let line = &mut self.lines[number].waiting;
        let place =
            line.partition_point(|other| (other.since, other.requested) < (waiting.since, waiting.requested));
        line.insert(place, waiting);
    }

    /// There are few, however many wait.
    fn need(&mut self, waiting: &Waiting) -> usize {
        let Waiting { pool, runner, asked, .. } = waiting;
        let is_same = |need: &Need| (need.pool, &need.runner, &need.asked) == (*pool, runner, asked);
        self.needs.iter().position(is_same).unwrap_or_else(|| {
            let (pool, runner, asked) = (*pool, runner.clone(), asked.clone());
            self.needs.push(Need { pool, runner, asked, could: None });
            self.needs.len() - 1
        })
    }

    /// Those that wait.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.lines.iter().flat_map(|line| &line.waiting)
    }

    /// The jobs to dispatch now, in order. They leave the queue.
    ///
    /// Whoever is next goes where there is room, or waits with its line. One that waits for more than a slot keeps a worker
    /// for itself: what comes too long after it takes nothing there. Nobody's turn comes earlier by what others get, so a line is
    /// looked at again only when it would be next.
    pub fn choose(&mut self) -> Vec<Waiting> {
        self.match_needs();
        if self.is_full() {
            return Vec::new();
        }
        let named = self.named();
        let count = self.needs.len();
        let mut found = Found { full: vec![false; count], lacking: vec![None; count], kept: BTreeMap::new() };
        let mut turns: BinaryHeap<_> = (0..self.lines.len()).filter_map(|line| self.next_of(line)).collect();
        let mut chosen = Vec::new();
        while !self.is_full()
            && let Some(Reverse((turn, requested, line))) = turns.pop()
        {
            let Some(now) = self.next_of(line) else { continue };
            if now != Reverse((turn, requested, line)) {
                turns.push(now);
                continue;
            }
            let Some(next) = self.lines[line].waiting.front() else { continue };
            match self.place(self.lines[line].need, next, &named, &mut found) {
                Some(place) => {
                    let Some(mut next) = self.lines[line].waiting.pop_front() else { continue };
                    self.take(&mut next, place);
                    found.lacking.fill(None);
                    chosen.push(next);
                    turns.extend(self.next_of(line));
                }
                None => self.keep(self.lines[line].need, next, turn, &mut found),
            }
        }
        chosen
    }

    /// Whose turn it is in a line, and when; `None` while its tenant has all that it may.
    fn next_of(&self, line: usize) -> Option<Reverse<(Turn, u64, usize)>> {
        let first = self.lines[line].waiting.front().filter(|first| self.may_run(first))?;
        Some(Reverse((self.turn(first), first.requested, line)))
    }

    /// The pools whose jobs are dispatched by name: where there are GPUs to give, or somebody waits for a certain worker.
    fn named(&self) -> BTreeSet<Pool> {
        let given = self.berths.iter().filter(|berth| berth.has_devices()).map(Berth::pool);
        let asking =
            self.lines.iter().filter(|line| !line.waiting.is_empty()).map(|line| &self.needs[line.need]);
        given.chain(asking.filter(|need| need.asked.is_some()).map(|need| need.pool)).collect()
    }

    /// Finds the berths for needs that are new.
    fn match_needs(&mut self) {
        for need in self.needs.iter_mut().filter(|need| need.could.is_none()) {
            let (pool, runner, asked) = (need.pool, need.runner.as_deref(), need.asked.as_ref());
            let berths = self.berths.iter().enumerate();
            let suiting =
                berths.filter_map(|(index, berth)| Some((index, berth.suiting(pool, runner, asked)?)));
            need.could = Some(suiting.collect());
        }
    }

    fn could(&self, need: usize) -> &[(usize, Devices)] {
        self.needs[need].could.as_deref().unwrap_or_default()
    }

    fn place(&self, need: usize, next: &Waiting, named: &BTreeSet<Pool>, found: &mut Found) -> Option<Place> {
        if !self.has_room(next.pool, next.runner.as_deref()) {
            return None;
        }
        let is_named = named.contains(&next.pool);
        if is_named && !found.full[need] {
            let turn = self.turn(next);
            let may = |berth: usize| match (found.kept.get(&berth), self.rules.backfill) {
                (Some(keeper), Some(backfill)) => turn.0 <= keeper.0 && turn.1 <= keeper.1 + backfill,
                _ => true,
            };
            let avoided = next.avoid.as_deref();
            let host = avoided
                .and_then(|name| self.berths.iter().find(|berth| berth.name() == name))
                .map(Berth::host);
            let count = next.gpus();
            let (mut best, mut is_full) = (None, true);
            for (index, suiting) in self.could(need) {
                let berth = &self.berths[*index];
                if berth.has_room(*suiting, count) {
                    is_full = false;
                    if may(*index) {
                        let rank = (berth.rank(count, host, self.rules.packs), *index);
                        best = best.into_iter().chain([rank]).min();
                    }
                }
            }
            found.full[need] = is_full;
            if let Some((_, berth)) = best {
                return Some(Place::Berth(berth));
            }
        }
        let anywhere = next.asked.is_none() && (!is_named || self.nameless.contains(&next.pool));
        anywhere.then_some(Place::Anywhere)
    }

    /// Keeps the worker that lacks least for a job that asks for something, of those that nobody keeps.
    fn keep(&self, need: usize, next: &Waiting, turn: Turn, found: &mut Found) {
        if next.asked.is_none() || self.rules.backfill.is_none() {
            return;
        }
        let lacking = found.lacking[need].get_or_insert_with(|| {
            let could = self.could(need).iter();
            let lacks = |(index, suiting): &(usize, Devices)| {
                (self.berths[*index].lacks(*suiting, next.gpus()), *index)
            };
            let mut lacking: Vec<_> = could.map(lacks).collect();
            lacking.sort_unstable();
            lacking
        });
        let best = lacking.iter().map(|(_, index)| *index).find(|index| !found.kept.contains_key(index));
        found.kept.extend(best.map(|berth| (berth, turn)));
    }

    fn take(&mut self, next: &mut Waiting, place: Place) {
        if !next.holds_slot {
            *self.running.entry(next.tenant.clone()).or_default() += 1;
        }
        match place {
            Place::Anywhere => self.take_room(next.pool, next.runner.as_deref().into_iter()),
            Place::Berth(index) => {
                let berth = &mut self.berths[index];
                berth.take(next.job, next.asked.as_ref());
                next.worker = Some(berth.name().to_owned());
                let runners: Vec<String> = berth.runners().map(str::to_owned).collect();
                self.take_room(next.pool, runners.iter().map(String::as_str));
            }
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.room.values().all(|room| *room == 0)
    }

    fn has_room(&self, pool: Pool, runner: Option<&str>) -> bool {
        let able = |runner: &str| self.able.get(&(pool, runner.to_owned())).is_some_and(|room| *room > 0);
        self.room.get(&pool).is_some_and(|room| *room > 0) && runner.is_none_or(able)
    }

    /// A slot of the pool, and of each of these runners.
    pub(crate) fn take_room<'r>(&mut self, pool: Pool, runners: impl Iterator<Item = &'r str>) {
        for runner in runners {
            self.able.entry((pool, runner.to_owned())).and_modify(|room| *room = room.saturating_sub(1));
        }
        self.room.entry(pool).and_modify(|room| *room = room.saturating_sub(1));
    }

    fn runs(&self, tenant: &TenantId) -> u32 {
        self.running.get(tenant).copied().unwrap_or(0)
    }

    /// The next of each line that is held back by nothing but want of room, in turn, with the berths that could serve it.
    pub(crate) fn stuck(&self) -> Vec<(Waiting, Vec<(usize, Devices)>)> {
        let mut turns: Vec<_> = (0..self.lines.len()).filter_map(|line| self.next_of(line)).collect();
        turns.sort_by_key(|Reverse(turn)| *turn);
        let next = turns.into_iter().filter_map(|Reverse((_, _, line))| {
            let Line { need, waiting } = &self.lines[line];
            Some((waiting.front()?.clone(), self.could(*need).to_vec()))
        });
        next.collect()
    }

    /// Whether the quota of its tenant lets it.
    pub(crate) fn may_run(&self, waiting: &Waiting) -> bool {
        let most = self.quota.get(&waiting.tenant);
        waiting.holds_slot || most.is_none_or(|most| self.runs(&waiting.tenant) < *most)
    }

    /// The earlier, the sooner.
    fn turn(&self, waiting: &Waiting) -> Turn {
        let classes_above = rank(waiting.class);
        // Itself it does not hold back.
        let others = self.runs(&waiting.tenant).saturating_sub(u32::from(waiting.holds_slot));
        let share = self.rules.share.saturating_mul(others).min(self.rules.share_max);
        let rank = if self.rules.preempts { classes_above } else { 0 };
        (rank, waiting.since + self.rules.class * classes_above + share)
    }
}
