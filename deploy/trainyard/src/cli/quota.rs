//! `trainyard quota show` and `trainyard quota set`.

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::{Limit, QuotaAction};
use crate::cli::client::Client;
use crate::cli::out::line;
use crate::cli::{print_json, table};

pub(crate) async fn run(client: &Client, action: QuotaAction, json: bool) -> Result<()> {
    let path = "/v1/quota";
    let answer = match action {
        QuotaAction::Show => client.get(path).await?,
        QuotaAction::Set { concurrent_jobs, gpu_hours } => {
            let mut quota = client.get(path).await?["quota"].take();
            for (name, said) in [("concurrent_jobs", concurrent_jobs), ("gpu_hours", gpu_hours)] {
                if let Some(Limit(limit)) = said {
                    quota[name] = json!(limit);
                }
            }
            let set = client.put(path, &quota).await?;
            // Without a sequence it was so already.
            client.get(&format!("{path}?wait_for={}", set["sequence"].as_u64().unwrap_or(0))).await?
        }
    };
    if json {
        return print_json(&answer);
    }
    let (quota, used) = (&answer["quota"], &answer["use"]);
    let hours = used["gpu_seconds"].as_u64().unwrap_or(0) as f64 / 3_600.0;
    table::print(
        &["", "used", "of"],
        &[
            vec![
                "jobs at once".to_owned(),
                used["concurrent_jobs"].to_string(),
                limit(&quota["concurrent_jobs"]),
            ],
            vec!["GPU hours".to_owned(), format!("{hours:.2}"), limit(&quota["gpu_hours"])],
        ],
    );
    if quota["concurrent_jobs"].is_null() && quota["gpu_hours"].is_null() {
        line(format_args!("without a limit nothing is counted"));
    }
    Ok(())
}

fn limit(limit: &Value) -> String {
    limit.as_u64().map_or_else(|| "no limit".to_owned(), |limit| limit.to_string())
}
