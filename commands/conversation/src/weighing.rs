//! A question about a value of the open proposal: what stands there and why, what another value would bring, and how to say
//! it so that it is taken.

use serde_json::{Map, Value};
use trainyard_assistant::{Intent, Interpretation, reply};
use trainyard_events::chat::{Choice, Language};
use trainyard_events::config::Proposal;
use trainyard_words::particle::{Particle, with_particle};

use crate::answer::{Answer, told};
use crate::change::{Unfit, changed};
use crate::choices;
use crate::known::{Known, Need};
use crate::thread::Thread;
use crate::words::pick;

/// The answer, where such a question was asked.
pub(crate) fn weighed(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Option<Answer>, Need> {
    let asks = matches!(turn.intent, Intent::Unknown | Intent::Help | Intent::Explain) && !turn.unclear;
    let Some(open) = thread.chat.open.as_ref().filter(|_| asks) else { return Ok(None) };
    let Ok(Value::Object(values)) = serde_json::to_value(&turn.weighed) else { return Ok(None) };
    let others = others(open, values.clone());
    // "Why did it stop at epoch 5?" is about a job, whatever is open.
    if turn.intent == Intent::Explain && !others.is_empty() {
        return Ok(None);
    }
    let named = turn.named.iter().copied().filter(|name| !values.contains_key(*name));
    let fields: Vec<&str> = values.keys().map(String::as_str).chain(named).collect();
    let language = turn.language;
    // Its reasons are in the language that it was proposed in.
    let spoken = changed(open, Map::new(), language, known)?.ok();
    let open = spoken.as_ref().filter(|spoken| spoken.config == open.config).unwrap_or(open);
    let stand = fields.iter().filter_map(|field| reply::value(open, field, language));
    let stand: Vec<String> = stand.map(|line| format!("\n- {line}")).collect();
    if stand.is_empty() {
        return Ok(None);
    }
    let now = pick(language, "지금 제안은 이렇습니다.", "This is what the proposal has now.");
    let (then, offered) = if others.is_empty() {
        (pick(language, "바꾸려면 바꿀 값을 말씀해 주세요.", "To change it, tell me the value."), Vec::new())
    } else {
        match changed(open, others.clone(), language, known)? {
            Ok(other) => (consequence(open, &other, &others, language), vec![order(&others, language)]),
            Err(unfit) => (refused(unfit, language), Vec::new()),
        }
    };
    let text = choices::listed(format!("{now}{}\n{then}", stand.concat()), &offered);
    Ok(Some(told(text, turn.intent).offering(offered)))
}

/// Of the values asked about, those that are not the proposal's.
fn others(open: &Proposal, values: Map<String, Value>) -> Map<String, Value> {
    let config = serde_json::to_value(&open.config).unwrap_or_default();
    let is_same = |name: &str, value: &Value| match (config.get(name), value) {
        (Some(Value::Number(one)), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Some(one), other) => one == other,
        (None, _) => false,
    };
    values.into_iter().filter(|(name, value)| !is_same(name, value)).collect()
}

/// What the proposal would be warned of that it is not now.
fn consequence(open: &Proposal, other: &Proposal, values: &Map<String, Value>, language: Language) -> String {
    let new: Vec<&str> = other
        .warnings
        .iter()
        .filter(|warning| !open.warnings.contains(warning))
        .map(String::as_str)
        .collect();
    let values = said(values, language);
    if new.is_empty() {
        return pick(
            language,
            format!(
                "{values}: 정해진 범위 안이고, 따로 경고할 것은 없습니다. 바꾸려면 아래처럼 말씀해 주세요."
            ),
            format!(
                "{values}: within the limits, and nothing that I would warn of. To have it, say so as below."
            ),
        );
    }
    pick(
        language,
        format!("{values}: {} 그래도 바꾸려면 아래처럼 말씀해 주세요.", new.join(" ")),
        format!("{values}: {} To have it all the same, say so as below.", new.join(" ")),
    )
}

/// Such as `epochs 200, batch size 64`.
fn said(values: &Map<String, Value>, language: Language) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let each =
        values.iter().map(|(name, value)| format!("{} {}", reply::label(name, language), plain(value)));
    each.collect::<Vec<_>>().join(", ")
}

fn order(values: &Map<String, Value>, language: Language) -> Choice {
    let values = said(values, language);
    let say = pick(
        language,
        format!("{} 바꿔줘", with_particle(&values, Particle::Direction)),
        format!("set {values}"),
    );
    Choice { say, what: pick(language, "제안을 이 값으로 바꿉니다", "the proposal has it then") }
}

/// Why it cannot be.
fn refused(unfit: Unfit, language: Language) -> String {
    match unfit {
        Unfit::CannotBe { english, korean } => pick(language, korean, english),
        Unfit::NotTrainable(reason) => reply::not_trainable(&reason, language),
        Unfit::Refused(reason) => trainyard_words::said(&reason, language),
        // Of a sentence there are no fields.
        Unfit::Fields { detail } => detail,
        Unfit::ContinuesGiven => String::new(),
    }
}
