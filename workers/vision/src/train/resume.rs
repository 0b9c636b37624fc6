//! A training's checkpoints: what of it is written down, and how it goes on from there.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use tch::Tensor;
use trainyard_events::reason::{Advice, Trouble};

use crate::failure::Failure;
use crate::optim::schedule::Schedule;
use crate::tasks::Task;
use crate::train::Outcome;
use crate::train::checkpoint::{self, Copied, Groups, Progress};
use crate::train::rhythm::Rhythm;
use crate::train::run::{Run, copies, optimizer};

impl<T: Task> Run<T> {
    /// Goes on from a checkpoint of the same dataset, and of the same configuration or the one that this is a fork of.
    pub fn resume(&mut self, from: &Path) -> Result<(), Failure> {
        let (progress, saved) = checkpoint::load(from)?;
        let own = self.progress.config_hash.clone();
        let is_known = progress.config_hash == own
            || self.spec.checkpoint_config.as_ref() == Some(&progress.config_hash);
        if !is_known || progress.dataset_hash != self.progress.dataset_hash {
            return Err(Failure::config(Trouble::CheckpointOfOther, Advice::ResumeAsItWas));
        }
        if let Some(rhythm) = progress.rhythm.filter(|rhythm| *rhythm != self.rhythm) {
            self.keep_to(rhythm)?;
        }
        for (group, tensors) in self.groups() {
            if group != "best" {
                checkpoint::restore(&saved, group, &tensors)?;
            }
        }
        let gradients = checkpoint::group(&saved, "gradients");
        if !gradients.is_empty() {
            let zeros = self
                .model
                .parameters()
                .into_iter()
                .map(|(name, parameter)| Ok((name, parameter.f_detach()?.f_zeros_like()?)));
            let zeros = zeros.collect::<Result<BTreeMap<_, _>, Failure>>()?;
            checkpoint::restore(&saved, "gradients", &zeros)?;
            self.gradients = zeros.into_values().collect();
        }
        self.sums = Tensor::f_from_slice(&progress.sums)?.f_to_device(self.hardware.device)?;
        self.progress = Progress { config_hash: own, ..progress };
        self.best =
            if self.is_best_now() { copies(self.judged())? } else { checkpoint::group(&saved, "best") };
        if self.group.leads() {
            eprintln!("resuming after step {}", self.progress.step);
        }
        Ok(())
    }

    /// Steps as they were counted so far, whatever number of epochs would have made of them.
    fn keep_to(&mut self, rhythm: Rhythm) -> Result<(), Failure> {
        let config = &self.spec.config;
        self.schedule = Schedule::new(config, rhythm.steps as u64);
        self.optimizer = optimizer(config, rhythm, &self.model)?;
        (self.rhythm, self.progress.rhythm) = (rhythm, Some(rhythm));
        Ok(())
    }

    /// Whether the best tensors are those of this moment, which need not be stored twice.
    fn is_best_now(&self) -> bool {
        let Progress { epoch, batch, best, .. } = &self.progress;
        *batch == 0 && best.as_ref().is_some_and(|best| best.epoch == *epoch)
    }

    /// What the first process begins with, all begin with.
    pub(super) fn agree(&mut self) -> Result<(), Failure> {
        let all = self.groups().into_iter().filter(|(group, _)| *group != "best");
        let mut tensors: Vec<Tensor> = all.flat_map(|(_, tensors)| tensors.into_values()).collect();
        Ok(self.group.hand_out(&mut tensors)?)
    }

    fn groups(&self) -> Groups {
        let shallow = |tensors: &BTreeMap<String, Tensor>| {
            tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
        };
        let mut groups =
            Groups::from([("model", self.model.tensors()), ("optimizer", self.optimizer.state())]);
        if !self.is_best_now() {
            groups.insert("best", shallow(&self.best));
        }
        if let Some(average) = &self.average {
            groups.insert("average", average.tensors());
        }
        if !self.gradients.is_empty() {
            let gradients = self.optimizer.names().zip(&self.gradients);
            groups.insert(
                "gradients",
                gradients.map(|(name, gradient)| (name.to_owned(), gradient.shallow_clone())).collect(),
            );
        }
        groups
    }

    pub(super) fn write_checkpoint(&mut self) -> Result<(), Failure> {
        self.check_finite()?;
        // Before the next one takes up memory.
        self.writing.wait()?;
        self.progress.sums = Vec::try_from(&self.sums)?;
        let copied = Copied::of(&self.work, &self.progress, &self.groups())?;
        self.writing.begin(copied, self.progress.epoch, self.progress.step)?;
        self.last_checkpoint = Instant::now();
        Ok(())
    }

    pub(super) fn leave(&mut self, started: &Instant) -> Result<Outcome, Failure> {
        self.progress.seconds += started.elapsed().as_secs_f64();
        if !self.group.leads() {
            return Ok(Outcome::Preempted);
        }
        self.write_checkpoint()?;
        self.writing.wait()?;
        eprintln!("asked to leave: checkpoint written after step {}", self.progress.step);
        Ok(Outcome::Preempted)
    }
}
