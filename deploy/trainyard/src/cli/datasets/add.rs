//! `trainyard datasets add`: registers a dataset, and waits for what is found in it.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};
use trainyard_api::datasets::{DatasetAnswer, DatasetRegistered, NewDataset};
use trainyard_views::DatasetStatus;

use super::{show, unfit};
use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::pick;
use crate::out;

/// How often a dataset that is being looked at is asked about.
const POLL: Duration = Duration::from_millis(200);
/// A look that takes longer is worth a word to who waits.
const LONG: Duration = Duration::from_secs(10);

/// Registers a dataset and waits for what the fleet finds in it.
pub(super) async fn run(client: &Client, new: NewDataset, json: bool) -> Result<()> {
    let (language, path) = (client.language, new.path.as_str());
    let registered = client.post::<DatasetRegistered>("/v1/datasets", &new).await?;
    let at = format!("/v1/datasets/{}", registered.dataset.id);
    let mut hint = Some(Instant::now() + LONG);
    let found = loop {
        let found = client.get::<DatasetAnswer>(&at).await?;
        let is_answer = found.dataset.inspection >= registered.sequence.unwrap_or(0);
        if is_answer && found.dataset.status != DatasetStatus::Pending {
            break found;
        }
        if hint.is_some_and(|hint| Instant::now() > hint) {
            hint = None;
            out::note(pick(
                language,
                format!(
                    "{path}: 아직 살펴보고 있습니다(`trainyard workers` 참고). Ctrl-C를 눌러도 멈추지 않습니다"
                ),
                format!(
                    "{path} is still being looked at (`trainyard workers` shows by whom); Ctrl-C does not stop it"
                ),
            ));
        }
        sleep(POLL).await;
    };
    if json {
        print_json(&found.json["dataset"])?;
    } else {
        show(&found.dataset, language);
    }
    if found.dataset.status == DatasetStatus::Valid {
        return Ok(());
    }
    bail!(unfit(path, language))
}
