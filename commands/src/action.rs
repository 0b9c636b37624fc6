//! What policies call for, and how they ask for it.

use trainyard_events::fleet::WorkMessage;
use trainyard_events::{Actor, Aggregate, TenantId};
use uuid::Uuid;

use crate::command::{Command, Request, derived_id};
use crate::job::JobCommand;
use crate::world::OpenJob;

/// Something the world calls for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Ask(Box<Request>),
    /// Puts work on the queue; `id` makes a repeated publish harmless.
    Publish {
        message: WorkMessage,
        id: Uuid,
    },
}

impl Action {
    /// The same action always has the same id.
    pub fn id(&self) -> Uuid {
        match self {
            Action::Ask(request) => request.id,
            Action::Publish { id, .. } => *id,
        }
    }
}

/// A request of the policy `name`, caused by the event `cause`.
pub fn request(
    name: &'static str,
    tenant: &TenantId,
    aggregate: Aggregate,
    cause: Uuid,
    correlation_id: Uuid,
    command: Command,
) -> Action {
    Action::Ask(Box::new(by_policy(name, tenant, aggregate, cause, correlation_id, command)))
}

pub(crate) fn by_policy(
    name: &'static str,
    tenant: &TenantId,
    aggregate: Aggregate,
    cause: Uuid,
    correlation_id: Uuid,
    command: Command,
) -> Request {
    Request {
        id: derived_id(cause, &format!("{name}:{aggregate}")),
        tenant: tenant.clone(),
        aggregate,
        actor: Actor::Policy(name.to_owned()),
        correlation_id,
        causation_id: Some(cause),
        command,
    }
}

/// A command of the policy `name` about an open job.
pub fn ask_job(
    name: &'static str,
    tenant: &TenantId,
    id: Uuid,
    open: &OpenJob,
    command: JobCommand,
) -> Action {
    request(name, tenant, Aggregate::Job(id), open.cause, open.correlation_id, Command::Job(command))
}
