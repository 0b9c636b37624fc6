//! Many models on one predictor, and models that are not to be trusted.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod house;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use trainyard_events::prediction::PredictRefusal;
use trainyard_events::results::Artifact;
use trainyard_predict::limits::{DISK_BYTES, HELD};
use trainyard_predict::{Files, Predictor, Room, Shelf, Wish};
use trainyard_store::Store;

const PATIENCE: Duration = Duration::from_secs(60);

fn predictor(store: &Store, folder: &Path, disk: u64, room: Room) -> (Arc<Shelf>, Predictor) {
    let files = Files::open(store.clone(), folder.to_owned(), disk).unwrap();
    let shelf = Shelf::new(files, house::runtime(), room);
    (shelf.clone(), Predictor::new(shelf, 2))
}

async fn class(predictor: &Predictor, model: &Artifact) -> String {
    predictor.predict(house::image(), model, Wish::default()).await.unwrap().predictions.remove(0).class
}

async fn refusal(predictor: &Predictor, model: &Artifact) -> String {
    match predictor.predict(house::image(), model, Wish::default()).await {
        Err(PredictRefusal::BadModel { message }) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_models_take_turns_and_those_that_nobody_asks_for_are_put_away() {
    let ((store, _), folder) = (house::store().await, TempDir::new().unwrap());
    let model = house::fixture("logits.onnx");
    let mut artifacts = Vec::new();
    for number in 0..50 {
        let name = format!("model-{number}.onnx");
        artifacts.push(house::stored(&store, &name, &house::another(&model, number)).await);
    }
    let room =
        Room { loaded: 3, idle: Duration::from_secs(2), sweep: Duration::from_millis(50), ..Room::default() };
    // Ten of them fit on the disk.
    let (shelf, predictor) = predictor(&store, folder.path(), 10 * artifacts[0].bytes, room);
    for _ in 0..2 {
        let answers = join_all(artifacts.iter().map(|model| class(&predictor, model))).await;
        assert!(answers.iter().all(|class| class == "owl"), "{answers:?}");
        assert!(shelf.count() <= 3, "{} are loaded", shelf.count());
    }
    assert!(std::fs::read_dir(folder.path()).unwrap().count() <= 10, "the disk has a limit");
    let deadline = Instant::now() + PATIENCE;
    while shelf.count() > 0 {
        assert!(Instant::now() < deadline, "{} are loaded though nobody asks", shelf.count());
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(class(&predictor, &artifacts[49]).await, "owl", "and it comes back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_an_earlier_life_left_damaged_is_fetched_again() {
    let ((store, _), folder) = (house::store().await, TempDir::new().unwrap());
    let model = house::stored(&store, "model.onnx", &house::fixture("logits.onnx")).await;
    let path = folder.path().join(&model.sha256);
    std::fs::write(&path, &house::fixture("logits.onnx")[..100]).unwrap();
    std::fs::write(folder.path().join("half.part"), "cut off").unwrap();
    let (_, predictor) = predictor(&store, folder.path(), DISK_BYTES, Room::default());
    assert_eq!(class(&predictor, &model).await, "owl");
    assert_eq!(std::fs::read(path).unwrap(), house::fixture("logits.onnx"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_model_is_refused_once_and_for_all_and_harms_no_other() {
    let ((store, _), folder) = (house::store().await, TempDir::new().unwrap());
    let (_, predictor) = predictor(&store, folder.path(), DISK_BYTES, Room::default());
    let good = house::stored(&store, "good.onnx", &house::fixture("boxes.onnx")).await;
    let hostile: [(&str, Vec<u8>, &str); 11] = [
        ("cut", house::fixture("boxes.onnx")[..3_000].to_vec(), "cut off"),
        ("zip", [b"PK\x03\x04".to_vec(), vec![0; 5_000]].concat(), "no ONNX model"),
        ("zeros", vec![0; 100_000], "no ONNX model"),
        ("no_card", house::fixture("no_card.onnx"), "no card"),
        ("elsewhere", house::fixture("elsewhere.onnx"), "another file"),
        ("other_classes", house::fixture("other_classes.onnx"), "floats [N, 2]"),
        ("other_output", house::fixture("other_output.onnx"), "`boxes`"),
        ("unknown_operator", house::fixture("unknown_operator.onnx"), "Teleport"),
        ("not_finite", house::fixture("not_finite.onnx"), "not finite"),
        ("vast", house::fixture("vast.onnx"), "cannot be computed"),
        ("future_card", future_card(), "card is not understood"),
    ];
    for (name, content, why) in hostile {
        let model = house::stored(&store, name, &content).await;
        let message = refusal(&predictor, &model).await;
        assert!(message.contains(why), "{name}: {message}");
        assert_eq!(refusal(&predictor, &model).await, message, "{name} again");
        assert!(
            !predictor.predict(house::image(), &good, Wish::default()).await.unwrap().predictions.is_empty(),
            "{name}"
        );
    }
}

/// An output form of a release to come, of the same length.
fn future_card() -> Vec<u8> {
    let model = house::fixture("logits.onnx");
    let at = model.windows(8).position(|word| word == b"\"logits\"").unwrap();
    let last = model.windows(8).rposition(|word| word == b"\"logits\"").unwrap();
    assert!(at <= last);
    [&model[..last], b"\"dreams\"", &model[last + 8..]].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_too_large_or_not_what_was_said_is_not_fetched() {
    let ((store, _), folder) = (house::store().await, TempDir::new().unwrap());
    let (_, predictor) = predictor(&store, folder.path(), DISK_BYTES, Room::default());
    let model = house::stored(&store, "model.onnx", &house::fixture("logits.onnx")).await;
    let cases = [
        (Artifact { bytes: 20 << 30, ..model.clone() }, "20 GiB"),
        (Artifact { bytes: 1, ..model.clone() }, "in the store"),
        (Artifact { key: "jobs/j/1/gone".to_owned(), ..model.clone() }, "not in the store"),
        (Artifact { sha256: "1".repeat(64), ..model.clone() }, "SHA-256"),
        (Artifact { sha256: "../../etc/passwd".to_owned(), ..model.clone() }, "without a SHA-256"),
    ];
    for (artifact, why) in cases {
        let message = refusal(&predictor, &artifact).await;
        assert!(message.contains(why), "{message}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{why}");
    }
    assert_eq!(class(&predictor, &model).await, "owl");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_that_come_while_a_model_computes_share_its_next_pass() {
    let ((store, _), folder) = (house::store().await, TempDir::new().unwrap());
    let (_, predictor) = predictor(&store, folder.path(), DISK_BYTES, Room::default());
    let model = house::stored(&store, "model.onnx", &house::fixture("masks.onnx")).await;
    let alone = predictor.predict(house::image(), &model, Wish::default()).await.unwrap();
    assert_eq!((alone.batch, alone.width, alone.height), (1, 64, 40));
    let asked = (0..200).map(|_| predictor.predict(house::image(), &model, Wish::default()));
    let answers = join_all(asked).await;
    let largest = answers.iter().map(|answer| answer.as_ref().unwrap().batch).max();
    assert!(largest > Some(1), "none shared a pass");
    let differ = |answer: &&Result<_, _>| -> bool {
        let answer: &trainyard_events::prediction::PredictAnswer = Result::as_ref(*answer).unwrap();
        answer.predictions.len() != alone.predictions.len()
    };
    assert_eq!(answers.iter().filter(differ).count(), 0);
    let crowd = join_all((0..300).map(|_| predictor.predict(house::image(), &model, Wish::default()))).await;
    let busy = crowd.iter().filter(|it| matches!(it, Err(PredictRefusal::Busy { .. }))).count();
    assert!(busy > 0, "300 waited, and 256 may");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_does_not_come_holds_its_callers_for_so_long_and_no_longer() {
    let ((store, _), folder) = (house::store().await, TempDir::new().unwrap());
    let room = Room { loaded: 1, hold: Duration::from_millis(300), ..Room::default() };
    let (shelf, predictor) = predictor(&store, folder.path(), DISK_BYTES, room);
    let first = house::stored(&store, "1.onnx", &house::fixture("logits.onnx")).await;
    let second = house::stored(&store, "2.onnx", &house::fixture("boxes.onnx")).await;
    // Whoever holds a model keeps its place.
    let desk = shelf.get(&first).await.unwrap();
    let late = predictor.predict(house::image(), &second, Wish::default()).await;
    assert!(matches!(&late, Err(PredictRefusal::Busy { message }) if message.contains("1 MB")), "{late:?}");
    drop(desk);
    let deadline = Instant::now() + PATIENCE;
    while predictor.predict(house::image(), &second, Wish::default()).await.is_err() {
        assert!(Instant::now() < deadline, "it went on loading and never came");
    }
}

/// A model of 3 MB, and a store that gives 1 MB of it until its line is opened.
async fn slow() -> (house::line::Line, Store, Artifact) {
    let (store, access) = house::store().await;
    let large = house::noted(&house::fixture("logits.onnx"), &vec![b'.'; 3_000_000]);
    let model = house::stored(&store, "large.onnx", &large).await;
    let line = house::line::Line::to(access.endpoint.as_ref(), 1_000_000).await;
    let behind =
        house::connected(&trainyard_local::S3Access { endpoint: line.endpoint.clone(), ..access }).await;
    (line, behind, model)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_a_model_that_comes_slowly_are_held_up_to_a_limit_and_those_beyond_are_told_how_far_it_is()
{
    let ((line, store, model), folder) = (slow().await, TempDir::new().unwrap());
    let room = Room { hold: PATIENCE, ..Room::default() };
    let (_, predictor) = predictor(&store, folder.path(), DISK_BYTES, room);
    let predictor = Arc::new(predictor);
    let mut callers = JoinSet::new();
    for _ in 0..HELD + 16 {
        let (predictor, model) = (predictor.clone(), model.clone());
        callers.spawn(async move { predictor.predict(house::image(), &model, Wish::default()).await });
    }
    for _ in 0..16 {
        let turned_away = callers.join_next().await.unwrap().unwrap();
        let Err(PredictRefusal::Busy { message }) = turned_away else { panic!("{turned_away:?}") };
        assert!(message.contains("and 64 callers wait for it already; try again"), "{message}");
    }
    line.open();
    let answers = callers.join_all().await;
    assert_eq!(answers.len(), HELD);
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().predictions[0].class == "owl"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_been_held_for_long_enough_is_told_how_much_of_the_model_is_here() {
    let ((line, store, model), folder) = (slow().await, TempDir::new().unwrap());
    let room = Room { hold: Duration::from_millis(200), ..Room::default() };
    let (_, predictor) = predictor(&store, folder.path(), DISK_BYTES, room);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let late = predictor.predict(house::image(), &model, Wish::default()).await;
        let Err(PredictRefusal::Busy { message }) = late else { panic!("{late:?}") };
        assert!(
            message.contains("of 4 MB are fetched") && message.ends_with("try again in a moment"),
            "{message}"
        );
        if message.contains("the model 1 of") {
            break;
        }
        assert!(Instant::now() < deadline, "nothing of it comes: {message}");
    }
    line.open();
    while predictor.predict(house::image(), &model, Wish::default()).await.is_err() {
        assert!(Instant::now() < deadline, "it went on being fetched and never came");
    }
}
