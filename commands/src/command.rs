//! The imperative: what users, workers and policies ask for.

use trainyard_events::{Actor, Aggregate, TenantId};
use uuid::Uuid;

use crate::chat::ChatCommand;
use crate::dataset::DatasetCommand;
use crate::endpoint::EndpointCommand;
use crate::hook::HookCommand;
use crate::job::JobCommand;
use crate::maintenance::MaintenanceCommand;
use crate::model::ModelCommand;
use crate::tenant::TenantCommand;

/// One wish about one aggregate; it causes at most one event.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Chat(ChatCommand),
    Dataset(DatasetCommand),
    Job(JobCommand),
    Endpoint(EndpointCommand),
    Model(ModelCommand),
    Hook(HookCommand),
    Maintenance(MaintenanceCommand),
    Tenant(TenantCommand),
}

/// A command with who asks and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The same id again is the same request: it writes once.
    pub id: Uuid,
    pub tenant: TenantId,
    pub aggregate: Aggregate,
    pub actor: Actor,
    pub correlation_id: Uuid,
    pub causation_id: Option<Uuid>,
    pub command: Command,
}

/// The id of the command that `cause` (an event, an attempt) leads to for the reason `name`.
pub fn derived_id(cause: Uuid, name: &str) -> Uuid {
    Uuid::new_v5(&cause, name.as_bytes())
}
