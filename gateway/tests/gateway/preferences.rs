//! How somebody wants their pages is theirs alone, and survives what opens them.

use reqwest::Method;
use serde_json::json;
use trainyard_events::tenant::Role;

use crate::house::House;

const AT: &str = "/v1/preferences";

#[tokio::test]
async fn what_one_keeps_nobody_else_sees() {
    let house = House::new().await;
    let (mine, theirs) = (house.token("acme", Role::Viewer).await, house.token("acme", Role::Admin).await);
    let ask = async |token: &str, method: Method, body| house.ask(token, method, AT, body).await;
    let nothing = json!({ "preferences": null });
    assert_eq!(ask(&mine, Method::GET, None).await, (200, nothing.clone()));
    let view = json!({ "name": "나쁜 것", "search": "q=status:failed", "columns": ["number"] });
    let pinned = ["0193a1b2-0000-7000-8000-000000000001"];
    let wanted = json!({ "columns": ["number", "model"], "views": [view], "pinned": pinned });
    let kept = json!({ "preferences": wanted });
    assert_eq!(ask(&mine, Method::PUT, Some(wanted.clone())).await, (200, kept.clone()));
    assert_eq!(ask(&mine, Method::GET, None).await, (200, kept.clone()));
    assert_eq!(ask(&theirs, Method::GET, None).await, (200, nothing));
    for bad in [
        json!({}),
        json!({ "columns": [], "views": [], "pinned": [], "theme": "dark" }),
        json!({ "columns": vec!["x"; 101], "views": [], "pinned": [] }),
        json!({ "columns": [], "views": [], "pinned": ["no id"] }),
    ] {
        let (status, told) = ask(&mine, Method::PUT, Some(bad.clone())).await;
        assert_eq!((status, &told["error"]["code"]), (400, &json!("bad_request")), "{bad}: {told}");
    }
    assert_eq!(ask(&mine, Method::GET, None).await, (200, kept), "what was refused has changed nothing");
    assert_eq!(ask("", Method::GET, None).await.0, 401);
}
