//! Whether a program is a trainer: what an agent relies on, tried on a small dataset one thing after the other.

mod course;
mod data;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use trainyard_child::Exit;
use trainyard_events::TrainingConfig;
use trainyard_events::card::{DescribedModel, Description, Resume};
use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};
use trainyard_events::job::FailureClass;
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};
use uuid::Uuid;

use super::Installed;
use course::{Then, run};
use data::Dataset;

/// Of the training that is tried.
const EPOCHS: u32 = 3;
const IMAGE_SIZE: u32 = 32;
/// What a trainer has to leave a checkpoint after SIGTERM, and a little more.
const LEAVES_WITHIN: Duration = Duration::from_secs(25);

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    pub what: &'static str,
    /// What is wrong, in one sentence.
    pub outcome: Result<(), String>,
}

/// Tries everything with one of its models; `None` takes the smallest that it can tell.
pub async fn check(installed: &Installed, model: Option<&str>, folder: &Path) -> Vec<Tried> {
    let model = match chosen(&installed.description, model) {
        Ok(model) => model,
        Err(problem) => return vec![Tried { what: "describes its models", outcome: Err(problem) }],
    };
    let suite = Suite { installed, model, folder };
    let mut tried = Vec::new();
    let whole = suite.whole().await;
    let weights = whole.as_ref().ok().cloned();
    tried.push(Tried { what: "trains, and says so in order", outcome: whole.map(drop) });
    if let Some(weights) = weights {
        let killed = suite.killed(&weights).await;
        tried.push(Tried { what: "goes on after a kill", outcome: killed });
        tried.push(Tried { what: "exports its weights", outcome: suite.exports(&weights).await });
    }
    tried.push(Tried { what: "leaves a checkpoint on SIGTERM", outcome: suite.leaves().await });
    tried.push(Tried { what: "refuses a model that it does not have", outcome: suite.refuses_model().await });
    tried.push(Tried { what: "refuses a dataset without images", outcome: suite.refuses_nothing().await });
    tried.push(Tried { what: "refuses a broken image", outcome: suite.refuses_broken().await });
    tried
}

fn chosen<'a>(description: &'a Description, model: Option<&str>) -> Result<&'a DescribedModel, String> {
    let known = |task: Task| task != Task::Pose;
    let mut models = description.models.iter().filter(|described| known(described.task));
    match model {
        Some(wanted) => models.find(|described| described.id == wanted).ok_or_else(|| {
            format!("it does not name {wanted:?} among what classifies, detects, segments or finds anomalies")
        }),
        None => models
            .min_by_key(|described| (described.parameters.unwrap_or(u64::MAX), described.image_size))
            .ok_or_else(|| {
                "it names no model that classifies, detects, segments or finds anomalies".to_owned()
            }),
    }
}

struct Suite<'a> {
    installed: &'a Installed,
    model: &'a DescribedModel,
    folder: &'a Path,
}

impl Suite<'_> {
    /// Returns the weights of a training that nothing has touched.
    async fn whole(&self) -> Result<PathBuf, String> {
        let data = self.data("whole", |_| {})?;
        let course = run(self.installed, &data, &self.spec(&data), None, |_| Then::Listen).await?;
        course.is_whole(&data.classes, self.epochs())
    }

    /// Killed with its first checkpoint on the disk, and gone on with.
    async fn killed(&self, whole: &Path) -> Result<(), String> {
        let resume = self.installed.description.resume;
        if resume == Resume::Never {
            return Ok(());
        }
        let data = self.data("killed", |_| {})?;
        let spec = self.spec(&data);
        let at_checkpoint = |line: &TrainerLine| match line {
            TrainerLine::Checkpoint { .. } => Then::Kill,
            _ => Then::Listen,
        };
        let course = run(self.installed, &data, &spec, None, at_checkpoint).await?;
        let checkpoint = course.checkpoint().ok_or("it finished without a checkpoint")?;
        let course = run(self.installed, &data, &spec, Some(&checkpoint), |_| Then::Listen).await?;
        let weights = course.went_on(&data.classes, self.epochs())?;
        if resume == Resume::Exact && hash(&weights)? != hash(whole)? {
            return Err(
                "it says that it resumes exactly, and its weights are other than without the kill".into()
            );
        }
        Ok(())
    }

    async fn leaves(&self) -> Result<(), String> {
        let data = self.data("leaves", |_| {})?;
        let resume = self.installed.description.resume;
        let in_the_middle = |line: &TrainerLine| match line {
            // Who goes on from an epoch has nothing to leave before the first.
            TrainerLine::Step(_) if resume == Resume::Epoch => Then::Listen,
            TrainerLine::Step(_) | TrainerLine::Epoch { .. } | TrainerLine::Checkpoint { .. } => {
                Then::Terminate
            }
            _ => Then::Listen,
        };
        let course = run(self.installed, &data, &self.spec(&data), None, in_the_middle).await?;
        // What begins anew has nothing to leave.
        let left = resume == Resume::Never || course.checkpoint().is_some();
        match course.exit {
            Exit::Code(exit::PREEMPTED) if left => Ok(()),
            Exit::Code(exit::PREEMPTED) => Err("it left with exit code 75 and without a checkpoint".into()),
            // It was done before the signal came.
            Exit::Code(exit::DONE) => Ok(()),
            other => Err(format!("it ended with {other}, and not with exit code 75 within 25 s")),
        }
    }

    async fn exports(&self, weights: &Path) -> Result<(), String> {
        let out = self.folder.join("exported.onnx");
        let exit = course::export(self.installed, weights, &out, self.folder).await?;
        match std::fs::read(&out) {
            _ if exit != Exit::Code(exit::DONE) => Err(format!("`export` ended with {exit}")),
            Err(error) => Err(format!("`export` left no {}: {error}", out.display())),
            Ok(content) if !holds(&content, trainyard_events::card::KEY) => {
                Err("the ONNX file carries no card: its metadata has no key \"trainyard\"".into())
            }
            Ok(_) => Ok(()),
        }
    }

    async fn refuses_model(&self) -> Result<(), String> {
        let data = self.data("model", |_| {})?;
        let mut spec = self.spec(&data);
        spec.config.model = "no such model".to_owned();
        let course = run(self.installed, &data, &spec, None, |_| Then::Listen).await?;
        course.refused(FailureClass::Config, exit::CONFIG)
    }

    async fn refuses_nothing(&self) -> Result<(), String> {
        let data = self.data("nothing", |data| data.manifest.images.clear())?;
        let course = run(self.installed, &data, &self.spec(&data), None, |_| Then::Listen).await?;
        course.refused(FailureClass::Dataset, exit::DATASET)
    }

    async fn refuses_broken(&self) -> Result<(), String> {
        let data = self.data("broken", |_| {})?;
        data.break_one()?;
        let course = run(self.installed, &data, &self.spec(&data), None, |_| Then::Listen).await?;
        course.refused(FailureClass::Dataset, exit::DATASET)
    }

    fn data(&self, name: &str, change: impl FnOnce(&mut Dataset)) -> Result<Dataset, String> {
        let mut data = Dataset::make(self.model.task, &self.folder.join(name))?;
        change(&mut data);
        data.write()?;
        Ok(data)
    }

    fn spec(&self, data: &Dataset) -> TrainerSpec {
        TrainerSpec {
            job: Uuid::nil(),
            config: self.config(),
            manifest: data.path(),
            images: data.images(),
            dataset_hash: data.manifest.version().unwrap_or_default(),
            initial_weights: None,
            checkpoint_config: None,
            batch_divisor: 1,
            threads: 1,
            devices: 0,
        }
    }

    /// Who learns from good ones looks at each once.
    fn epochs(&self) -> u32 {
        if self.model.task == Task::Anomaly { 1 } else { EPOCHS }
    }

    fn config(&self) -> TrainingConfig {
        let (task, model) = (self.model.task, self.model.id.clone());
        // What was made for large images may not take small ones.
        let image_size =
            if task == Task::Classify { IMAGE_SIZE.max(self.model.image_size.min(64)) } else { 64 };
        TrainingConfig {
            task,
            model,
            dataset: None,
            classes: Vec::new(),
            epochs: self.epochs(),
            image_size,
            batch_size: 8,
            learning_rate: 0.001,
            optimizer: Optimizer::Adamw,
            momentum: 0.9,
            weight_decay: 0.0,
            schedule: Schedule::Constant,
            warmup_epochs: 0.0,
            label_smoothing: 0.0,
            ema: false,
            augmentation: Augmentation::None,
            // As photos are proposed: some classifiers see nothing else.
            resize: if task == Task::Classify { Resize::Crop } else { Resize::Letterbox },
            patience: None,
            seed: 7,
            device: Device::Cpu,
            priority: Priority::Normal,
            initial_weights: None,
            runner: Some(self.installed.description.runner.clone()),
            options: Default::default(),
            continues: None,
            resources: None,
            max_cost: None,
            max_hours: None,
            unread: Default::default(),
        }
    }
}

fn hash(path: &Path) -> Result<String, String> {
    let content = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(hex::encode(Sha256::digest(content)))
}

fn holds(content: &[u8], word: &str) -> bool {
    content.windows(word.len()).any(|window| window == word.as_bytes())
}
