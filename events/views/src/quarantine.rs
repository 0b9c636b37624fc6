//! What a row says of a history that cannot be read to its end.

use serde::{Deserialize, Serialize};
use trainyard_events::Unreadable;

/// The first event of an aggregate that this platform cannot read. The row is as of before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quarantined {
    pub sequence: u64,
    /// As the event calls itself.
    pub kind: Option<String>,
    /// Why it cannot be read, in English.
    pub reason: String,
}

impl Quarantined {
    pub fn by(unreadable: &Unreadable) -> Quarantined {
        let Unreadable { sequence, kind, reason, .. } = unreadable.clone();
        Quarantined { sequence, kind, reason }
    }
}
