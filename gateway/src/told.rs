//! What leaves the gateway for people: every reason has its sentence in both languages beside it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use trainyard_words::say;

/// An answer with rows or events in it.
pub(crate) struct Told<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Told<T> {
    fn into_response(self) -> Response {
        Json(told(&self.0)).into_response()
    }
}

pub(crate) fn told(what: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(what).expect("answers are plain data");
    say(&mut value);
    value
}
