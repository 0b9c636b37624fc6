//! The one door through which every fact enters: history, fold, decide, append.

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;
use tracing::debug;
use trainyard_bus::{AppendError, EventLog, LogError};
use trainyard_commands::{Rejection, Request, State};
use trainyard_events::{Actor, Aggregate, Entry, Envelope, Event, Recorded, TenantId, event_id};
use uuid::Uuid;

use crate::clock::Clock;
use crate::lately::{Folded, Lately};

/// Lost races after which the aggregate counts as too busy. Each means that somebody else got on.
pub(crate) const CONFLICTS: u32 = 32;
/// Wait after a lost race, times the number lost so far.
const CONFLICT_PAUSE: Duration = Duration::from_millis(2);

/// What became of a command that was not refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Handled {
    /// The event it caused, now or when it came the first time.
    Recorded(Box<Recorded>),
    /// Nothing had to change.
    AlreadySo,
}

impl Handled {
    /// The event, if there is one.
    pub fn recorded(self) -> Option<Recorded> {
        match self {
            Handled::Recorded(recorded) => Some(*recorded),
            Handled::AlreadySo => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// Tell whoever asked.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Try again later with the same request.
    #[error("the event log is not available: {0}")]
    Unavailable(String),
    /// Leave the aggregate alone until this binary is upgraded, or an operator skips the event.
    #[error(
        "event {sequence} of this history cannot be read ({reason}): upgrade, or skip it with `trainyard events skip`"
    )]
    Quarantined { sequence: u64, reason: String },
    /// The request has the id of another one, which is recorded as event `sequence`.
    #[error(
        "this was asked for under an id that event {sequence} has already, which is about something else"
    )]
    IdTaken { sequence: u64 },
}

impl From<LogError> for HandleError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Unavailable(reason) => HandleError::Unavailable(reason),
            error @ LogError::Archived { .. } => HandleError::Unavailable(error.to_string()),
            LogError::Quarantined { sequence, reason } => HandleError::Quarantined { sequence, reason },
        }
    }
}

/// The door to one log.
#[derive(Clone)]
pub struct Door<L> {
    pub(crate) log: L,
    pub(crate) clock: Clock,
    lately: Lately,
}

impl<L: EventLog> Door<L> {
    pub fn new(log: L, clock: Clock) -> Self {
        Door { log, clock, lately: Lately::default() }
    }

    /// Decides and appends. Nothing is read for a yes: the guard of the append holds it to what is known of the history, be that
    /// nothing.
    pub async fn handle(&self, request: Request) -> Result<Handled, HandleError> {
        self.recalled(&request.tenant, &request.aggregate).handle(request).await
    }

    /// Loads one aggregate for a series of commands, such as those of an attempt.
    pub async fn open(&self, tenant: &TenantId, aggregate: &Aggregate) -> Result<Opened<L>, HandleError> {
        let mut opened = self.recalled(tenant, aggregate);
        opened.refresh().await?;
        Ok(opened)
    }

    /// One aggregate whose whole history has been read already, for another purpose.
    pub fn opened(&self, tenant: &TenantId, aggregate: &Aggregate, history: &[Recorded]) -> Opened<L> {
        let mut opened = self.with(tenant, aggregate, Folded::nothing(aggregate), true);
        history.iter().for_each(|recorded| opened.take_in(recorded));
        opened
    }

    /// As it was read lately, or as if nothing had ever happened to it.
    fn recalled(&self, tenant: &TenantId, aggregate: &Aggregate) -> Opened<L> {
        match self.lately.take(tenant, aggregate) {
            Some(folded) => self.with(tenant, aggregate, folded, true),
            None => self.with(tenant, aggregate, Folded::nothing(aggregate), false),
        }
    }

    fn with(&self, tenant: &TenantId, aggregate: &Aggregate, folded: Folded, is_read: bool) -> Opened<L> {
        let Folded { state, last, recorded } = folded;
        let (tenant, aggregate) = (tenant.clone(), aggregate.clone());
        Opened { door: self.clone(), tenant, aggregate, state, last, recorded, is_read }
    }
}

/// One aggregate, loaded: commands on it cost one append each while nobody else writes to it.
pub struct Opened<L> {
    door: Door<L>,
    tenant: TenantId,
    aggregate: Aggregate,
    state: State,
    last: u64,
    /// Event ids and their sequences, so that a command that comes twice is recognised.
    recorded: HashMap<Uuid, u64>,
    /// Whether this is all of its history up to `last`.
    is_read: bool,
}

impl<L> Drop for Opened<L> {
    fn drop(&mut self) {
        if self.is_read {
            let state = std::mem::replace(&mut self.state, State::new(&self.aggregate));
            let folded = Folded { state, last: self.last, recorded: std::mem::take(&mut self.recorded) };
            self.door.lately.keep(&self.tenant, &self.aggregate, folded);
        }
    }
}

impl<L: EventLog> Opened<L> {
    /// The state as of the last command or refresh.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes in what others have written since, and says whether there was anything.
    pub async fn refresh(&mut self) -> Result<bool, HandleError> {
        if !self.is_read {
            // What was appended before it was read may be a repetition of what has long been there.
            let Folded { state, last, recorded } = Folded::nothing(&self.aggregate);
            (self.state, self.last, self.recorded) = (state, last, recorded);
        }
        let before = self.last;
        for recorded in self.door.log.history(&self.tenant, &self.aggregate, self.last).await? {
            self.take_in(&recorded);
        }
        self.is_read = true;
        Ok(self.last > before)
    }

    fn take_in(&mut self, recorded: &Recorded) {
        self.state.evolve(recorded);
        self.last = recorded.sequence;
        self.recorded.insert(recorded.envelope.event_id, recorded.sequence);
    }

    /// Decides on what is known and appends; when somebody else was faster, reads on and decides again.
    pub async fn handle(&mut self, request: Request) -> Result<Handled, HandleError> {
        let clock = self.door.clock;
        self.handle_at(request, clock).await
    }

    /// Likewise, of what has happened at a time that is told here.
    pub async fn handle_at(
        &mut self,
        request: Request,
        at: impl Fn() -> OffsetDateTime,
    ) -> Result<Handled, HandleError> {
        debug_assert_eq!(request.aggregate, self.aggregate, "a request goes to the aggregate it names");
        let event_id = event_id(request.id);
        let mut lost = 0;
        while lost < CONFLICTS {
            if let Some(sequence) = self.recorded.get(&event_id) {
                return self.known(&request, *sequence).await;
            }
            let decision = self.state.decide(&request.command);
            let Ok(Some(event)) = decision else {
                // What is held may be behind: "no" and "already so" count only on the newest state.
                if self.refresh().await? {
                    continue;
                }
                return decision.map(|_| Handled::AlreadySo).map_err(HandleError::Rejected);
            };
            let envelope = self.envelope(&request, event_id, event, at());
            match self.door.log.append(&envelope, self.last).await {
                Ok(sequence) => {
                    let recorded = Recorded::new(sequence, envelope);
                    self.take_in(&recorded);
                    return Ok(Handled::Recorded(Box::new(recorded)));
                }
                Err(AppendError::Conflict { .. }) => {
                    debug!(aggregate = %self.aggregate, lost, "lost a race for the aggregate, deciding again");
                    tokio::time::sleep(CONFLICT_PAUSE * lost).await;
                    lost += 1;
                    self.refresh().await?;
                }
                Err(AppendError::IdTaken { sequence }) => return Err(HandleError::IdTaken { sequence }),
                Err(AppendError::Unavailable(reason)) => return Err(HandleError::Unavailable(reason)),
                Err(AppendError::TooLarge { bytes, limit }) => {
                    let (bytes, limit) = (bytes as u64, limit as u64);
                    return Err(Rejection::TooLarge { bytes, limit }.into());
                }
            }
        }
        Err(HandleError::Unavailable(format!("{} is written to too often", self.aggregate)))
    }

    /// Finds again the event of a command that came before. What belongs to another request than that one is no answer.
    async fn known(&self, request: &Request, sequence: u64) -> Result<Handled, HandleError> {
        match self.door.log.at(sequence).await? {
            Some(Entry::Event(recorded)) if recorded.envelope.correlation_id == request.correlation_id => {
                Ok(Handled::Recorded(recorded))
            }
            Some(Entry::Event(_)) => Err(HandleError::IdTaken { sequence }),
            _ => Err(HandleError::Unavailable(format!("event {sequence} cannot be found again"))),
        }
    }

    /// Decisions are data; here the fact gets the English sentences that its readers of before know.
    fn envelope(&self, request: &Request, event_id: Uuid, mut event: Event, at: OffsetDateTime) -> Envelope {
        trainyard_words::spell(&mut event);
        Envelope {
            event_id,
            tenant: request.tenant.clone(),
            aggregate: request.aggregate.clone(),
            command_id: request.id,
            correlation_id: request.correlation_id,
            causation_id: request.causation_id,
            actor: request.actor.clone(),
            at,
            // Policies repeat what nobody has said.
            sealed: self.state.seals_with().filter(|_| matches!(request.actor, Actor::User(_))),
            event,
        }
    }
}
