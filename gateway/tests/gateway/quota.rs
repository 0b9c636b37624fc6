//! A quota is set by an admin, shown with its use, and named as the reason of who waits for it.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, JobEvent};

use crate::house::{House, until, worker};

async fn set(house: &House, quota: Value) -> (u16, Value) {
    let admin = house.token("acme", Role::Admin).await;
    house.ask(&admin, Method::PUT, "/v1/quota", Some(quota)).await
}

#[tokio::test]
async fn a_quota_is_kept_shown_and_said() {
    let mut house = House::new().await;
    // Room enough for both.
    let mut roomy = worker(crate::house::WORKER, vec![]);
    roomy.slots = 8;
    house.hire(roomy).await;
    let nothing = json!({ "concurrent_jobs": 0, "jobs": [], "gpu_seconds": 0 });
    let (status, made) = set(&house, json!({ "concurrent_jobs": 1 })).await;
    assert_eq!(status, 200, "{made}");
    let shown = house.get(&format!("/v1/quota?wait_for={}", made["sequence"])).await;
    assert_eq!(shown, json!({ "quota": { "concurrent_jobs": 1, "gpu_hours": null }, "use": nothing }));

    let (one, two) = (house.queued_job().await, house.ordered_job().await);
    let told = until(async || {
        let job = house.get(&format!("/v1/jobs/{two}")).await["job"].take();
        if job["waiting_reason"].is_string() { Ok(job) } else { Err(job) }
    })
    .await;
    let why = "all slots of the quota are taken (1): the job waits for one";
    assert_eq!((&told["status"], &told["waiting_reason"]), (&json!("requested"), &json!(why)));
    let chat = house.chat().await;
    let spoken = house.say(&chat, "2번 작업 어떻게 되고 있어?").await;
    assert!(spoken["reply"].as_str().is_some_and(|reply| reply.contains("할당량의 자리 1개")), "{spoken}");
    assert_eq!(house.get("/v1/quota").await["use"]["jobs"], json!([one]));

    // The first ends, and the second has its slot.
    let token = house.start(one).await;
    let cancel = JobCommand::RequestCancel { because: vec![] };
    let gone = JobCommand::Report(Box::new(JobEvent::Cancelled { token: Some(token), console: None }));
    for command in [cancel, gone] {
        house.tell("acme", Aggregate::Job(one), Command::Job(command)).await;
    }
    house.job_until(two, "queued").await;
    until(async || {
        let quota = house.get("/v1/quota").await;
        if quota["use"]["jobs"] == json!([two]) { Ok(()) } else { Err(quota) }
    })
    .await;
    // Without one nobody waits.
    let third = house.ordered_job().await;
    assert_eq!(set(&house, json!({})).await.0, 200);
    house.job_until(third, "queued").await;
}

#[tokio::test]
async fn gpu_hours_that_are_used_up_are_said() {
    let house = House::new().await;
    assert_eq!(set(&house, json!({ "gpu_hours": 0 })).await.0, 200);
    let order = json!({ "model": "resnet18", "dataset": "data/digits", "device": "gpu" });
    let id = house.post("/v1/jobs", order).await["job"]["id"].as_str().expect("an id").to_owned();
    let why = "the 0 GPU hours of the quota are used up: ask an admin of your tenant for more";
    until(async || {
        let job = house.get(&format!("/v1/jobs/{id}")).await["job"].take();
        if job["waiting_reason"] == why { Ok(()) } else { Err(job) }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_quota_is_refused() {
    let house = House::new().await;
    for wrong in [json!({ "concurrent_jobs": -1 }), json!({ "jobs": 1 }), json!({ "gpu_hours": "many" })] {
        let (status, body) = set(&house, wrong).await;
        assert_eq!(status, 400, "{body}");
    }
    let editor = house.token("acme", Role::Editor).await;
    assert_eq!(house.ask(&editor, Method::PUT, "/v1/quota", Some(json!({}))).await.0, 403);
}
