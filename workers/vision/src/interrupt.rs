//! SIGTERM as a flag that training looks at between steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use trainyard_events::reason::Doing;

use crate::failure::Failure;

/// Whether this process has been asked to leave.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on SIGTERM and SIGINT only set the flag.
    pub fn on_signals() -> Result<Self, Failure> {
        let interrupt = Interrupt::default();
        for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
            signal_hook::flag::register(signal, interrupt.0.clone())
                .map_err(|error| Failure::internal(Doing::ListenForSignals, error))?;
        }
        Ok(interrupt)
    }

    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
