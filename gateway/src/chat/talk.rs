//! A conversation opened for one request: its history is loaded once, and what the request says is appended to it.

use trainyard_api::error::Problem;
use trainyard_bus::{EventLog, JetStreamLog};
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::{Command, State};
use trainyard_conversation::Thread;
use trainyard_door::{Handled, Opened};
use trainyard_events::config::Proposal;
use trainyard_events::{Aggregate, Recorded, event_id};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::idempotency::Asker;

pub(super) struct Talk {
    /// As it was when the request came in.
    pub(super) thread: Thread,
    aggregate: Aggregate,
    opened: Opened<JetStreamLog>,
    log: JetStreamLog,
}

impl Talk {
    pub(super) async fn open(gateway: &Gateway, asker: &Asker, chat: Uuid) -> Result<Talk, ApiError> {
        let history = gateway.bus.log().history(&asker.identity.tenant, &Aggregate::Chat(chat), 0).await?;
        Ok(Talk::of(gateway, asker, chat, history))
    }

    /// One whose whole history this is, as far as this request has to do with it.
    pub(super) fn of(gateway: &Gateway, asker: &Asker, chat: Uuid, history: Vec<Recorded>) -> Talk {
        let (tenant, aggregate) = (&asker.identity.tenant, Aggregate::Chat(chat));
        let opened = gateway.door.opened(tenant, &aggregate, &history);
        let thread = Thread::of(history, event_id(asker.id("prompt")), event_id(asker.id("reply")));
        Talk { thread, aggregate, opened, log: gateway.bus.log() }
    }

    /// Appends what was said, as of the moment that it came in.
    pub(super) async fn hear(&mut self, asker: &Asker, prompt: ChatCommand) -> Result<Handled, ApiError> {
        let request = asker.request("prompt", self.aggregate.clone(), Command::Chat(prompt));
        let asked = self.opened.handle_at(request, || asker.received).await;
        Ok(asker.of_any_release(&self.log, &self.aggregate, asked).await?)
    }

    /// Appends what this step of the request leads to.
    pub(super) async fn record(
        &mut self,
        asker: &Asker,
        step: &str,
        command: ChatCommand,
    ) -> Result<Handled, ApiError> {
        let request = asker.request(step, self.aggregate.clone(), Command::Chat(command));
        let asked = self.opened.handle(request).await;
        Ok(asker.of_any_release(&self.log, &self.aggregate, asked).await?)
    }

    /// Records the answer of this request.
    pub(super) async fn tell(&mut self, asker: &Asker, command: ChatCommand) -> Result<Recorded, ApiError> {
        Ok(self.record(asker, "reply", command).await?.recorded().ok_or(Problem::AlreadySo)?)
    }

    /// The proposal that is open after all that was recorded.
    pub(super) fn now_open(&self) -> Option<Proposal> {
        match self.opened.state() {
            State::Chat(chat) => chat.open.clone(),
            _ => None,
        }
    }
}
