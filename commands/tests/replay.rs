//! A recorded log, played again: the same decisions each time, and other rules show in who waits.

mod given;

use std::collections::BTreeMap;

use given::crowd;
use time::Duration;
use trainyard_commands::replay::{Report, Story};
use trainyard_commands::schedule::Rules;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded};
use uuid::Uuid;

fn story(jobs: u64, workers: u64) -> Story {
    let mut story = Story::default();
    crowd::log(jobs, workers).iter().for_each(|recorded| story.take_in(recorded));
    story
}

#[test]
fn the_same_log_gives_the_same_decisions_byte_for_byte() {
    let fleet = crowd::fleet(40);
    let (first, again) = (story(500, 40), story(500, 40));
    let rules = Rules::default();
    let (first, again) = (first.replay(&fleet, rules), again.replay(&fleet, rules));
    assert_eq!(first.decisions, again.decisions);
    assert_eq!(first, again);
    assert_eq!((first.decisions.lines().count(), first.left), (500, 0), "everything had its turn");
    let mut turned = fleet;
    turned.reverse();
    // Which of two equal workers is named may differ with their order; how many wait does not.
    assert_eq!(story(500, 40).replay(&turned, rules).left, 0);
}

/// Seconds that jobs of eight GPUs have waited, all together.
fn waited_for_eight(report: &Report, log: &[Recorded]) -> f64 {
    let asked =
        log.iter().filter_map(|recorded| match (&recorded.envelope.aggregate, &recorded.envelope.event) {
            (Aggregate::Job(id), Event::Job(JobEvent::Requested { config, .. })) if config.gpus() == 8 => {
                Some((id.to_string(), recorded.envelope.at))
            }
            _ => None,
        });
    let asked: BTreeMap<_, _> = asked.collect();
    let first = log[0].envelope.at;
    let waits = report.decisions.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let begun = Duration::milliseconds(words.next()?.parse().ok()?);
        let at = asked.get(words.next()?)?;
        Some((first + begun - *at).as_seconds_f64())
    });
    waits.sum()
}

#[test]
fn keeping_room_is_what_large_jobs_live_on() {
    let (fleet, log) = (crowd::fleet(20), crowd::log(600, 40));
    let told = story(600, 40);
    let usual = told.replay(&fleet, Rules::default());
    let greedy = told.replay(&fleet, Rules { backfill: None, ..Rules::default() });
    let (kept, starved) = (waited_for_eight(&usual, &log), waited_for_eight(&greedy, &log));
    assert!(kept > 0.0 && kept < starved, "{kept} s and {starved} s");
}

#[test]
fn what_nobody_can_serve_is_left() {
    let mut fleet = crowd::fleet(20);
    fleet.retain(|worker| worker.devices.len() < 8);
    let report = story(200, 20).replay(&fleet, Rules::default());
    assert!(report.left > 0, "eight GPUs are on no worker");
    assert_eq!(report.decisions.lines().count() + report.left, 200);
}

#[test]
fn workers_are_as_the_log_tells_of_them() {
    let told = story(100, 10);
    let fleet = told.fleet();
    assert_eq!(fleet.len(), 10);
    assert!(fleet.iter().all(|worker| worker.slots > 0 && !worker.devices.is_empty()), "{fleet:?}");
}

#[test]
fn workers_begin_without_what_they_had_when_they_were_told_of() {
    let (told, idle) = (story(200, 20), crowd::fleet(20));
    let mut busy = idle.clone();
    for device in busy.iter_mut().flat_map(|worker| &mut worker.devices) {
        device.jobs.push(Uuid::from_u128(7));
        device.whole = true;
    }
    assert!(busy.iter().any(|worker| !worker.devices.is_empty()));
    assert_eq!(told.replay(&busy, Rules::default()), told.replay(&idle, Rules::default()));
}

/// Of all decisions, in order (FNV-1a).
fn sum(decisions: &str) -> u64 {
    decisions
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[test]
fn ten_thousand_jobs_on_a_thousand_workers_are_played_in_seconds_and_always_alike() {
    let (told, fleet) = (story(10_000, 1_000), crowd::fleet(1_000));
    let usual = Rules::default();
    for (name, rules, decisions) in [
        ("as it is", usual, 0xf847_b38c_9613_7864),
        ("no packing", Rules { packs: false, ..usual }, 0x9d64_ca0f_ff2c_b583),
    ] {
        let begun = std::time::Instant::now();
        let report = told.replay(&fleet, rules);
        println!("{name}: {:.2} s", begun.elapsed().as_secs_f64());
        assert_eq!((report.left, sum(&report.decisions)), (0, decisions), "{name}");
    }
}
