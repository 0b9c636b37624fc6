//! Pure: who comes next of what waits, and where it goes.
//!
//! Whose turn it is follows from one time: when the job was asked for, plus a handicap for its class and one for what its
//! tenant runs already. Handicaps have an upper bound, [`HANDICAP_MAX`]: nothing that was asked for later than that
//! after a job goes before it, however busy the fleet is. A job that needs more of one worker than is free keeps what becomes
//! free there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use time::OffsetDateTime;
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use trainyard_events::{Resources, TenantId};
use uuid::Uuid;

use crate::berth::{Berth, Devices};

/// The longest that a job can be held back for the sake of one asked for later.
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
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            class: Duration::from_secs(30 * 60),
            share: Duration::from_secs(60),
            share_max: Duration::from_secs(60 * 60),
            backfill: Some(Duration::from_secs(10 * 60)),
            packs: true,
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
    fn gpus(&self) -> u32 {
        self.asked.as_ref().map_or(0, Resources::gpu_count)
    }
}

/// Jobs of which nobody overtakes another, by all that tells them from others. What they ask for is a number, since it has no
/// order.
type Line = (TenantId, Priority, Pool, Option<String>, bool, usize);

/// Everything that decides who comes next.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub rules: Rules,
    /// The first of each line comes next of it.
    lines: BTreeMap<Line, VecDeque<Waiting>>,
    /// What is asked for, by its number.
    asked: Vec<Option<Resources>>,
    /// Of each line the berths that could serve it, with the GPUs that suit it.
    could: BTreeMap<Line, Vec<(usize, Devices)>>,
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

/// Where a job goes.
enum Place {
    Anywhere,
    /// By its number among the berths.
    Berth(usize),
}

impl Queue {
    /// Puts a job in its line.
    pub fn push(&mut self, waiting: Waiting) {
        let known = self.asked.iter().position(|known| *known == waiting.asked);
        let asked = known.unwrap_or_else(|| {
            self.asked.push(waiting.asked.clone());
            self.asked.len() - 1
        });
        let Waiting { tenant, class, pool, runner, holds_slot, .. } = &waiting;
        let line = (tenant.clone(), *class, *pool, runner.clone(), *holds_slot, asked);
        let line = self.lines.entry(line).or_default();
        let place =
            line.partition_point(|other| (other.since, other.requested) < (waiting.since, waiting.requested));
        line.insert(place, waiting);
    }

    /// Those that wait.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.lines.values().flatten()
    }

    /// The jobs to dispatch now, in order. They leave the queue.
    ///
    /// Whoever is next goes where there is room, or waits with its line. One that waits for more than a slot keeps a worker
    /// for itself: what comes too long after it takes nothing there.
    pub fn choose(&mut self) -> Vec<Waiting> {
        self.lines.retain(|_, line| !line.is_empty());
        self.match_lines();
        let named = self.named();
        let mut kept: BTreeMap<usize, OffsetDateTime> = BTreeMap::new();
        let mut stuck: BTreeSet<Line> = BTreeSet::new();
        let mut chosen = Vec::new();
        while !self.is_full()
            && let Some(line) = self.first(&stuck)
            && let Some(next) = self.lines.get(&line).and_then(VecDeque::front)
        {
            let turn = self.turn(next);
            match self.place(&line, next, &named, &kept) {
                Some(place) => {
                    let Some(mut next) = self.lines.get_mut(&line).and_then(VecDeque::pop_front) else {
                        break;
                    };
                    self.take(&mut next, place);
                    chosen.push(next);
                }
                None => {
                    if let Some(berth) = self.best_to_keep(&line, next, &kept) {
                        kept.insert(berth, turn);
                    }
                    stuck.insert(line);
                }
            }
        }
        chosen
    }

    /// The line whose first is next.
    fn first(&self, stuck: &BTreeSet<Line>) -> Option<Line> {
        let may = |waiting: &&Waiting| {
            let most = self.quota.get(&waiting.tenant);
            waiting.holds_slot || most.is_none_or(|most| self.runs(&waiting.tenant) < *most)
        };
        let lines = self.lines.iter().filter(|(line, _)| !stuck.contains(line));
        let turns = lines.filter_map(|(line, waiting)| {
            let first = waiting.front().filter(|first| may(first))?;
            Some(((self.turn(first), first.requested), line))
        });
        turns.min_by_key(|(turn, _)| *turn).map(|(_, line)| line.clone())
    }

    /// The pools whose jobs are dispatched by name: where there are GPUs to give, or somebody waits for a certain worker.
    fn named(&self) -> BTreeSet<Pool> {
        let given = self.berths.iter().filter(|berth| berth.has_devices()).map(Berth::pool);
        let asking = self.lines.keys().filter(|line| self.asked[line.5].is_some()).map(|line| line.2);
        given.chain(asking).collect()
    }

    /// Finds the berths of lines that are new.
    fn match_lines(&mut self) {
        for line in
            self.lines.keys().filter(|line| !self.could.contains_key(line)).cloned().collect::<Vec<_>>()
        {
            let (_, _, pool, runner, _, asked) = &line;
            let asked = self.asked[*asked].as_ref();
            let berths = self.berths.iter().enumerate();
            let suiting = berths
                .filter_map(|(index, berth)| Some((index, berth.suiting(*pool, runner.as_deref(), asked)?)));
            let suiting = suiting.collect();
            self.could.insert(line, suiting);
        }
    }

    fn could(&self, line: &Line) -> impl Iterator<Item = (usize, &Berth, Devices)> {
        let could = self.could.get(line).into_iter().flatten();
        could.map(move |(index, suiting)| (*index, &self.berths[*index], *suiting))
    }

    fn place(
        &self,
        line: &Line,
        next: &Waiting,
        named: &BTreeSet<Pool>,
        kept: &BTreeMap<usize, OffsetDateTime>,
    ) -> Option<Place> {
        if !self.has_room(next.pool, next.runner.as_deref()) {
            return None;
        }
        let is_named = named.contains(&next.pool);
        if is_named {
            let turn = self.turn(next);
            let may = |berth: usize| match (kept.get(&berth), self.rules.backfill) {
                (Some(keeper), Some(backfill)) => turn <= *keeper + backfill,
                _ => true,
            };
            let avoided = next.avoid.as_deref();
            let host = avoided
                .and_then(|name| self.berths.iter().find(|berth| berth.name() == name))
                .map(Berth::host);
            let count = next.gpus();
            let fitting = self
                .could(line)
                .filter(|(index, berth, suiting)| berth.has_room(*suiting, count) && may(*index))
                .map(|(index, berth, _)| (berth.rank(count, host, self.rules.packs), index));
            if let Some((_, berth)) = fitting.min() {
                return Some(Place::Berth(berth));
            }
        }
        let anywhere = next.asked.is_none() && (!is_named || self.nameless.contains(&next.pool));
        anywhere.then_some(Place::Anywhere)
    }

    /// The worker that lacks least for a job that asks for something, of those that nobody keeps.
    fn best_to_keep(
        &self,
        line: &Line,
        next: &Waiting,
        kept: &BTreeMap<usize, OffsetDateTime>,
    ) -> Option<usize> {
        if next.asked.is_none() || self.rules.backfill.is_none() {
            return None;
        }
        let left = self.could(line).filter(|(index, ..)| !kept.contains_key(index));
        left.map(|(index, berth, suiting)| (berth.lacks(suiting, next.gpus()), index))
            .min()
            .map(|(_, index)| index)
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

    /// The earlier, the sooner.
    fn turn(&self, waiting: &Waiting) -> OffsetDateTime {
        let classes_above = match waiting.class {
            Priority::High => 0,
            Priority::Normal => 1,
            Priority::Low => 2,
        };
        // Itself it does not hold back.
        let others = self.runs(&waiting.tenant).saturating_sub(u32::from(waiting.holds_slot));
        let share = self.rules.share.saturating_mul(others).min(self.rules.share_max);
        waiting.since + self.rules.class * classes_above + share
    }
}
