//! The table of kinds: the name of every event there has ever been, its schema, and how an older body becomes that one.
//!
//! A schema, once written, is read for ever. A body that changes is a new schema of its kind, and may only gain optional
//! fields: a binary that knows an older schema reads it all the same and leaves the rest unread. What would be misread
//! that way is a new kind. Schema 1 is the one exception: version 0.1 reads no other number, so it has grown until 0.2;
//! `tests/shapes.rs` holds it still from then on.

use std::borrow::Cow;

use serde_json::Value;

use crate::DecodeError;

/// One kind of event.
pub struct Kind {
    /// Dotted, the aggregate first: `job.epoch_logged`.
    pub name: &'static str,
    /// The newest schema, which this binary writes.
    pub schema: u16,
    /// Brings a body of the schema before the newest up to it; never called while there is only one.
    upcast: fn(u16, Value) -> Value,
}

const fn first(name: &'static str) -> Kind {
    Kind { name, schema: 1, upcast: |_, body| body }
}

/// Every kind, by aggregate. `log.` are facts about the log itself, in the history of whichever aggregate they concern.
pub const KINDS: [Kind; 63] = [
    first("chat.prompt_received"),
    first("chat.config_proposed"),
    first("chat.reply_given"),
    first("chat.proposal_approved"),
    first("chat.proposal_rejected"),
    first("chat.annotated"),
    first("chat.prompts_erased"),
    first("dataset.registered"),
    first("dataset.validated"),
    first("dataset.rejected"),
    first("dataset.tagged"),
    first("dataset.untagged"),
    first("dataset.archived"),
    first("dataset.restored"),
    first("dataset.deleted"),
    first("job.requested"),
    first("job.dispatched"),
    first("job.attempt_started"),
    first("job.training_started"),
    first("job.epoch_logged"),
    first("job.checkpoint_committed"),
    first("job.preempt_requested"),
    first("job.attempt_preempted"),
    first("job.attempt_lost"),
    first("job.attempt_failed"),
    first("job.cancel_requested"),
    first("job.cancelled"),
    first("job.finished"),
    first("job.failed"),
    first("job.annotated"),
    first("endpoint.deployed"),
    first("endpoint.withdrawn"),
    first("model.registered"),
    first("model.aliased"),
    first("model.alias_removed"),
    first("model.archived"),
    first("model.restored"),
    first("model.sampling_set"),
    first("model.samples_deleted"),
    first("hook.added"),
    first("hook.changed"),
    first("hook.removed"),
    first("hook.paused"),
    first("hook.replayed"),
    first("hook.tested"),
    first("maintenance.worker_drained"),
    first("maintenance.worker_returned"),
    first("maintenance.queue_paused"),
    first("maintenance.queue_resumed"),
    first("log.event_skipped"),
    first("tenant.created"),
    first("tenant.token_issued"),
    first("tenant.token_granted"),
    first("tenant.token_offered"),
    first("tenant.token_revoked"),
    first("tenant.member_removed"),
    first("tenant.member_restored"),
    first("tenant.closed"),
    first("tenant.quota_set"),
    first("tenant.slot_reserved"),
    first("tenant.slot_released"),
    first("tenant.price_set"),
    first("tenant.budget_neared"),
];

/// The kind of that name, if this binary knows it.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// The name of the kind, and `body`, which is JSON, as its newest schema has it. One of a schema that is newer still is taken as it is.
pub(crate) fn to_current<'b>(
    name: &str,
    schema: u16,
    body: &'b str,
) -> Result<(&'static str, Cow<'b, str>), DecodeError> {
    let kind = find(name).ok_or_else(|| DecodeError::UnknownKind(name.to_owned()))?;
    if schema >= kind.schema {
        return Ok((kind.name, body.into()));
    }
    let body =
        serde_json::from_str(body).map_err(|source| DecodeError::Body { kind: name.to_owned(), source })?;
    Ok((kind.name, (kind.upcast)(schema, body).to_string().into()))
}
