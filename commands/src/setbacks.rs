//! Attempts that got a job no further: how many in a row, on which workers, how long it waits after them, and when that
//! is enough.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::limits;
use trainyard_events::reason::{Advice, Trouble};

/// What stands in a job's way. Getting further than ever before, by an epoch or a checkpoint, forgives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Setbacks {
    /// Attempts that ended in a row without a result and without getting further.
    in_a_row: u32,
    /// The workers of those among them that were lost, oldest first.
    lost_on: Vec<String>,
    /// The worker that had the last attempt, if the next one had better run elsewhere.
    pub avoid: Option<String>,
    /// Whole epochs that any attempt has logged.
    furthest: u32,
}

impl Setbacks {
    pub(crate) fn epoch(&mut self, epoch: u32) {
        // Epochs that were lost with an attempt and are trained again are none.
        if epoch > self.furthest {
            self.furthest = epoch;
            self.further();
        }
    }

    pub(crate) fn further(&mut self) {
        self.in_a_row = 0;
        self.lost_on.clear();
    }

    pub(crate) fn lost(&mut self, worker: Option<String>) {
        self.in_a_row += 1;
        self.lost_on.push(worker.clone().unwrap_or_else(|| "?".to_owned()));
        self.avoid = worker;
    }

    pub(crate) fn preempted(&mut self) {
        self.in_a_row += 1;
        self.avoid = None;
    }

    /// It has made room for others, which is no setback.
    pub(crate) fn yielded(&mut self) {
        self.avoid = None;
    }

    /// Too little memory is the batch's fault, which is smaller next time; the rest may be the machine's.
    pub(crate) fn failed(&mut self, worker: Option<String>, class: FailureClass) {
        let machine = matches!(class, FailureClass::Device | FailureClass::Internal);
        self.in_a_row += u32::from(machine);
        self.avoid = worker.filter(|_| machine);
    }

    /// How long the job waits before it is offered again.
    pub fn pause(&self) -> Duration {
        match self.in_a_row.checked_sub(1) {
            None => Duration::ZERO,
            Some(before) => {
                limits::SETBACK_PAUSE.saturating_mul(1 << (2 * before.min(10))).min(limits::SETBACK_PAUSE_MAX)
            }
        }
    }

    /// Why no other attempt is worth it, if so many were lost.
    pub(crate) fn enough(&self) -> Option<Failure> {
        (self.lost_on.len() >= limits::LOSS_BUDGET).then(|| Failure {
            class: FailureClass::Internal,
            message: String::new(),
            next_step: String::new(),
            console: Vec::new(),
            because: vec![
                Trouble::LostInARow { attempts: self.lost_on.len() as u64, workers: self.lost_on.clone() }
                    .into(),
            ],
            advice: vec![Advice::LookAtLostWorkers],
        })
    }
}
