//! Every image of a version: all of them page by page, those that are asked for, and the bytes of each, to its tenant only.

use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_bus::FilePart;
use trainyard_commands::Command;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_events::folders::{FileRequest, FolderRefusal};
use trainyard_events::results::Artifact;
use trainyard_events::tenant::Role;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Aggregate, TenantId};
use trainyard_store::{blob_key, dataset_key, manifest_key};
use uuid::Uuid;

use crate::house::{House, answer, digits, until};

const IMAGES: usize = 450;

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// A file that begins like a PNG: nobody decodes it.
fn content(at: usize) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n"[..], format!("image {at}").as_bytes()].concat()
}

fn name(at: usize) -> String {
    format!("{}/사진 {at:04}.png", if at.is_multiple_of(3) { "val" } else { "train" })
}

fn split(at: usize) -> &'static str {
    if at.is_multiple_of(3) { "validation" } else { "train" }
}

fn manifest() -> Vec<u8> {
    let line = |at: usize| {
        json!({
            "sha256": hash(&content(at)), "name": name(at), "bytes": content(at).len(), "width": 40, "height": 30,
            "split": split(at), "labels": [{ "class": at % 2, "box": [1.5, 2.0, 10.0, 8.0] }],
        })
    };
    let mut lines: Vec<Value> = (0..IMAGES).map(line).collect();
    lines.sort_by_key(|line| line["name"].as_str().expect("a name").to_owned());
    let header = json!({ "form": 1, "classes": ["cat", "dog"], "kinds": ["detect"] });
    let text = std::iter::once(header).chain(lines).map(|line| format!("{line}\n"));
    text.collect::<String>().into_bytes()
}

async fn put(house: &House, role: &str, key: String, content: Vec<u8>) -> Artifact {
    let stored = house.store.put_bytes(&key, content.into()).await.expect("the store is up");
    Artifact { role: role.to_owned(), key, sha256: stored.sha256, bytes: stored.bytes }
}

/// A dataset of `acme` with one version; from files of the store if it has a list of them.
async fn known(house: &House, path: &str, new: Value) -> Uuid {
    let tenant: TenantId = "acme".parse().expect("a name");
    let registered = house.post("/v1/datasets", new).await;
    let inspection = registered["sequence"].as_u64().expect("a new registration");
    let aggregate = Aggregate::dataset_at(&tenant, path);
    let Aggregate::Dataset(id) = aggregate else { panic!("{aggregate} is a dataset") };
    let lines = manifest();
    let key = manifest_key(id, &hash(&lines)).expect("a name");
    let manifest = put(house, "manifest", key, lines).await;
    let header = json!({ "manifest": manifest.sha256, "counts": [], "listed": 2 });
    let flaws = json!([{ "code": "same_image_as", "path": name(1) }]);
    let leak = json!({ "kind": "leak", "path": name(3), "problem": "is the same", "flaws": flaws });
    let gone = json!({ "kind": "left_out", "path": "x.png", "problem": "is empty", "flaws": [] });
    let key = dataset_key(id, inspection, "problems.jsonl").expect("a name");
    let problems = put(house, "problems", key, format!("{header}\n{leak}\n{gone}\n").into_bytes()).await;
    let record = DatasetCommand::RecordInspection {
        inspection,
        result: Inspection::Good { profile: Box::new(digits()) },
        artifacts: vec![problems],
        manifest: Some(manifest),
    };
    house.tell("acme", aggregate, Command::Dataset(record)).await.expect("nobody else looks at it");
    until(async || {
        let row = house.get(&format!("/v1/datasets/{id}")).await;
        if row["dataset"]["status"] == "valid" { Ok(()) } else { Err(row) }
    })
    .await;
    id
}

async fn in_the_store(house: &House, path: &str) -> Uuid {
    let list = put(house, "files", blob_key("acme", &hash(b"list")).expect("a hash"), b"list".to_vec()).await;
    for at in 0..10 {
        let key = blob_key("acme", &hash(&content(at))).expect("a hash");
        put(house, "file", key, content(at)).await;
    }
    known(house, path, json!({ "path": path, "files": list.sha256 })).await
}

/// The names on each page.
async fn walk(house: &House, at: &str, query: &[(&str, &str)]) -> Vec<Vec<String>> {
    let token = house.token("acme", Role::Viewer).await;
    let (mut pages, mut after): (Vec<Vec<String>>, Option<String>) = (Vec::new(), None);
    loop {
        let asked = house.request(&token, Method::GET, at).query(query);
        let asked = asked.query(&after.iter().map(|after| ("after", after)).collect::<Vec<_>>());
        let (status, page) = answer(asked).await;
        assert_eq!(status, 200, "{page}");
        let images = page["images"].as_array().expect("images");
        let text = |image: &Value| image["name"].as_str().expect("a name").to_owned();
        pages.push(images.iter().map(text).collect());
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => {
                assert_eq!(page["matching"], json!(pages.concat().len()));
                return pages;
            }
        }
    }
}

fn names(fits: impl Fn(usize) -> bool) -> Vec<String> {
    let mut names: Vec<String> = (0..IMAGES).filter(|at| fits(*at)).map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn all_pages_together_are_the_manifest_and_filters_leave_out_the_rest() {
    let house = House::new().await;
    let id = in_the_store(&house, "slow-pets").await;
    let at = format!("/v1/datasets/{id}/versions/1/images");
    let whole = walk(&house, &at, &[("limit", "200")]).await;
    assert_eq!(whole.iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 50]);
    assert_eq!(whole.concat(), names(|_| true));
    assert_eq!(walk(&house, &at, &[("limit", "9999")]).await.first().map(Vec::len), Some(200));
    assert_eq!(walk(&house, &at, &[]).await.first().map(Vec::len), Some(50));
    for (query, fits) in [
        (vec![("split", "validation")], (|at| at % 3 == 0) as fn(usize) -> bool),
        (vec![("class", "dog")], |at| at % 2 == 1),
        (vec![("class", "cow")], |_| false),
        (vec![("search", "VAL/사진 00")], |at| at % 3 == 0 && at < 100),
        (vec![("problem", "leak")], |at| at == 3),
        (vec![("problem", "duplicate")], |_| false),
        (vec![("split", "train"), ("class", "cat"), ("search", "7")], |at| {
            at % 3 != 0 && at % 2 == 0 && at.to_string().contains('7')
        }),
    ] {
        assert_eq!(walk(&house, &at, &query).await.concat(), names(fits), "{query:?}");
    }
    let leak = house.get(&format!("{at}?problem=leak")).await;
    assert_eq!(leak["problems"], json!([{ "kind": "leak", "files": 1 }]));
    let image = &leak["images"][0];
    assert_eq!(image["labels"][0]["class"], "dog");
    assert_eq!(image["labels"][0]["box"], json!([1.5, 2.0, 10.0, 8.0]));
    let flaw = &image["problems"][0]["flaws"][0];
    assert!(flaw["ko"].as_str().is_some_and(|korean| korean.contains("같은 이미지")), "{flaw}");
    let token = house.token("acme", Role::Viewer).await;
    for bad in ["split=all", "problem=ugly", "surprise=1", "limit=-1"] {
        let (status, body) = house.ask(&token, Method::GET, &format!("{at}?{bad}"), None).await;
        assert_eq!(status, 400, "{bad}: {body}");
    }
}

#[tokio::test]
async fn an_image_is_what_its_version_names_and_of_its_tenant() {
    let house = House::new().await;
    let id = in_the_store(&house, "slow-shown").await;
    let of = |number: &str, sha256: &str| format!("/v1/datasets/{id}/versions/{number}/images/{sha256}");
    let viewer = house.token("acme", Role::Viewer).await;
    let at = of("1", &hash(&content(4)));
    let response = house.request(&viewer, Method::GET, &at).send().await.expect("an answer");
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!((response.status().as_u16(), header("content-type")), (200, "image/png".to_owned()));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox"));
    assert!(header("cache-control").contains("private") && header("cache-control").contains("immutable"));
    assert_eq!(header("content-length"), content(4).len().to_string());
    assert_eq!(response.bytes().await.expect("a body").as_ref(), content(4));

    let stranger = house.token("rival", Role::Admin).await;
    for path in [&at, &format!("/v1/datasets/{id}/versions/1/images")] {
        assert_eq!(house.ask(&stranger, Method::GET, path, None).await.0, 404, "{path}");
        assert_eq!(answer(house.request("", Method::GET, path)).await.0, 401, "{path}");
    }
    // The list of files is in the store too, and is no image of the version.
    let list = hash(b"list");
    for path in [of("1", &list), of("2", &hash(&content(4))), of("1", "..%2f..%2fjobs"), of("0", &list)] {
        assert_eq!(house.ask(&viewer, Method::GET, &path, None).await.0, 404, "{path}");
    }
    let missing = house.ask(&viewer, Method::GET, &of("1", &hash(&content(11))), None).await;
    assert_eq!(missing.0, 410, "{}", missing.1);
}

/// Somebody has written other bytes into the store, or what no browser draws was labelled as an image.
#[tokio::test]
async fn what_was_forged_or_is_no_picture_does_not_arrive() {
    let house = House::new().await;
    let id = in_the_store(&house, "slow-forged").await;
    let at = |image: usize| format!("/v1/datasets/{id}/versions/1/images/{}", hash(&content(image)));
    let key = |image: usize| blob_key("acme", &hash(&content(image))).expect("a hash");
    let small = [content(5), b"<script>".to_vec()].concat();
    let large = [content(6), vec![7; 3 << 20]].concat();
    put(&house, "file", key(5), small.clone()).await;
    put(&house, "file", key(6), large.clone()).await;
    let viewer = house.token("acme", Role::Viewer).await;
    for (image, forged) in [(5, small), (6, large)] {
        let answered = house.request(&viewer, Method::GET, &at(image)).send().await.expect("an answer");
        let is_good = answered.status().is_success();
        match answered.bytes().await {
            Ok(body) => assert!(!is_good && !body.ends_with(&forged[forged.len() - 8..])),
            Err(error) => assert!(is_good, "{error}"),
        }
    }
    // The hash is right, the picture is none.
    let svg = b"<svg onload='alert(1)'/>".to_vec();
    let lines = format!(
        "{}\n{}\n",
        json!({ "form": 1, "classes": ["x"], "kinds": ["classify"] }),
        json!({ "sha256": hash(&svg), "name": "a.png", "bytes": 9, "width": 9, "height": 9, "split": "train",
            "labels": [{ "class": 0 }] }),
    );
    put(&house, "file", blob_key("acme", &hash(&svg)).expect("a hash"), svg.clone()).await;
    let registered =
        house.post("/v1/datasets", json!({ "path": "slow-forged", "files": hash(b"list") })).await;
    let inspection = registered["sequence"].as_u64().expect("asked again");
    let key = manifest_key(id, &hash(lines.as_bytes())).expect("a name");
    let record = DatasetCommand::RecordInspection {
        inspection,
        result: Inspection::Good { profile: Box::new(digits()) },
        artifacts: Vec::new(),
        manifest: Some(put(&house, "manifest", key, lines.into_bytes()).await),
    };
    house.tell("acme", Aggregate::Dataset(id), Command::Dataset(record)).await.expect("a second version");
    let drawn = format!("/v1/datasets/{id}/versions/2/images/{}", hash(&svg));
    let (status, refused) = house.ask(&viewer, Method::GET, &drawn, None).await;
    assert!(status == 409 && refused.to_string().contains("a.png is no JPEG"), "{status} {refused}");
    // The older version has the list of its own look.
    let older = house.get(&format!("/v1/datasets/{id}/versions/1/images")).await;
    let leak = json!([{ "kind": "leak", "files": 1 }]);
    assert_eq!((&older["problems"], &older["matching"]), (&leak, &json!(IMAGES)));
    let at = format!("/v1/datasets/{id}/versions/1/problems");
    let listed = house.get(&at).await;
    let told = |list: &Value| (list["from"].clone(), list["problems"].as_array().map(Vec::len));
    assert_eq!(told(&listed), (json!("look"), Some(2)), "with what is no image of it: {listed}");
    assert!(listed.to_string().contains("x.png"));
    let stranger = house.token("other", Role::Viewer).await;
    assert_eq!(house.ask(&stranger, Method::GET, &at, None).await.0, 404);
    // Where that is gone, its manifest tells what it can: no content is there twice.
    let row = house.get(&format!("/v1/datasets/{id}")).await;
    let key = row["dataset"]["versions"][0]["problems"]["key"].as_str().expect("the look's list").to_owned();
    house.store.delete(&key).await.expect("the store is up");
    assert_eq!(told(&house.get(&at).await), (json!("manifest"), Some(0)));
}

#[tokio::test]
async fn what_lies_in_a_folder_of_workers_is_read_by_one_of_them() {
    let house = House::new().await;
    let id = known(&house, "data/slow-folder", json!({ "path": "data/slow-folder" })).await;
    let at = format!("/v1/datasets/{id}/versions/1/images");
    assert_eq!(walk(&house, &at, &[("limit", "200")]).await.concat(), names(|_| true));
    let viewer = house.token("acme", Role::Viewer).await;
    let image = format!("{at}/{}", hash(&content(1)));
    let (status, refused) = house.ask(&viewer, Method::GET, &image, None).await;
    assert_eq!((status, &refused["error"]["code"]), (503, &json!("no_worker")));
    reader(&house).await;
    let shown = until(async || {
        let response = house.request(&viewer, Method::GET, &image).send().await.expect("an answer");
        if response.status() == 200 { Ok(response) } else { Err(response.text().await) }
    })
    .await;
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(shown.bytes().await.expect("a body").as_ref(), content(1), "of parts of nine bytes");
    // The file at 2 has other bytes by now, and the one at 3 is gone.
    for changed in [2, 3] {
        let image = format!("{at}/{}", hash(&content(changed)));
        let (status, refused) = house.ask(&viewer, Method::GET, &image, None).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("refused")), "{refused}");
        assert!(refused.to_string().contains(&name(changed)), "{refused}");
        assert!(refused["error"]["next_step"].to_string().contains("trainyard datasets add"), "{refused}");
    }
    let stranger = house.token("rival", Role::Admin).await;
    assert_eq!(house.ask(&stranger, Method::GET, &image, None).await.0, 404);
    // It is found by a part of its path, and by a class.
    let found = async |q: &str| {
        let listed = house.get(&format!("/v1/datasets?q={q}")).await;
        listed["datasets"].as_array().map(|rows| rows.iter().any(|row| row["id"] == json!(id)))
    };
    let class = digits().classes[0].name.clone();
    for (q, is_found) in [("LOW-FOLD", true), (&*class, true), ("slow-pets", false), ("no such class", false)]
    {
        assert_eq!(found(q).await, Some(is_found), "{q}");
    }
}

/// A worker with the images of `acme`'s folder, of which it gives nine bytes at a time.
async fn reader(house: &House) {
    let mut calls = house.bus.files().serve().await.expect("a subscription");
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            let FileRequest { tenant, path, name: file, offset } = &call.request;
            assert_eq!((tenant.as_str(), path.as_str()), ("acme", "data/slow-folder"));
            let at = (0..IMAGES).find(|at| name(*at) == *file).expect("an image of the manifest");
            let bytes = content(if at == 2 { 20 } else { at });
            let begin = bytes.len().min(*offset as usize);
            let part = bytes[begin..bytes.len().min(begin + 9)].to_vec();
            let answer = match at {
                3 => Err(FolderRefusal::NoFile { name: file.clone() }),
                _ => Ok(FilePart { whole: bytes.len() as u64, content: part.into() }),
            };
            call.answer(answer).await.expect("the bus is up");
        }
    });
}
