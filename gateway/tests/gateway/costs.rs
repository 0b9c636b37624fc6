//! Prices are set by an admin, jobs cost what they were dispatched at, a month is the sum of its leases, and a budget holds back.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, JobEvent};
use uuid::Uuid;

use crate::house::{House, until};

async fn as_admin(house: &House, path: &str, body: Value) -> (u16, Value) {
    let admin = house.token("acme", Role::Admin).await;
    house.ask(&admin, Method::PUT, path, Some(body)).await
}

/// A millionth for a millisecond, so that money is time.
fn price() -> Value {
    json!({ "currency": "KRW", "hour": 3_600_000, "devices": { "H200": 7_200_000 } })
}

async fn spend(house: &House) -> Uuid {
    let id = house.queued_job().await;
    let token = house.start(id).await;
    house.tell("acme", Aggregate::Job(id), Command::Job(JobCommand::RequestCancel { because: vec![] })).await;
    let gone = JobEvent::Cancelled { token: Some(token), console: None };
    house.tell("acme", Aggregate::Job(id), Command::Job(JobCommand::Report(Box::new(gone)))).await;
    house.job_until(id, "cancelled").await;
    id
}

#[tokio::test]
async fn a_month_costs_what_its_jobs_do() {
    let house = House::new().await;
    let (status, made) = as_admin(&house, "/v1/prices", json!({ "pool": "cpu", "price": price() })).await;
    assert_eq!(status, 200, "{made}");
    let shown = house.get(&format!("/v1/prices?wait_for={}", made["sequence"])).await;
    assert_eq!(shown, json!({ "prices": { "cpu": price() } }));
    let jobs = [spend(&house).await, spend(&house).await];
    let mut sum = 0;
    for job in jobs {
        let spending = house.get(&format!("/v1/jobs/{job}")).await["job"]["spending"].take();
        assert_eq!((&spending["cost"], &spending["currency"]), (&spending["held_ms"], &json!("KRW")));
        assert_eq!(spending["lease"], Value::Null);
        sum += spending["held_ms"].as_u64().unwrap();
    }
    let report = house.get("/v1/costs").await;
    assert_eq!(report["total"], json!({ "held_ms": sum, "cost": sum }), "{report}");
    assert_eq!(
        (&report["zone"], &report["currency"], &report["running"]),
        (&json!("Asia/Seoul"), &json!("KRW"), &json!(0))
    );
    for part in ["members", "jobs", "kinds"] {
        let parts = report[part].as_array().unwrap();
        let of_part: u64 = parts.iter().map(|one| one["taken"]["cost"].as_u64().unwrap()).sum();
        assert_eq!(of_part, sum, "{part}: {report}");
    }
    assert_eq!(report["jobs"].as_array().unwrap().len(), 2);
    assert!(report["members"][0]["member"].is_string(), "{report}");
    let long_ago = house.get("/v1/costs?month=2020-02").await;
    assert_eq!((&long_ago["month"], &long_ago["total"]["held_ms"]), (&json!("2020-02"), &json!(0)));
    let sorted = house.get("/v1/jobs?sort=-cost").await;
    assert_eq!(sorted["jobs"].as_array().unwrap().len(), 2, "{sorted}");
}

#[tokio::test]
async fn what_is_no_price_is_refused() {
    let house = House::new().await;
    let editor = house.token("acme", Role::Editor).await;
    let asked = Some(json!({ "pool": "cpu", "price": price() }));
    assert_eq!(house.ask(&editor, Method::PUT, "/v1/prices", asked).await.0, 403);
    for (body, said) in [
        (json!({ "pool": "tpu" }), 400),
        (json!({ "pool": "cpu", "price": { "currency": "KRW" } }), 400),
        (json!({ "pool": "cpu", "price": { "currency": "won", "hour": 1 } }), 409),
    ] {
        let (status, answer) = as_admin(&house, "/v1/prices", body.clone()).await;
        assert_eq!(status, said, "{body}: {answer}");
    }
    let (status, _) = as_admin(&house, "/v1/prices", json!({ "pool": "cpu", "price": price() })).await;
    assert_eq!(status, 200);
    let dollars = json!({ "pool": "gpu", "price": { "currency": "USD", "hour": 1 } });
    let (status, refused) = as_admin(&house, "/v1/prices", dollars).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("refused")));
    assert!(refused["error"]["message"].as_str().is_some_and(|message| message.contains("KRW")), "{refused}");
    let (status, bad) = house.ask(&editor, Method::GET, "/v1/costs?month=2026-13", None).await;
    assert_eq!(status, 400, "{bad}");
}

#[tokio::test]
async fn who_waits_for_the_next_month_is_told_so() {
    let house = House::new().await;
    as_admin(&house, "/v1/prices", json!({ "pool": "cpu", "price": price() })).await;
    let (status, made) = as_admin(&house, "/v1/quota", json!({ "month_budget": 0 })).await;
    assert_eq!(status, 200, "{made}");
    let waits = house.ordered_job().await;
    let told = until(async || {
        let job = house.get(&format!("/v1/jobs/{waits}")).await["job"].take();
        match job["waiting_reason"].as_str() {
            Some(reason) if reason.contains("budget") => Ok(job),
            _ => Err(job),
        }
    })
    .await;
    assert_eq!(told["waiting_because"][0]["code"], "budget_spent", "{told}");
    assert_eq!(house.get("/v1/costs").await["budget"], 0);
    as_admin(&house, "/v1/quota", json!({})).await;
    house.job_until(waits, "queued").await;
}

#[tokio::test]
async fn a_cap_is_part_of_what_is_approved_and_may_be_raised_by_going_on() {
    let house = House::new().await;
    let order = json!({ "model": "resnet18", "dataset": "data/digits", "epochs": 2, "max_cost": 50_000, "max_hours": 0.5 });
    let made = house.post("/v1/jobs", order).await;
    let config = &made["proposal"]["config"];
    assert_eq!((&config["max_cost"], &config["max_hours"]), (&json!(50_000.0), &json!(0.5)));
    let editor = house.token("acme", Role::Editor).await;
    for bad in [json!(0), json!(-1), json!(1e12)] {
        let order = json!({ "model": "resnet18", "dataset": "data/digits", "max_hours": bad });
        let (status, refused) = house.ask(&editor, Method::POST, "/v1/jobs", Some(order)).await;
        assert_eq!((status, &refused["error"]["code"]), (422, &json!("bad_config")), "{refused}");
    }
    house
        .tell(
            "acme",
            Aggregate::Job(made["job"]["id"].as_str().unwrap().parse().unwrap()),
            Command::Job(JobCommand::RequestCancel { because: vec![] }),
        )
        .await;
    let stopped = house.stopped_job("some lines").await;
    let path = format!("/v1/jobs/{stopped}/resume");
    let (status, refused) = house.ask(&editor, Method::POST, &path, Some(json!({ "max_hours": 0 }))).await;
    assert_eq!((status, &refused["error"]["code"]), (422, &json!("bad_config")), "{refused}");
    let went_on = house.post(&path, json!({ "max_hours": 12 })).await;
    assert_eq!(went_on["proposal"]["config"]["max_hours"], 12.0, "{went_on}");
}
