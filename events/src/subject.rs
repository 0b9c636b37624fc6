//! The only place that spells a subject or names a stream.

use uuid::Uuid;

use crate::config::Priority;
use crate::fleet::{Pool, Work};
use crate::{Aggregate, TenantId};

pub const EVENTS: &str = "EVENTS";
pub const COMMANDS: &str = "COMMANDS";
pub const TELEMETRY: &str = "TELEMETRY";
pub const DEAD: &str = "DEAD";
/// What others read of [`EVENTS`].
pub const FEED: &str = "FEED";
/// Key-value buckets.
pub const LEASES: &str = "leases";
pub const FLEET: &str = "fleet";
pub const KEYS: &str = "keys";
pub const SAID: &str = "said";
pub const HOOKS: &str = "hooks";
/// When each token was shown last.
pub const SEEN: &str = "seen";
/// How the versions of each model are asked, by gateway.
pub const CALLS: &str = "calls";
/// How people want their pages.
pub const PREFERENCES: &str = "preferences";
/// What people were not let do.
pub const REFUSED: &str = "REFUSED";

pub const ALL_EVENTS: &str = "trainyard.event.>";
pub const ALL_COMMANDS: &str = "trainyard.command.>";
pub const ALL_TELEMETRY: &str = "trainyard.telemetry.>";
pub const ALL_DEAD: &str = "trainyard.dead.>";
pub const ALL_FEED: &str = "trainyard.feed.>";
pub const ALL_REFUSED: &str = "trainyard.refused.>";
pub const ALL_ADMIN_FEED: &str = "trainyard.admin.>";
/// Predictors answer here, as one queue group.
pub const PREDICT: &str = "trainyard.predict";
/// Workers say here what is in their folders, as one queue group.
pub const FOLDERS: &str = "trainyard.folders";
/// Workers read files of such folders here, as one queue group.
pub const FILES: &str = "trainyard.files";

/// One literal subject for each aggregate: the guard of an append names nothing wider.
pub fn event(tenant: &TenantId, aggregate: &Aggregate) -> String {
    format!("trainyard.event.{tenant}.{}.{}", aggregate.kind(), aggregate.id())
}

/// Whose history a subject is, if it is one of ours.
pub fn parse_event(subject: &str) -> Option<(TenantId, Aggregate)> {
    let mut words = subject.strip_prefix("trainyard.event.")?.splitn(3, '.');
    let (tenant, kind, id) = (words.next()?, words.next()?, words.next()?);
    Some((tenant.parse().ok()?, format!("{kind}/{id}").parse().ok()?))
}

/// Every aggregate of one kind, of every tenant.
pub fn events_of(kind: &str) -> String {
    format!("trainyard.event.*.{kind}.*")
}

/// One work-queue consumer reads each of these.
pub fn command(work: Work, class: Priority, pool: Pool) -> String {
    format!("trainyard.command.{work}.{class}.{pool}")
}

/// Trainings that need a runner: whoever has it makes the consumer that reads this.
pub fn command_of_runner(class: Priority, pool: Pool, runner: &str) -> String {
    format!("{}.{runner}", command(Work::Train, class, pool))
}

/// Trainings that were decided for one worker. No runner is called so.
pub fn command_of_worker(class: Priority, pool: Pool, worker: &str) -> String {
    command_of_runner(class, pool, &format!("@{worker}"))
}

/// Of every class: the worker makes the consumer that reads this.
pub fn commands_of_worker(pool: Pool, worker: &str) -> String {
    format!("trainyard.command.{}.*.{pool}.@{worker}", Work::Train)
}

/// Step measurements of one job.
pub fn telemetry(tenant: &TenantId, job: Uuid) -> String {
    format!("trainyard.telemetry.{tenant}.job.{job}")
}

/// The console of one attempt.
pub fn console(tenant: &TenantId, job: Uuid, token: u64) -> String {
    format!("trainyard.telemetry.{tenant}.console.{job}.{token}")
}

/// The consoles of all attempts at one job.
pub fn consoles(tenant: &TenantId, job: Uuid) -> String {
    format!("trainyard.telemetry.{tenant}.console.{job}.*")
}

/// How far the look at a dataset is.
pub fn look(tenant: &TenantId, dataset: Uuid) -> String {
    format!("trainyard.telemetry.{tenant}.look.{dataset}")
}

/// Where a message of `stream` goes that cannot be read.
pub fn dead(stream: &str) -> String {
    format!("trainyard.dead.{}", stream.to_ascii_lowercase())
}

/// The copy of an event that every reader of the tenant may read: the kind of an event stands in it.
/// `event` is the last word of its kind.
pub fn feed(tenant: &str, aggregate: &str, event: &str, id: &str) -> String {
    format!("trainyard.feed.{tenant}.{aggregate}.{event}.{id}")
}

/// The same of one that only the tenant's admins may read.
pub fn admin_feed(tenant: &str, aggregate: &str, event: &str, id: &str) -> String {
    format!("trainyard.admin.{tenant}.{aggregate}.{event}.{id}")
}

/// What readers of a tenant may read of it: all copies of events, and what is told of its jobs.
pub fn feed_of(tenant: &TenantId) -> String {
    format!("trainyard.feed.{tenant}.>")
}

pub fn admin_feed_of(tenant: &TenantId) -> String {
    format!("trainyard.admin.{tenant}.>")
}

/// What people of a tenant were not let do.
pub fn refused_of(tenant: &TenantId) -> String {
    format!("trainyard.refused.{tenant}")
}

pub fn telemetry_of(tenant: &TenantId) -> String {
    format!("trainyard.telemetry.{tenant}.>")
}
