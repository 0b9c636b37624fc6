//! What a training was, in a signed file: enough to train it again, and to say where that goes another way.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_events::results::{Artifact, Measurements};
use trainyard_events::{Event, JobEvent, Recorded, TrainingConfig};
use trainyard_views::{EpochRow, JobRow};
use uuid::Uuid;

/// The form of a statement that this release writes, and the newest that it reads.
pub const FORM: u32 = 1;

/// A statement and who stands for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certificate {
    pub statement: Statement,
    /// The platform's Ed25519 key in hex: `GET /v1/certificates/key` of that platform says the same one.
    pub key: String,
    /// Of the statement's canonical JSON (no spaces, fields by name), by that key, in hex.
    pub signature: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CertificateKey {
    /// Ed25519, in hex.
    pub key: String,
}

/// What the log says of a finished job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statement {
    pub form: u32,
    /// The release that wrote it.
    pub trainyard: String,
    pub job: Uuid,
    pub number: u64,
    pub config: TrainingConfig,
    pub config_hash: String,
    pub dataset: TrainedOn,
    /// Each that trained, in order.
    pub attempts: Vec<TrainedBy>,
    /// In order; those of a job that continues another begin after its checkpoint.
    pub epochs: Vec<Link>,
    pub best_epoch: u32,
    pub measurements: Measurements,
    /// The model, and the same in other forms.
    pub weights: Vec<Artifact>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainedOn {
    pub id: Uuid,
    /// As the configuration has it.
    pub written: String,
    /// SHA-256 of the version's manifest, which has the hash of each image.
    pub manifest: String,
    pub train_images: u64,
    pub validation_images: u64,
    pub classes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainedBy {
    pub attempt: u32,
    pub device: String,
    /// SHA-256 of the trainer's own file, where its worker tells it.
    pub trainer: Option<String>,
    /// Into how many parts each batch was split.
    pub batch_divisor: u32,
    /// SHA-256 of the checkpoint that it began with.
    pub from: Option<String>,
    /// What the trainer chose itself, by name.
    pub resolved: BTreeMap<String, String>,
}

/// What an epoch measured, chained to all that came before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Link {
    pub epoch: u32,
    /// Of every step of the epoch, as means.
    pub train: Measurements,
    pub validation: Measurements,
    pub learning_rate: f64,
    /// SHA-256 of the link before and of these; the first follows the configuration's hash and the manifest's.
    pub chain: String,
}

/// What is wrong with a statement, whoever has signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsound {
    /// Of a newer release.
    NewerForm { form: u32 },
    /// The configuration is not what its hash says.
    OtherConfig,
    /// The chain does not lead to this epoch.
    BrokenChain { epoch: u32 },
}

/// Where two trainings of one configuration part.
#[derive(Clone, Debug, PartialEq)]
pub enum Parting {
    /// They had other data: manifests by hash.
    Dataset { was: String, is: String },
    /// The first measurement that differs, by name, such as `validation accuracy`.
    Epoch { epoch: u32, measurement: String, was: Option<f64>, is: Option<f64> },
    /// One has fewer epochs.
    Length { was: u32, is: u32 },
    /// All measurements agree, and the weights do not: by hash.
    Weights { was: String, is: String },
}

/// The role of an artifact that is the model.
const MODEL: &str = "weights";
/// What a worker calls the hash of the trainer's file.
const TRAINER: &str = "trainer_sha256";

impl Statement {
    /// Of a finished job's whole history; `None` of any other.
    pub fn of(history: &[Recorded], number: u64, trainyard: &str) -> Option<Statement> {
        let (mut row, mut curve, mut attempts) = (None::<JobRow>, BTreeMap::new(), Vec::new());
        let (mut dataset, mut finished) = (None, None);
        for recorded in history {
            if !JobRow::fold(&mut row, recorded, number) {
                continue;
            }
            EpochRow::apply(&mut curve, recorded);
            match &recorded.envelope.event {
                Event::Job(JobEvent::AttemptStarted { attempt, batch_divisor, resume, .. }) => {
                    let from = resume.as_ref().map(|from| from.artifact.sha256.clone());
                    attempts.push(TrainedBy {
                        attempt: *attempt,
                        device: String::new(),
                        trainer: None,
                        batch_divisor: *batch_divisor,
                        from,
                        resolved: BTreeMap::new(),
                    });
                }
                Event::Job(event @ JobEvent::TrainingStarted { device, resolved, .. }) => {
                    if let Some(by) = attempts.last_mut() {
                        by.device.clone_from(device);
                        by.trainer = resolved.get(TRAINER).cloned();
                        by.resolved.clone_from(resolved);
                    }
                    dataset = Some(event);
                }
                Event::Job(event @ JobEvent::Finished { .. }) => finished = Some(event),
                _ => {}
            }
        }
        let JobRow { id, config, config_hash, dataset: of, .. } = row?;
        let JobEvent::TrainingStarted { dataset_hash, train_images, validation_images, classes, .. } =
            dataset?
        else {
            return None;
        };
        let JobEvent::Finished { best_epoch, measurements, artifacts, .. } = finished? else { return None };
        let epochs = chained(&config_hash, dataset_hash, curve.into_values());
        // Those that began and never trained say nothing.
        attempts.retain(|by| !by.device.is_empty());
        Some(Statement {
            form: FORM,
            trainyard: trainyard.to_owned(),
            job: id,
            number,
            dataset: TrainedOn {
                id: of,
                written: config.dataset.clone().unwrap_or_default(),
                manifest: dataset_hash.clone(),
                train_images: *train_images,
                validation_images: *validation_images,
                classes: classes.clone(),
            },
            config,
            config_hash,
            attempts,
            epochs,
            best_epoch: *best_epoch,
            measurements: measurements.clone(),
            weights: artifacts.iter().filter(|artifact| artifact.role == MODEL).cloned().collect(),
        })
    }

    /// What is signed.
    pub fn canonical(&self) -> String {
        serde_json::to_value(self).expect("texts, numbers and lists are JSON").to_string()
    }

    /// Whether it agrees with itself.
    pub fn check(&self) -> Result<(), Unsound> {
        if self.form > FORM {
            return Err(Unsound::NewerForm { form: self.form });
        }
        if self.config.hash() != self.config_hash {
            return Err(Unsound::OtherConfig);
        }
        let mut before = first(&self.config_hash, &self.dataset.manifest);
        for link in &self.epochs {
            before = next(&before, link);
            if link.chain != before {
                return Err(Unsound::BrokenChain { epoch: link.epoch });
            }
        }
        Ok(())
    }

    /// Where `other` parts from this, if it does.
    pub fn parting(&self, other: &Statement) -> Option<Parting> {
        let (was, is) = (&self.dataset.manifest, &other.dataset.manifest);
        if was != is {
            return Some(Parting::Dataset { was: was.clone(), is: is.clone() });
        }
        let both = self.epochs.iter().zip(&other.epochs);
        if let Some(parting) = both.into_iter().find_map(|(was, is)| differs(was, is)) {
            return Some(parting);
        }
        let last = |of: &Statement| of.epochs.last().map_or(0, |link| link.epoch);
        let (was, is) = (last(self), last(other));
        if was != is {
            return Some(Parting::Length { was, is });
        }
        let weights =
            |of: &Statement| of.weights.first().map(|model| model.sha256.clone()).unwrap_or_default();
        let (was, is) = (weights(self), weights(other));
        (was != is).then_some(Parting::Weights { was, is })
    }
}

/// The first measurement in which an epoch differs.
fn differs(was: &Link, is: &Link) -> Option<Parting> {
    if was.epoch != is.epoch {
        return Some(Parting::Length { was: was.epoch, is: is.epoch });
    }
    let rate = |link: &Link| Measurements::from([("rate".to_owned(), link.learning_rate)]);
    let groups = [
        ("learning", rate(was), rate(is)),
        ("training", was.train.clone(), is.train.clone()),
        ("validation", was.validation.clone(), is.validation.clone()),
    ];
    groups.into_iter().find_map(|(group, was_all, is_all)| {
        let names: BTreeSet<&String> = was_all.keys().chain(is_all.keys()).collect();
        names.into_iter().find_map(|name| {
            let (was_value, is_value) = (was_all.get(name).copied(), is_all.get(name).copied());
            (was_value != is_value).then(|| Parting::Epoch {
                epoch: was.epoch,
                measurement: format!("{group} {name}"),
                was: was_value,
                is: is_value,
            })
        })
    })
}

fn chained(config_hash: &str, manifest: &str, rows: impl Iterator<Item = EpochRow>) -> Vec<Link> {
    let mut before = first(config_hash, manifest);
    rows.map(|EpochRow { epoch, train, validation, learning_rate, .. }| {
        let link = Link { epoch, train, validation, learning_rate, chain: String::new() };
        before = next(&before, &link);
        Link { chain: before.clone(), ..link }
    })
    .collect()
}

fn first(config_hash: &str, manifest: &str) -> String {
    hash(&format!("{config_hash}\n{manifest}"))
}

fn next(before: &str, Link { epoch, train, validation, learning_rate, .. }: &Link) -> String {
    let measured: Value =
        json!({ "epoch": epoch, "learning_rate": learning_rate, "train": train, "validation": validation });
    hash(&format!("{before}\n{measured}"))
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use trainyard_events::Envelope;

    use super::*;

    /// Two epochs of the golden job, measured so.
    fn statement(second: f64) -> Statement {
        let golden = include_bytes!("../../../events/tests/golden/job.requested.v1.json");
        let Event::Job(JobEvent::Requested { config, dataset, .. }) =
            Envelope::from_json(golden).unwrap().event
        else {
            panic!("it is a request")
        };
        let mut links = Vec::new();
        let config_hash = config.hash();
        let mut before = first(&config_hash, "m");
        for (epoch, loss) in [(1, 0.5), (2, second)] {
            let train = Measurements::from([("loss".to_owned(), loss)]);
            let validation = Measurements::from([("accuracy".to_owned(), 0.75)]);
            let link = Link { epoch, train, validation, learning_rate: 0.1 + 0.2, chain: String::new() };
            before = next(&before, &link);
            links.push(Link { chain: before.clone(), ..link });
        }
        Statement {
            form: FORM,
            trainyard: "0".to_owned(),
            job: Uuid::nil(),
            number: 1,
            dataset: TrainedOn {
                id: dataset,
                written: "d".to_owned(),
                manifest: "m".to_owned(),
                train_images: 2,
                validation_images: 1,
                classes: Vec::new(),
            },
            config,
            config_hash,
            attempts: Vec::new(),
            epochs: links,
            best_epoch: 1,
            measurements: Measurements::new(),
            weights: vec![Artifact { role: MODEL.to_owned(), key: "k".into(), sha256: "w".into(), bytes: 1 }],
        }
    }

    #[test]
    fn a_statement_that_was_changed_does_not_agree_with_itself() {
        let sound = statement(0.25);
        assert_eq!(sound.check(), Ok(()));
        let again: Statement = serde_json::from_str(&sound.canonical()).unwrap();
        assert_eq!((again.check(), again.canonical()), (Ok(()), sound.canonical()));
        let mut changed = sound.clone();
        changed.epochs[1].validation.insert("accuracy".to_owned(), 0.7500000000000001);
        assert_eq!(changed.check(), Err(Unsound::BrokenChain { epoch: 2 }));
        let mut changed = sound.clone();
        changed.epochs.remove(0);
        assert_eq!(changed.check(), Err(Unsound::BrokenChain { epoch: 2 }));
        let mut changed = sound.clone();
        changed.config.seed += 1;
        assert_eq!(changed.check(), Err(Unsound::OtherConfig));
        let mut changed = sound.clone();
        changed.dataset.manifest = "n".to_owned();
        assert_eq!(changed.check(), Err(Unsound::BrokenChain { epoch: 1 }));
        assert_eq!(Statement { form: 2, ..sound }.check(), Err(Unsound::NewerForm { form: 2 }));
    }

    #[test]
    fn the_first_difference_is_named() {
        let (one, other) = (statement(0.25), statement(0.250001));
        assert_eq!(one.parting(&one), None);
        let epoch = Parting::Epoch {
            epoch: 2,
            measurement: "training loss".to_owned(),
            was: Some(0.25),
            is: Some(0.250001),
        };
        assert_eq!(one.parting(&other), Some(epoch));
        let mut shorter = one.clone();
        shorter.epochs.pop();
        assert_eq!(one.parting(&shorter), Some(Parting::Length { was: 2, is: 1 }));
        let mut heavier = one.clone();
        heavier.weights[0].sha256 = "v".to_owned();
        let weights = Parting::Weights { was: "w".to_owned(), is: "v".to_owned() };
        assert_eq!(one.parting(&heavier), Some(weights));
        let mut elsewhere = other;
        elsewhere.dataset.manifest = "n".to_owned();
        let dataset = Parting::Dataset { was: "m".to_owned(), is: "n".to_owned() };
        assert_eq!(one.parting(&elsewhere), Some(dataset));
    }
}
