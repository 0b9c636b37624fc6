//! What remains of a training: the best weights, measured once more from their file, and the reports.

use std::path::{Path, PathBuf};

use serde_json::json;
use trainyard_events::job::Measurements;
use trainyard_events::trainer::TrainerLine;

use crate::data::cache::Images;
use crate::failure::Failure;
use crate::protocol::say;
use crate::train::{Evaluation, Run};
use crate::weights::file::write_bytes;
use crate::weights::model;

/// Images shown in `sample_predictions`.
const SAMPLES: usize = 24;

impl Run {
    /// Writes the artifacts and says `finished`.
    pub fn finish(&self) -> Result<(), Failure> {
        let best =
            self.progress.best.as_ref().ok_or_else(|| Failure::internal("finishing", "no epoch was run"))?;
        let weights = self.work.join("weights.safetensors");
        let failed = |error: &dyn std::fmt::Display| Failure::internal("cannot write the weights", error);
        model::save(&weights, &self.card, &self.best).map_err(|error| failed(&error))?;
        // What will be served is what is measured: the file, not the tensors in memory.
        let (saved, _) = model::load(&weights, self.hardware.device).map_err(|error| failed(&error))?;
        if self.channels_last {
            saved.use_channels_last()?;
        }
        let uninterrupted = |images| {
            // All training is done and checkpointed: leaving now would only repeat this.
            crate::train::evaluate(
                &saved,
                images,
                &self.card.preprocessing,
                &self.loader,
                self.evaluation_batch(),
                self.channels_last,
                &crate::interrupt::Interrupt::default(),
            )?
            .ok_or_else(|| Failure::internal("measuring the weights", "it was interrupted"))
        };
        let validation = uninterrupted(&self.dataset.validation)?;
        let mut measurements = best.measurements.clone();
        if let Some(test) = &self.dataset.test {
            let figures = uninterrupted(test)?.measurements();
            measurements.extend(figures.into_iter().map(|(name, value)| (format!("test_{name}"), value)));
        }

        artifact("weights", weights.clone());
        self.write("report", "report.json", &self.report(&validation, &measurements))?;
        let matrix = json!({ "classes": self.dataset.classes, "counts": validation.confusion.counts });
        self.write("confusion_matrix", "confusion_matrix.json", &matrix)?;
        let samples = samples(&self.dataset.validation, &self.dataset.classes, &validation);
        self.write("sample_predictions", "sample_predictions.json", &samples)?;
        eprintln!(
            "best is epoch {} with validation accuracy {:.4}",
            best.epoch, best.measurements["accuracy"]
        );
        say(&TrainerLine::Finished {
            best_epoch: best.epoch,
            measurements,
            classes: self.dataset.classes.clone(),
            weights,
            stopped_early: self.stopped_early(),
        });
        Ok(())
    }

    fn write(&self, role: &str, name: &str, content: &serde_json::Value) -> Result<(), Failure> {
        let path = self.work.join(name);
        write_json(&path, content)?;
        artifact(role, path);
        Ok(())
    }

    fn report(&self, validation: &Evaluation, measurements: &Measurements) -> serde_json::Value {
        let scores = validation.confusion.scores();
        let classes: Vec<_> = self
            .dataset
            .classes
            .iter()
            .zip(&scores)
            .map(|(name, score)| {
                json!({ "name": name, "precision": score.precision, "recall": score.recall, "support": score.support })
            })
            .collect();
        json!({
            "job": self.spec.job,
            "model": self.card.model,
            "task": self.card.task,
            "device": self.hardware.name(),
            "dataset_hash": self.dataset.hash,
            "preprocessing": self.card.preprocessing,
            "best_epoch": self.progress.best.as_ref().map(|best| best.epoch),
            "stopped_early": self.stopped_early(),
            "measurements": measurements,
            "classes": classes,
            "confusion_matrix": validation.confusion.counts,
            "history": self.progress.history,
        })
    }
}

fn write_json(path: &Path, content: &serde_json::Value) -> Result<(), Failure> {
    let what = format!("cannot write {}", path.display());
    let bytes = serde_json::to_vec_pretty(content).map_err(|error| Failure::internal(&what, error))?;
    write_bytes(path, &bytes).map_err(|error| Failure::internal(&what, error))
}

fn artifact(role: &str, path: PathBuf) {
    say(&TrainerLine::Artifact { role: role.to_owned(), path });
}

/// The most confident mistakes first, then the least sure right answers.
fn samples(images: &Images, classes: &[String], evaluation: &Evaluation) -> serde_json::Value {
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_by(|&a, &b| {
        let key = |index: usize| {
            let (answer, confidence) = evaluation.answers[index];
            let right = answer as i64 == images.label(index);
            (right, if right { confidence } else { -confidence })
        };
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let shown: Vec<_> = order
        .into_iter()
        .take(SAMPLES)
        .map(|index| {
            let (answer, confidence) = evaluation.answers[index];
            let truth = &classes[images.label(index) as usize];
            json!({ "path": images.path(index), "truth": truth, "answer": classes[answer], "confidence": confidence })
        })
        .collect();
    json!(shown)
}
