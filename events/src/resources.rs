//! What a job asks of the machine that trains it, and whether a machine has that.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fleet::{Accelerator, WorkerRecord};
use crate::limits;
use crate::reason::{ConfigProblem, Field};

/// What a job asks for besides a pool; what is left out is not asked. Of GPUs it has as many as it asks for to itself: one,
/// where it only says which.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resources {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u32>,
    /// A word or more of the name of each, such as `H100`, whatever its case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<String>,
    /// Memory of each, in GB as its maker counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_memory_gb: Option<u32>,
    /// Labels that the worker has to have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What a newer binary has written and this one does not know: the hash covers it.
    #[serde(flatten)]
    pub unread: Map<String, Value>,
}

/// As one says it: `2 x H100, 40 GB, zone=a`; nothing where nothing is asked.
impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.gpu_count() > 0 {
            parts.push(format!("{} x {}", self.gpu_count(), self.gpu.as_deref().unwrap_or("GPU")));
        }
        parts.extend(self.gpu_memory_gb.map(|gb| format!("{gb} GB")));
        parts.extend(self.labels.iter().map(|(name, value)| format!("{name}={value}")));
        f.write_str(&parts.join(", "))
    }
}

impl Resources {
    /// GPUs that it has to itself; 0 where it asks for none.
    pub fn gpu_count(&self) -> u32 {
        let is_told_which = self.gpu.is_some() || self.gpu_memory_gb.is_some();
        self.gpus.unwrap_or(u32::from(is_told_which))
    }

    /// Whether a GPU is one of those that it asks for.
    pub fn suits(&self, device: &Accelerator) -> bool {
        self.is_kind(device) && self.has_memory(device)
    }

    /// Each word that is asked for is one of the GPU's name: `A100` is in `NVIDIA A100-SXM4-80GB`, and `A10` is not.
    pub fn is_kind(&self, device: &Accelerator) -> bool {
        let has = |word: &str| words(&device.kind).any(|known| known.eq_ignore_ascii_case(word));
        self.gpu.as_deref().is_none_or(|kind| words(kind).all(has))
    }

    /// Drivers tell a little less than the maker's GB, some of which they keep, and GiB are larger.
    pub fn has_memory(&self, device: &Accelerator) -> bool {
        let least = |gb: u32| u64::from(gb).saturating_mul(1_000_000_000) / 100 * 93;
        self.gpu_memory_gb.is_none_or(|gb| device.memory_bytes.is_some_and(|bytes| bytes >= least(gb)))
    }

    /// Whether the worker has what it asks for, were it free.
    pub fn fits(&self, worker: &WorkerRecord) -> bool {
        let suiting = worker.devices.iter().filter(|device| self.suits(device)).count();
        self.is_labelled(worker) && suiting >= self.gpu_count() as usize
    }

    pub fn is_labelled(&self, worker: &WorkerRecord) -> bool {
        self.labels.iter().all(|(name, value)| worker.labels.get(name) == Some(value))
    }

    /// Every value out of its range.
    pub(crate) fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let mut range = |field, given: Option<u32>, high: u32| {
            let outside = given.filter(|given| !(1..=high).contains(given));
            problems.extend(outside.map(|given| ConfigProblem::OutOfRange {
                field,
                given: given.into(),
                low: 1.0,
                high: high.into(),
            }));
        };
        range(Field::Gpus, self.gpus, limits::GPUS_OF_JOB);
        range(Field::GpuMemoryGb, self.gpu_memory_gb, limits::GPU_MEMORY_GB);
        let kind = self.gpu.as_deref().filter(|kind| words(kind).next().is_none() || !fits_label(kind));
        problems.extend(kind.map(|given| ConfigProblem::NotAKindOfGpu { given: given.to_owned() }));
        let label = self.labels.iter().find(|(name, value)| !fits_label(name) || !fits_label(value));
        problems
            .extend(label.map(|(name, value)| ConfigProblem::NotALabel { given: format!("{name}={value}") }));
        if self.labels.len() > limits::WORKER_LABELS {
            let (given, limit) = (self.labels.len() as u64, limits::WORKER_LABELS as u64);
            problems.push(ConfigProblem::TooManyLabels { given, limit });
        }
        problems
    }
}

/// A name or a value of a label: something without commas, equals signs and control characters, and not too long.
pub fn fits_label(text: &str) -> bool {
    let fits = |char: char| !char.is_control() && !matches!(char, ',' | '=');
    (1..=limits::LABEL_CHARS).contains(&text.chars().count()) && text.trim() == text && text.chars().all(fits)
}

/// Parted at whatever is neither letter nor digit.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(kind: &str, gib: u64) -> Accelerator {
        Accelerator {
            index: 0,
            kind: kind.to_owned(),
            memory_bytes: Some(gib << 30),
            jobs: vec![],
            whole: false,
        }
    }

    #[test]
    fn a_kind_is_words_of_the_name() {
        let asked = |kind: &str| Resources { gpu: Some(kind.to_owned()), ..Resources::default() };
        for (kind, name, suits) in [
            ("A100", "NVIDIA A100-SXM4-80GB", true),
            ("a100", "NVIDIA A100-SXM4-80GB", true),
            ("A10", "NVIDIA A100-SXM4-80GB", false),
            ("H100", "NVIDIA H200", false),
            ("RTX 4090", "NVIDIA GeForce RTX 4090", true),
            ("rtx-4090", "NVIDIA GeForce RTX 4090", true),
            ("RTX 4090", "NVIDIA GeForce RTX 4080", false),
        ] {
            assert_eq!(asked(kind).suits(&device(name, 80)), suits, "{kind} {name}");
        }
        assert_eq!(asked("A100").gpu_count(), 1, "which says how many: one");
        assert_eq!(Resources::default().gpu_count(), 0);
    }

    #[test]
    fn memory_is_what_the_maker_says() {
        let asked = |gb| Resources { gpu_memory_gb: Some(gb), ..Resources::default() };
        // An A100 of 40 GB tells 40,354 MiB, a T4 of 16 GB 15,360 MiB, an H100 of 80 GB 81,559 MiB.
        for (mib, gb, suits) in [
            (40_354, 40, true),
            (15_360, 16, true),
            (81_559, 80, true),
            (40_354, 48, false),
            (24_564, 40, false),
        ] {
            let device = Accelerator { memory_bytes: Some(mib << 20), ..device("any", 0) };
            assert_eq!(asked(gb).suits(&device), suits, "{mib} MiB, {gb} GB");
        }
        assert!(
            !asked(8).suits(&Accelerator { memory_bytes: None, ..device("any", 0) }),
            "nothing is told of it"
        );
    }

    #[test]
    fn what_nobody_can_have_is_a_problem() {
        let of = |resources: Resources| resources.problems().len();
        let label = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        assert_eq!(of(Resources::default()), 0);
        assert_eq!(of(Resources { gpus: Some(8), gpu: Some("H100".into()), ..Resources::default() }), 0);
        assert_eq!(of(Resources { gpus: Some(0), gpu_memory_gb: Some(0), ..Resources::default() }), 2);
        assert_eq!(of(Resources { gpus: Some(9), gpu: Some(" ".into()), ..Resources::default() }), 2);
        assert_eq!(of(Resources { labels: label("zone", "a"), ..Resources::default() }), 0);
        assert_eq!(of(Resources { labels: label("zone", ""), ..Resources::default() }), 1);
        assert_eq!(of(Resources { labels: label("zone=b", "a"), ..Resources::default() }), 1);
    }
}
