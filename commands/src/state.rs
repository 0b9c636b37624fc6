//! One aggregate folded from its history, whichever kind it is.

use trainyard_events::{Aggregate, Event, Maintenance, Recorded};

use crate::chat::Chat;
use crate::command::Command;
use crate::dataset::Dataset;
use crate::endpoint::Endpoint;
use crate::hook::Hooks;
use crate::job::Job;
use crate::maintenance;
use crate::model::Model;
use crate::tenant::Tenant;
use trainyard_events::reason::Rejection;

#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Chat(Box<Chat>),
    Dataset(Box<Dataset>),
    Job(Box<Job>),
    Endpoint(Endpoint),
    Model(Box<Model>),
    Hooks(Hooks),
    Maintenance(Maintenance),
    Tenant(Tenant),
}

impl State {
    /// Before its first event.
    pub fn new(aggregate: &Aggregate) -> State {
        match aggregate {
            Aggregate::Chat(_) => State::Chat(Box::default()),
            Aggregate::Dataset(_) => State::Dataset(Box::default()),
            Aggregate::Job(_) => State::Job(Box::default()),
            Aggregate::Endpoint(_) => State::Endpoint(Endpoint::default()),
            Aggregate::Model(_) => State::Model(Box::default()),
            Aggregate::Hooks(_) => State::Hooks(Hooks::default()),
            Aggregate::Maintenance(_) => State::Maintenance(Maintenance::default()),
            Aggregate::Tenant(_) => State::Tenant(Tenant::default()),
        }
    }

    /// Takes in one event of this aggregate. Events of other kinds change nothing.
    pub fn evolve(&mut self, recorded: &Recorded) {
        match (self, &recorded.envelope.event) {
            (State::Chat(chat), Event::Chat(event)) => chat.evolve(event, recorded.sequence),
            (State::Dataset(dataset), Event::Dataset(event)) => dataset.evolve(event, recorded.sequence),
            (State::Job(job), Event::Job(event)) => job.evolve(event, recorded.sequence),
            (State::Endpoint(endpoint), Event::Endpoint(event)) => endpoint.evolve(event),
            (State::Model(model), Event::Model(event)) => model.evolve(event),
            (State::Hooks(hooks), Event::Hook(event)) => hooks.evolve(event, recorded),
            (State::Maintenance(state), Event::Maintenance(event)) => {
                state.evolve(event, recorded.sequence, &recorded.envelope);
            }
            (State::Tenant(tenant), Event::Tenant(event)) => tenant.evolve(event),
            _ => {}
        }
    }

    /// With which of its author's keys what is said next is sealed ([`trainyard_events::Envelope::sealed`]); `None` where nothing is.
    pub fn seals_with(&self) -> Option<u64> {
        match self {
            State::Chat(chat) => Some(chat.erased),
            _ => None,
        }
    }

    /// The event that the command causes now; `None` when it is already so.
    pub fn decide(&self, command: &Command) -> Result<Option<Event>, Rejection> {
        match (self, command) {
            (State::Chat(chat), Command::Chat(command)) => Ok(chat.decide(command)?.map(Event::Chat)),
            (State::Dataset(dataset), Command::Dataset(command)) => {
                Ok(dataset.decide(command)?.map(Event::Dataset))
            }
            (State::Job(job), Command::Job(command)) => Ok(job.decide(command)?.map(Event::Job)),
            (State::Endpoint(endpoint), Command::Endpoint(command)) => {
                Ok(endpoint.decide(command)?.map(Event::Endpoint))
            }
            (State::Model(model), Command::Model(command)) => Ok(model.decide(command)?.map(Event::Model)),
            (State::Hooks(hooks), Command::Hook(command)) => Ok(hooks.decide(command)?.map(Event::Hook)),
            (State::Maintenance(state), Command::Maintenance(command)) => {
                Ok(maintenance::decide(state, command)?.map(Event::Maintenance))
            }
            (State::Tenant(tenant), Command::Tenant(command)) => {
                Ok(tenant.decide(command)?.map(Event::Tenant))
            }
            _ => Err(Rejection::WrongAggregate),
        }
    }
}
