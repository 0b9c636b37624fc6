//! A quota holds whatever dispatchers read late and decide twice, and its GPU hours add up.

mod given;

use std::collections::BTreeMap;
use std::time::Duration;

use given::log::{Log, acme, machine, named, worker};
use proptest::prelude::*;
use trainyard_audit::{Audit, Rule};
use trainyard_commands::job::{JobCommand, Status};
use trainyard_commands::tenant::TenantCommand;
use trainyard_commands::{Command, Rejection};
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::{Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::{Aggregate, Entry, Event, Recorded, Resources, TenantEvent, TrainingConfig, limits};
use uuid::Uuid;

/// Slots enough for everything: only the quota holds jobs back.
fn fleet() -> [WorkerRecord; 2] {
    [named("c", "a", Pool::Cpu, 50), named("g", "b", Pool::Gpu, 50)]
}

fn runs(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Starting | Status::Training)
}

#[test]
fn a_quota_of_one_lets_one_run_and_the_next_when_it_has_ended() {
    let mut log = Log::default();
    log.good_dataset();
    log.quota(Some(1), None);
    for job in 1..=3 {
        log.request(job, Priority::Normal, Device::Cpu);
    }
    log.wait(Duration::ZERO, &fleet());
    let status = |log: &Log| [1, 2, 3].map(|job| log.state_of(job).status);
    assert_eq!(status(&log), [Status::Queued, Status::Requested, Status::Requested]);
    let token = log.start(1, "c").unwrap();
    log.job(1, given::finished(token));
    log.wait(Duration::ZERO, &fleet());
    assert_eq!(status(&log), [Status::Finished, Status::Queued, Status::Requested]);
    assert_eq!(log.tenant().slots.len(), 1);
}

#[test]
fn a_job_that_waits_again_gives_its_slot_back() {
    let mut log = Log::default();
    log.good_dataset();
    log.quota(Some(1), None);
    log.request(1, Priority::Normal, Device::Cpu);
    log.request(2, Priority::Low, Device::Cpu);
    log.wait(Duration::ZERO, &fleet());
    let token = log.start(1, "c").unwrap();
    log.job(1, JobEvent::AttemptLost { token });
    log.wait(Duration::ZERO, &fleet());
    assert_eq!(log.state_of(2).status, Status::Queued, "while the other pauses");
}

#[test]
fn tenants_without_a_quota_write_nothing_of_slots() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet());
    let token = log.start(1, "c").unwrap();
    log.job(1, given::finished(token));
    log.wait(Duration::ZERO, &fleet());
    assert!(log.events.iter().all(|recorded| !matches!(recorded.envelope.event, Event::Tenant(_))));
}

#[test]
fn what_ran_before_there_was_a_quota_is_counted() {
    let mut log = Log::default();
    log.good_dataset();
    for job in 1..=2 {
        log.request(job, Priority::Normal, Device::Cpu);
    }
    log.wait(Duration::ZERO, &fleet());
    log.quota(Some(2), None);
    log.request(3, Priority::High, Device::Cpu);
    log.wait(Duration::ZERO, &fleet());
    assert_eq!((log.tenant().slots.len(), log.state_of(3).status), (2, Status::Requested));
    let token = log.start(1, "c").unwrap();
    log.job(1, given::finished(token));
    log.wait(Duration::ZERO, &fleet());
    assert_eq!((log.tenant().slots.len(), log.state_of(3).status), (2, Status::Queued));
    // Without a quota nobody waits, and what was reserved is given back.
    log.quota(None, None);
    log.request(4, Priority::High, Device::Cpu);
    log.wait(Duration::ZERO, &fleet());
    assert_eq!(log.state_of(4).status, Status::Queued);
    for job in 2..=4 {
        let token = log.start(job, "c").unwrap();
        log.job(job, given::finished(token));
    }
    log.wait(Duration::ZERO, &fleet());
    assert_eq!(log.tenant().slots, BTreeMap::new());
}

#[test]
fn a_slot_that_cannot_be_used_goes_to_another() {
    let mut log = Log::default();
    log.good_dataset();
    log.quota(Some(1), None);
    log.request(1, Priority::High, Device::Gpu);
    log.request(2, Priority::Low, Device::Cpu);
    // Its pool dies between the reservation and the dispatch.
    log.read(0, usize::MAX);
    log.act_of(0, &fleet());
    assert_eq!((log.tenant().slots.len(), log.state_of(1).status), (1, Status::Requested));
    log.wait(limits::RESERVATION_DEADLINE, &[worker(Pool::Cpu, 1)]);
    assert_eq!([1, 2].map(|job| log.state_of(job).status), [Status::Requested, Status::Queued]);
}

#[test]
fn the_slot_of_a_job_that_cannot_be_read_stays_its_own() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet());
    log.quota(Some(1), None);
    log.damage(&Aggregate::Job(Uuid::from_u128(1)));
    // Another dispatcher, which can read it, counts it.
    let (job, wait) = (Uuid::from_u128(1), log.state_of(1).wait);
    let count = TenantCommand::ReserveSlot { job, wait, pool: Pool::Cpu, runs: true };
    log.tell(1, Aggregate::Tenant(acme()), Command::Tenant(count)).unwrap();
    log.request(2, Priority::High, Device::Cpu);
    log.wait(limits::RESERVATION_DEADLINE, &fleet());
    assert_eq!((log.tenant().slots.len(), log.state_of(2).status), (1, Status::Requested));
}

#[test]
fn gpu_hours_are_used_up_by_attempts_on_the_gpu_pool_alone() {
    let mut log = Log::default();
    log.good_dataset();
    log.quota(None, Some(1));
    let hour = Duration::from_secs(3_600);
    let run = |log: &mut Log, job: u128, device: Device, lasting: Duration| {
        log.request(job, Priority::Normal, device);
        log.wait(Duration::ZERO, &fleet());
        let token = log.start(job, "w").unwrap();
        log.job(job, given::training_started(token));
        log.wait(lasting, &fleet());
        log.job(job, given::finished(token));
        log.wait(Duration::ZERO, &fleet());
    };
    run(&mut log, 1, Device::Cpu, hour * 5);
    run(&mut log, 2, Device::Gpu, hour - Duration::from_millis(1));
    assert_eq!(log.tenant().gpu_ms, 3_599_999);
    run(&mut log, 3, Device::Gpu, hour / 2);
    assert_eq!(log.tenant().gpu_ms, 3_599_999 + 1_800_000, "what runs is not ended for it");
    // Now nothing is left: who needs a GPU waits, who does not goes elsewhere, and the aggregate says the same.
    log.request(4, Priority::Normal, Device::Gpu);
    log.request(5, Priority::Normal, Device::Auto);
    log.wait(Duration::ZERO, &fleet());
    assert_eq!([4, 5].map(|job| log.state_of(job).status), [Status::Requested, Status::Queued]);
    assert!(matches!(log.queue.last(), Some((_, WorkMessage::Train { pool: Pool::Cpu, .. }))));
    let reserve =
        TenantCommand::ReserveSlot { job: Uuid::from_u128(4), wait: 1, pool: Pool::Gpu, runs: false };
    let refused = log.tell(1, Aggregate::Tenant(acme()), Command::Tenant(reserve));
    assert_eq!(refused, Err(Rejection::GpuHoursUsedUp { hours: 1 }));
    log.quota(None, Some(2));
    log.wait(Duration::ZERO, &fleet());
    assert_eq!(log.state_of(4).status, Status::Queued);
}

#[test]
fn each_gpu_counts() {
    let mut log = Log::default();
    log.good_dataset();
    log.quota(None, Some(10));
    let run = |log: &mut Log, job: u128| {
        let resources = Some(Box::new(Resources { gpus: Some(4), ..Resources::default() }));
        log.request_for(job, TrainingConfig { resources, ..given::config() });
        log.wait(Duration::ZERO, &[machine("g", "H100", 4)]);
        let token = log.start(job, "g").unwrap();
        log.sleep(Duration::from_secs(60));
        log.job(job, given::finished(token));
        log.wait(Duration::ZERO, &fleet());
    };
    run(&mut log, 1);
    run(&mut log, 2);
    assert_eq!(log.tenant().gpu_ms, 2 * 4 * 60_000);
    // The auditor counts by itself. Version 0.1 charged all of them as one; who charges each does not do so any more.
    for (charges, wrong) in [
        ([240_000, 240_000], 0),
        ([60_000, 60_000], 0),
        ([60_000, 240_000], 0),
        ([180_000, 60_000], 1),
        ([240_000, 60_000], 1),
    ] {
        assert_eq!(wrongly_charged(&log, charges), wrong, "{charges:?}");
    }
}

/// What the auditor finds wrong with the charges, were they these.
fn wrongly_charged(log: &Log, charges: [u64; 2]) -> usize {
    let (mut audit, mut charges) = (Audit::default(), charges.into_iter());
    let events = log.events.iter().cloned().map(|mut recorded| {
        if let Event::Tenant(TenantEvent::SlotReleased { gpu_ms, .. }) = &mut recorded.envelope.event {
            *gpu_ms = charges.next().expect("there are two");
        }
        recorded
    });
    let found = events.flat_map(|recorded| audit.take_in(Entry::Event(Box::new(recorded))));
    found.filter(|found| found.rule == Rule::GpuTime).count()
}

#[test]
fn clocks_that_disagree_make_no_time_less_than_none() {
    let mut log = Log::default();
    log.good_dataset();
    log.quota(None, Some(1));
    log.request(1, Priority::Normal, Device::Gpu);
    log.wait(Duration::ZERO, &fleet());
    let token = log.start(1, "g").unwrap();
    log.at -= time::Duration::hours(1);
    log.job(1, given::finished(token));
    log.wait(Duration::ZERO, &fleet());
    assert_eq!((log.tenant().gpu_ms, log.tenant().slots.len()), (0, 0));
}

/// What happens in a race, to whichever dispatcher, job or message the number names.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read(usize, usize),
    Act(usize),
    Ask(Priority, Device),
    Time(u64),
    Start(usize),
    Finish(usize),
    Lose(usize),
    Preempt(usize),
    Cancel(usize),
    /// A message of the queue is lost for good.
    Forget(usize),
    /// The GPU pool dies, or is there again.
    Gpus(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let class = prop_oneof![Just(Priority::Low), Just(Priority::Normal), Just(Priority::High)];
    let device = prop_oneof![Just(Device::Cpu), Just(Device::Gpu), Just(Device::Auto)];
    let which = 0..8_usize;
    let step = prop_oneof![
        4 => (0..2_usize, 1..9_usize).prop_map(|(which, most)| Step::Read(which, most)),
        5 => (0..2_usize).prop_map(Step::Act),
        3 => (class, device).prop_map(|(class, device)| Step::Ask(class, device)),
        2 => (0..90_000_u64).prop_map(Step::Time),
        4 => which.clone().prop_map(Step::Start),
        2 => which.clone().prop_map(Step::Finish),
        1 => which.clone().prop_map(Step::Lose),
        1 => which.clone().prop_map(Step::Preempt),
        1 => which.clone().prop_map(Step::Cancel),
        1 => which.prop_map(Step::Forget),
        1 => any::<bool>().prop_map(Step::Gpus),
    ];
    prop::collection::vec(step, 1..120)
}

struct Race {
    log: Log,
    jobs: u128,
    fleet: Vec<WorkerRecord>,
}

impl Race {
    fn new(quota: u32) -> Race {
        let mut log = Log::with_dispatchers(2);
        log.good_dataset();
        log.quota(Some(quota), Some(1_000));
        Race { log, jobs: 0, fleet: fleet().to_vec() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Read(which, most) => self.log.read(which, most),
            Step::Act(which) => self.log.act_of(which, &self.fleet),
            Step::Gpus(there) => self.fleet = fleet()[..1 + usize::from(there)].to_vec(),
            Step::Ask(class, device) => {
                self.jobs += 1;
                self.log.request(self.jobs, class, device);
            }
            Step::Time(ms) => self.log.sleep(Duration::from_millis(ms)),
            Step::Start(which) => self.start(which),
            Step::Finish(which) => self.end(which, given::finished),
            Step::Lose(which) => self.end(which, |token| JobEvent::AttemptLost { token }),
            Step::Preempt(which) => self.end(which, |token| JobEvent::AttemptPreempted {
                token,
                reason: String::new(),
                because: vec![],
            }),
            Step::Cancel(which) => {
                if self.jobs > 0 {
                    let job = 1 + which as u128 % self.jobs;
                    // It may have ended.
                    let _ = self.log.command(job, JobCommand::RequestCancel { because: vec![] });
                }
            }
            Step::Forget(which) => {
                if which < self.log.queue.len() {
                    self.log.queue.remove(which);
                }
            }
        }
    }

    /// Some worker takes a message, whatever has become of the job meanwhile.
    fn start(&mut self, which: usize) {
        if which >= self.log.queue.len() {
            return;
        }
        if let (_, WorkMessage::Train { job, dispatch, .. }) = self.log.queue.remove(which) {
            let start = JobCommand::StartAttempt { worker: "w".into(), dispatch };
            // Refused: it is not offered any more.
            let _ = self.log.command(job.as_u128(), start);
        }
    }

    fn end(&mut self, which: usize, how: impl Fn(u64) -> JobEvent) {
        let mut running = (1..=self.jobs).filter_map(|job| Some((job, self.log.state_of(job).token?)));
        if let Some((job, token)) = running.nth(which) {
            self.log.job(job, how(token));
        }
    }

    /// Nothing goes wrong any more.
    fn settle(&mut self) {
        self.step(Step::Gpus(true));
        for _ in 0..2_000 {
            for which in 0..2 {
                self.step(Step::Read(which, usize::MAX));
                self.step(Step::Act(which));
            }
            self.step(Step::Start(0));
            self.step(Step::Finish(0));
            self.step(Step::Time(2_000));
            let over = (1..=self.jobs).all(|job| self.log.state_of(job).status.has_ended());
            if over && self.log.tenant().slots.is_empty() {
                return;
            }
        }
        panic!("not all have ended: {:?}", self.log.tenant());
    }
}

/// At each moment of the log: the slots reserved and the jobs that run or are on the queue.
fn crowds(events: &[Recorded]) -> Vec<(usize, usize)> {
    let mut slots = BTreeMap::new();
    let mut jobs: BTreeMap<Uuid, trainyard_commands::job::Job> = BTreeMap::new();
    let crowds = events.iter().map(|recorded| {
        match (&recorded.envelope.aggregate, &recorded.envelope.event) {
            (_, Event::Tenant(TenantEvent::SlotReserved { job, wait })) => drop(slots.insert(*job, *wait)),
            (_, Event::Tenant(TenantEvent::SlotReleased { job, .. })) => drop(slots.remove(job)),
            (Aggregate::Job(id), Event::Job(event)) => {
                jobs.entry(*id).or_default().evolve(event, recorded.sequence)
            }
            _ => {}
        }
        (slots.len(), jobs.values().filter(|job| runs(job.status)).count())
    });
    crowds.collect()
}

/// What attempts on the GPU pool took together, from the events alone, in milliseconds.
fn gpu_ms(events: &[Recorded]) -> i128 {
    let (mut pools, mut begun, mut sum) = (BTreeMap::new(), BTreeMap::new(), 0);
    for recorded in events {
        let (Aggregate::Job(id), Event::Job(event)) =
            (&recorded.envelope.aggregate, &recorded.envelope.event)
        else {
            continue;
        };
        match event {
            JobEvent::Dispatched { pool, .. } => drop(pools.insert(*id, *pool)),
            JobEvent::AttemptStarted { .. } => drop(begun.insert(*id, recorded.envelope.at)),
            JobEvent::Finished { .. }
            | JobEvent::AttemptLost { .. }
            | JobEvent::AttemptPreempted { .. }
            | JobEvent::Cancelled { token: Some(_), .. } => {
                let lasted = recorded.envelope.at - begun[id];
                sum += if pools[id] == Pool::Gpu { lasted.whole_milliseconds() } else { 0 };
            }
            _ => {}
        }
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_interleaving_breaks_a_quota_and_the_ledger_is_the_sum(steps in steps(), quota in 1..4_u32) {
        let mut race = Race::new(quota);
        for step in &steps {
            race.step(*step);
        }
        race.settle();
        for (place, (slots, running)) in crowds(&race.log.events).into_iter().enumerate() {
            prop_assert!(slots <= quota as usize, "{slots} slots at {place}: {:#?}", race.log.events);
            prop_assert!(running <= slots, "{running} run in {slots} slots at {place}: {:#?}", race.log.events);
        }
        prop_assert_eq!(i128::from(race.log.tenant().gpu_ms), gpu_ms(&race.log.events));
    }
}

/// The race that was seen: a more urgent job lands between a dispatch and its read-back.
#[test]
fn an_urgent_job_between_dispatch_and_read_back_waits() {
    let mut race = Race::new(1);
    race.step(Step::Ask(Priority::Normal, Device::Cpu));
    race.step(Step::Read(0, usize::MAX));
    race.step(Step::Ask(Priority::High, Device::Cpu));
    race.step(Step::Read(1, usize::MAX));
    race.step(Step::Act(0));
    let reserved = race.log.events.len();
    race.step(Step::Act(1));
    assert_eq!(race.log.events.len(), reserved, "refused: {:#?}", race.log.events.last());
    race.settle();
    assert!(crowds(&race.log.events).iter().all(|(_, running)| *running <= 1));
}

#[test]
fn a_slot_is_not_given_back_for_another_wait() {
    let job = Uuid::from_u128(7);
    let history = [
        TenantEvent::Created {},
        TenantEvent::SlotReserved { job, wait: 5 },
        TenantEvent::SlotReleased { job, wait: 4, gpu_ms: 9 },
    ];
    given::tenant(&history)
        .when(TenantCommand::ReleaseSlot { job, wait: 5, gpu_ms: 1 })
        .happens(|event| matches!(event, TenantEvent::SlotReleased { wait: 5, .. }));
}
