//! One thread for each loaded model: questions that wait while it computes share its next pass.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use trainyard_events::card::Preprocessing;
use trainyard_events::prediction::PredictRefusal;

use crate::limits::{BATCH, BATCH_TIME, PREPARED};
use crate::model::{Model, Runtime, Watch};
use crate::outputs::Answer;
use crate::prepare::Prepared;

/// A loaded model. It is put away when the last of those who hold it lets go, once all that waits is answered.
pub struct Desk {
    questions: Sender<Question>,
    preprocessing: Preprocessing,
    /// Images that are prepared and not answered yet.
    prepared: Semaphore,
}

struct Question {
    image: Prepared,
    answer: oneshot::Sender<Result<Answered, PredictRefusal>>,
}

/// What is told of an image, and how many shared the pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub answer: Answer,
    pub batch: u32,
}

impl Desk {
    /// Loads the model in `path`; `place` is given back when it has been put away.
    pub async fn open(
        runtime: Runtime,
        path: PathBuf,
        place: OwnedSemaphorePermit,
    ) -> Result<Desk, PredictRefusal> {
        let (questions, asked) = mpsc::channel(PREPARED);
        let (loaded, loading) = oneshot::channel();
        let watch = Watch::here();
        let work = move || {
            let _place = place;
            match Model::load(&runtime, &path, &watch) {
                Ok(model) => {
                    let preprocessing = model.preprocessing().clone();
                    // Whoever asked for it may have gone; it is put away at once then.
                    let _ = loaded.send(Ok(preprocessing));
                    work(model, asked, &watch);
                }
                Err(refusal) => {
                    let _ = loaded.send(Err(refusal));
                }
            }
        };
        thread::Builder::new().name("model".to_owned()).spawn(work).map_err(|error| {
            PredictRefusal::busy(format!(
                "there is no thread for the model now ({error}); try again in a moment"
            ))
        })?;
        let preprocessing = loading.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(Desk { questions, preprocessing, prepared: Semaphore::new(PREPARED) })
    }

    /// `prepare` makes an image of what was sent, once there is room for it.
    pub async fn ask(
        &self,
        prepare: impl AsyncFnOnce(&Preprocessing) -> Result<Prepared, PredictRefusal>,
    ) -> Result<Answered, PredictRefusal> {
        let _room = self.prepared.acquire().await.map_err(|_| gone())?;
        let image = prepare(&self.preprocessing).await?;
        let (answer, coming) = oneshot::channel();
        self.questions.send(Question { image, answer }).await.map_err(|_| gone())?;
        coming.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Whether its thread has ended before its time.
    pub fn is_broken(&self) -> bool {
        self.questions.is_closed()
    }
}

fn gone() -> PredictRefusal {
    PredictRefusal::busy("the predictor has lost the model and loads it again; try again in a moment")
}

fn work(mut model: Model, mut asked: Receiver<Question>, watch: &Watch) {
    let mut most = BATCH;
    while let Some(first) = asked.blocking_recv() {
        let mut waiting = vec![first];
        while waiting.len() < most {
            match asked.try_recv() {
                Ok(question) => waiting.push(question),
                Err(_) => break,
            }
        }
        // Nobody waits for the answers of some any more.
        waiting.retain(|question| !question.answer.is_closed());
        if waiting.is_empty() {
            continue;
        }
        let (count, begun) = (waiting.len(), Instant::now());
        answer(&mut model, waiting, watch);
        most = fitting(begun.elapsed() / count as u32);
    }
}

/// How many images fit into [`BATCH_TIME`].
fn fitting(each: Duration) -> usize {
    ((BATCH_TIME.as_secs_f64() / each.as_secs_f64().max(1e-6)) as usize).clamp(1, BATCH)
}

fn answer(model: &mut Model, questions: Vec<Question>, watch: &Watch) {
    let (images, waiting): (Vec<_>, Vec<_>) =
        questions.into_iter().map(|question| (question.image, question.answer)).unzip();
    let batch = waiting.len() as u32;
    let results: Vec<_> = match model.answer(&images, watch) {
        Ok(answers) => answers.into_iter().map(|answer| Ok(Answered { answer, batch })).collect(),
        Err(refusal) => vec![Err(refusal); waiting.len()],
    };
    for (waiting, result) in waiting.into_iter().zip(results) {
        // Who asked may have stopped waiting.
        let _ = waiting.send(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_images_share_the_pass_of_a_slow_model() {
        assert_eq!(fitting(Duration::from_micros(3)), BATCH);
        assert_eq!(fitting(Duration::from_millis(100)), 5);
        assert_eq!(fitting(Duration::from_secs(9)), 1);
    }
}
