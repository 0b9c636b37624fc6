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
        let (classes, splits) = (&self.dataset.classes, &self.dataset.splits);
        let validation = measure(&splits.validation)?;
        let mut measurements = best.measurements.clone();
        let mut account = T::account(classes, &splits.validation, &validation.seen);
        let mut of_test = None;
        if let Some(part) = &splits.test {
            let test = measure(part)?;
            let figures = test.measurements.into_iter();
            measurements.extend(figures.map(|(name, value)| (format!("test_{name}"), value)));
            of_test = Some(T::account(classes, part, &test.seen));
        }

        artifact("weights", weights.clone());
        self.export(&weights)?;
        let report = self.report(&account, of_test.as_ref(), &measurements);
        self.write("report", "report.json", &bytes(&report)?)?;
        let matrix = json!({ "classes": account.rows, "counts": account.counts });
        self.write("confusion_matrix", "confusion_matrix.json", &bytes(&matrix)?)?;
        if let Some(curves) = &account.curves {
            self.write("pr_curve", "pr_curve.json", &bytes(curves)?)?;
        }
        let mut samples = samples_of("validation", &mut account);
        samples.extend(of_test.iter_mut().flat_map(|account| samples_of("test", account)));
        self.write("sample_predictions", "sample_predictions.json", &bytes(&json!(samples))?)?;
        let sheet = T::sheet(&splits.validation, &validation.seen)?;
        self.write("sample_images", "sample_images.jpg", &sheet)?;
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

    /// Without test images the report has no `test`.
    fn report(&self, account: &Account, of_test: Option<&Account>, measurements: &Measurements) -> Value {
        let mut report = json!({
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
        });
        if let Some(test) = of_test {
            report["test"] = json!({
                "classes": test.classes,
                "rows": test.rows,
                "confusion_matrix": test.counts,
            });
            if let Some(curves) = &test.curves {
                report["test"]["pr_curve"] = curves.clone();
            }
        }
        report
    }
}

/// Each with the split that it is of.
fn samples_of(split: &str, account: &mut Account) -> Vec<Value> {
    let mut samples = std::mem::take(&mut account.samples);
    samples.iter_mut().for_each(|sample| sample["split"] = json!(split));
    samples
}

pub fn bytes(content: &Value) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(content)
        .map_err(|error| Failure::internal(Doing::WriteReport, Cause::said(error.to_string())))
}

fn artifact(role: &str, path: PathBuf) {
    say(&TrainerLine::Artifact { role: role.to_owned(), path });
}
