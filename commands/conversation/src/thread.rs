//! A conversation as its log has it, at the moment a request came.

use serde_json::Value;
use trainyard_assistant::proposal::draft_of;
use trainyard_assistant::{Before, Changed, Draft, Intent, Interpretation, interpret};
use trainyard_commands::chat::Chat;
use trainyard_commands::job_of_approval;
use trainyard_events::chat::Language;
use trainyard_events::config::Proposal;
use trainyard_events::{ChatEvent, Event, Recorded, TrainingConfig};
use uuid::Uuid;

/// How many changes of a proposal can be taken back.
const CHANGES_KEPT: usize = 20;

#[derive(Clone, Debug, Default)]
pub struct Thread {
    pub chat: Chat,
    /// Of the newest prompt.
    pub language: Option<Language>,
    /// The number that changed last in the open proposal.
    last: Option<Changed>,
    /// What the open proposal was before each of its changes, oldest first.
    earlier: Vec<Proposal>,
    before: Before,
    /// The job that was spoken of last.
    job: Option<Uuid>,
    /// The path of the dataset that was spoken of last.
    dataset: Option<String>,
    /// What had been said of the proposal that was approved last.
    approved: Option<Draft>,
    /// The approvals, oldest first: hash, and the event.
    pub approvals: Vec<(String, Recorded)>,
    /// The answer to this very request, if it has come before.
    pub answered: Option<Recorded>,
}

impl Thread {
    /// Folds the chat as it is; if the request of these events, the prompt and its answer, has come before, as it was when
    /// that came in.
    pub fn of(history: Vec<Recorded>, prompt: Uuid, reply: Uuid) -> Thread {
        let is = |id: Uuid| move |recorded: &Recorded| recorded.envelope.event_id == id;
        let answered = history.iter().find(|recorded| is(reply)(recorded)).cloned();
        let mut thread = Thread { answered, ..Thread::default() };
        for recorded in history {
            match &thread.answered {
                Some(_) if is(prompt)(&recorded) => break,
                _ if is(prompt)(&recorded) || is(reply)(&recorded) => {}
                _ => thread.take_in(recorded),
            }
        }
        thread
    }

    /// Takes in what has happened since.
    pub fn take_in(&mut self, recorded: Recorded) {
        let Event::Chat(event) = &recorded.envelope.event else { return };
        if let ChatEvent::ConfigProposed { proposal, .. } = event {
            let mut draft = draft_of(proposal);
            draft.follow(&self.draft().unwrap_or_default());
            self.last = draft.last;
        }
        if let ChatEvent::ConfigProposed { .. } = event {
            match self.chat.open.clone() {
                Some(before) => self.earlier.push(before),
                None => self.earlier.clear(),
            }
            self.earlier.drain(..self.earlier.len().saturating_sub(CHANGES_KEPT));
        }
        if let ChatEvent::ProposalApproved { .. } = event {
            self.approved = self.draft();
        }
        let intent = match event {
            ChatEvent::PromptReceived { .. }
            | ChatEvent::Annotated { .. }
            | ChatEvent::PromptsErased { .. } => None,
            ChatEvent::ReplyGiven { intent, .. } => {
                Some(serde_json::from_value(Value::from(intent.as_str())).unwrap_or(Intent::Unknown))
            }
            ChatEvent::ConfigProposed { .. } => Some(Intent::Adjust),
            ChatEvent::ProposalApproved { .. } => Some(Intent::Approve),
            ChatEvent::ProposalRejected { .. } => Some(Intent::Reject),
        };
        self.before = intent.map_or(self.before, |intent| self.before.then(intent));
        match event {
            ChatEvent::ReplyGiven { dataset: Some(path), .. } => self.dataset = Some(path.clone()),
            ChatEvent::ConfigProposed { proposal, .. } => {
                self.dataset = proposal.config.dataset.clone().or(self.dataset.take());
            }
            ChatEvent::ReplyGiven { job: Some(job), .. } => self.job = Some(*job),
            ChatEvent::ProposalApproved { .. } => {
                self.job = Some(job_of_approval(recorded.envelope.event_id))
            }
            _ => {}
        }
        self.chat.evolve(event, recorded.sequence);
        match event {
            ChatEvent::PromptReceived { language, .. } => self.language = Some(*language),
            ChatEvent::ProposalApproved { hash, .. } => self.approvals.push((hash.clone(), recorded)),
            _ => {}
        }
    }

    /// The turn as it is read without a language model.
    pub fn read(&self, text: &str) -> Interpretation {
        interpret(text, self.leans_on(text).as_ref())
    }

    /// What these words lean on.
    pub fn leans_on(&self, text: &str) -> Option<Draft> {
        self.basis(&interpret(text, self.draft().as_ref()))
    }

    /// What has been said of the open proposal.
    fn draft(&self) -> Option<Draft> {
        let open = self.chat.open.as_ref()?;
        Some(Draft { language: self.language, last: self.last, before: self.before, ..draft_of(open) })
    }

    /// The open proposal as it was before somebody changed it.
    pub(crate) fn before_the_last_change(&self) -> Option<&Proposal> {
        self.earlier.last()
    }

    /// The open proposal with these settings as they were before they were changed last; nothing where none of them was.
    pub(crate) fn with_back(&self, named: &[&str]) -> Option<Proposal> {
        let open = self.chat.open.as_ref()?;
        let mut config = serde_json::to_value(&open.config).ok()?;
        let mut sources = open.sources.clone();
        for name in named {
            let before = self.earlier.iter().rev().find_map(|proposal| {
                let value = serde_json::to_value(&proposal.config).ok()?.get(*name).cloned();
                (value.as_ref() != config.get(*name)).then_some((value, proposal.sources.get(*name).cloned()))
            });
            let Some((value, source)) = before else { continue };
            config[*name] = value.unwrap_or(Value::Null);
            match source {
                Some(source) => sources.insert((*name).to_owned(), source),
                None => sources.remove(*name),
            };
        }
        let config: TrainingConfig = serde_json::from_value(config).ok()?;
        (config != open.config).then(|| Proposal { hash: config.hash(), config, sources, ..open.clone() })
    }

    /// What a turn's words lean on: the open proposal, or what was approved last where it only changes values, as "once
    /// more with 20 epochs" does, or the last question about a job.
    pub(crate) fn basis(&self, turn: &Interpretation) -> Option<Draft> {
        let again = || self.approved.clone().filter(|_| leans_on_the_last(turn));
        let before = || (self.before != Before::default()).then(|| Draft::remembering(self.before));
        self.draft().or_else(again).or_else(before)
    }

    pub(crate) fn has_approved(&self) -> bool {
        self.approved.is_some()
    }

    /// The path of the dataset that was spoken of last.
    pub(crate) fn dataset_spoken_of(&self) -> Option<&str> {
        self.dataset.as_deref()
    }

    /// The job that was spoken of last, be it because it was approved.
    pub(crate) fn job_spoken_of(&self) -> Option<Uuid> {
        self.job
    }
}

/// Whether a turn beside which nothing is open says only what is to be other than last time: "resnet34로도 하나 더". One that
/// names both model and data describes a training by itself.
pub(crate) fn leans_on_the_last(turn: &Interpretation) -> bool {
    match turn.intent {
        Intent::Adjust | Intent::Dataset => true,
        Intent::Train | Intent::ShowModel => {
            turn.again && (turn.slots.model.is_none() || turn.slots.dataset.is_none())
        }
        _ => false,
    }
}
