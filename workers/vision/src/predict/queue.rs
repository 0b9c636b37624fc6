//! One thread owns libtorch and every loaded model; questions that come together share a forward pass.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Instant;

use tch::Device;
use tokio::sync::oneshot;
use trainyard_events::prediction::{PredictRefusal, Prediction};
use trainyard_events::reason::Doing;

use crate::failure::Failure;
use crate::limits::{PREDICT_BATCH, PREDICT_MODELS, PREDICT_QUEUE, PREDICT_WAIT};
use crate::predict::{Predictor, Prepared};

/// The classes or boxes of one image, and how many images shared the pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub predictions: Vec<Prediction>,
    pub batch: u32,
}

struct Question {
    weights: PathBuf,
    image: Prepared,
    answer: oneshot::Sender<Result<Answer, PredictRefusal>>,
}

/// Where questions wait, at most [`PREDICT_QUEUE`] of them. Clones share it; the thread ends after the last.
#[derive(Clone)]
pub struct Queue(SyncSender<Question>);

impl Queue {
    pub fn start(device: Device, threads: usize) -> Result<Self, Failure> {
        let (sender, questions) = sync_channel(PREDICT_QUEUE);
        thread::Builder::new()
            .name("torch".to_owned())
            .spawn(move || {
                tch::set_num_threads(threads as i32);
                Desk { device, loaded: Vec::new() }.work(&questions);
            })
            .map_err(|error| Failure::internal(Doing::StartTorch, error))?;
        Ok(Queue(sender))
    }

    /// `image` is prepared for the model in the file `weights`, whose content must never change.
    pub async fn ask(&self, weights: &Path, image: Prepared) -> Result<Answer, PredictRefusal> {
        let (answer, coming) = oneshot::channel();
        self.0.try_send(Question { weights: weights.to_owned(), image, answer }).map_err(
            |error| match error {
                TrySendError::Full(_) => PredictRefusal::busy(format!(
                    "{PREDICT_QUEUE} images wait already; try again in a moment"
                )),
                TrySendError::Disconnected(_) => gone(),
            },
        )?;
        coming.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> PredictRefusal {
    PredictRefusal::busy("the predictor is going away; try again")
}

struct Desk {
    device: Device,
    /// Last used last.
    loaded: Vec<(PathBuf, Predictor)>,
}

impl Desk {
    fn work(&mut self, questions: &Receiver<Question>) {
        while let Ok(first) = questions.recv() {
            let mut waiting = collect(first, questions);
            while let Some(question) = waiting.first() {
                let weights = question.weights.clone();
                let (same, others) = waiting.into_iter().partition(|question| question.weights == weights);
                self.answer(&weights, same);
                waiting = others;
            }
        }
    }

    fn answer(&mut self, weights: &Path, questions: Vec<Question>) {
        let (images, answers): (Vec<_>, Vec<_>) =
            questions.into_iter().map(|question| (question.image, question.answer)).unzip();
        let result = self.predictor(weights).and_then(|predictor| {
            predictor
                .predict(&images)
                .map_err(|error| PredictRefusal::busy(format!("libtorch failed: {error}")))
        });
        let batch = answers.len() as u32;
        let results: Vec<_> = match result {
            Ok(all) => all.into_iter().map(|predictions| Ok(Answer { predictions, batch })).collect(),
            Err(refusal) => vec![Err(refusal); answers.len()],
        };
        for (answer, result) in answers.into_iter().zip(results) {
            // Who asked may have stopped waiting.
            let _ = answer.send(result);
        }
    }

    fn predictor(&mut self, weights: &Path) -> Result<&Predictor, PredictRefusal> {
        let entry = match self.loaded.iter().position(|(path, _)| path == weights) {
            Some(at) => self.loaded.remove(at),
            None => {
                let predictor = Predictor::load(weights, self.device).map_err(PredictRefusal::bad_model)?;
                if self.loaded.len() == PREDICT_MODELS {
                    self.loaded.remove(0);
                }
                (weights.to_owned(), predictor)
            }
        };
        self.loaded.push(entry);
        Ok(&self.loaded.last().expect("it has just been pushed").1)
    }
}

/// The first question, and those that come while it can wait.
fn collect(first: Question, questions: &Receiver<Question>) -> Vec<Question> {
    let deadline = Instant::now() + PREDICT_WAIT;
    let mut waiting = vec![first];
    while waiting.len() < PREDICT_BATCH {
        match questions.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(question) => waiting.push(question),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    waiting
}
