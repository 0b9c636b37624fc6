//! Brings a body of an old schema up to the current one. Append-only: a schema, once written, is read for ever.

use serde_json::Value;

use crate::DecodeError;

/// The schema that this binary writes.
pub const SCHEMA: u16 = 1;

/// Every kind of event there has ever been.
const KINDS: [&str; 27] = [
    "chat.prompt_received",
    "chat.config_proposed",
    "chat.reply_given",
    "chat.proposal_approved",
    "chat.proposal_rejected",
    "dataset.registered",
    "dataset.validated",
    "dataset.rejected",
    "job.requested",
    "job.dispatched",
    "job.attempt_started",
    "job.training_started",
    "job.epoch_logged",
    "job.checkpoint_committed",
    "job.attempt_preempted",
    "job.attempt_lost",
    "job.attempt_failed",
    "job.cancel_requested",
    "job.cancelled",
    "job.finished",
    "job.failed",
    "endpoint.deployed",
    "endpoint.withdrawn",
    "tenant.created",
    "tenant.token_issued",
    "tenant.token_revoked",
    "tenant.quota_set",
];

pub(crate) fn is_known(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// Returns `body` as the current schema has it.
pub(crate) fn to_current(kind: &str, schema: u16, body: Value) -> Result<Value, DecodeError> {
    match schema {
        SCHEMA => Ok(body),
        _ => Err(DecodeError::NewerSchema { kind: kind.to_owned(), schema }),
    }
}
