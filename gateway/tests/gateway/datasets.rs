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

/// A name with these versions in the store, each an image under its letter.
async fn versions(house: &House, name: &str, contents: &[&str]) -> Uuid {
    let editor = house.token("acme", Role::Editor).await;
    let tenant: TenantId = "acme".parse().expect("a name");
    let aggregate = Aggregate::dataset_at(&tenant, name);
    let Aggregate::Dataset(id) = aggregate else { panic!("{aggregate} is a dataset") };
    for content in contents {
        let list = json!({ "name": "a", "sha256": hash(content.as_bytes()), "bytes": 1 }).to_string() + "\n";
        let (list, sha256) = (list.clone(), hash(list.as_bytes()));
        assert_eq!(upload(house, &editor, &[(&sha256, list.as_bytes())]).await.0, 200);
        let registered = house.post("/v1/datasets", json!({ "path": name, "files": sha256 })).await;
        let inspection = registered["sequence"].as_u64().expect("a new registration");
        let lines = manifest(content);
        let key = trainyard_store::manifest_key(id, &hash(lines.as_bytes())).expect("a name");
        let manifest = Some(stored(house, "manifest", key, lines.as_bytes()).await);
        let mut profile = digits();
        profile.kinds = vec![trainyard_events::config::Task::Classify];
        let result = Inspection::Good { profile: Box::new(profile) };
        let record = DatasetCommand::RecordInspection { inspection, result, artifacts: Vec::new(), manifest };
        let told = house.tell("acme", aggregate.clone(), Command::Dataset(record)).await;
        let sequence = told.expect("nobody else looks at it").sequence;
        house.get(&format!("/v1/datasets/{id}?wait_for={sequence}")).await;
    }
    id
}

/// An image for each letter, named by it.
fn manifest(letters: &str) -> String {
    let mut lines = vec![json!({ "form": 1, "classes": ["x", "y"], "kinds": ["classify"] }).to_string()];
    lines.extend(letters.chars().map(|letter| {
        let sha256 = hash(letter.to_string().as_bytes());
        json!({ "sha256": sha256, "name": letter, "bytes": 1, "width": 1, "height": 1, "split": "train",
                "labels": [{ "class": 0 }] })
        .to_string()
    }));
    lines.join("\n") + "\n"
}

#[tokio::test]
async fn two_versions_are_compared_by_number_or_tag() {
    let house = House::new().await;
    let id = versions(&house, "slow-diff", &["abc", "bcde"]).await;
    house.put(&format!("/v1/datasets/{id}/tags/golden"), json!({ "version": 1 })).await;
    let viewer = house.token("acme", Role::Viewer).await;
    for from in ["1", "golden"] {
        let at = format!("/v1/datasets/{id}/diff?from={from}&to=2");
        let (status, diff) = house.ask(&viewer, Method::GET, &at, None).await;
        assert_eq!((status, &diff["added"]["count"]), (200, &json!(2)), "{diff}");
        assert_eq!(diff["added"]["first"][0]["name"], "d");
        assert_eq!(diff["removed"], json!({ "count": 1, "first": [{ "name": "a" }] }));
        let train = |count| json!({ "train": count, "validation": 0, "test": 0 });
        assert_eq!(diff["from"], json!({ "number": 1, "images": train(3), "labels": 3 }));
        assert_eq!(diff["classes"][0], json!({ "name": "x", "from": train(3), "to": train(4) }));
    }
    let stranger = house.token("rival", Role::Admin).await;
    for (token, query, status) in [
        (&viewer, "from=1&to=3", 404),
        (&viewer, "from=1&to=gold", 404),
        (&viewer, "before=1", 400),
        (&viewer, "to=1", 404),
        (&stranger, "from=1&to=2", 404),
    ] {
        let at = format!("/v1/datasets/{id}/diff?{query}");
        let (answered, body) = house.ask(token, Method::GET, &at, None).await;
        assert_eq!(answered, status, "{query}: {body}");
    }
}

#[tokio::test]
async fn a_manifest_that_cannot_be_read_is_named() {
    let house = House::new().await;
    let id = versions(&house, "slow-broken", &["abc", "ba"]).await;
    let (status, body) = {
        let viewer = house.token("acme", Role::Viewer).await;
        house.ask(&viewer, Method::GET, &format!("/v1/datasets/{id}/diff?from=1&to=2"), None).await
    };
    assert_eq!((status, &body["error"]["message"]), (409, &json!("the manifest of version 2 is broken")));
}

#[tokio::test]
async fn a_tag_is_set_moved_and_removed_and_a_job_keeps_what_it_meant() {
    let house = House::new().await;
    let id = versions(&house, "slow-tags", &["ab", "abc"]).await;
    let at = format!("/v1/datasets/{id}/tags/golden");
    let viewer = house.token("acme", Role::Viewer).await;
    let stranger = house.token("rival", Role::Admin).await;
    let one = || Some(json!({ "version": 1 }));
    assert_eq!(house.ask(&viewer, Method::PUT, &at, one()).await.0, 403);
    assert_eq!(house.ask(&viewer, Method::DELETE, &at, None).await.0, 403);
    assert_eq!(house.ask(&stranger, Method::PUT, &at, one()).await.0, 404);
    let editor = house.token("acme", Role::Editor).await;
    for (path, body, status) in [
        (&*at, json!({ "version": 9 }), 404),
        (&format!("/v1/datasets/{id}/tags/7"), json!({ "version": 1 }), 422),
        (&format!("/v1/datasets/{id}/tags/a%20b"), json!({ "version": 1 }), 422),
        (&at, json!({ "version": "1" }), 400),
    ] {
        let (answered, body) = house.ask(&editor, Method::PUT, path, Some(body)).await;
        assert_eq!(answered, status, "{path}: {body}");
    }
    let set = house.put(&at, json!({ "version": 1 })).await;
    let row = house.get(&format!("/v1/datasets/{id}?wait_for={}", set["sequence"])).await;
    assert_eq!(row["dataset"]["tags"], json!({ "golden": 1 }));
    let order = || Some(json!({ "model": "resnet18", "dataset": "slow-tags@golden" }));
    let (status, first) = house.ask(&editor, Method::POST, "/v1/jobs", order()).await;
    assert_eq!((status, &first["proposal"]["config"]["dataset"]), (201, &json!("slow-tags@1")), "{first}");
    house.put(&at, json!({ "version": 2 })).await;
    let (_, second) = house.ask(&editor, Method::POST, "/v1/jobs", order()).await;
    assert_eq!(second["proposal"]["config"]["dataset"], "slow-tags@2", "{second}");
    let (_, first) = house
        .ask(&editor, Method::GET, &format!("/v1/jobs/{}", first["job"]["id"].as_str().unwrap_or("")), None)
        .await;
    assert_eq!(first["job"]["config"]["dataset"], "slow-tags@1", "a moved tag changes no job");
    let unknown = json!({ "model": "resnet18", "dataset": "slow-tags@silver" });
    let (status, refused) = house.ask(&editor, Method::POST, "/v1/jobs", Some(unknown)).await;
    assert!(status == 404 && refused.to_string().contains("silver"), "{status} {refused}");
    let chat = house.chat().await;
    let spoken = house.say(&chat, "train resnet18 on slow-tags@silver").await;
    assert!(spoken["reply"].as_str().is_some_and(|reply| reply.contains("it has `golden`")), "{spoken}");
    let spoken = house.say(&chat, "train resnet18 on slow-tags@golden").await;
    assert_eq!(spoken["proposal"]["config"]["dataset"], "slow-tags@2", "{spoken}");
    assert_eq!(house.ask(&editor, Method::DELETE, &at, None).await.0, 200);
    assert_eq!(house.ask(&editor, Method::DELETE, &at, None).await.0, 404);
}

#[tokio::test]
async fn what_is_archived_is_not_listed_and_not_trained_on_until_it_is_restored() {
    let house = House::new().await;
    let id = versions(&house, "slow-archive", &["ab"]).await;
    let viewer = house.token("acme", Role::Viewer).await;
    let stranger = house.token("rival", Role::Admin).await;
    let editor = house.token("acme", Role::Editor).await;
    for step in ["archive", "restore"] {
        let at = format!("/v1/datasets/{id}/{step}");
        assert_eq!(house.ask(&viewer, Method::POST, &at, None).await.0, 403);
        assert_eq!(house.ask(&stranger, Method::POST, &at, None).await.0, 404);
    }
    let order = || Some(json!({ "model": "resnet18", "dataset": "slow-archive@1" }));
    let (status, before) = house.ask(&editor, Method::POST, "/v1/jobs", order()).await;
    assert_eq!(status, 201, "{before}");
    let archived = house.post(&format!("/v1/datasets/{id}/archive"), json!({})).await;
    let listed = async |query: &str| {
        let at = format!("/v1/datasets?wait_for={}{query}", archived["sequence"]);
        house.get(&at).await["datasets"].as_array().expect("datasets").len()
    };
    assert_eq!((listed("").await, listed("&archived=true").await), (0, 1));
    let (status, refused) = house.ask(&editor, Method::POST, "/v1/jobs", order()).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("dataset_archived")), "{refused}");
    assert!(refused["error"]["next_step"].as_str().is_some_and(|step| step.contains("restore")), "{refused}");
    let again = Some(json!({ "path": "slow-archive" }));
    assert_eq!(house.ask(&editor, Method::POST, "/v1/datasets", again).await.0, 409);
    let chat = house.chat().await;
    let spoken = house.say(&chat, "train resnet18 on slow-archive").await;
    assert!(spoken["reply"].as_str().is_some_and(|reply| reply.contains("is archived")), "{spoken}");
    // What was asked for before is still to be trained.
    let id_before = before["job"]["id"].as_str().expect("an id").parse().expect("an id");
    house.job_until(id_before, "queued").await;
    house.post(&format!("/v1/datasets/{id}/restore"), json!({})).await;
    assert_eq!(house.ask(&editor, Method::POST, "/v1/jobs", order()).await.0, 201);
}

#[tokio::test]
async fn what_a_job_needs_is_not_deleted_and_the_rest_is() {
    let house = House::new().await;
    let id = versions(&house, "slow-delete", &["ab", "abc", "abcd"]).await;
    let (at, version) =
        (format!("/v1/datasets/{id}"), |number| format!("/v1/datasets/{id}/versions/{number}"));
    let viewer = house.token("acme", Role::Viewer).await;
    let stranger = house.token("rival", Role::Admin).await;
    let editor = house.token("acme", Role::Editor).await;
    for path in [&at, &version(1)] {
        assert_eq!(house.ask(&viewer, Method::DELETE, path, None).await.0, 403);
        assert_eq!(house.ask(&stranger, Method::DELETE, path, None).await.0, 404);
    }
    let order = Some(json!({ "model": "resnet18", "dataset": "slow-delete@2" }));
    let (_, ordered) = house.ask(&editor, Method::POST, "/v1/jobs", order).await;
    let (job, number) = (&ordered["job"]["id"], &ordered["job"]["number"]);
    for path in [&at, &version(2)] {
        let (status, refused) = house.ask(&editor, Method::DELETE, path, None).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("dataset_in_use")), "{refused}");
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(&format!("#{number}")), "it names the job: {message}");
    }
    let (status, gone) = house.ask(&editor, Method::DELETE, &version(1), None).await;
    assert!(status == 200 && gone["sequence"].is_u64(), "{gone}");
    assert_eq!(house.ask(&editor, Method::DELETE, &version(9), None).await.0, 404);
    house.post(&format!("/v1/jobs/{}/cancel", job.as_str().expect("an id")), json!({})).await;
    house.job_until(job.as_str().expect("an id").parse().expect("an id"), "cancelled").await;
    let (status, gone) = house.ask(&editor, Method::DELETE, &at, None).await;
    assert_eq!(status, 200, "{gone}");
    let row = house.get(&format!("{at}?wait_for={}", gone["sequence"])).await;
    assert_eq!((&row["dataset"]["status"], &row["dataset"]["versions"]), (&json!("deleted"), &json!([])));
    assert_eq!(house.get("/v1/datasets").await["datasets"], json!([]));
    let (status, twice) = house.ask(&editor, Method::DELETE, &at, None).await;
    assert_eq!((status, twice), (200, json!({ "sequence": null })));
    // Its name is free, and its numbers go on.
    assert_eq!(versions(&house, "slow-delete", &["ab"]).await, id);
    let row = house.get(&at).await;
    assert_eq!(row["dataset"]["versions"][0]["number"], 4, "{row}");
}

/// The policy looks at what the version before was made of.
#[tokio::test]
async fn without_its_newest_version_a_dataset_is_looked_at_again() {
    let house = House::new().await;
    let id = versions(&house, "slow-back", &["ab", "abc"]).await;
    let before = house.get(&format!("/v1/datasets/{id}")).await["dataset"]["source"].clone();
    let editor = house.token("acme", Role::Editor).await;
    house.ask(&editor, Method::DELETE, &format!("/v1/datasets/{id}/versions/2"), None).await;
    let row = until(async || {
        let row = house.get(&format!("/v1/datasets/{id}")).await["dataset"].take();
        if row["status"] == "pending" { Ok(row) } else { Err(row) }
    })
    .await;
    assert_ne!(row["source"], before);
    assert_eq!(row["versions"].as_array().map(Vec::len), Some(1), "{row}");
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
