//! Who is asked to come, and tenants that are made and closed.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;

use crate::house::{House, answer, until};

async fn accept(house: &House, code: &str) -> (u16, Value) {
    let request = house.request("", Method::POST, "/v1/invitations/accept").json(&json!({ "code": code }));
    answer(request).await
}

#[tokio::test]
async fn an_invitation_opens_the_door_once() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let invite = async |name: &str| {
        let new = Some(json!({ "name": name, "role": "editor" }));
        let (status, made) = house.ask(&admin, Method::POST, "/v1/invitations", new).await;
        assert_eq!(status, 201, "{made}");
        made
    };
    let made = invite("박지민").await;
    let code = made["code"].as_str().expect("a code");
    assert_eq!(made["path"], format!("#invitation={code}"));
    let listed =
        async || house.ask(&admin, Method::GET, "/v1/invitations", None).await.1["invitations"].clone();
    assert_eq!((&listed().await[0]["name"], listed().await[0].get("code")), (&json!("박지민"), None));

    let (status, came) = accept(&house, code).await;
    assert_eq!(status, 201, "{came}");
    let token = came["token"].as_str().expect("a token");
    let (_, me) = house.ask(token, Method::GET, "/v1/whoami", None).await;
    assert_eq!((&me["token"]["name"], &me["role"]), (&json!("박지민"), &json!("editor")), "{me}");
    assert_eq!(listed().await, json!([]));
    for used in [code, "acme.AAAA", "nobody.AAAA", "acme", "", "No Tenant.AAAA"] {
        let (status, refused) = accept(&house, used).await;
        assert_eq!((status, &refused["error"]["code"]), (404, &json!("not_found")), "{used}: {refused}");
    }

    let made = invite("lee").await;
    let path = format!("/v1/invitations/{}", made["id"].as_str().expect("an id"));
    assert_eq!(house.ask(&admin, Method::DELETE, &path, None).await.0, 200);
    assert_eq!(accept(&house, made["code"].as_str().expect("a code")).await.0, 404, "it was taken back");
    assert_eq!(house.ask(&admin, Method::DELETE, &path, None).await.0, 404);
}

#[tokio::test]
async fn operators_make_and_close_tenants_and_nobody_else() {
    let house = House::with(|config| config.operators = Some("acme".parse().unwrap())).await;
    let operator = house.token("acme", Role::Admin).await;
    let other = house.token("other", Role::Admin).await;
    for (token, said) in [(&operator, json!(true)), (&other, json!(null))] {
        assert_eq!(house.ask(token, Method::GET, "/v1/whoami", None).await.1["operator"], said);
    }
    let new = || Some(json!({ "tenant": "fresh" }));
    let (status, refused) = house.ask(&other, Method::POST, "/v1/tenants", new()).await;
    assert_eq!((status, &refused["error"]["code"]), (403, &json!("forbidden")), "{refused}");
    assert_eq!(house.ask(&other, Method::GET, "/v1/tenants", None).await.0, 403);
    assert_eq!(house.ask(&other, Method::DELETE, "/v1/tenants/acme", None).await.0, 403);

    let (status, made) = house.ask(&operator, Method::POST, "/v1/tenants", new()).await;
    assert_eq!(status, 201, "{made}");
    let first = made["token"].as_str().expect("a token");
    let (_, me) = house.ask(first, Method::GET, "/v1/whoami", None).await;
    assert_eq!((&me["tenant"], &me["role"]), (&json!("fresh"), &json!("admin")), "{me}");
    // One that is there is nobody's to get into.
    let (status, refused) = house.ask(&operator, Method::POST, "/v1/tenants", new()).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("already_so")), "{refused}");

    let (status, closed) = house.ask(&operator, Method::DELETE, "/v1/tenants/fresh", None).await;
    assert_eq!((status, &closed["tokens"]), (200, &json!(1)), "{closed}");
    assert_eq!(house.ask(first, Method::GET, "/v1/whoami", None).await.0, 401);
    let (status, refused) = house.ask(&operator, Method::POST, "/v1/tenants", new()).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("refused")), "its name is not given again");
    let wait = format!("/v1/tenants?wait_for={}", closed["sequence"]);
    let (_, listed) = house.ask(&operator, Method::GET, &wait, None).await;
    let rows = listed["tenants"].as_array().expect("tenants");
    let row = rows.iter().find(|row| row["tenant"] == "fresh").expect("it is listed");
    assert!(row["closed_at"].is_string(), "{row}");
    assert_eq!(house.ask(&operator, Method::DELETE, "/v1/tenants/nobody", None).await.0, 404);

    // A tenant whose job has not ended stays.
    let editor = house.token("other", Role::Editor).await;
    let order = json!({ "model": "resnet18", "dataset": "data/digits" });
    let (status, ordered) = house.ask(&editor, Method::POST, "/v1/jobs", Some(order)).await;
    assert!(status < 300, "{ordered}");
    until(async || match house.ask(&editor, Method::GET, "/v1/jobs", None).await.1["jobs"].as_array() {
        Some(jobs) if !jobs.is_empty() => Ok(()),
        none => Err(format!("{none:?}")),
    })
    .await;
    let (status, refused) = house.ask(&operator, Method::DELETE, "/v1/tenants/other", None).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("refused")), "{refused}");
    assert_eq!(house.ask(&editor, Method::GET, "/v1/whoami", None).await.0, 200);
}
