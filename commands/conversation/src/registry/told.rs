//! Versions of named models in sentences: which there are, which one answers, and several beside each other.

use std::collections::BTreeSet;

use trainyard_assistant::{Intent, Interpretation};
use trainyard_events::chat::Language;
use trainyard_views::{ModelRow, ModelVersion};
use trainyard_words::particle::{Particle, with_particle};
use trainyard_words::{measure_name, measure_value, measured};

use super::meant;
use crate::answer::{Answer, told};
use crate::known::{Known, Need};
use crate::thread::Thread;
use crate::words::pick;

/// Versions and models of a list in an answer.
const LISTED: usize = 10;

/// `v3 (production): job 7, resnet50, accuracy 0.9700`.
pub(super) fn line(
    model: &ModelRow,
    version: &ModelVersion,
    known: &Known,
    language: Language,
) -> Result<String, Need> {
    let aliases: Vec<&str> = aliases(model, version.number);
    let mut named = if aliases.is_empty() { String::new() } else { format!(" ({})", aliases.join(", ")) };
    if version.archived {
        named += &pick(language, " (보관됨)", " (archived)");
    }
    Ok(format!("v{}{named}: {}", version.number, made_of(version, known, language)?))
}

/// The job that a version comes from, and what it reached.
pub(super) fn made_of(version: &ModelVersion, known: &Known, language: Language) -> Result<String, Need> {
    let card = &version.card;
    let job = known.job(&card.job.to_string())?;
    let from =
        job.map(|job| pick(language, format!("작업 {}, ", job.number), format!("job {}, ", job.number)));
    let primary =
        job.and_then(|job| job.primary.as_ref()).filter(|name| card.measurements.contains_key(*name));
    let figure = primary.map(|name| format!(", {}", measured(name, card.measurements[name], language)));
    Ok(format!("{}{}{}", from.unwrap_or_default(), card.model, figure.unwrap_or_default()))
}

fn aliases(model: &ModelRow, version: u32) -> Vec<&str> {
    let of = model.aliases.iter().filter(|(_, named)| named.version == version);
    of.map(|(alias, _)| alias.as_str()).collect()
}

/// Which version answers, of one model or of all; and which there are.
pub(crate) fn show(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<String, Need> {
    let (models, language) = (known.models()?, turn.language);
    if models.is_empty() {
        return Ok(meant::none_yet(language));
    }
    if let (Some(said), None) = (&turn.slots.alias, &turn.slots.name) {
        return answering(said, models, known, language);
    }
    if turn.slots.name.is_none() && models.len() > 1 {
        return Ok(every(models, language));
    }
    let model = match meant::model(thread, turn, known)? {
        Ok(model) => model,
        Err(question) => return Ok(question.text),
    };
    if let Some(said) = &turn.slots.alias {
        return match meant::alias(model, said) {
            Some(_) => answering(said, std::slice::from_ref(model), known, language),
            None => Ok(meant::no_such_alias(model, said, language)),
        };
    }
    let name = &model.name;
    let mut lines = vec![pick(language, format!("{name}의 버전입니다."), format!("The versions of {name}:"))];
    for version in model.versions.iter().rev().take(LISTED) {
        lines.push(format!("- {}", line(model, version, known, language)?));
    }
    Ok(lines.join("\n"))
}

/// What each model answers with under this alias.
fn answering(said: &str, models: &[ModelRow], known: &Known, language: Language) -> Result<String, Need> {
    let mut lines = Vec::new();
    for model in models {
        let Some(alias) = meant::alias(model, said) else { continue };
        let Some(version) = model.version(model.aliases[alias].version) else { continue };
        let (name, number, made) = (&model.name, version.number, made_of(version, known, language)?);
        let before = model.aliases[alias].former.map(|former| {
            pick(language, format!(", 그 전에는 v{former}"), format!(", before that v{former}"))
        });
        let before = before.unwrap_or_default();
        lines.push(pick(
            language,
            format!("{name}의 {alias}: v{number} ({made}){before}"),
            format!("{alias} of {name} is v{number} ({made}){before}"),
        ));
    }
    if lines.is_empty() {
        let none = pick(
            language,
            format!("{said}에 올라간 모델은 없습니다.\n"),
            format!("No model has a version in {said}.\n"),
        );
        return Ok(none + &every(models, language));
    }
    Ok(lines.join("\n"))
}

/// Every model with its newest version and its aliases.
fn every(models: &[ModelRow], language: Language) -> String {
    let mut lines = vec![pick(language, "등록된 모델입니다.", "The models that are registered:")];
    lines.extend(models.iter().take(LISTED).map(|model| {
        let newest = model.versions.last().map_or(0, |version| version.number);
        let aliases: Vec<String> =
            model.aliases.iter().map(|(alias, named)| format!("{alias} v{}", named.version)).collect();
        let named = if aliases.is_empty() { String::new() } else { format!(", {}", aliases.join(", ")) };
        pick(
            language,
            format!("- {}: 최신 v{newest}{named}", model.name),
            format!("- {}: newest v{newest}{named}", model.name),
        )
    }));
    lines.join("\n")
}

/// The versions that are named, or the two newest, in a table.
pub(crate) fn compare(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let model = match meant::model(thread, turn, known)? {
        Ok(model) => model,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let by_alias = turn.from.iter().chain(&turn.slots.alias);
    let by_alias = by_alias.filter_map(|said| Some(model.aliases[meant::alias(model, said)?].version));
    let mut numbers: Vec<u32> = turn.slots.versions.iter().copied().chain(by_alias).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let newest = model.versions.iter().rev().map(|version| version.number);
    if numbers.len() < 2 {
        let others: Vec<u32> = newest.filter(|number| !numbers.contains(number)).collect();
        numbers.extend(others.into_iter().take(2 - numbers.len()));
        numbers.sort_unstable();
    }
    let versions: Vec<&ModelVersion> = numbers.iter().filter_map(|number| model.version(*number)).collect();
    if versions.len() < 2 {
        let all = show(thread, turn, known)?;
        let head =
            pick(language, "비교할 버전이 둘은 있어야 합니다.\n", "It takes two versions to compare.\n");
        return Ok(told(head + &all, turn.intent));
    }
    Ok(told(table(model, &versions, known, language)?, turn.intent))
}

fn table(
    model: &ModelRow,
    versions: &[&ModelVersion],
    known: &Known,
    language: Language,
) -> Result<String, Need> {
    let row = |label: &str, cells: &[String]| format!("| {label} | {} |", cells.join(" | "));
    let each =
        |cell: &dyn Fn(&ModelVersion) -> String| versions.iter().map(|it| cell(it)).collect::<Vec<_>>();
    let jobs = versions.iter().map(|version| known.job(&version.card.job.to_string()));
    let jobs: Vec<_> = jobs.collect::<Result<_, Need>>()?;
    let numbers: Vec<String> =
        jobs.iter().map(|job| job.map_or("-".to_owned(), |job| job.number.to_string())).collect();
    let mut lines = vec![
        row(&model.name, &each(&|it| format!("v{}", it.number))),
        row("---", &vec!["---".to_owned(); versions.len()]),
        row(&pick(language, "별칭", "aliases"), &each(&|it| aliases(model, it.number).join(", "))),
        row(&pick(language, "작업", "job"), &numbers),
        row(&pick(language, "모델", "model"), &each(&|it| it.card.model.clone())),
        row(&pick(language, "데이터셋", "dataset"), &each(&|it| it.card.dataset.clone().unwrap_or_default())),
    ];
    let measures: BTreeSet<&String> = versions.iter().flat_map(|it| it.card.measurements.keys()).collect();
    for measure in measures {
        let value = |it: &ModelVersion| {
            it.card.measurements.get(measure).map_or("-".to_owned(), |value| measure_value(measure, *value))
        };
        lines.push(row(&measure_name(measure, language), &each(&value)));
    }
    let primary = jobs.iter().map(|job| job.and_then(|job| job.primary.as_ref()));
    let mut primary = primary.collect::<BTreeSet<_>>().into_iter();
    if let (Some(Some(measure)), None) = (primary.next(), primary.next()) {
        let value =
            |it: &&&ModelVersion| it.card.measurements.get(measure).copied().unwrap_or(f64::NEG_INFINITY);
        let best = versions.iter().max_by(|one, other| value(one).total_cmp(&value(other)));
        lines.extend(best.filter(|best| value(best).is_finite()).map(|best| {
            let (number, value) = (format!("v{}", best.number), measure_value(measure, value(&best)));
            let measure = measure_name(measure, language);
            let subject = with_particle(&number, Particle::Subject);
            pick(
                language,
                format!("{measure} 기준으로 {subject} 가장 좋습니다({value})."),
                format!("By {measure}, {number} is best ({value})."),
            )
        }));
    }
    Ok(lines.join("\n"))
}

/// What to say for this intent about these versions of a model.
pub(super) fn sentence(
    intent: Intent,
    name: &str,
    versions: &[u32],
    alias: &str,
    language: Language,
) -> String {
    let list = |and: &str| versions.iter().map(|number| format!("v{number}")).collect::<Vec<_>>().join(and);
    match intent {
        Intent::RollBack if versions.is_empty() => {
            let object = with_particle(alias, Particle::Object);
            pick(
                language,
                format!("{name}의 {object} 이전 버전으로 되돌려줘"),
                format!("roll back {alias} of {name}"),
            )
        }
        Intent::Promote | Intent::RollBack => {
            let (korean, to) =
                (with_particle(&list(", "), Particle::Object), with_particle(alias, Particle::Direction));
            pick(
                language,
                format!("{name} {korean} {to} 승격해줘"),
                format!("promote {name} {} to {alias}", list(", ")),
            )
        }
        Intent::CompareVersions if versions.len() > 1 => pick(
            language,
            format!("{name} {} 비교해줘", list(", ")),
            format!("compare {} of {name}", list(" and ")),
        ),
        _ => pick(language, format!("{name}의 버전 보여줘"), format!("show the versions of {name}")),
    }
}
