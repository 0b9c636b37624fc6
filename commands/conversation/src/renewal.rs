//! A proposal that is older than what is known of its data is renewed, instead of being approved as it stands.

use serde_json::Value;
use trainyard_assistant::catalog::Runners;
use trainyard_assistant::proposal::{draft_of, propose};
use trainyard_assistant::{Draft, reply};
use trainyard_commands::chat::ChatCommand;
use trainyard_events::TrainingConfig;
use trainyard_events::chat::Language;
use trainyard_events::config::{Proposal, Source};
use trainyard_events::dataset::DatasetProfile;

use crate::known::{Known, Look, Need};
use crate::proposing::proposed;
use crate::thread::Thread;
use crate::words::pick;

/// The open proposal anew, if its dataset has been looked at since it was made and that changes it.
pub fn renewed(thread: &Thread, language: Language, known: &Known) -> Result<Option<ChatCommand>, Need> {
    let (Some(open), Some(since)) = (&thread.chat.open, thread.chat.proposed) else { return Ok(None) };
    let Some(path) = &open.config.dataset else { return Ok(None) };
    if open.config.continues.is_some() {
        // Other values would fit no checkpoint; and a trainer that finds other data than it began with says so.
        return Ok(None);
    }
    let look = match known.news(path, since)? {
        None | Some(Look::Pending) => return Ok(None),
        Some(look) => look,
    };
    let (note, profile) = look.told(path, language);
    let Some(proposal) = again(open, profile, language, &known.runners) else { return Ok(None) };
    if proposal.hash == open.hash {
        return Ok(None);
    }
    let why = pick(
        language,
        "제안한 뒤에 데이터셋 확인이 끝나서 제안을 새로 만들었습니다. 아직 시작하지 않았습니다.\n",
        "The dataset has been looked at since I proposed this, so here is the proposal anew. Nothing has started.\n",
    );
    let reply = format!("{why}{note}{}", reply::proposal(&proposal, language));
    Ok(Some(proposed(thread, proposal, reply)))
}

/// The same wishes with what is known now; without a profile the dataset is no good and is asked for again.
fn again(
    open: &Proposal,
    profile: Option<&DatasetProfile>,
    language: Language,
    runners: &Runners,
) -> Option<Proposal> {
    let mut draft = Draft { language: Some(language), ..draft_of(open) };
    if profile.is_none() {
        draft.slots.dataset = None;
    }
    let mut proposal = propose(&draft, profile, language, runners).ok()?;
    let (mut config, before) = (fields(&proposal.config)?, fields(&open.config)?);
    for (field, source) in &open.sources {
        // Also what no sentence can say, such as a momentum given by a program.
        if *source == Source::Said && field != "dataset" {
            config[field.as_str()] = before[field.as_str()].clone();
            proposal.sources.insert(field.clone(), Source::Said);
        }
    }
    let config: TrainingConfig = serde_json::from_value(config).ok()?;
    Some(Proposal { hash: config.hash(), config, ..proposal })
}

fn fields(config: &TrainingConfig) -> Option<Value> {
    serde_json::to_value(config).ok()
}
