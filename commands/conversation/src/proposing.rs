//! A proposal for what has been said, after a look at its dataset; or why there can be none.

use trainyard_assistant::catalog::{self, NotTrainable, Runners};
use trainyard_assistant::{Draft, Interpretation, proposal, reply};
use trainyard_commands::chat::ChatCommand;
use trainyard_events::TrainingConfig;
use trainyard_events::chat::Interpreter;
use trainyard_events::config::Proposal;

use crate::answer::{Answer, told};
use crate::choices;
use crate::known::{Known, Look, Need};
use crate::thread::Thread;

/// Why the model of a configuration cannot be trained now.
pub fn not_trainable(config: &TrainingConfig, runners: &Runners) -> Option<NotTrainable> {
    if config.runner.is_some() {
        // A worker that has it may come up later: the job waits for one, and says so.
        return None;
    }
    catalog::find(&config.model).and_then(|model| catalog::trainable_now(model, runners).err())
}

pub(crate) fn propose(
    thread: &Thread,
    mut draft: Draft,
    turn: &Interpretation,
    known: &Known,
) -> Result<Answer, Need> {
    let language = turn.language;
    let refuse = |refusal: proposal::Refusal| told(reply::refusal(&refusal, language), turn.intent);
    // Values that cannot be are refused before anybody is asked to look at anything.
    let first = match proposal::propose(&draft, None, language, &known.runners) {
        Ok(first) => first,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    let (mut profile, mut note) = (None, String::new());
    if let Some(path) = draft.slots.dataset.clone() {
        let named_now = turn.slots.dataset.is_some() || turn.slots.task.is_some();
        let look = known.look(&path, first.config.task, named_now)?;
        if matches!(look, Look::Bad { .. }) {
            draft.slots.dataset = None;
        }
        (note, profile) = look.told(&path, language);
    }
    let proposal = match proposal::propose(&draft, profile, language, &known.runners) {
        Ok(proposal) => proposal,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    let reply = format!("{note}{}", reply::proposal(&proposal, language));
    let offered = match proposal.missing.first().map(String::as_str) {
        Some("dataset") => choices::of_datasets(proposal.config.task, language, known)?,
        Some("task") => choices::of_tasks(language),
        _ => Vec::new(),
    };
    Ok(Answer::from(proposed(thread, proposal, reply)).offering(offered))
}

/// In the place of the proposal that the thread has open, and of no other.
pub fn proposed(thread: &Thread, proposal: Proposal, reply: String) -> ChatCommand {
    let (proposal, base) = (Box::new(proposal), thread.chat.proposed);
    ChatCommand::ProposeConfig {
        proposal,
        base,
        interpreter: Interpreter::Grammar,
        reply,
        choices: Vec::new(),
    }
}
