//! What a trainer's lines and its end mean. Pure.

use std::io;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use trainyard_child::Exit;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::reason::{Advice, Reason, Trouble, cut};
use trainyard_events::results::Measurements;
use trainyard_events::trainer::{StepMeasurement, TrainerLine, exit};

use crate::why;

/// The longest message or next step that is believed, in characters, and the longest value in a reason; what is left of
/// one is as data at most [`REASON_BYTES`] of JSON.
const MESSAGE_CHARS: usize = 1_000;
const REASON_BYTES: usize = 16 * 1024;

/// What one line asks of the agent.
#[derive(Debug, PartialEq)]
pub(crate) enum Word {
    Fact(Box<JobEvent>),
    Step(StepMeasurement),
    Upload(Upload),
    Finished(Results),
    Failed(Failure),
}

/// Something below the work folder that belongs in the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Upload {
    Checkpoint { path: PathBuf, epoch: u32, step: u64, sha256: Option<String> },
    Artifact { role: String, path: PathBuf },
}

/// What a trainer that is done has to show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Results {
    pub(crate) best_epoch: u32,
    pub(crate) measurements: Measurements,
    pub(crate) classes: Vec<String>,
    pub(crate) weights: PathBuf,
    pub(crate) stopped_early: Option<String>,
    pub(crate) because: Vec<Reason>,
}

/// The last thing a trainer said of itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LastWord {
    Finished(Results),
    Failed(Failure),
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    Finished(Results),
    Preempted,
    Failed(Failure),
}

/// Reads one line of standard output. An error says why it is none of the protocol's.
pub(crate) fn read(token: u64, line: &str) -> Result<Word, serde_json::Error> {
    Ok(match serde_json::from_str(line)? {
        TrainerLine::Started {
            device,
            parameters,
            train_images,
            validation_images,
            classes,
            dataset_hash,
            resolved,
        } => Word::Fact(Box::new(JobEvent::TrainingStarted {
            token,
            device,
            parameters,
            train_images,
            validation_images,
            classes,
            dataset_hash,
            resolved,
        })),
        TrainerLine::Step(step) => Word::Step(step),
        TrainerLine::Epoch { epoch, train, validation, primary, is_best, learning_rate, seconds } => {
            Word::Fact(Box::new(JobEvent::EpochLogged {
                token,
                epoch,
                train,
                validation,
                primary,
                is_best,
                learning_rate,
                seconds,
            }))
        }
        TrainerLine::Checkpoint { path, epoch, step, sha256 } => {
            Word::Upload(Upload::Checkpoint { path, epoch, step, sha256 })
        }
        TrainerLine::Artifact { role, path } => Word::Upload(Upload::Artifact { role, path }),
        TrainerLine::Finished { best_epoch, measurements, classes, weights, stopped_early, because } => {
            let told = |text: &str| Reason::said(text);
            let because = data(because, stopped_early.as_deref().unwrap_or_default(), told);
            Word::Finished(Results { best_epoch, measurements, classes, weights, stopped_early, because })
        }
        TrainerLine::Failed { class, message, next_step, because, advice } => {
            let because = data(because, &message, |text| Reason::said(text));
            let advice = data(advice, &next_step, |text| Advice::AdviceSaid { text: text.to_owned() });
            let (message, next_step) = (shortened(&message), shortened(&next_step));
            Word::Failed(Failure { class, message, next_step, console: Vec::new(), because, advice })
        }
    })
}

/// What became of the attempt, from the trainer's last word and the way it ended.
pub(crate) fn ending(last: Option<LastWord>, exit: Exit, out_of_memory: bool) -> Ending {
    match last {
        // The results were complete when it said so; what it tripped over on its way out does not matter.
        Some(LastWord::Finished(results)) => Ending::Finished(results),
        Some(LastWord::Failed(failure)) => Ending::Failed(failure),
        None if exit == Exit::Code(exit::PREEMPTED) => Ending::Preempted,
        None => Ending::Failed(unexplained(exit, out_of_memory)),
    }
}

fn unexplained(exit: Exit, out_of_memory: bool) -> Failure {
    use FailureClass::{Config, Dataset, Internal, OutOfMemory};
    let (class, because, advice) = match exit {
        Exit::Signal(_) if out_of_memory => (OutOfMemory, Trouble::MemoryRanOut, Advice::HalfBatch),
        Exit::Signal(signal) => {
            let signal = signal_name(signal);
            (Internal, Trouble::TrainerKilled { signal }, Advice::MaySayWhyOrCancel)
        }
        Exit::Code(exit::CONFIG) => (Config, Trouble::TrainerRefusesConfig, Advice::SayWhatIsWrongWithConfig),
        Exit::Code(exit::DATASET) => {
            (Dataset, Trouble::TrainerRefusesDataset, Advice::SayWhatIsWrongWithDataset)
        }
        Exit::Code(exit::DONE) => (Internal, Trouble::TrainerSaidNothing, Advice::PrintFinished),
        Exit::Code(exit_code) => (Internal, Trouble::TrainerExited { exit_code }, Advice::MaySayWhy),
    };
    failure(class, because, advice)
}

/// A failure as data, without its console lines yet; the door says it in English.
pub(crate) fn failure(class: FailureClass, because: impl Into<Reason>, advice: Advice) -> Failure {
    Failure {
        class,
        message: String::new(),
        next_step: String::new(),
        console: Vec::new(),
        because: cut(vec![because.into()], MESSAGE_CHARS),
        advice: vec![advice],
    }
}

/// That of a folder that cannot be written to.
pub(crate) fn disk(folder: &Path, error: &io::Error) -> Failure {
    let path = folder.display().to_string();
    let because = Trouble::FolderUnwritable { path, cause: why::system(error) };
    failure(FailureClass::Internal, because, Advice::MakeRoom)
}

/// What a trainer says as data. Where it says none, or more than is believed, its sentence stands, whatever it is.
fn data<T>(said: Vec<T>, sentence: &str, told: impl Fn(&str) -> T) -> Vec<T>
where
    T: Serialize + DeserializeOwned,
{
    let said = cut(said, MESSAGE_CHARS);
    let fits = serde_json::to_vec(&said).is_ok_and(|json| json.len() <= REASON_BYTES);
    match sentence {
        _ if fits && !said.is_empty() => said,
        "" => Vec::new(),
        sentence => vec![told(&shortened(sentence))],
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS).collect()
}

fn signal_name(signal: i32) -> String {
    Signal::try_from(signal).map_or_else(|_| format!("signal {signal}"), |signal| signal.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        Results {
            best_epoch: 2,
            measurements: [("accuracy".to_owned(), 0.5)].into(),
            classes: vec!["a".to_owned()],
            weights: "best.safetensors".into(),
            stopped_early: None,
            because: Vec::new(),
        }
    }

    /// Of a trainer that says sentences only.
    fn foreign(message: &str, next_step: &str) -> Failure {
        let advice = Advice::AdviceSaid { text: next_step.to_owned() };
        failure(FailureClass::Diverged, Reason::said(message), advice)
    }

    #[test]
    fn each_line_becomes_what_it_says() {
        let epoch = JobEvent::EpochLogged {
            token: 7,
            epoch: 2,
            train: [("loss".to_owned(), 0.5)].into(),
            validation: [("accuracy".to_owned(), 0.9)].into(),
            primary: "accuracy".to_owned(),
            is_best: true,
            learning_rate: 0.1,
            seconds: 3.5,
        };
        let table = [
            (
                r#"{"line":"epoch","epoch":2,"train":{"loss":0.5},"validation":{"accuracy":0.9},"primary":"accuracy",
                    "is_best":true,"learning_rate":0.1,"seconds":3.5}"#,
                Word::Fact(Box::new(epoch)),
            ),
            (
                r#"{"line":"started","device":"cpu","parameters":9,"train_images":8,"validation_images":2,
                    "classes":["a","b"],"dataset_hash":"h","resolved":{"threads":"2"}}"#,
                Word::Fact(Box::new(JobEvent::TrainingStarted {
                    token: 7,
                    device: "cpu".to_owned(),
                    parameters: 9,
                    train_images: 8,
                    validation_images: 2,
                    classes: vec!["a".to_owned(), "b".to_owned()],
                    dataset_hash: "h".to_owned(),
                    resolved: [("threads".to_owned(), "2".to_owned())].into(),
                })),
            ),
            (
                r#"{"line":"checkpoint","path":"c/4","epoch":1,"step":4,"sha256":null}"#,
                Word::Upload(Upload::Checkpoint { path: "c/4".into(), epoch: 1, step: 4, sha256: None }),
            ),
            (
                r#"{"line":"artifact","role":"report","path":"r.json"}"#,
                Word::Upload(Upload::Artifact { role: "report".to_owned(), path: "r.json".into() }),
            ),
            (
                r#"{"line":"finished","best_epoch":2,"measurements":{"accuracy":0.5},"classes":["a"],
                    "weights":"best.safetensors","stopped_early":null}"#,
                Word::Finished(results()),
            ),
            (
                r#"{"line":"failed","class":"diverged","message":"the loss is not finite","next_step":"train slower"}"#,
                Word::Failed(Failure {
                    message: "the loss is not finite".to_owned(),
                    next_step: "train slower".to_owned(),
                    ..foreign("the loss is not finite", "train slower")
                }),
            ),
            (
                r#"{"line":"failed","class":"diverged","message":"it diverged","next_step":"train slower",
                    "because":[{"code":"loss_not_a_number","step":7}],"advice":[{"code":"of_tomorrow"}]}"#,
                Word::Failed(Failure {
                    message: "it diverged".to_owned(),
                    next_step: "train slower".to_owned(),
                    because: vec![Trouble::LossNotANumber { step: 7 }.into()],
                    ..foreign("", "train slower")
                }),
            ),
        ];
        for (line, word) in table {
            assert_eq!(read(7, line).unwrap(), word, "{line}");
        }
        let step = r#"{"line":"step","epoch":1,"step":3,"steps":9,"losses":{"loss":1.5},"learning_rate":0.1,
            "images_per_second":100.0,"data_wait_ms":0.5,"gpu_mib":null}"#;
        assert!(matches!(read(7, step).unwrap(), Word::Step(StepMeasurement { step: 3, steps: 9, .. })));
        for unknown in ["Epoch 1/10", "", "{}", r#"{"line":"weather"}"#, r#"{"line":"step","step":NaN}"#] {
            assert!(read(7, unknown).is_err(), "{unknown:?}");
        }
    }

    #[test]
    fn the_end_has_a_class() {
        use FailureClass::{Config, Dataset, Internal, OutOfMemory};
        let table = [
            (Exit::Code(0), false, Internal),
            (Exit::Code(1), false, Internal),
            (Exit::Code(64), false, Config),
            (Exit::Code(65), false, Dataset),
            (Exit::Code(70), false, Internal),
            (Exit::Code(127), false, Internal),
            (Exit::Signal(9), true, OutOfMemory),
            (Exit::Signal(9), false, Internal),
            (Exit::Signal(11), false, Internal),
        ];
        for (exit, out_of_memory, class) in table {
            match ending(None, exit, out_of_memory) {
                Ending::Failed(failure) => {
                    assert_eq!(failure.class, class, "{exit:?}");
                    assert!(failure.because.len() == 1 && failure.advice.len() == 1, "{exit:?}");
                }
                other => panic!("{exit:?}: {other:?}"),
            }
        }
        assert_eq!(ending(None, Exit::Code(75), false), Ending::Preempted);
    }

    #[test]
    fn no_more_is_believed_of_a_reason_than_of_a_sentence() {
        let long = "x".repeat(9 * MESSAGE_CHARS);
        let cut = data(vec![Reason::said(&long)], &long, |text| Reason::said(text));
        assert_eq!(cut, [Reason::said(format!("{}...", "x".repeat(MESSAGE_CHARS)))]);
        let many = data(vec![Reason::said(&long); 99], "too much", |text| Reason::said(text));
        assert_eq!(many, [Reason::said("too much")]);
    }

    #[test]
    fn a_last_word_counts_more_than_an_exit_code() {
        let said = foreign("no such device", "use the CPU");
        for exit in [Exit::Code(0), Exit::Code(70), Exit::Signal(6)] {
            let finished = ending(Some(LastWord::Finished(results())), exit, false);
            assert_eq!(finished, Ending::Finished(results()));
            let failed = ending(Some(LastWord::Failed(said.clone())), exit, false);
            assert_eq!(failed, Ending::Failed(said.clone()));
        }
    }
}
