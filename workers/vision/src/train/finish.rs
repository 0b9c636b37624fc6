//! What remains of a training: the best weights, measured once more from their file, their ONNX file, and the reports.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trainyard_events::reason::{Cause, Doing, Reason};
use trainyard_events::results::Measurements;
use trainyard_events::trainer::TrainerLine;
use trainyard_words::english;

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::protocol::say;
use crate::tasks::{Account, Task};
use crate::train::Run;
use crate::weights::file::write_bytes;
use crate::weights::model;

impl<T: Task> Run<T> {
    /// Writes the artifacts, while the last checkpoint may still be on its way to the disk, and says `finished`.
    pub fn finish(&mut self) -> Result<(), Failure> {
        let best =
            self.progress.best.as_ref().ok_or_else(|| Failure::internal(Doing::Finish, Cause::NoEpochRun))?;
        let weights = self.work.join("weights.safetensors");
        model::save(&weights, &self.card, &self.best)
            .map_err(|error| Failure::internal(Doing::WriteWeights, error))?;
        // What will be served is what is measured: the file, not the tensors in memory.
        let (saved, _) = model::load::<T::Network>(&weights, self.hardware.device)
            .map_err(|error| Failure::internal(Doing::WriteWeights, error))?;
        if self.channels_last {
            saved.use_channels_last()?;
        }
        // All training is done and checkpointed: leaving now would only repeat this.
        let nothing_interrupts = Interrupt::default();
        let measure = |part| {
            self.judge(&nothing_interrupts)
                .evaluate(&saved, part)?
                .ok_or_else(|| Failure::internal(Doing::MeasureWeights, Cause::WasInterrupted))
        };
        let validation = measure(&self.dataset.splits.validation)?;
        let mut measurements = best.measurements.clone();
        if let Some(test) = &self.dataset.splits.test {
            let figures = measure(test)?.measurements;
            measurements.extend(figures.into_iter().map(|(name, value)| (format!("test_{name}"), value)));
        }

        let classes = &self.dataset.classes;
        let account = T::account(classes, &self.dataset.splits.validation, &validation.seen)?;
        artifact("weights", weights.clone());
        self.export(&weights)?;
        self.write("report", "report.json", &bytes(&self.report(&account, &measurements))?)?;
        let matrix = json!({ "classes": account.rows, "counts": account.counts });
        self.write("confusion_matrix", "confusion_matrix.json", &bytes(&matrix)?)?;
        for (role, name, content) in &account.others {
            self.write(role, name, content)?;
        }
        let primary = T::PRIMARY;
        eprintln!("best is epoch {} with validation {primary} {:.4}", best.epoch, best.measurements[primary]);
        let (stopped_early, best_epoch) = (self.stopped_early(), best.epoch);
        let classes = classes.clone();
        self.writing.wait()?;
        say(&TrainerLine::Finished {
            best_epoch,
            measurements,
            classes,
            weights,
            stopped_early: stopped_early.as_ref().map(english),
            because: stopped_early.into_iter().map(Reason::Ending).collect(),
        });
        Ok(())
    }

    /// What a predictor answers with.
    fn export(&self, weights: &Path) -> Result<(), Failure> {
        let path = self.work.join("model.onnx");
        let doing = || Doing::WriteFile { path: path.display().to_string() };
        trainyard_onnx::export_to(weights, &path).map_err(|error| Failure::internal(doing(), error))?;
        artifact("onnx", path);
        Ok(())
    }

    pub(super) fn write(&self, role: &str, name: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.work.join(name);
        let doing = || Doing::WriteFile { path: path.display().to_string() };
        write_bytes(&path, content).map_err(|error| Failure::internal(doing(), error))?;
        artifact(role, path);
        Ok(())
    }

    fn report(&self, account: &Account, measurements: &Measurements) -> Value {
        json!({
            "job": self.spec.job,
            "model": self.card.model,
            "task": self.card.task,
            "device": self.hardware.name(),
            "precision": self.precision_in_words(),
            "dataset_hash": self.dataset.hash,
            "preprocessing": self.card.preprocessing,
            "best_epoch": self.progress.best.as_ref().map(|best| best.epoch),
            "stopped_early": self.stopped_early().as_ref().map(english),
            "primary": T::PRIMARY,
            "measurements": measurements,
            "classes": account.classes,
            "confusion_matrix": account.counts,
            "history": self.progress.history,
        })
    }
}

pub fn bytes(content: &Value) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(content)
        .map_err(|error| Failure::internal(Doing::WriteReport, Cause::said(error.to_string())))
}

fn artifact(role: &str, path: PathBuf) {
    say(&TrainerLine::Artifact { role: role.to_owned(), path });
}
