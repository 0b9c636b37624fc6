//! `make simulate`: 10,000 jobs of four tenants on 100 workers, through the real queue; prints who waited how long.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use time::{Duration, OffsetDateTime};
use trainyard_commands::schedule::{HANDICAP_MAX, Queue, Waiting};
use trainyard_events::TenantId;
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use uuid::Uuid;

const JOBS: u64 = 10_000;
const WORKERS: usize = 100;
/// Mean seconds between two requests: a little more than the workers can do, so that a queue builds up.
const BETWEEN: u64 = 5;
/// A job trains from one to this many seconds.
const LONGEST: u64 = 1_200;
/// Tenants and their share of all requests in percent.
const TENANTS: [(&str, u64); 4] = [("big", 70), ("middle", 20), ("small", 9), ("tiny", 1)];

/// A small generator, so that every run is the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn main() {
    let mut random = Random(1);
    let requests = requests(&mut random);
    let mut queue = Queue::default();
    queue.room.insert(Pool::Cpu, WORKERS);
    let mut running: BinaryHeap<Reverse<(OffsetDateTime, TenantId)>> = BinaryHeap::new();
    let mut waits: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut coming = requests.into_iter().peekable();
    loop {
        let asked = coming.peek().map(|request| request.since);
        let ends = running.peek().map(|Reverse((ends, _))| *ends);
        let Some(now) = asked.into_iter().chain(ends).min() else { break };
        while coming.peek().is_some_and(|request| request.since <= now) {
            coming.next().into_iter().for_each(|request| queue.push(request));
        }
        while running.peek().is_some_and(|Reverse((ends, _))| *ends <= now) {
            let Some(Reverse((_, tenant))) = running.pop() else { break };
            queue.running.entry(tenant).and_modify(|count| *count -= 1);
            queue.room.entry(Pool::Cpu).and_modify(|room| *room += 1);
        }
        for next in queue.choose() {
            let waited = (now - next.since).as_seconds_f64() / 60.0;
            for group in [format!("class {}", next.class), format!("tenant {}", next.tenant)] {
                waits.entry(group).or_default().push(waited);
            }
            let lasts = Duration::seconds(1 + random.below(LONGEST) as i64);
            running.push(Reverse((now + lasts, next.tenant)));
        }
    }
    let bound = HANDICAP_MAX.as_secs() / 60;
    println!("{JOBS} jobs on {WORKERS} workers; none is passed over by one asked for {bound} minutes later.");
    println!("Minutes waited:");
    println!("{:16} {:>6} {:>8} {:>8} {:>8}", "", "jobs", "median", "p99", "longest");
    for (group, mut minutes) in waits {
        minutes.sort_by(f64::total_cmp);
        let at = |share: f64| minutes[((minutes.len() - 1) as f64 * share) as usize];
        println!("{group:16} {:6} {:8.1} {:8.1} {:8.1}", minutes.len(), at(0.5), at(0.99), at(1.0));
    }
}

fn requests(random: &mut Random) -> Vec<Waiting> {
    let mut since = OffsetDateTime::UNIX_EPOCH;
    let mut all = Vec::new();
    for requested in 1..=JOBS {
        since += Duration::seconds(random.below(2 * BETWEEN + 1) as i64);
        let mut share = random.below(100);
        let tenant = TENANTS.iter().find(|(_, percent)| {
            let here = share < *percent;
            share = share.saturating_sub(*percent);
            here
        });
        let class =
            [Priority::Low, Priority::Normal, Priority::Normal, Priority::High][random.below(4) as usize];
        all.push(Waiting {
            tenant: tenant.map_or("big", |(name, _)| name).parse().expect("the names above are valid"),
            job: Uuid::from_u128(u128::from(requested)),
            class,
            pool: Pool::Cpu,
            runner: None,
            asked: None,
            avoid: None,
            holds_slot: false,
            worker: None,
            requested,
            since,
        });
    }
    all
}
