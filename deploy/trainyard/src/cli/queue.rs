//! `trainyard queue pause` and `trainyard queue resume`: whether jobs are dispatched.

use anyhow::Result;
use trainyard_api::page::Changed;
use trainyard_api::workers::NewPause;

use crate::args::QueueAction;
use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

const PAUSE: &str = "/v1/queue/pause";

pub(crate) async fn run(client: &Client, action: QueueAction, json: bool) -> Result<()> {
    let (answer, said) = match action {
        QueueAction::Pause { because: note } => {
            let answer = client.put::<Changed>(PAUSE, &NewPause { note }).await?;
            let said = pick(
                client.language,
                "대기열을 멈췄습니다. 실행 중인 작업은 계속됩니다. 다시 시작하려면: trainyard queue resume",
                "the queue is paused; what runs goes on. Go on with: trainyard queue resume",
            );
            (answer, said)
        }
        QueueAction::Resume => {
            let answer = client.delete::<Changed>(PAUSE).await?;
            (answer, pick(client.language, "대기열을 다시 시작했습니다", "the queue goes on"))
        }
    };
    if json {
        return print_json(&answer.json);
    }
    line(said);
    Ok(())
}
