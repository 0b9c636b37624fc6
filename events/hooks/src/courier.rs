//! One hook: reads the feed on from where it is, sends what is wanted in order for each line, and keeps how far it is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{BoxFuture, OptionFuture};
use futures::stream::{BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use trainyard_bus::{Bus, BusError, FeedMessage, HookFeed, JetStreamLog, KeepError};
use trainyard_commands::hook::{Hook, HookCommand};
use trainyard_commands::{Command, Request, derived_id};
use trainyard_door::{Clock, Door, HandleError};
use trainyard_events::hook::{Miss, Pause, wants};
use trainyard_events::{Actor, Aggregate, TenantId};
use uuid::Uuid;

use crate::letter::Letter;
use crate::metrics::{Figures, HooksMetrics};
use crate::place::{Place, Try, Verdict};
use crate::sender::{HooksConfig, Sender};
use crate::web::NotTaken;

/// Lines that one receiver is sent at a time.
const AT_ONCE: usize = 4;
/// Misses in a row after which the receiver, and no longer a single event, is taken for the trouble: then one is sent at a time.
const MISSES: u32 = 3;
/// How long what has changed may be unkept, and how far it has only read on.
const KEEP_WITHIN: Duration = Duration::from_millis(250);
const KEEP_READ_WITHIN: Duration = Duration::from_secs(10);
/// What is under way when it is told to stop may end.
const LAST_WAIT: Duration = Duration::from_secs(5);
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// Gone, and not coming back.
const GONE: u16 = 410;

/// What all hooks share.
pub(crate) struct Office {
    pub(crate) feed: HookFeed,
    pub(crate) log: JetStreamLog,
    pub(crate) door: Door<JetStreamLog>,
    pub(crate) clock: Clock,
    pub(crate) config: HooksConfig,
    pub(crate) metrics: HooksMetrics,
}

impl Office {
    pub(crate) fn new(bus: &Bus, clock: Clock, config: HooksConfig, metrics: HooksMetrics) -> Office {
        let (feed, log) = (bus.hooks(), bus.log());
        Office { feed, door: Door::new(log.clone(), clock), log, clock, config, metrics }
    }

    fn now_ms(&self) -> i64 {
        i64::try_from((self.clock)().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// Somebody else tells this hook.
#[derive(Debug)]
pub(crate) struct Overtaken;

pub(crate) struct Courier {
    office: Arc<Office>,
    tenant: TenantId,
    id: Uuid,
    hook: Hook,
    sender: Arc<Sender>,
    place: Place,
    /// Of what is kept.
    revision: u64,
    /// By when the place is to be kept, if it has moved.
    keep_by: Option<Instant>,
    /// The line of each that waits, by its place in the feed.
    lines: BTreeMap<u64, String>,
    /// The lines of which one is under way.
    busy: HashSet<String>,
    /// When a line may be sent again, and when anything may.
    due: HashMap<String, Instant>,
    gate: Instant,
}

/// What has become of one that was sent; `None` if it is nowhere any more.
struct Sent {
    place: u64,
    line: String,
    outcome: Option<Result<(), NotTaken>>,
}

type Sending = FuturesUnordered<BoxFuture<'static, Sent>>;

/// Where the place of a hook is kept.
pub fn kept_as(tenant: &TenantId, id: Uuid) -> String {
    format!("{tenant}.{id}")
}

impl Courier {
    /// Tells one hook until it is told to stop.
    pub(crate) async fn run(
        office: Arc<Office>,
        (tenant, id): (TenantId, Uuid),
        mut hook: watch::Receiver<Hook>,
        stop: CancellationToken,
    ) -> Result<(), Overtaken> {
        let begin = Courier::begin(office, tenant, id, hook.borrow_and_update().clone());
        let Some(mut courier) = stop.run_until_cancelled(Box::pin(begin)).await else { return Ok(()) };
        let mut sending = Sending::new();
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST_WAIT).await;
        };
        let told = tokio::select! {
            told = courier.tell(&mut hook, &mut sending, &stop) => told,
            // Something does not answer.
            () = late => return Ok(()),
        };
        if told.is_ok() {
            courier.end(sending).await;
        }
        told
    }

    async fn begin(office: Arc<Office>, tenant: TenantId, id: Uuid, hook: Hook) -> Courier {
        let (revision, mut place) = loop {
            match found(&office, &tenant, id, &hook).await {
                Ok(found) => break found,
                Err(error) => warn!(%error, hook = %id, "a hook cannot begin yet"),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        };
        place.wake(office.now_ms(), &office.config.patience);
        let sender = sender(&office, &tenant, id, &hook);
        let (lines, busy, due, gate) = (BTreeMap::new(), HashSet::new(), HashMap::new(), Instant::now());
        let mut courier = Courier {
            office,
            tenant,
            id,
            hook,
            sender,
            place,
            revision,
            keep_by: None,
            lines,
            busy,
            due,
            gate,
        };
        courier.replay_if_asked();
        courier.find_lines().await;
        courier
    }

    async fn tell(
        &mut self,
        hook: &mut watch::Receiver<Hook>,
        sending: &mut Sending,
        stop: &CancellationToken,
    ) -> Result<(), Overtaken> {
        let mut feed: Option<BoxStream<'static, FeedMessage>> = None;
        let mut test = self.test();
        loop {
            self.send(sending);
            self.report();
            let is_paused = self.hook.paused.is_some();
            if is_paused {
                feed = None;
            } else if feed.is_none() {
                feed = Some(self.office.feed.follow(&self.tenant, self.place.read));
            }
            let next = feed.as_mut().filter(|_| self.place.has_room()).map(StreamExt::next);
            let next_due = self.next_due();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                changed = hook.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    let hook = hook.borrow_and_update().clone();
                    self.change(hook).await;
                    if test.is_none() {
                        test = self.test();
                    }
                }
                Some(sent) = sending.next(), if !sending.is_empty() => self.sent(sent).await,
                Some((sequence, outcome)) = OptionFuture::from(test.as_mut()) => {
                    let miss = outcome.err().map(|not_taken| not_taken.miss);
                    self.place.tested = sequence;
                    self.place.test = Some(Try { at: self.office.now_ms(), miss });
                    self.moved(Duration::ZERO);
                    test = self.test();
                }
                Some(Some(message)) = OptionFuture::from(next) => self.read(&message),
                () = sleep_until(self.keep_by.unwrap_or_else(far)), if self.keep_by.is_some() => self.keep().await?,
                () = sleep_until(next_due.unwrap_or_else(far)), if next_due.is_some() => {}
            }
        }
    }

    /// What is under way may end, so that nothing is sent twice that need not be.
    async fn end(&mut self, mut sending: Sending) {
        let rest = async {
            while let Some(sent) = sending.next().await {
                self.sent(sent).await;
            }
        };
        let _all_or_not = tokio::time::timeout(LAST_WAIT, rest).await;
        if self.keep_by.is_some() {
            let _kept_or_sent_again = self.keep().await;
        }
    }

    /// Takes in the hook as its history has it now.
    async fn change(&mut self, hook: Hook) {
        let is_other = (hook.form, hook.language, &hook.sealed)
            != (self.hook.form, self.hook.language, &self.hook.sealed);
        self.hook = hook;
        if is_other {
            self.sender = sender(&self.office, &self.tenant, self.id, &self.hook);
            self.place.misses = 0;
            self.try_at_once();
        }
        self.replay_if_asked();
        self.find_lines().await;
    }

    fn replay_if_asked(&mut self) {
        if self.hook.replayed > self.place.replayed {
            self.place.replay(self.hook.replayed);
            self.try_at_once();
            self.moved(Duration::ZERO);
        }
    }

    fn try_at_once(&mut self) {
        self.due.clear();
        self.gate = Instant::now();
    }

    /// The test that was asked for and is not done.
    fn test(&self) -> Option<BoxFuture<'static, (u64, Result<(), NotTaken>)>> {
        let (sequence, sender) = (self.hook.tested, self.sender.clone());
        let send = async move { (sequence, sender.send_event(sequence).await) };
        (sequence > self.place.tested).then(|| send.boxed())
    }

    /// Looks up what is known by its place alone.
    async fn find_lines(&mut self) {
        let unknown: Vec<u64> = self.place.waiting.iter().map(|waiting| waiting.place).collect();
        for place in unknown.into_iter().filter(|place| !self.lines.contains_key(place)).collect::<Vec<_>>() {
            let found = loop {
                match self.office.feed.at(&self.tenant, place).await {
                    Ok(found) => break found,
                    Err(error) => warn!(%error, "the feed cannot be read for a hook; trying again"),
                }
                tokio::time::sleep(ASK_AGAIN).await;
            };
            match found.and_then(|message| Letter::read(&message.payload)) {
                Some(letter) => drop(self.lines.insert(place, letter.line().to_owned())),
                None => self.lost(place),
            }
        }
    }

    fn lost(&mut self, place: u64) {
        warn!(hook = %self.id, place, "what a hook was to be told is not in the feed any more");
        self.place.drop(place);
        self.lines.remove(&place);
        self.moved(KEEP_WITHIN);
    }

    fn read(&mut self, message: &FeedMessage) {
        let letter = Letter::read(&message.payload);
        let wanted =
            letter.filter(|letter| letter.sequence > self.hook.added && wants(&self.hook.on, &letter.kind));
        self.place.read(message.place, wanted.is_some());
        let within = if wanted.is_some() { KEEP_WITHIN } else { KEEP_READ_WITHIN };
        if let Some(letter) = wanted {
            self.lines.insert(message.place, letter.line().to_owned());
        }
        self.moved(within);
    }

    /// Sends what is next of each line that is due.
    fn send(&mut self, sending: &mut Sending) {
        let now = Instant::now();
        if self.hook.paused.is_some() || now < self.gate {
            return;
        }
        let at_once = if self.place.misses >= MISSES { 1 } else { AT_ONCE };
        let mut passed: HashSet<&str> = HashSet::new();
        for waiting in &self.place.waiting {
            if sending.len() >= at_once {
                return;
            }
            let Some(line) = self.lines.get(&waiting.place) else { continue };
            let is_first = passed.insert(line) && !self.busy.contains(line);
            let is_due = self.due.get(line).is_none_or(|due| *due <= now);
            if !is_first || !is_due {
                continue;
            }
            let (place, line, sender) = (waiting.place, line.clone(), self.sender.clone());
            self.busy.insert(line.clone());
            sending.push(async move { Sent { place, line, outcome: sender.send_at(place).await } }.boxed());
        }
    }

    /// When the next line is due that is not now.
    fn next_due(&self) -> Option<Instant> {
        if self.hook.paused.is_some() || self.place.waiting.is_empty() {
            return None;
        }
        let now = Instant::now();
        if now < self.gate {
            return Some(self.gate);
        }
        self.due.values().filter(|due| **due > now).min().copied()
    }

    async fn sent(&mut self, Sent { place, line, outcome }: Sent) {
        let (now, patience) = (self.office.now_ms(), self.office.config.patience);
        self.busy.remove(&line);
        self.due.remove(&line);
        match outcome {
            None => self.lost(place),
            Some(Ok(())) => {
                self.place.taken(place, now);
                self.lines.remove(&place);
                self.office.metrics.taken.inc();
                self.gate = Instant::now();
            }
            Some(Err(NotTaken { miss, asked })) => {
                self.office.metrics.missed.inc();
                let is_gone = miss == Miss::Status { status: GONE };
                match self.place.missed(place, miss, now, &patience) {
                    Verdict::Again { tries } => {
                        let pause = patience.pause(tries, asked, rand::random());
                        self.due.insert(line, Instant::now() + pause);
                    }
                    Verdict::GivenUp => {
                        self.office.metrics.given_up.inc();
                        self.lines.remove(&place);
                    }
                }
                if self.place.misses >= MISSES {
                    let pause = patience.pause(self.place.misses - MISSES + 1, asked, rand::random());
                    self.gate = Instant::now() + pause;
                }
                if is_gone {
                    self.pause(Pause::Gone).await;
                } else if self.place.is_dead(now, &patience) {
                    self.pause(Pause::DeadDay).await;
                }
            }
        }
        self.moved(KEEP_WITHIN);
    }

    /// Says so in the log, unless somebody has asked for a replay meanwhile. Where the log does not answer, the next miss asks again.
    async fn pause(&mut self, why: Pause) {
        let replayed = self.hook.replayed;
        let request = Request {
            id: derived_id(self.id, &format!("pause after {replayed}")),
            tenant: self.tenant.clone(),
            aggregate: Aggregate::Hooks(self.tenant.clone()),
            actor: Actor::Policy("hooks".to_owned()),
            correlation_id: self.id,
            causation_id: None,
            command: Command::Hook(HookCommand::Pause { hook_id: self.id, why, replayed }),
        };
        match self.office.door.handle(request).await {
            Ok(_) => {
                info!(hook = %self.id, tenant = %self.tenant, ?why, "a hook is paused");
                self.hook.paused = Some(why);
            }
            Err(HandleError::Rejected(_)) => {}
            Err(error) => warn!(%error, hook = %self.id, "a hook cannot be paused yet"),
        }
    }

    fn moved(&mut self, within: Duration) {
        let by = Instant::now() + within;
        self.keep_by = Some(self.keep_by.map_or(by, |before| before.min(by)));
    }

    async fn keep(&mut self) -> Result<(), Overtaken> {
        let key = kept_as(&self.tenant, self.id);
        let value = Bytes::from(serde_json::to_vec(&self.place).expect("a place is plain data"));
        self.keep_by = None;
        match self.office.feed.keep(&key, value.clone(), self.revision).await {
            Ok(revision) => self.revision = revision,
            Err(KeepError::Overtaken) => match self.office.feed.kept(&key).await {
                // An earlier write of these very bytes that was thought lost.
                Ok((revision, Some(kept))) if kept == value => self.revision = revision,
                Ok(_) => return Err(Overtaken),
                Err(error) => self.not_kept(&error),
            },
            Err(KeepError::Bus(error)) => self.not_kept(&error),
        }
        Ok(())
    }

    fn not_kept(&mut self, error: &BusError) {
        warn!(%error, hook = %self.id, "how far a hook is cannot be kept now; trying again");
        self.moved(ASK_AGAIN);
    }

    fn report(&self) {
        let figures = Figures {
            waiting: self.place.waiting.len(),
            dead: self.place.dead.len(),
            is_silent: self.place.misses >= MISSES,
            is_paused: self.hook.paused.is_some(),
        };
        self.office.metrics.report(self.id, figures);
    }
}

fn sender(office: &Office, tenant: &TenantId, id: Uuid, hook: &Hook) -> Arc<Sender> {
    let needs = (office.feed.clone(), office.log.clone(), office.clock);
    Arc::new(Sender::new(tenant, id, hook, &office.config, needs))
}

/// Where the hook is: as it was kept, or where it was added.
async fn found(office: &Office, tenant: &TenantId, id: Uuid, hook: &Hook) -> Result<(u64, Place), BusError> {
    let (revision, kept) = office.feed.kept(&kept_as(tenant, id)).await?;
    match kept {
        Some(kept) => {
            let unread = |error| BusError::Corrupt(format!("how far hook {id} is: {error}"));
            Ok((revision, serde_json::from_slice(&kept).map_err(unread)?))
        }
        None => Ok((revision, Place::after(office.feed.place_of(hook.added).await?))),
    }
}

/// When nothing happens.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(86_400)
}
