//! What came of a run, for people.

use std::collections::BTreeMap;
use std::fmt;

use time::OffsetDateTime;

use super::check::{Audited, Findings, Loss};
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

/// Seconds from a worker's death, or from a stillness longer than its lease, to the loss of each attempt that it was running. What
/// was lost without one, cut off from the servers, is none.
pub(super) fn visible_deaths(suffered: &[(OffsetDateTime, Fault)], findings: &Findings) -> Vec<f64> {
    let mut seconds = Vec::new();
    for Loss { began, at, worker } in &findings.lost {
        let died = suffered.iter().filter(|(moment, fault)| {
            let died = match fault {
                Fault::KillRole(role) => role == worker,
                Fault::FreezeRole(role, lasting) => {
                    role == worker && *lasting > trainyard_events::limits::LEASE
                }
                _ => false,
            };
            died && began < moment && moment < at
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_death_is_visible_in_what_was_running_then() {
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds);
        let loss = |began, lost| Loss { worker: "worker-1".to_owned(), began: at(began), at: at(lost) };
        let killed = (at(100), Fault::KillRole("worker-1".to_owned()));
        let frozen = (at(200), Fault::FreezeRole("worker-1".to_owned(), Duration::from_secs(14)));
        let stirred = (at(300), Fault::FreezeRole("worker-1".to_owned(), Duration::from_millis(300)));
        let other = (at(350), Fault::KillRole("worker-2".to_owned()));
        // The last was begun after both, and was lost for want of a server.
        let lost = vec![loss(90, 107), loss(110, 209), loss(220, 400)];
        let findings = Findings { lost, ..Findings::default() };
        assert_eq!(visible_deaths(&[killed, frozen, stirred, other], &findings), [7.0, 9.0]);
    }
}
