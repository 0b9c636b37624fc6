//! How long a training may take is said by those like it that have finished, by which, and on what it rests.

use std::collections::BTreeMap;

use trainyard_events::config::{Device, TrainingConfig};
use trainyard_events::fleet::Pool;
use trainyard_events::{JobEvent, Price};
use trainyard_projections::Views;
use trainyard_views::{Asked, Estimate};
use uuid::Uuid;

use crate::fixtures::*;

const DATA: Uuid = Uuid::from_u128(0xda7a);
const OTHER: Uuid = Uuid::from_u128(0x07e4);

/// A job that finishes after `epochs` epochs, each a second, and two more until it is told of.
fn train(story: &mut Story, id: u128, on: Uuid, config: TrainingConfig, epochs: u32) {
    let id = Uuid::from_u128(id);
    let (config_hash, approval) = (config.hash(), Uuid::from_u128(0xa));
    story.job("acme", id, JobEvent::Requested { config, config_hash, dataset: on, chat: None, approval });
    let dispatch = story.job("acme", id, dispatched());
    let token = story.job("acme", id, attempt(1, dispatch, None));
    story.job("acme", id, training_started(token));
    for number in 1..=epochs {
        story.job("acme", id, epoch(token, number, 0.5, number == 1));
    }
    story.job("acme", id, finished(token, 1));
}

async fn told(tell: impl FnOnce(&mut Story)) -> Views {
    let (mut story, views) = (Story::default(), views().await);
    tell(&mut story);
    project(&story.log().await, &views).await;
    views
}

async fn estimate(views: &Views, config: &TrainingConfig, images: Option<u64>) -> Option<Estimate> {
    let asked = Asked { config, dataset: Some(DATA), images };
    let hour = BTreeMap::from([(
        Pool::Cpu,
        Price { currency: "KRW".to_owned(), hour: 3_600_000_000, devices: BTreeMap::new() },
    )]);
    Estimate::of(&views.finished_like(&tenant("acme"), asked).await.unwrap(), asked, |pool| hour.get(&pool))
}

#[tokio::test]
async fn the_middle_one_of_the_newest_on_the_same_data_counts() {
    let views = told(|story| {
        train(story, 1, OTHER, config(), 1);
        for (id, epochs) in [(2, 1), (3, 2), (4, 4)] {
            train(story, id, DATA, config(), epochs);
        }
        // What failed, and what was lost once, says nothing of how long one takes.
        let failed = Uuid::from_u128(5);
        story.job("acme", failed, requested(None));
        let dispatch = story.job("acme", failed, dispatched());
        let token = story.job("acme", failed, attempt(1, dispatch, None));
        story.job("acme", failed, training_started(token));
        story.job("acme", failed, epoch(token, 1, 0.5, true));
        story.job("acme", failed, JobEvent::CancelRequested { reason: "enough".to_owned(), because: vec![] });
        story.job("acme", failed, JobEvent::Cancelled { token: Some(token), console: None });
        train(story, 6, DATA, TrainingConfig { model: "resnet50".to_owned(), ..config() }, 1);
        train(story, 7, DATA, TrainingConfig { image_size: 224, ..config() }, 1);
        train(story, 8, DATA, TrainingConfig { runner: Some("timm".to_owned()), ..config() }, 1);
    })
    .await;
    let asked = TrainingConfig { epochs: 20, ..config() };
    let told = estimate(&views, &asked, None).await.unwrap();
    // From the attempt's start: an epoch took 3, 2 and 1.5 seconds.
    assert_eq!((told.ms, told.by, told.guess), (40_000, 3, false));
    assert_eq!((told.currency.as_deref(), told.cost), (Some("KRW"), 40_000_000));
    assert_eq!((told.pool, told.device.as_deref()), (Some(Pool::Cpu), Some("cpu (2 threads)")));
    let on_a_gpu = TrainingConfig { device: Device::Gpu, ..asked.clone() };
    assert_eq!(estimate(&views, &on_a_gpu, Some(800)).await, None, "they ran on processors");
    let unknown = TrainingConfig { model: "resnet34".to_owned(), ..asked };
    assert_eq!(estimate(&views, &unknown, Some(800)).await, None);
}

#[tokio::test]
async fn on_new_data_it_is_a_guess_by_the_number_of_images() {
    let views = told(|story| {
        for id in 1..=7 {
            train(story, id, OTHER, config(), 2);
        }
    })
    .await;
    assert_eq!(estimate(&views, &config(), None).await, None, "of what size is not known");
    let told = estimate(&views, &config(), Some(1_600)).await.unwrap();
    // Two seconds an epoch on 800 images, of the newest five, for four epochs.
    assert_eq!((told.ms, told.by, told.guess), (16_000, 5, true));
    let line = views.line(&tenant("acme")).await.unwrap();
    assert_eq!(line, (0, 0));
}

#[tokio::test]
async fn who_waits_and_who_runs_is_counted() {
    let views = told(|story| {
        let [waits, queued, runs] = [1, 2, 3].map(Uuid::from_u128);
        for id in [waits, queued, runs] {
            story.job("acme", id, requested(None));
        }
        story.job("acme", queued, dispatched());
        let dispatch = story.job("acme", runs, dispatched());
        story.job("acme", runs, attempt(1, dispatch, None));
        story.job("rival", waits, requested(None));
    })
    .await;
    assert_eq!(views.line(&tenant("acme")).await.unwrap(), (2, 1));
}
