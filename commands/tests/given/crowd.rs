//! A log of many jobs that ask for GPUs, and a fleet of many workers: the same for the same numbers.

use time::{Duration, OffsetDateTime};
use trainyard_events::config::{Device, Priority, TrainingConfig};
use trainyard_events::fleet::{Accelerator, Pool, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Envelope, Event, Recorded, Resources, event_id};
use uuid::Uuid;

const KINDS: [(&str, u64); 3] = [("T4", 16), ("A100", 80), ("H100", 80)];
/// Tenants and their share of all requests in percent.
const TENANTS: [(&str, u64); 4] = [("big", 70), ("middle", 20), ("small", 9), ("tiny", 1)];
/// A job trains for so many seconds at most.
const LONGEST: u64 = 3_600;

/// A small generator, so that every run is the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Every tenth has eight GPUs, the others four, two or one.
pub fn fleet(workers: u64) -> Vec<WorkerRecord> {
    let worker = |number: u64| {
        let (kind, gb) = KINDS[(number % 3) as usize];
        let count = [8, 4, 4, 2, 2, 2, 1, 1, 4, 4][(number % 10) as usize];
        let device = |index| Accelerator {
            index,
            kind: format!("NVIDIA {kind}"),
            memory_bytes: Some(gb * 1_000_000_000),
            jobs: vec![],
            whole: false,
        };
        let name = format!("worker-{number:04}");
        WorkerRecord {
            devices: (0..count).map(device).collect(),
            takes_own: true,
            ..super::log::named(&name, &name, Pool::Gpu, count)
        }
    };
    (0..workers).map(worker).collect()
}

/// So many jobs, asked for as fast as so many workers can nearly do them.
pub fn log(jobs: u64, workers: u64) -> Vec<Recorded> {
    let mut random = Random(7);
    let (mut events, mut now) = (Vec::new(), OffsetDateTime::UNIX_EPOCH);
    for number in 1..=jobs {
        // Half of LONGEST on the mean, on two GPUs of three for each worker.
        now += Duration::milliseconds(random.below(2 * LONGEST * 1_000 / 2 / workers.max(1)) as i64);
        let mut share = random.below(100);
        let tenant = TENANTS.iter().find(|(_, percent)| {
            let here = share < *percent;
            share = share.saturating_sub(*percent);
            here
        });
        let gpus = [0, 1, 1, 1, 1, 2, 2, 4, 8][random.below(9) as usize];
        let gpu = (gpus > 0 && random.below(2) == 0).then(|| KINDS[random.below(3) as usize].0.to_owned());
        let resources =
            (gpus > 0).then(|| Box::new(Resources { gpus: Some(gpus), gpu, ..Resources::default() }));
        let priority =
            [Priority::Low, Priority::Normal, Priority::Normal, Priority::High][random.below(4) as usize];
        let config = TrainingConfig { device: Device::Gpu, priority, resources, ..super::config() };
        let lasts = Duration::seconds(60 + random.below(LONGEST) as i64);
        let mut push = |at, event| {
            let sequence = events.len() as u64 + 1;
            let command_id = Uuid::from_u128(sequence.into());
            events.push(Recorded::new(
                sequence,
                Envelope {
                    event_id: event_id(command_id),
                    tenant: tenant.map_or("big", |(name, _)| *name).parse().expect("a name"),
                    aggregate: Aggregate::Job(Uuid::from_u128(number.into())),
                    command_id,
                    correlation_id: Uuid::nil(),
                    causation_id: None,
                    actor: Actor::User("crowd".into()),
                    at,
                    sealed: None,
                    event: Event::Job(event),
                },
            ));
            sequence
        };
        let config_hash = config.hash();
        push(
            now,
            JobEvent::Requested {
                config,
                config_hash,
                dataset: Uuid::nil(),
                chat: None,
                approval: Uuid::nil(),
            },
        );
        let (pool, class, reason) = (Pool::Gpu, priority, String::new());
        let dispatch = push(
            now,
            JobEvent::Dispatched {
                pool,
                class,
                reason,
                withdrawn: false,
                worker: None,
                because: vec![],
                price: None,
            },
        );
        let worker = format!("worker-{:04}", number % workers.max(1));
        let token = push(
            now,
            JobEvent::AttemptStarted { worker, attempt: 1, dispatch, batch_divisor: 1, resume: None },
        );
        push(
            now + lasts,
            JobEvent::Finished {
                token,
                best_epoch: 1,
                measurements: Default::default(),
                classes: vec![],
                artifacts: vec![],
                stopped_early: None,
                because: vec![],
            },
        );
    }
    events
}
