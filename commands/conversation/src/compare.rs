//! Several jobs beside each other, in a table.

use std::collections::BTreeSet;

use trainyard_assistant::{Intent, Interpretation};
use trainyard_events::chat::{Exhibit, Language};
use trainyard_views::JobRow;
use trainyard_words::particle::{Particle, with_particle};
use trainyard_words::{measure_name, measure_value};

use crate::answer::{Answer, told};
use crate::choices;
use crate::known::{Known, Need};
use crate::words::{self, pick};

/// The jobs that are named, each in a column's worth of rows: what differs in their settings, and what they reached.
pub(crate) fn jobs(turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for named in &turn.jobs {
        match known.job(named)? {
            Some(job) => rows.push(job),
            None => missing.push(named.as_str()),
        }
    }
    let gone = match missing.is_empty() {
        true => String::new(),
        false => pick(
            language,
            format!("{}번 작업은 없습니다. ", missing.join(", ")),
            format!("There is no job {}. ", missing.join(", ")),
        ),
    };
    if rows.len() < 2 {
        let list = pick(
            language,
            "\"내 작업 목록\"이라고 하시면 있는 작업을 보여 드립니다.",
            "Say \"list my jobs\" to see which there are.",
        );
        return Ok(told(gone + &list, turn.intent));
    }
    let best = best(&rows);
    let text = gone + &table(&rows, language) + &verdict(&rows, best, language);
    let next = best.map(|(job, _)| choices::of_job(&[Intent::Results, Intent::Deploy], job, language));
    let shown = Exhibit::Comparison { jobs: rows.iter().map(|job| job.id).collect() };
    Ok(told(text, turn.intent).showing(vec![shown]).offering(next.unwrap_or_default()))
}

fn table(jobs: &[&JobRow], language: Language) -> String {
    let head: Vec<String> = jobs
        .iter()
        .map(|job| pick(language, format!("작업 {}", job.number), format!("job {}", job.number)))
        .collect();
    let mut lines = vec![line("", &head), line("---", &vec!["---".to_owned(); jobs.len()])];
    let states = jobs.iter().map(|job| words::state(job, language)).collect::<Vec<_>>();
    lines.push(line(&pick(language, "상태", "state"), &states));
    for (label, values) in settings(jobs, language) {
        lines.push(line(&label, &values));
    }
    let measures: BTreeSet<&String> =
        jobs.iter().filter_map(|job| job.best.as_ref()).flat_map(|best| best.keys()).collect();
    for name in measures {
        let value = |job: &&JobRow| {
            job.best
                .as_ref()
                .and_then(|best| best.get(name))
                .map_or("-".to_owned(), |value| measure_value(name, *value))
        };
        lines.push(line(&measure_name(name, language), &jobs.iter().map(value).collect::<Vec<_>>()));
    }
    lines.join("\n")
}

fn line(label: &str, values: &[String]) -> String {
    format!("| {label} | {} |", values.join(" | "))
}

/// The settings in which they differ, and those by which people know a job.
fn settings(jobs: &[&JobRow], language: Language) -> Vec<(String, Vec<String>)> {
    const ALWAYS: [&str; 2] = ["model", "dataset"];
    const FIELDS: [&str; 9] = [
        "model",
        "dataset",
        "epochs",
        "image_size",
        "batch_size",
        "learning_rate",
        "optimizer",
        "seed",
        "device",
    ];
    let configs: Vec<serde_json::Value> =
        jobs.iter().map(|job| serde_json::to_value(&job.config).unwrap_or_default()).collect();
    let told = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows = FIELDS.into_iter().map(|field| {
        let values: Vec<String> = configs.iter().map(|config| told(&config[field])).collect();
        (field, values)
    });
    rows.filter(|(field, values)| ALWAYS.contains(field) || values.windows(2).any(|pair| pair[0] != pair[1]))
        .map(|(field, values)| (trainyard_assistant::reply::label(field, language), values))
        .collect()
}

/// The measurement that all were judged by.
fn measure<'j>(jobs: &[&'j JobRow]) -> Option<&'j String> {
    let first = jobs.first().and_then(|job| job.primary.as_ref());
    first.filter(|name| jobs.iter().all(|job| job.primary.as_ref() == Some(name)))
}

/// The one that did best with what it reached, where all were judged by one measurement.
fn best<'j>(jobs: &[&'j JobRow]) -> Option<(&'j JobRow, f64)> {
    let measure = measure(jobs)?;
    let value = |job: &JobRow| job.best.as_ref().and_then(|best| best.get(measure)).copied();
    let measured = jobs.iter().filter_map(|job| Some((*job, value(job).filter(|value| value.is_finite())?)));
    measured.max_by(|left, right| left.1.total_cmp(&right.1))
}

fn verdict(jobs: &[&JobRow], best: Option<(&JobRow, f64)>, language: Language) -> String {
    let Some(measure) = measure(jobs) else {
        return pick(
            language,
            "\n서로 다른 기준으로 측정되었거나 아직 측정값이 없어, 어느 쪽이 나은지 말할 수 없습니다.",
            "\nThey were not judged by one measurement, so none is said to be better.",
        );
    };
    let Some((JobRow { number, .. }, best)) = best else { return String::new() };
    let same_data = jobs.iter().all(|job| job.config.dataset == jobs[0].config.dataset);
    let caution = match same_data {
        true => String::new(),
        false => pick(language, " 다만 데이터셋이 서로 다릅니다.", " But their datasets differ."),
    };
    let subject = with_particle(&number.to_string(), Particle::Subject);
    let (measure, best) = (measure_name(measure, language), measure_value(measure, best));
    pick(
        language,
        format!("\n{measure} 기준으로 작업 {subject} 가장 좋습니다({best}).{caution}"),
        format!("\nBy {measure}, job {number} is best ({best}).{caution}"),
    )
}
