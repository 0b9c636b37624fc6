//! What shows a dataset before anything is trained on it: images and their labels, and nothing else.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_commands::Command;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_events::limits::DATASET_ARTIFACT_BYTES;
use trainyard_events::results::Artifact;
use trainyard_events::tenant::Role;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Aggregate, TenantId};
use trainyard_store::{dataset_key, job_key};
use uuid::Uuid;

use crate::house::{House, answer, digits, until};

async fn stored(house: &House, role: &str, key: String, content: &[u8]) -> Artifact {
    let stored = house.store.put_bytes(&key, content.to_vec().into()).await.expect("the store is up");
    Artifact { role: role.to_owned(), key, sha256: stored.sha256, bytes: stored.bytes }
}

/// A dataset that was found good, shown by what `artifacts` makes of its id and its inspection.
async fn shown(house: &House, path: &str, artifacts: impl AsyncFnOnce(Uuid, u64) -> Vec<Artifact>) -> Uuid {
    let tenant: TenantId = "acme".parse().expect("a name");
    let registered = house.post("/v1/datasets", json!({ "path": path })).await;
    let inspection = registered["sequence"].as_u64().expect("a new registration");
    let aggregate = Aggregate::dataset_at(&tenant, path);
    let Aggregate::Dataset(id) = aggregate else { panic!("{aggregate} is a dataset") };
    let result = Inspection::Good { profile: Box::new(digits()) };
    let artifacts = artifacts(id, inspection).await;
    let record = DatasetCommand::RecordInspection { inspection, result, artifacts, manifest: None };
    house.tell("acme", aggregate, Command::Dataset(record)).await.expect("nobody else looks at it");
    until(async || {
        let row = house.get(&format!("/v1/datasets/{id}")).await;
        if row["dataset"]["status"] == "valid" { Ok(()) } else { Err(row) }
    })
    .await;
    id
}

#[tokio::test]
async fn a_dataset_is_shown_to_its_tenant_and_to_nobody_else() {
    let house = House::new().await;
    let id = shown(&house, "data/slow-drawn", async |id, inspection| {
        let key = |name: &str| dataset_key(id, inspection, name).expect("a name");
        let labels = json!({ "images": [] }).to_string();
        vec![
            stored(&house, "sample_images", key("sample_images.jpg"), b"a page").await,
            stored(&house, "sample_labels", key("sample_labels.json"), labels.as_bytes()).await,
        ]
    })
    .await;
    let listed = house.get(&format!("/v1/datasets/{id}/artifacts")).await;
    let page = &listed["artifacts"][0];
    assert_eq!((&page["name"], &page["bytes"]), (&json!("sample_images.jpg"), &json!(6)), "{listed}");
    let labels = house.get(&format!("/v1/datasets/{id}/artifacts/sample_labels")).await;
    assert_eq!(labels, json!({ "images": [] }));

    let viewer = house.token("acme", Role::Viewer).await;
    let at = page["url"].as_str().expect("a url").to_owned();
    let response = house.request(&viewer, Method::GET, &at).send().await.expect("an answer");
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!((response.status().as_u16(), header("content-type")), (200, "image/jpeg".to_owned()));
    assert_eq!((header("content-length"), header("x-content-type-options")), ("6".into(), "nosniff".into()));
    assert!(header("content-security-policy").contains("sandbox"));
    assert_eq!(header("x-trainyard-sha256"), page["sha256"].as_str().expect("a hash"));
    assert_eq!(response.bytes().await.expect("a body").as_ref(), b"a page");

    let stranger = house.token("rival", Role::Admin).await;
    for path in [&at, &format!("/v1/datasets/{id}/artifacts")] {
        assert_eq!(house.ask(&stranger, Method::GET, path, None).await.0, 404, "{path}");
        assert_eq!(answer(house.request("", Method::GET, path)).await.0, 401, "{path}");
    }
    for role in ["nothing", "..", "..%2f..%2fjobs", "sample_images.jpg", "%00", "sample_images?sha256=0"] {
        let path = format!("/v1/datasets/{id}/artifacts/{role}");
        let (status, body) = house.ask(&viewer, Method::GET, &path, None).await;
        assert_eq!(status, 404, "{path}: {body}");
    }
}

/// A worker whose word cannot be trusted names what is not a dataset's to show.
#[tokio::test]
async fn only_what_lies_where_a_dataset_lies_is_shown_and_only_if_it_is_small() {
    let house = House::new().await;
    let id = shown(&house, "data/slow-lies", async |id, inspection| {
        let other = dataset_key(Uuid::new_v4(), inspection, "sample_images.jpg").expect("a name");
        let large = dataset_key(id, inspection, "large.jpg").expect("a name");
        let gone = dataset_key(id, inspection, "gone.jpg").expect("a name");
        let content = vec![0; DATASET_ARTIFACT_BYTES as usize + 1];
        let named = |artifact: Artifact, key: String| Artifact { key, ..artifact };
        let foreign = stored(&house, "foreign", other, b"of another").await;
        vec![
            named(foreign.clone(), format!("datasets/{id}x/1/a.jpg")),
            foreign.clone(),
            stored(&house, "job", job_key(id, 7, "weights.safetensors").expect("a name"), b"weights").await,
            Artifact { bytes: 1, ..stored(&house, "large", large, &content).await },
            named(Artifact { role: "gone".to_owned(), ..foreign }, gone),
        ]
    })
    .await;
    let listed = house.get(&format!("/v1/datasets/{id}/artifacts")).await;
    let roles: Vec<&Value> =
        listed["artifacts"].as_array().expect("artifacts").iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, [&json!("large"), &json!("gone")]);
    let token = house.token("acme", Role::Viewer).await;
    for (role, status) in [("foreign", 404), ("job", 404), ("large", 500), ("gone", 410)] {
        let path = format!("/v1/datasets/{id}/artifacts/{role}");
        let (answered, body) = house.ask(&token, Method::GET, &path, None).await;
        assert_eq!(answered, status, "{role}: {body}");
    }
}

async fn upload(house: &House, token: &str, files: &[(&str, &[u8])]) -> (u16, Value) {
    let form = files.iter().fold(reqwest::multipart::Form::new(), |form, (name, content)| {
        form.part((*name).to_owned(), reqwest::multipart::Part::bytes(content.to_vec()).file_name("file"))
    });
    answer(house.request(token, Method::POST, "/v1/blobs").multipart(form)).await
}

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

#[tokio::test]
async fn files_are_stored_under_what_they_hold_and_by_their_tenant_only() {
    let house = House::new().await;
    let editor = house.token("acme", Role::Editor).await;
    let large = vec![7; 9 << 20];
    let (one, two) = (hash(b"one"), hash(&large));
    let missing = |token: String, hashes: Vec<String>| {
        let house = &house;
        async move {
            let question = Some(json!({ "sha256": hashes }));
            house.ask(&token, Method::POST, "/v1/blobs/missing", question).await.1["missing"].clone()
        }
    };
    assert_eq!(missing(editor.clone(), vec![one.clone(), two.clone()]).await, json!([one, two]));
    let (status, stored) = upload(&house, &editor, &[(&one, b"one"), (&two, &large)]).await;
    assert_eq!((status, &stored["stored"]), (200, &json!(2)), "{stored}");
    assert_eq!(
        missing(editor.clone(), vec![one.clone(), two.clone(), hash(b"x")]).await,
        json!([hash(b"x")])
    );

    // Of another tenant they are not there; a viewer puts nothing; what is said of a file has to be so.
    let stranger = house.token("globex", Role::Editor).await;
    assert_eq!(missing(stranger.clone(), vec![one.clone()]).await, json!([one]));
    let at = format!("/v1/blobs/{one}");
    let read = async |token: &str| house.request(token, Method::GET, &at).send().await.expect("it answers");
    assert_eq!(read(&stranger).await.status().as_u16(), 404);
    let mine = read(&editor).await;
    assert_eq!(mine.bytes().await.expect("its bytes")[..], *b"one");
    let viewer = house.token("acme", Role::Viewer).await;
    assert_eq!(upload(&house, &viewer, &[(&one, b"one")]).await.0, 403);
    for (name, content, words) in [
        (one.as_str(), &b"other"[..], "has the SHA-256"),
        ("../../jobs/x", b"x", "no SHA-256"),
        (one.to_uppercase().as_str(), b"one", "no SHA-256"),
    ] {
        let (status, refused) = upload(&house, &editor, &[(name, content)]).await;
        assert!(status == 409 && refused.to_string().contains(words), "{name}: {status} {refused}");
    }
    let named = json!({ "path": "pets", "files": hash(b"nothing") });
    let (status, refused) = house.ask(&editor, Method::POST, "/v1/datasets", Some(named)).await;
    assert!(status == 404 && refused.to_string().contains("was uploaded"), "{refused}");
    let unnamed = json!({ "path": "/data/pets", "files": one });
    let (status, refused) = house.ask(&editor, Method::POST, "/v1/datasets", Some(unnamed)).await;
    assert!(status == 422 && refused.to_string().contains("name"), "{status} {refused}");
}

#[tokio::test]
async fn a_dataset_is_fetched_from_where_it_is_said_to_be() {
    let house = House::new().await;
    let hash = "ab".repeat(32);
    let archive = json!({ "path": "pets", "url": "https://example.com/pets.zip", "sha256": hash });
    let registered = house.post("/v1/datasets", archive).await;
    let id = registered["dataset"]["id"].as_str().expect("an id").to_owned();
    let source = json!({ "from": "archive", "url": "https://example.com/pets.zip", "sha256": hash });
    until(async || {
        let row = house.get(&format!("/v1/datasets/{id}")).await;
        if row["dataset"]["source"] == source { Ok(()) } else { Err(row) }
    })
    .await;
    house.post("/v1/datasets", json!({ "path": "line-3", "url": "s3://photos/line-3/" })).await;
    let editor = house.token("acme", Role::Editor).await;
    for bad in [
        json!({ "path": "pets", "url": "https://me:secret@example.com/pets.zip" }),
        json!({ "path": "pets", "url": "/data/pets.zip" }),
        json!({ "path": "pets", "url": "https://example.com/a", "files": hash }),
        json!({ "path": "data/pets", "sha256": hash }),
        json!({ "path": "a b", "url": "https://example.com/a" }),
    ] {
        let (status, answer) = house.ask(&editor, Method::POST, "/v1/datasets", Some(bad.clone())).await;
        assert_eq!((status, &answer["error"]["code"]), (422, &json!("bad_path")), "{bad}: {answer}");
    }
}
