//! What came of a run, for people.

use std::collections::BTreeMap;
use std::fmt;

use time::OffsetDateTime;

use super::check::{Audited, Findings};
use super::fault::Fault;
use super::{Plan, SOCKETS};

/// What a stepping clock has dated says nothing of how long something took.
const STEPPED: time::Duration = time::Duration::minutes(30);

/// What happened, for people.
pub struct Report {
    pub(super) plan: Plan,
    pub(super) storms: u64,
    pub(super) findings: Findings,
    pub(super) audited: Audited,
    pub(super) faults: BTreeMap<String, usize>,
    pub(super) seconds: f64,
    /// From a worker's death or stillness to the event that says so.
    pub(super) deaths: Vec<f64>,
    /// Objects that were of no use any more, while others were being written.
    pub(super) collected: u64,
    /// Events that others have read.
    pub(super) copies: usize,
    pub(super) connections: u32,
    pub(super) stretches: usize,
    pub(super) memory: Vec<(String, f64, f64)>,
    /// Times that a role has given up and was started again.
    pub(super) failures: Vec<(String, usize)>,
}

/// Resident MiB of each role at first and at last.
pub(super) fn grown(before: &[(String, f64)], after: Vec<(String, f64)>) -> Vec<(String, f64, f64)> {
    let first = |name: &str| before.iter().find(|(known, _)| known == name).map_or(0.0, |(_, mib)| *mib);
    after.into_iter().map(|(name, mib)| (name.clone(), first(&name), mib)).collect()
}

/// Seconds from a worker's death, or from a stillness longer than its lease, to the loss of each of its attempts.
pub(super) fn visible_deaths(suffered: &[(OffsetDateTime, Fault)], findings: &Findings) -> Vec<f64> {
    let mut seconds = Vec::new();
    for (at, worker) in &findings.lost {
        let died = suffered.iter().filter(|(moment, fault)| {
            let died = match fault {
                Fault::KillRole(role) => role == worker,
                Fault::FreezeRole(role, lasting) => {
                    role == worker && *lasting > trainyard_events::limits::LEASE
                }
                _ => false,
            };
            died && moment < at
        });
        let since = died.map(|(moment, _)| *at - *moment).filter(|since| *since < STEPPED);
        // The newest death before the loss is its cause; an older one was answered by an older loss.
        seconds.extend(since.min().map(time::Duration::as_seconds_f64));
    }
    seconds.sort_by(f64::total_cmp);
    seconds
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { plan, findings, .. } = self;
        let count = |kind: &str| findings.kinds.get(kind).copied().unwrap_or(0);
        let servers = if plan.cluster { "three NATS servers" } else { "one NATS server" };
        writeln!(
            out,
            "chaos, seed {}, {servers}, {} workers and {} of each other role: {} storms in {:.0} s, nothing lost, nothing \
             twice",
            plan.seed, plan.workers, plan.twins, self.storms, self.seconds
        )?;
        writeln!(
            out,
            "{} jobs ({} finished, {} cancelled), {} events, {} attempts ({} lost, {} preempted, {} failed)",
            findings.jobs,
            count("job.finished"),
            count("job.cancelled"),
            findings.events,
            findings.attempts,
            count("job.attempt_lost"),
            count("job.attempt_preempted"),
            count("job.attempt_failed"),
        )?;
        let faults: Vec<String> = self.faults.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(out, "faults: {}", faults.join(", "))?;
        writeln!(
            out,
            "artifacts read back: {}; collected on the way: {}",
            findings.artifacts, self.collected
        )?;
        writeln!(
            out,
            "sockets: {SOCKETS}, connected {} times, begun anew {} times",
            self.connections, self.stretches
        )?;
        let Audited { sequence, files, files_good } = &self.audited;
        writeln!(
            out,
            "auditor: {sequence} events without a finding, {files} files that must be there, read and found good {files_good} \
             times since it began last"
        )?;
        writeln!(out, "feed: {} events, each once and in order", self.copies)?;
        writeln!(out, "death of a worker visible after: {}", spread(&self.deaths))?;
        let trusted = findings.recoveries.iter().filter(|gap| gap.abs() < STEPPED);
        let mut recoveries: Vec<f64> = trusted.map(|gap| gap.as_seconds_f64()).collect();
        recoveries.sort_by(f64::total_cmp);
        writeln!(out, "next attempt after a loss: {}", spread(&recoveries))?;
        let failures: Vec<String> =
            self.failures.iter().map(|(role, times)| format!("{role} {times}")).collect();
        let failures = if failures.is_empty() { "none".to_owned() } else { failures.join(", ") };
        writeln!(out, "roles that gave up and were started again: {failures}")?;
        for (name, first, last) in &self.memory {
            writeln!(out, "memory of {name}: {first:.0} MiB at first, {last:.0} MiB at last")?;
        }
        Ok(())
    }
}

fn spread(sorted: &[f64]) -> String {
    match (sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(median), Some(worst)) => {
            format!("median {median:.1} s, worst {worst:.1} s over {}", sorted.len())
        }
        _ => "there was none".to_owned(),
    }
}
