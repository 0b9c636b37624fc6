//! Whether this worker takes anything new: not while an operator has drained it, whatever it is told to do by its queue.

use futures::StreamExt;
use tokio::sync::watch;

use crate::agent::Agent;

/// As far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Not heard of yet: nothing is taken before it is.
    #[default]
    Unknown,
    On,
    Drained,
}

/// Follows what operators say, for ever.
pub(crate) async fn follow(agent: &Agent) {
    let mut maintenance = agent.bus.maintenance();
    while let Some(now) = maintenance.next().await {
        let duty = if now.is_drained(&agent.name) { Duty::Drained } else { Duty::On };
        let before = agent.duty.send_replace(duty);
        if before != duty && (before, duty) != (Duty::Unknown, Duty::On) {
            tracing::info!(?duty, "an operator has said whether this worker takes anything new");
        }
    }
}

/// Waits until it takes something.
pub(crate) async fn on(duty: &mut watch::Receiver<Duty>) {
    // The sender is the agent's, which outlives everything that works for it.
    let _closed = duty.wait_for(|duty| *duty == Duty::On).await;
}

/// Waits until it takes nothing.
pub(crate) async fn off(duty: &mut watch::Receiver<Duty>) {
    let _closed = duty.wait_for(|duty| *duty != Duty::On).await;
}
