//! `trainyard datasets add`: registers a dataset, and waits for what is found in it.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};
use trainyard_api::Code;
use trainyard_api::datasets::{DatasetAnswer, DatasetRegistered, NewDataset};
use trainyard_events::chat::Language;
use trainyard_views::{DatasetRow, DatasetStatus};

use super::{show, unfit};
use crate::cli::client::{Answer, Client};
use crate::cli::{print_json, refusal};
use crate::language::pick;
use crate::out;

/// How often a dataset that is being looked at is asked about.
const POLL: Duration = Duration::from_millis(200);
/// A look that takes longer is worth a word to who waits.
const LONG: Duration = Duration::from_secs(10);

/// What a row says to who has registered the dataset.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Nothing,
    Answer,
    /// Somebody has registered it since: what is found now may be theirs.
    Overtaken,
}

/// `sequence` is that of the registration; `None` where it was registered so already.
fn seen(row: &DatasetRow, sequence: Option<u64>) -> Seen {
    match sequence {
        Some(sequence) if row.inspection > sequence => Seen::Overtaken,
        Some(sequence) if row.inspection < sequence => Seen::Nothing,
        _ if row.status == DatasetStatus::Pending => Seen::Nothing,
        _ => Seen::Answer,
    }
}

fn overtaken(path: &str, language: Language) -> String {
    pick(
        language,
        format!(
            "{path}: 그사이에 다른 사람이 같은 이름으로 등록했습니다. 올린 파일은 그대로 있습니다. `trainyard datasets show {path}`로 \
             버전을 확인하고, 없으면 다시 추가하거나 다른 이름을 쓰세요"
        ),
        format!(
            "somebody else has registered {path} meanwhile; what you have uploaded is kept. `trainyard datasets show {path}` lists its \
             versions: where yours is not among them, add it again, or under another name"
        ),
    )
}

/// Registers it, once what was added under its name before has been looked at: both become versions.
async fn registered(client: &Client, new: &NewDataset) -> Result<Answer<DatasetRegistered>> {
    let mut is_told = false;
    loop {
        match client.post::<DatasetRegistered>("/v1/datasets", new).await {
            Err(error) if refusal::code_of(&error) == Some(Code::DatasetPending) => {
                if !std::mem::replace(&mut is_told, true) {
                    let path = &new.path;
                    out::note(pick(
                        client.language,
                        format!(
                            "같은 이름({path})으로 먼저 추가한 데이터를 살펴보고 있어, 그것이 끝나면 이어서 추가합니다"
                        ),
                        format!(
                            "what was added as {path} before is being looked at; yours follows when that is done"
                        ),
                    ));
                }
                sleep(POLL).await;
            }
            answer => return answer,
        }
    }
}

/// Registers a dataset and waits for what the fleet finds in it.
pub(super) async fn run(client: &Client, new: NewDataset, json: bool) -> Result<()> {
    let (language, path) = (client.language, new.path.as_str());
    let registered = registered(client, &new).await?;
    let at = format!("/v1/datasets/{}", registered.dataset.id);
    let mut hint = Some(Instant::now() + LONG);
    let found = loop {
        let found = client.get::<DatasetAnswer>(&at).await?;
        match seen(&found.dataset, registered.sequence) {
            Seen::Answer => break found,
            Seen::Overtaken => bail!(overtaken(path, language)),
            Seen::Nothing => {}
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_two_who_add_one_name_at_once_nobody_takes_the_others_verdict_for_their_own() {
        let row = |inspection: u64, status: &str| -> DatasetRow {
            serde_json::from_value(json!({
                "tenant": "acme", "id": uuid::Uuid::nil(), "path": "pets", "source": { "from": "path" }, "task": "classify",
                "status": status, "inspection": inspection, "profile": null, "artifacts": [], "versions": [], "tags": {},
                "archived": false, "problem": null, "next_step": null, "because": [], "advice": [], "report": [],
                "bad_files": 0, "registered_at": "2026-03-01T09:30:06Z", "at": "2026-03-01T09:30:06Z", "quarantine": null,
                "sequence": 9,
            }))
            .unwrap()
        };
        for (inspection, status, said) in [
            (5, "valid", Seen::Nothing),
            (7, "pending", Seen::Nothing),
            (7, "rejected", Seen::Answer),
            (8, "pending", Seen::Overtaken),
            (8, "valid", Seen::Overtaken),
        ] {
            assert_eq!(seen(&row(inspection, status), Some(7)), said, "{inspection} {status}");
        }
        assert_eq!(seen(&row(8, "valid"), None), Seen::Answer, "it was registered so already");
    }
}
