//! The role: reads the log from its first event, tells MLflow what has changed, and keeps in MLflow how far it is.
//!
//! The place is a tag of one of the experiments: what it stands for lies beside it, so that another server, or one that was set
//! back, is told what it lacks. Jobs that were told while an earlier request may still have been under way are told once more
//! when that has passed, and until then the place stays before them. Models wait for that: MLflow numbers versions itself.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use futures::StreamExt;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use trainyard_bus::{Bus, EntryStream, EventLog};
use trainyard_events::Entry;

use crate::api::Trouble;
use crate::config::{MlflowConfig, Patience};
use crate::metrics::MlflowMetrics;
use crate::mirror::{Mirror, Of};
use crate::server::TENANT;

/// Before the log's own name, in the tag that says how far the copy is.
const PLACE: &str = "trainyard.place.";
/// Jobs and models that are told one after the other before the place is kept.
const ROUND: usize = 500;
/// Without news the lag is looked at this often.
const IDLE: Duration = Duration::from_secs(5);
/// Tries of something that MLflow does not do although it answers, until others no longer wait for it.
const STRIKES: u32 = 20;
/// A last word when it is told to stop.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// One of these works at a time; a second one does no lasting harm.
pub async fn run(bus: Bus, config: MlflowConfig, metrics: MlflowMetrics, stop: CancellationToken) {
    let patience = config.patience;
    let mirror = Mirror::new(bus.log(), config, metrics.clone());
    let mut role = Role {
        bus,
        mirror,
        metrics,
        patience,
        tag: String::new(),
        read: 0,
        told_before: 0,
        told: 0,
        kept: None,
        unsure_until: Instant::now(),
        again: BTreeMap::new(),
    };
    if stop.run_until_cancelled(Box::pin(role.work())).await.is_none() {
        let last = timeout(LAST_WAIT, role.keep(Duration::ZERO)).await;
        if last.is_err() {
            warn!("how far the copy in MLflow is could not be noted: the next start tells some of it again");
        }
    }
}

struct Role {
    bus: Bus,
    mirror: Mirror,
    metrics: MlflowMetrics,
    patience: Patience,
    /// The name of the tag with the place, which is this log's own.
    tag: String,
    /// The last event that was read, and the last one that an earlier life had told.
    read: u64,
    told_before: u64,
    /// The last event that was read before all was told.
    told: u64,
    /// When the place was kept last, and which it was.
    kept: Option<(Instant, u64)>,
    /// Requests whose answer nobody has heard may still be under way until then.
    unsure_until: Instant,
    again: BTreeMap<Of, Again>,
}

/// To be told once more.
struct Again {
    due: Instant,
    /// The event that the copy is certain before; `None` for what was refused.
    since: Option<u64>,
}

/// What has changed, in the order in which it began to, with the event that it began with.
#[derive(Default)]
struct Round {
    order: VecDeque<(Of, u64)>,
    has: HashSet<Of>,
}

impl Round {
    fn add(&mut self, of: Of, since: u64) {
        if self.has.insert(of.clone()) {
            self.order.push_back((of, since));
        }
    }

    /// Jobs first: versions of models are tied to their runs.
    fn in_order(self) -> VecDeque<(Of, u64)> {
        let (jobs, models): (VecDeque<_>, VecDeque<_>) =
            self.order.into_iter().partition(|(of, _)| matches!(of, Of::Job(..)));
        jobs.into_iter().chain(models).collect()
    }
}

impl Role {
    /// For ever.
    async fn work(&mut self) {
        self.look().await;
        self.told_before = self.place().await;
        info!(sequence = self.told_before, "mirroring to MLflow");
        self.unsure_until = Instant::now() + self.patience.settle;
        loop {
            let mut events = match self.mirror.log.follow(self.read).await {
                Ok(events) => events,
                Err(error) => {
                    warn!(%error, "the event log cannot be read for MLflow; trying again");
                    sleep(self.patience.first).await;
                    continue;
                }
            };
            while let Some(round) = self.gather(&mut events).await {
                self.tell(round.in_order()).await;
                self.told = self.read;
                if let Err(trouble) = self.keep(self.patience.keep).await {
                    warn!(%trouble, "how far the copy in MLflow is cannot be noted now");
                }
                self.look().await;
            }
            sleep(self.patience.first).await;
        }
    }

    /// How far an earlier life has come, by what stands in MLflow.
    async fn place(&mut self) -> u64 {
        let mut pause = Pause::new(self.patience);
        loop {
            let asked = async {
                let stream = self.bus.stream_id().await.map_err(|error| Trouble::Log(error.to_string()))?;
                Ok::<_, Trouble>((format!("{PLACE}{stream}"), self.mirror.server.experiments().await?))
            };
            match asked.await {
                Ok((tag, experiments)) => {
                    let ours = experiments.iter().filter(|it| self.is_ours(&it.name, &it.tags));
                    let place = ours.filter_map(|it| it.tags.get(&tag)?.parse().ok()).max().unwrap_or(0);
                    self.tag = tag;
                    self.metrics.stuck.set(0);
                    return place;
                }
                Err(trouble) => self.missed(&trouble, &mut pause).await,
            }
        }
    }

    /// An experiment that was called otherwise, before the name was changed, is no longer the copy.
    fn is_ours(&self, name: &str, tags: &BTreeMap<String, String>) -> bool {
        let tenant = tags.get(TENANT).and_then(|tenant| tenant.parse().ok());
        tenant.is_some_and(|tenant| self.mirror.config.experiment(&tenant) == name)
    }

    /// What happens within a moment, and what is due again; `None` where the log has to be opened anew.
    async fn gather(&mut self, events: &mut EntryStream) -> Option<Round> {
        let mut round = Round::default();
        let due = self.again.values().map(|again| again.due).min();
        let mut end = (Instant::now() + IDLE).min(due.unwrap_or_else(|| Instant::now() + IDLE));
        while round.order.len() < ROUND && Instant::now() < end {
            let Ok(next) = timeout_at(end, events.next()).await else { break };
            let entry = next?.inspect_err(|error| warn!(%error, "the event log is opened anew")).ok()?;
            let is_first = round.order.is_empty();
            self.take_in(&entry, &mut round);
            if is_first && !round.order.is_empty() {
                end = end.min(Instant::now() + self.patience.gather);
            }
        }
        let now = Instant::now();
        let due: Vec<Of> =
            self.again.iter().filter(|(_, it)| it.due <= now).map(|(of, _)| of.clone()).collect();
        for of in due {
            let since = self.again.get(&of).and_then(|again| again.since);
            round.add(of, since.unwrap_or(self.read));
        }
        Some(round)
    }

    fn take_in(&mut self, entry: &Entry, round: &mut Round) {
        let sequence = entry.sequence();
        self.read = sequence;
        if let Some(recorded) = entry.as_event() {
            self.mirror.count(recorded);
        }
        if sequence > self.told_before
            && let Some((tenant, aggregate)) = entry.of()
            && let Some(of) = Of::aggregate(&tenant, &aggregate)
        {
            round.add(of, sequence);
        }
    }

    /// Until everything is told or refused, through every outage.
    async fn tell(&mut self, mut round: VecDeque<(Of, u64)>) {
        let mut strikes: HashMap<Of, u32> = HashMap::new();
        let mut pause = Pause::new(self.patience);
        while let Some((of, since)) = round.pop_front() {
            let again = self.again.get(&of);
            let since = again.and_then(|again| again.since).unwrap_or(since).min(since);
            let is_due = again.is_none_or(|again| again.since.is_none() || again.due <= Instant::now());
            if matches!(of, Of::Model(..)) && Instant::now() < self.unsure_until {
                self.again.insert(of, Again { due: self.unsure_until, since: Some(since) });
                continue;
            }
            let told = if again.is_some() && is_due {
                self.mirror.tell_anew(&of).await
            } else {
                self.mirror.tell(&of).await
            };
            match told {
                Ok(()) => {
                    self.metrics.told.inc();
                    self.metrics.stuck.set(0);
                    pause = Pause::new(self.patience);
                    if Instant::now() < self.unsure_until {
                        self.again.insert(of, Again { due: self.unsure_until, since: Some(since) });
                    } else if is_due {
                        self.again.remove(&of);
                    }
                }
                Err(trouble @ Trouble::Refused { .. }) => self.refused(of, &trouble),
                Err(trouble) => {
                    let is_odd = matches!(trouble, Trouble::Away(_)) && self.mirror.server.answers().await;
                    let strikes = strikes.entry(of.clone()).or_default();
                    *strikes += u32::from(is_odd);
                    if *strikes >= STRIKES {
                        self.refused(of, &trouble);
                        continue;
                    }
                    round.push_back((of, since));
                    self.unsure_until = Instant::now() + self.patience.settle;
                    self.missed(&trouble, &mut pause).await;
                }
            }
        }
        self.metrics.stuck.set(0);
        self.metrics.refused.set(self.again.values().filter(|again| again.since.is_none()).count() as u64);
    }

    fn refused(&mut self, of: Of, trouble: &Trouble) {
        self.metrics.misses.inc();
        warn!(?of, %trouble, "MLflow does not take this; the others go on, and it is tried again in an hour");
        self.again.insert(of, Again { due: Instant::now() + self.patience.refused, since: None });
    }

    async fn missed(&mut self, trouble: &Trouble, pause: &mut Pause) {
        self.metrics.misses.inc();
        self.metrics.stuck.set(1);
        let wait = pause.next();
        warn!(%trouble, seconds = wait.as_secs_f32(), "MLflow cannot be told; nothing is lost, trying again");
        self.look().await;
        sleep(wait).await;
    }

    /// Notes how far the copy is, unless that was done within `pause`.
    async fn keep(&mut self, pause: Duration) -> Result<(), Trouble> {
        let unsettled = self.again.values().filter_map(|again| again.since).min();
        let place = unsettled.map_or(self.told, |since| self.told.min(since - 1));
        let is_new = place > self.told_before && self.kept.is_none_or(|(_, kept)| place > kept);
        let is_time = self.kept.is_none_or(|(at, _)| at.elapsed() >= pause);
        let Some(experiment) = self.mirror.any_experiment().filter(|_| is_new && is_time) else {
            return Ok(());
        };
        self.mirror.server.tag_experiment(experiment, &self.tag, &place.to_string()).await?;
        self.kept = Some((Instant::now(), place));
        Ok(())
    }

    async fn look(&mut self) {
        if let Ok(newest) = self.mirror.log.last_sequence().await {
            self.metrics.behind.set(newest.saturating_sub(self.told));
        }
    }
}

/// Doubles, and is spread so that those who failed together do not come back together.
struct Pause {
    patience: Patience,
    next: Duration,
}

impl Pause {
    fn new(patience: Patience) -> Pause {
        Pause { patience, next: patience.first }
    }

    fn next(&mut self) -> Duration {
        let wait = self.next.mul_f64(rand::random_range(0.5..1.0));
        self.next = self.next.saturating_mul(2).min(self.patience.longest);
        wait
    }
}
