//! One tenant's thousand datasets, and another's single one, on a real queue.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use tokio_util::sync::CancellationToken;
use trainyard_door::system_clock;
use trainyard_events::trainer::{LookStage, LookTold, Looked};
use trainyard_events::{Aggregate, DatasetEvent, Event, TenantId};
use uuid::Uuid;
use yard::{Dataset, Yard, eventually};

/// Far more than a worker looks at at once.
const MANY: usize = 40;

fn looks(datasets: &[Dataset]) -> Vec<&Dataset> {
    datasets.iter().filter(|dataset| dataset.path.join("looks").exists()).collect()
}

/// Each look lasts until the test ends it: were the queue first come first served, the single dataset would never have
/// its turn.
#[tokio::test(flavor = "multi_thread")]
async fn a_single_dataset_does_not_wait_behind_all_those_of_another_tenant() {
    let yard = Yard::new().await;
    let stop = CancellationToken::new();
    let dispatcher = tokio::spawn(trainyard_dispatcher::run(
        yard.bus.clone(),
        system_clock,
        Default::default(),
        stop.clone(),
    ));
    let agent = yard.agent("inspector");
    let (mut many, mut registered) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        let dataset = yard.dataset("looks long").await;
        registered.push(yard.register(&dataset).await.sequence);
        many.push(dataset);
    }
    let begun = eventually("two looks", async || Some(looks(&many)).filter(|begun| begun.len() == 2)).await;
    let told = async |dataset: Uuid| yard.bus.telemetry().look(&yard.tenant, dataset).await;
    for dataset in &begun {
        let id = dataset.id(&yard.tenant);
        let found = many.iter().position(|one| one.id(&yard.tenant) == id).unwrap();
        let (inspection, stage) = (registered[found], LookStage::Read);
        let wanted = LookTold { inspection, looked: Looked { stage, images: 3, of: 8 } };
        eventually("how far it is", async || (told(id).await.unwrap() == Some(wanted)).then_some(())).await;
    }
    let waits = many.iter().find(|dataset| !dataset.path.join("looks").exists()).unwrap();
    assert_eq!(told(waits.id(&yard.tenant)).await.unwrap(), None, "nobody looks at it yet");

    let other: TenantId = "other".parse().unwrap();
    let single = yard.dataset("steady").await;
    yard.register_for(&other, &single).await;
    // One of the two ends. The place is the other tenant's, and then the next of the many has it.
    std::fs::write(begun[0].path.join("seen"), "").unwrap();
    let is_validated = |event: &Event| matches!(event, Event::Dataset(DatasetEvent::Validated { .. }));
    let aggregate = Aggregate::Dataset(single.id(&other));
    yard.until_of(&other, &aggregate, is_validated).await;
    eventually("the next of the many", async || (looks(&many).len() == 3).then_some(())).await;

    many.iter().for_each(|dataset| std::fs::write(dataset.path.join("seen"), "").unwrap());
    for dataset in &many {
        yard.until(&Aggregate::Dataset(dataset.id(&yard.tenant)), is_validated).await;
    }
    agent.leave().await;
    stop.cancel();
    dispatcher.await.unwrap().unwrap();
}
