//! Images that a model was asked about by its name: none is kept until somebody says so, and then a share of them for people to review.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trainyard_events::tenant::Role;
use trainyard_store::{Listed, samples_of};

use crate::house::{House, answer, until};
use crate::registry::{predictor, trained};

/// A model that answers by its name. Tests share a store, so each has a model of its own.
struct Asked {
    house: House,
    at: String,
    /// Of somebody who may ask it, and of somebody who may change it.
    viewer: String,
    editor: String,
}

impl Asked {
    async fn new(model: &str) -> Asked {
        let house = House::new().await;
        trained(&house, "one").await;
        let at = format!("/v1/registry/{model}");
        house.post(&format!("{at}/versions"), json!({ "job": "1" })).await;
        house.put(&format!("{at}/aliases/champion"), json!({ "version": 1 })).await;
        predictor(&house).await;
        let (viewer, editor) =
            (house.token("acme", Role::Viewer).await, house.token("acme", Role::Editor).await);
        Asked { house, at, viewer, editor }
    }

    fn samples(&self) -> String {
        format!("{}/samples", self.at)
    }

    fn sample(&self, image: &[u8]) -> String {
        format!("{}/{}", self.samples(), hash(image))
    }

    async fn ask(&self, image: &[u8]) {
        let form = reqwest::multipart::Part::bytes(image.to_vec()).file_name("a.png");
        let form = reqwest::multipart::Form::new().part("image", form);
        let at = format!("{}@champion/predict", self.at.replace("registry", "models"));
        let request = self.house.request(&self.viewer, Method::POST, &at).multipart(form);
        assert_eq!(answer(request).await.0, 200);
    }

    async fn keep(&self, share: f64) {
        self.house.put(&format!("{}/sampling", self.at), json!({ "share": share })).await;
    }

    /// The hashes of what is kept, once there are so many of them.
    async fn kept(&self, count: usize) -> Vec<String> {
        until(async || {
            let told = self.house.get(&self.samples()).await;
            let samples = told["samples"].as_array().expect("samples");
            let hash = |sample: &Value| Some(sample["sha256"].as_str()?.to_owned());
            let hashes: Vec<String> = samples.iter().filter_map(hash).collect();
            if hashes.len() == count && told["kept"] == count { Ok(hashes) } else { Err(told) }
        })
        .await
    }

    /// What the store has of them.
    async fn stored(&self) -> Vec<Listed> {
        let row = self.house.get(&self.at).await;
        let id = row["model"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.house.store.list(&samples_of(id), None).await.expect("the store answers").objects
    }
}

fn hash(image: &[u8]) -> String {
    hex::encode(Sha256::digest(image))
}

#[tokio::test]
async fn what_a_model_is_asked_is_kept_only_once_somebody_says_so() {
    let model = Asked::new("kept").await;
    model.ask(b"before").await;
    model.keep(1.0).await;
    let image = b"\x89PNG\r\n\x1a\n an image";
    model.ask(image).await;
    model.ask(image).await;
    assert_eq!(model.kept(1).await, [hash(image)], "what was asked before is nowhere, and twice is once");

    let told = model.house.get(&model.samples()).await;
    let sample = &told["samples"][0];
    assert_eq!((&sample["version"], &sample["bytes"]), (&json!(1), &json!(image.len())), "{told}");
    assert_eq!(sample["answer"]["predictions"][0]["confidence"], json!(0.75), "{told}");

    model.keep(0.0).await;
    model.ask(b"after").await;
    model.keep(1.0).await;
    model.ask(b"again").await;
    assert!(!model.kept(2).await.contains(&hash(b"after")));
    let limited = model.house.get(&format!("{}?limit=1", model.samples())).await;
    assert_eq!((limited["samples"].as_array().map(Vec::len), &limited["kept"]), (Some(1), &json!(2)));
}

#[tokio::test]
async fn an_image_comes_as_it_was_sent_and_nothing_of_it_runs() {
    let model = Asked::new("drawn").await;
    model.keep(1.0).await;
    for (image, kind) in [(&b"\x89PNG\r\n\x1a\n"[..], "image/png"), (b"<script>", "application/octet-stream")]
    {
        model.ask(image).await;
        let at = model.sample(image);
        let come = until(async || {
            let come = model.house.request(&model.editor, Method::GET, &at).send().await.expect("an answer");
            if come.status() == 200 { Ok(come) } else { Err(come.status()) }
        })
        .await;
        assert_eq!(come.headers()["content-type"], kind);
        assert!(come.headers()["content-security-policy"].to_str().is_ok_and(|it| it.contains("sandbox")));
        assert_eq!(come.bytes().await.expect("the image")[..], image[..]);
    }
}

#[tokio::test]
async fn those_who_may_only_ask_see_nothing_of_what_others_asked() {
    let model = Asked::new("private").await;
    model.keep(1.0).await;
    model.ask(b"a face").await;
    model.kept(1).await;
    let stranger = model.house.token("rival", Role::Admin).await;
    let (all, one) = (model.samples(), model.sample(b"a face"));
    for (method, path) in [(Method::GET, &all), (Method::GET, &one), (Method::DELETE, &all)] {
        let ask = async |token: &str| model.house.ask(token, method.clone(), path, None).await.0;
        assert_eq!(ask(&model.viewer).await, 403, "{method} {path}");
        assert_eq!(ask(&stranger).await, 404, "{method} {path}");
    }
    model.kept(1).await;
    let odd = format!("{all}/null%2Cnull");
    assert_eq!(model.house.ask(&model.editor, Method::GET, &odd, None).await.0, 404, "it can be no image's");
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_what_comes_after_is_kept() {
    let model = Asked::new("deleted").await;
    model.keep(1.0).await;
    for image in [&b"one"[..], b"two", b"three"] {
        model.ask(image).await;
    }
    model.kept(3).await;
    assert_eq!(model.stored().await.len(), 6);
    let (status, deleted) = model.house.ask(&model.editor, Method::DELETE, &model.samples(), None).await;
    assert_eq!((status, deleted["sequence"].is_u64()), (200, true), "{deleted}");
    assert!(model.kept(0).await.is_empty());
    assert_eq!(model.house.ask(&model.editor, Method::GET, &model.sample(b"one"), None).await.0, 404);
    assert_eq!(model.stored().await, [], "nothing of them is left in the store");
    model.ask(b"one").await;
    assert_eq!(model.kept(1).await, [hash(b"one")]);
}

/// As when the platform goes away in the midst of deleting.
#[tokio::test]
async fn what_was_deleted_is_not_shown_although_the_store_still_has_it() {
    let model = Asked::new("left").await;
    model.keep(1.0).await;
    model.ask(b"one").await;
    model.kept(1).await;
    let (store, listed) = (&model.house.store, model.stored().await);
    let mut content = Vec::new();
    for object in &listed {
        content.push(store.get_bytes(&object.key, 1 << 20).await.expect("it is there"));
    }
    model.house.ask(&model.editor, Method::DELETE, &model.samples(), None).await;
    for (object, content) in listed.iter().zip(content) {
        store.put_bytes(&object.key, content).await.expect("it is stored");
    }
    assert_eq!(model.stored().await.len(), 2);
    assert!(model.kept(0).await.is_empty());
    assert_eq!(model.house.ask(&model.editor, Method::GET, &model.sample(b"one"), None).await.0, 404);
}

#[tokio::test]
async fn a_share_is_from_nothing_to_all() {
    let model = Asked::new("shares").await;
    let at = format!("{}/sampling", model.at);
    for bad in [json!(-0.1), json!(1.1), json!("much"), Value::Null] {
        let (status, told) =
            model.house.ask(&model.editor, Method::PUT, &at, Some(json!({ "share": bad }))).await;
        assert_eq!((status, &told["error"]["code"]), (400, &json!("bad_request")), "{bad}: {told}");
    }
    assert_eq!(model.house.get(&model.at).await["model"]["sampling"], json!(0.0));
}
