//! `trainyard quota show` and `trainyard quota set`.

use anyhow::Result;
use trainyard_api::quota::{NewQuota, QuotaAnswer, QuotaSet};

use crate::args::{Limit, QuotaAction};
use crate::cli::client::{Answer, Client};
use crate::cli::{print_json, table};
use crate::out::line;

pub(crate) async fn run(client: &Client, action: QuotaAction, json: bool) -> Result<()> {
    let path = "/v1/quota";
    let answer: Answer<QuotaAnswer> = match action {
        QuotaAction::Show => client.get(path).await?,
        QuotaAction::Set { concurrent_jobs, gpu_hours } => {
            let quota = client.get::<QuotaAnswer>(path).await?.quota;
            let new = NewQuota {
                concurrent_jobs: concurrent_jobs.map_or(quota.concurrent_jobs, |Limit(limit)| limit),
                gpu_hours: gpu_hours.map_or(quota.gpu_hours, |Limit(limit)| limit),
            };
            let set: Answer<QuotaSet> = client.put(path, &new).await?;
            // Without a sequence it was so already.
            client.get(&format!("{path}?wait_for={}", set.sequence.unwrap_or(0))).await?
        }
    };
    if json {
        return print_json(&answer.json);
    }
    let (quota, used) = (&answer.quota, &answer.r#use);
    let hours = used.gpu_seconds as f64 / 3_600.0;
    table::print(
        &["", "used", "of"],
        &[
            vec!["jobs at once".to_owned(), used.concurrent_jobs.to_string(), limit(quota.concurrent_jobs)],
            vec!["GPU hours".to_owned(), format!("{hours:.2}"), limit(quota.gpu_hours)],
        ],
    );
    if quota.concurrent_jobs.is_none() && quota.gpu_hours.is_none() {
        line(format_args!("without a limit nothing is counted"));
    }
    Ok(())
}

fn limit(limit: Option<u32>) -> String {
    limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string())
}
