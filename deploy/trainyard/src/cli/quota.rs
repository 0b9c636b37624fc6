//! `trainyard quota show` and `trainyard quota set`.

use anyhow::Result;
use trainyard_api::quota::{NewQuota, QuotaAnswer, QuotaSet};
use trainyard_events::chat::Language;

use crate::args::{Limit, QuotaAction};
use crate::cli::client::{Answer, Client};
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: QuotaAction, json: bool) -> Result<()> {
    let path = "/v1/quota";
    let answer: Answer<QuotaAnswer> = match action {
        QuotaAction::Show => client.get(path).await?,
        QuotaAction::Set { concurrent_jobs, gpu_hours, dataset_bytes, month_budget } => {
            let quota = client.get::<QuotaAnswer>(path).await?.quota;
            let new = NewQuota {
                concurrent_jobs: concurrent_jobs.map_or(quota.concurrent_jobs, |Limit(limit)| limit),
                gpu_hours: gpu_hours.map_or(quota.gpu_hours, |Limit(limit)| limit),
                dataset_bytes: dataset_bytes.map_or(quota.dataset_bytes, |Limit(limit)| limit),
                month_budget: month_budget.map_or(quota.month_budget, |Limit(limit)| limit),
            };
            let set: Answer<QuotaSet> = client.put(path, &new).await?;
            // Without a sequence it was so already.
            client.get(&format!("{path}?wait_for={}", set.sequence.unwrap_or(0))).await?
        }
    };
    if json {
        return print_json(&answer.json);
    }
    show(&answer, client.language);
    Ok(())
}

fn show(answer: &QuotaAnswer, language: Language) {
    let (quota, used) = (&answer.quota, &answer.r#use);
    let hours = used.gpu_seconds as f64 / 3_600.0;
    let limit = |limit: Option<u64>| {
        limit.map_or_else(|| pick(language, "제한 없음", "no limit").to_owned(), |limit| limit.to_string())
    };
    let row = |name: &str, used: String, most| vec![name.to_owned(), used, limit(most)];
    let at_once = pick(language, "동시 작업", "jobs at once");
    let gpu_hours = pick(language, "GPU 시간", "GPU hours");
    let bytes = pick(language, "데이터셋 바이트", "bytes of datasets");
    table::print(
        &pick(language, ["", "사용", "한도"], ["", "used", "of"]),
        &[
            row(at_once, used.concurrent_jobs.to_string(), quota.concurrent_jobs.map(u64::from)),
            row(gpu_hours, format!("{hours:.2}"), quota.gpu_hours.map(u64::from)),
            row(bytes, used.dataset_bytes.to_string(), quota.dataset_bytes),
        ],
    );
    if let Some(budget) = quota.month_budget {
        line(pick(
            language,
            format!("한 달 예산: {budget}. 쓴 돈을 보려면: trainyard costs"),
            format!("budget for a month: {budget}; what is spent of it: trainyard costs"),
        ));
    }
    if quota.concurrent_jobs.is_none() && quota.gpu_hours.is_none() {
        line(pick(
            language,
            "한도가 없으면 작업과 GPU 시간은 세지 않습니다",
            "without a limit jobs and GPU hours are not counted",
        ));
    }
}
