//! The role: whoever has a hook is told, each for itself, until it is told to stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use trainyard_bus::{Bus, HookStep};
use trainyard_commands::hook::{Hook, Hooks};
use trainyard_door::Clock;
use trainyard_events::quarantine::{Admitted, Quarantine};
use trainyard_events::{Event, Recorded, TenantId};
use uuid::Uuid;

use crate::courier::{Courier, Office, kept_as};
use crate::keeper::Keeper;
use crate::metrics::HooksMetrics;
use crate::sender::HooksConfig;

const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Any number may run: one tells hooks, and the others stand by.
pub async fn run(
    bus: Bus,
    clock: Clock,
    config: HooksConfig,
    metrics: HooksMetrics,
    stop: CancellationToken,
) {
    let office = Arc::new(Office::new(&bus, clock, config, metrics));
    loop {
        office.metrics.stands_by.set(1);
        let taking_over = Keeper::take_over(office.feed.clone());
        let Some(mut keeper) = stop.run_until_cancelled(taking_over).await else { return };
        office.metrics.stands_by.set(0);
        let round = stop.child_token();
        let mut desk = Desk::new(office.clone(), round.clone());
        tokio::select! {
            () = keeper.hold() => warn!("another process tells hooks; standing by"),
            () = desk.work() => {}
            () = round.cancelled() => {}
        }
        round.cancel();
        desk.close().await;
        if stop.is_cancelled() {
            keeper.leave().await;
            return;
        }
    }
}

/// The hooks that there are, and who tells each.
struct Desk {
    office: Arc<Office>,
    round: CancellationToken,
    quarantine: Quarantine,
    hooks: HashMap<TenantId, Hooks>,
    told: HashMap<Uuid, Told>,
    couriers: TaskTracker,
}

struct Told {
    tenant: TenantId,
    hook: watch::Sender<Hook>,
    removed: CancellationToken,
}

impl Desk {
    fn new(office: Arc<Office>, round: CancellationToken) -> Desk {
        Desk {
            office,
            round,
            quarantine: Quarantine::default(),
            hooks: HashMap::new(),
            told: HashMap::new(),
            couriers: TaskTracker::new(),
        }
    }

    /// Follows the histories of hooks for as long as there is somebody who does.
    async fn work(&mut self) {
        let mut histories = self.office.feed.histories();
        let mut is_current = false;
        while let Some(step) = histories.next().await {
            match step {
                HookStep::Current => is_current = true,
                HookStep::Entry(entry) => match self.quarantine.admit(*entry) {
                    Admitted::Event(recorded) => self.take_in(&[*recorded]),
                    Admitted::Released { events, .. } => self.take_in(&events),
                    Admitted::Held { of: (tenant, _), begins: true } => {
                        warn!(%tenant, "a history of hooks cannot be read on: they stay as they were");
                    }
                    Admitted::Held { .. } | Admitted::Foreign => {}
                },
            }
            // Not before all is known: a hook that was removed is not told again.
            if is_current {
                self.place_couriers();
            }
        }
    }

    fn take_in(&mut self, events: &[Recorded]) {
        for recorded in events {
            if let Event::Hook(event) = &recorded.envelope.event {
                self.hooks.entry(recorded.envelope.tenant.clone()).or_default().evolve(event, recorded);
            }
        }
    }

    fn place_couriers(&mut self) {
        let is_there = |id: &Uuid, told: &Told| {
            self.hooks.get(&told.tenant).is_some_and(|hooks| hooks.hooks.contains_key(id))
        };
        self.told.retain(|id, told| {
            let stays = is_there(id, told);
            if !stays {
                told.removed.cancel();
            }
            stays
        });
        for (tenant, hooks) in &self.hooks {
            for (id, hook) in &hooks.hooks {
                match self.told.get(id) {
                    Some(told) => drop(told.hook.send_if_modified(|before| {
                        let is_other = before != hook;
                        before.clone_from(hook);
                        is_other
                    })),
                    None => drop(self.told.insert(*id, self.place(tenant, *id, hook))),
                }
            }
        }
    }

    fn place(&self, tenant: &TenantId, id: Uuid, hook: &Hook) -> Told {
        let (sender, receiver) = watch::channel(hook.clone());
        let removed = CancellationToken::new();
        let told = Told { tenant: tenant.clone(), hook: sender, removed: removed.clone() };
        let (office, round, tenant) = (self.office.clone(), self.round.clone(), tenant.clone());
        self.couriers.spawn(async move {
            let courier = Courier::run(office.clone(), (tenant.clone(), id), receiver, round.clone());
            match removed.run_until_cancelled(Box::pin(courier)).await {
                Some(Ok(())) => {}
                Some(Err(_overtaken)) => round.cancel(),
                None => forget(&office, &tenant, id, &round).await,
            }
            office.metrics.forget(id);
        });
        told
    }

    async fn close(self) {
        self.couriers.close();
        self.couriers.wait().await;
    }
}

/// Of a hook that was removed nothing is kept.
async fn forget(office: &Office, tenant: &TenantId, id: Uuid, round: &CancellationToken) {
    while let Err(error) = office.feed.forget(&kept_as(tenant, id)).await {
        warn!(%error, hook = %id, "a hook that was removed cannot be forgotten yet");
        if round.run_until_cancelled(tokio::time::sleep(ASK_AGAIN)).await.is_none() {
            return;
        }
    }
}
