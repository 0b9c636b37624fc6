//! Single turns as they are written, and whether one does what its writer meant.

use serde::Deserialize;
use trainyard_assistant::reader::complete_proposal;
use trainyard_assistant::{Interpretation, interpret};

/// Said beside a complete proposal and running jobs: one that must act says how, the others of what kind they are.
#[derive(Deserialize)]
pub struct Single {
    pub id: String,
    pub say: String,
    pub kind: Option<String>,
    pub act: Option<String>,
    pub job: Option<String>,
    pub name: Option<String>,
    #[serde(default)]
    pub versions: Vec<u32>,
    pub alias: Option<String>,
}

impl Single {
    pub fn read(&self) -> Interpretation {
        interpret(&self.say, Some(&complete_proposal()))
    }

    /// Whether this does what is meant, to what is meant.
    pub fn is_done_by(&self, turn: &Interpretation) -> bool {
        let named = turn.slots.job.as_ref();
        let object = match self.job.as_ref() {
            None => named.is_none(),
            Some(job) if job == "ask" => named.is_none(),
            // Without a name it is found by what it is: the failed one, the best one.
            Some(job) => named.is_none_or(|named| named == job),
        };
        let of_model = self.name.is_none() && self.versions.is_empty() && self.alias.is_none()
            || (&turn.slots.name, &turn.slots.versions, &turn.slots.alias)
                == (&self.name, &self.versions, &self.alias);
        Some(turn.intent.name()) == self.act.as_deref() && object && of_model
    }
}
