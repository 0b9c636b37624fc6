//! The GPUs that a worker gives to its jobs: which they are by its settings, and what a trainer that has some finds in its
//! environment.

use std::collections::BTreeMap;
use std::str::FromStr;

use trainyard_events::fleet::{Accelerator, Gpu};
use trainyard_events::{fits_label, limits};

/// Which GPUs a worker gives to jobs.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Giving {
    /// All that its driver tells of.
    #[default]
    All,
    /// Of those, the ones with these numbers.
    Numbered(Vec<u32>),
    /// These, whatever a driver tells: from 0 on, in this order.
    Declared(Vec<Accelerator>),
}

/// Words that name no GPUs or no labels.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{0:?}")]
pub struct Unclear(pub String);

impl FromStr for Giving {
    type Err = Unclear;

    /// `all`, `none`, numbers (`0,2`), or what there is: `2xH100:80,A100:40`, each with its GB.
    fn from_str(words: &str) -> Result<Giving, Unclear> {
        match words.trim() {
            "all" => return Ok(Giving::All),
            "none" => return Ok(Giving::Declared(Vec::new())),
            _ => {}
        }
        let parts = || words.split(',').map(str::trim);
        if let Ok(numbers) = parts().map(str::parse).collect::<Result<Vec<u32>, _>>() {
            return Ok(Giving::Numbered(numbers));
        }
        let mut devices = Vec::new();
        for part in parts() {
            let (count, of_each) = declared(part).ok_or_else(|| Unclear(part.to_owned()))?;
            for _ in 0..count {
                devices.push(Accelerator { index: devices.len() as u32, ..of_each.clone() });
            }
        }
        (devices.len() <= limits::WORKER_DEVICES)
            .then_some(Giving::Declared(devices))
            .ok_or_else(|| Unclear(words.to_owned()))
    }
}

/// `2xH100:80`: how many, and one of them. The number and the GB may be left out.
fn declared(part: &str) -> Option<(usize, Accelerator)> {
    let (count, rest) = match part.split_once('x') {
        Some((count, rest)) if count.chars().all(|char| char.is_ascii_digit()) && !count.is_empty() => {
            (count.parse().ok()?, rest)
        }
        _ => (1, part),
    };
    let (kind, gb) = match rest.split_once(':') {
        Some((kind, gb)) => (kind, Some(gb.parse::<u32>().ok()?)),
        None => (rest, None),
    };
    let is_number = kind.parse::<u32>().is_ok();
    (fits_label(kind) && !is_number && (1..=limits::WORKER_DEVICES).contains(&count)).then(|| {
        let memory_bytes = gb.map(|gb| u64::from(gb) * 1_000_000_000);
        (count, Accelerator { index: 0, kind: kind.to_owned(), memory_bytes, jobs: Vec::new(), whole: false })
    })
}

impl Giving {
    /// Those that are known from the beginning.
    pub(crate) fn declared(&self) -> Vec<Accelerator> {
        match self {
            Giving::Declared(devices) => devices.clone(),
            Giving::All | Giving::Numbered(_) => Vec::new(),
        }
    }

    /// Whether a driver has to tell of them.
    pub(crate) fn asks_driver(&self) -> bool {
        !matches!(self, Giving::Declared(_))
    }

    /// One of those that a driver tells of, where it is given.
    pub(crate) fn device(&self, gpu: &Gpu) -> Option<Accelerator> {
        let is_given = match self {
            Giving::All => true,
            Giving::Numbered(numbers) => numbers.contains(&gpu.index),
            Giving::Declared(_) => false,
        };
        is_given.then(|| Accelerator {
            index: gpu.index,
            kind: gpu.name.clone(),
            memory_bytes: gpu.memory_bytes,
            jobs: Vec::new(),
            whole: false,
        })
    }
}

/// `zone=a,rack=3`.
///
/// # Errors
/// The part that is no label, or all of it where there are too many.
pub fn labels(words: &str) -> Result<BTreeMap<String, String>, Unclear> {
    let mut labels = BTreeMap::new();
    for part in words.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let label = part.split_once('=').filter(|(name, value)| fits_label(name) && fits_label(value));
        let (name, value) = label.ok_or_else(|| Unclear(part.to_owned()))?;
        labels.insert(name.to_owned(), value.to_owned());
    }
    let fits = labels.len() <= limits::WORKER_LABELS;
    fits.then_some(labels).ok_or_else(|| Unclear(words.to_owned()))
}

/// What makes a trainer see these GPUs and no others, by the numbers that the driver gives them. Nothing where the worker
/// gives none.
pub(crate) fn environment(given: &[u32]) -> Vec<(String, String)> {
    if given.is_empty() {
        return Vec::new();
    }
    // Else the fastest comes first.
    let order = ("CUDA_DEVICE_ORDER".to_owned(), "PCI_BUS_ID".to_owned());
    vec![order, ("CUDA_VISIBLE_DEVICES".to_owned(), written(given))]
}

/// `0,2`.
pub(crate) fn written(given: &[u32]) -> String {
    given.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(words: &str) -> Vec<(u32, String, Option<u64>)> {
        let told = |device: Accelerator| (device.index, device.kind, device.memory_bytes);
        words.parse::<Giving>().unwrap_or_default().declared().into_iter().map(told).collect()
    }

    #[test]
    fn settings_name_gpus() {
        let gb = |gb: u64| Some(gb * 1_000_000_000);
        assert_eq!("all".parse::<Giving>(), Ok(Giving::All));
        assert_eq!("0, 2".parse::<Giving>(), Ok(Giving::Numbered(vec![0, 2])));
        assert_eq!("none".parse::<Giving>(), Ok(Giving::Declared(vec![])));
        assert_eq!(
            kinds("2xH100:80,NVIDIA A100"),
            [(0, "H100".into(), gb(80)), (1, "H100".into(), gb(80)), (2, "NVIDIA A100".into(), None)]
        );
        assert_eq!(kinds("xe-max:16"), [(0, "xe-max".into(), gb(16))]);
        for unclear in ["", "H100:much", "0xH100", "99xH100", "1,H100:", "2x7"] {
            assert!(unclear.parse::<Giving>().is_err(), "{unclear}");
        }
    }

    #[test]
    fn settings_name_labels() {
        let pairs: Vec<_> = labels("zone=a, rack=3").expect("labels").into_iter().collect();
        assert_eq!(pairs, [("rack".into(), "3".into()), ("zone".into(), "a".into())]);
        assert_eq!(labels(""), Ok(BTreeMap::new()));
        assert_eq!(labels("zone"), Err(Unclear("zone".to_owned())));
        assert!(labels("=a").is_err() && labels("a=b=c").is_err());
    }

    #[test]
    fn a_trainer_sees_what_its_job_was_given() {
        assert_eq!(environment(&[]), []);
        assert!(environment(&[2, 0]).contains(&("CUDA_VISIBLE_DEVICES".to_owned(), "2,0".to_owned())));
    }
}
