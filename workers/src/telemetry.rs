//! Step measurements and console lines on their way out: the newest, at most once in a while, and never in the way of
//! training.

use tokio::sync::watch;
use tokio::time::sleep;
use trainyard_bus::TelemetryStream;
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{ConsoleLines, TenantId, limits};
use uuid::Uuid;

use crate::console::Listener;

/// After so many messages one brings all console lines that are kept, and takes the place of those before it.
const MESSAGES: u32 = 64;
/// Already after so many if lines were left out of them: the newest of those are kept here.
const MESSAGES_WITH_GAPS: u32 = 8;

/// Whose telemetry it is, and where it goes.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) stream: TelemetryStream,
    pub(crate) tenant: TenantId,
    pub(crate) job: Uuid,
    pub(crate) token: u64,
}

impl Sender {
    /// Publishes the first measurement at once, then the newest of each interval, and the last one when the other end is
    /// gone. One that cannot be published is forgotten.
    pub(crate) async fn steps(self, mut steps: watch::Receiver<Option<StepMeasurement>>) {
        while steps.changed().await.is_ok() {
            let Some(step) = steps.borrow_and_update().clone() else { continue };
            let telemetry = Telemetry { token: self.token, step };
            if let Err(error) = self.stream.publish(&self.tenant, self.job, &telemetry).await {
                tracing::debug!(%error, "a step measurement is lost");
            }
            sleep(limits::TELEMETRY_INTERVAL).await;
        }
    }

    /// Publishes console lines likewise: of each interval the newest that fit into a message. `run` is this life of the
    /// agent; a console that is `read_again` by it is read to its end first, more or less.
    pub(crate) async fn console(self, run: Uuid, read_again: bool, mut console: Listener) {
        if read_again {
            sleep(limits::TELEMETRY_INTERVAL).await;
        }
        let (mut sent, mut messages, mut gaps) = (0, MESSAGES, false);
        while console.has_more(sent).await {
            let all = messages >= if gaps { MESSAGES_WITH_GAPS } else { MESSAGES };
            let (first, lines) = if all {
                console.after(0, limits::CONSOLE_LINES, limits::CONSOLE_KEPT_BYTES)
            } else {
                console.after(sent, limits::CONSOLE_SENT_LINES, limits::CONSOLE_SENT_BYTES)
            };
            (messages, gaps) = if all { (0, false) } else { (messages + 1, gaps || first > sent + 1) };
            sent = first + lines.len() as u64 - 1;
            let lines = ConsoleLines { token: self.token, run, first, lines };
            if let Err(error) = self.stream.publish_console(&self.tenant, self.job, &lines, all).await {
                tracing::debug!(%error, "console lines wait for the bus");
                messages = MESSAGES;
            }
            sleep(limits::TELEMETRY_INTERVAL).await;
        }
    }
}
