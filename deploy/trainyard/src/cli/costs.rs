//! `trainyard costs`: what a month has cost, as tables or for a spreadsheet.

use anyhow::Result;
use time::OffsetDateTime;
use trainyard_api::costs::{CostReport, CostsQuery};
use trainyard_events::Month;
use trainyard_events::chat::Language;
use trainyard_events::price::{MILLIONTHS, Taken};
use trainyard_views::JobRow;
use trainyard_words::money;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

/// Jobs of a month in a table; a spreadsheet gets all of them.
const JOBS_SHOWN: usize = 20;

pub(crate) async fn run(client: &Client, month: Option<Month>, csv: bool, json: bool) -> Result<()> {
    let answer = client.find::<CostReport>("/v1/costs", &CostsQuery { month }).await?;
    if json {
        return print_json(&answer.json);
    }
    if csv {
        rows(&answer).iter().for_each(line);
        return Ok(());
    }
    show(&answer, client.language);
    Ok(())
}

fn show(report: &CostReport, language: Language) {
    let currency = report.currency.as_deref().unwrap_or_default();
    let cost = |taken: Taken| vec![hours(taken.held_ms), money(taken.cost, currency)];
    let budget = report.budget.map_or_else(String::new, |budget| {
        let whole = money(budget.saturating_mul(MILLIONTHS), currency);
        pick(language, format!(" / 예산 {whole}"), format!(" of a budget of {whole}"))
    });
    line(pick(
        language,
        format!("{} ({} 기준): {}{budget}", report.month, report.zone, money(report.total.cost, currency)),
        format!("{} (in {}): {}{budget}", report.month, report.zone, money(report.total.cost, currency)),
    ));
    if report.running > 0 {
        line(pick(
            language,
            format!("지금 도는 {}개는 이 순간까지 셌습니다", report.running),
            format!("{} still run and are counted until now", report.running),
        ));
    }
    let table = |names: [&'static str; 2], rows: Vec<Vec<String>>| {
        let head = pick(language, [names[0], "시간", "비용"], [names[1], "hours", "cost"]);
        line("");
        table::print(&head, &rows);
    };
    let whose = |member: &Option<String>| member.clone().unwrap_or_else(|| "-".to_owned());
    let row = |name: String, taken: Taken| [vec![name], cost(taken)].concat();
    table(
        ["구성원", "member"],
        report.members.iter().map(|one| row(whose(&one.member), one.taken)).collect(),
    );
    let jobs = report.jobs.iter().take(JOBS_SHOWN);
    table(["작업", "job"], jobs.map(|one| row(one.number.to_string(), one.taken)).collect());
    let kind = |one: &trainyard_api::costs::KindCost| {
        let pool = one.pool.map_or_else(String::new, |pool| pool.to_string());
        one.device.as_ref().map_or(pool.clone(), |device| format!("{pool}: {device}"))
    };
    table(
        ["작업자 종류", "kind of worker"],
        report.kinds.iter().map(|one| row(kind(one), one.taken)).collect(),
    );
}

/// A head, and a line for each job.
fn rows(report: &CostReport) -> Vec<String> {
    let currency = report.currency.as_deref().unwrap_or_default();
    let head = "month,job,number,member,seconds,cost,currency".to_owned();
    let rows = report.jobs.iter().map(|one| {
        let member = quoted(one.member.as_deref().unwrap_or_default());
        let (seconds, cost) = (one.taken.held_ms as f64 / 1_000.0, one.taken.cost as f64 / MILLIONTHS as f64);
        format!("{},{},{},{member},{seconds},{cost},{currency}", report.month, one.job, one.number)
    });
    std::iter::once(head).chain(rows).collect()
}

/// As one value, which no spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{safe}{}\"", text.replace('"', "\"\""))
}

/// What a job has cost until now; empty where nothing is asked for.
pub(super) fn of_job(job: &JobRow, now: OffsetDateTime) -> String {
    let currency = job.spending.currency.as_deref();
    currency.map_or_else(String::new, |currency| money(job.spending.until(now).cost, currency))
}

fn hours(held_ms: u64) -> String {
    format!("{:.2}", held_ms as f64 / 3_600_000.0)
}

#[cfg(test)]
mod tests {
    use trainyard_api::costs::JobCost;

    use super::*;

    #[test]
    fn a_spreadsheet_gets_values_and_no_formula() {
        let taken = Taken { held_ms: 1_500, cost: 2_500_000 };
        let member = Some("=1+\"2\"".to_owned());
        let jobs = vec![JobCost { job: uuid::Uuid::nil(), number: 7, member, taken }];
        let month: Month = "2026-11".parse().unwrap();
        let report = CostReport {
            jobs,
            currency: Some("KRW".to_owned()),
            ..CostReport::of(month, &[], OffsetDateTime::UNIX_EPOCH)
        };
        let line = &rows(&report)[1];
        assert_eq!(line, "2026-11,00000000-0000-0000-0000-000000000000,7,\"'=1+\"\"2\"\"\",1.5,2.5,KRW");
    }
}
