//! A quota is set by an admin, shown with its use, and named as the reason of who waits for it.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, JobEvent};

use crate::house::{House, answer, until, worker};

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
    let limits =
        json!({ "concurrent_jobs": 1, "gpu_hours": null, "dataset_bytes": null, "month_budget": null });
    let (status, made) = set(&house, json!({ "concurrent_jobs": 1 })).await;
    assert_eq!(status, 200, "{made}");
    let mut shown = house.get(&format!("/v1/quota?wait_for={}", made["sequence"])).await;
    // Of all tests, which share a bucket.
    let bytes = shown["use"].as_object_mut().and_then(|used| used.remove("dataset_bytes"));
    assert!(bytes.is_some_and(|bytes| bytes.is_u64()), "{shown}");
    assert_eq!(shown, json!({ "quota": limits, "use": nothing }));

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

async fn upload(house: &House, token: &str, content: Vec<u8>) -> (u16, Value) {
    let name = hex::encode(Sha256::digest(&content));
    let part = reqwest::multipart::Part::bytes(content).file_name("file");
    let form = reqwest::multipart::Form::new().part(name, part);
    answer(house.request(token, Method::POST, "/v1/blobs").multipart(form)).await
}

async fn missing(house: &House, token: &str, question: Value) -> (u16, Value) {
    house.ask(token, Method::POST, "/v1/blobs/missing", Some(question)).await
}

/// An editor of a tenant of its own that may store so much.
async fn limited(house: &House, tenant: &str, bytes: u64) -> String {
    let admin = house.token(tenant, Role::Admin).await;
    let quota = Some(json!({ "dataset_bytes": bytes }));
    let (_, made) = house.ask(&admin, Method::PUT, "/v1/quota", quota).await;
    let at = format!("/v1/quota?wait_for={}", made["sequence"]);
    assert_eq!(house.ask(&admin, Method::GET, &at, None).await.1["quota"]["dataset_bytes"], bytes);
    house.token(tenant, Role::Editor).await
}

#[tokio::test]
async fn bytes_of_datasets_are_counted_and_kept_within_their_quota() {
    let house = House::new().await;
    let editor = limited(&house, "bytes", 1_000).await;
    assert_eq!(upload(&house, &editor, vec![1; 600]).await.0, 200);
    let (status, refused) = upload(&house, &editor, vec![2; 600]).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("dataset_bytes_used_up")), "{refused}");
    let message = "the quota of 1000 bytes for datasets has no room for 600 more: 600 are used";
    assert_eq!(refused["error"]["message"], message);
    let next = refused["error"]["next_step"].as_str().expect("a next step");
    assert!(next.contains("delete") && next.contains("admin"), "{next}");
    assert_eq!(upload(&house, &editor, vec![1; 600]).await.0, 200, "what is there is not counted twice");
    assert_eq!(upload(&house, &editor, vec![3; 400]).await.0, 200, "up to the last byte");

    let (there, other) = (hex::encode(Sha256::digest(vec![1; 600])), "a".repeat(64));
    let (status, body) = missing(&house, &editor, json!({ "sha256": [there], "bytes": [600] })).await;
    assert_eq!((status, &body["missing"]), (200, &json!([])), "{body}");
    for question in [json!({ "sha256": [other], "bytes": [1] }), json!({ "sha256": [other] })] {
        let (status, refused) = missing(&house, &editor, question).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("dataset_bytes_used_up")), "{refused}");
    }
    let (status, _) = missing(&house, &editor, json!({ "sha256": [other], "bytes": [] })).await;
    assert_eq!(status, 409);
    let (status, body) = missing(&house, &editor, json!({ "sha256": [other], "bytes": [1, 2] })).await;
    assert_eq!((status, &body["error"]["code"]), (409, &json!("refused")), "{body}");
    let (_, shown) = house.ask(&editor, Method::GET, "/v1/quota", None).await;
    assert_eq!(
        (&shown["quota"]["dataset_bytes"], &shown["use"]["dataset_bytes"]),
        (&json!(1_000), &json!(1_000))
    );

    // Another tenant's files are its own.
    let rival = house.token("bytes-rival", Role::Editor).await;
    assert_eq!(upload(&house, &rival, vec![2; 600]).await.0, 200);
    // What leaves the store gives its room back.
    let key = trainyard_store::blob_key("bytes", &there).expect("a hash");
    house.store.delete(&key).await.expect("the store is up");
    until(async || match upload(&house, &editor, vec![4; 500]).await {
        (200, body) => Ok(body),
        (_, body) => Err(body),
    })
    .await;
}

#[tokio::test]
async fn many_uploads_at_once_do_not_pass_the_quota_of_one_gateway() {
    let house = House::new().await;
    let editor = limited(&house, "crowd", 10_000).await;
    let uploads = (0..32u8).map(|content| upload(&house, &editor, vec![content; 1_000]));
    let answers = futures::future::join_all(uploads).await;
    let let_in = answers.iter().filter(|(status, _)| *status == 200).count();
    let listed = house.store.list(&trainyard_store::blobs_of("crowd"), None).await.expect("the store is up");
    let bytes: u64 = listed.objects.iter().map(|object| object.bytes).sum();
    assert_eq!((let_in, bytes), (10, 10_000), "{answers:?}");
}
