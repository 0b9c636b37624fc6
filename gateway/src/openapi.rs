//! `/openapi.json`, made from the table that the router is made from: a route that is served is described.

use serde_json::{Map, Value, json};

use crate::route::{Access, Route};

/// OpenAPI 3.1.
pub(crate) fn document(routes: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Trainyard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Trains vision models from a conversation. Writes answer `sequence`; a read with \
                `?wait_for=<sequence>` waits until it shows that write, 2 s at most.",
        },
        // Where this was read, whatever path a proxy puts before it.
        "servers": [{ "url": "./" }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Error": error_schema() },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "summary": route.summary,
        "operationId": operation_id(route),
        "parameters": parameters(route),
        "responses": {
            "2XX": { "description": "Done" },
            "default": {
                "description": "Refused, with what to do next",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
            },
        },
    });
    if let Access::Needs(role) = route.access {
        operation["security"] = json!([{ "token": [] }]);
        operation["x-role"] = json!(role);
    }
    if let Some(schema) = &route.body {
        // A schema with a binary field is a form.
        let form = schema["properties"]["image"]["format"] == "binary";
        let kind = if form { "multipart/form-data" } else { "application/json" };
        operation["requestBody"] = json!({ "content": { kind: { "schema": schema } } });
    }
    operation
}

/// Such as `get_v1_jobs_id`.
fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let path: Vec<&str> = words.collect();
    format!("{}_{}", route.method.as_str().to_lowercase(), path.join("_"))
}

fn parameters(route: &Route) -> Vec<Value> {
    let string = json!({ "type": "string" });
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": string }))
        .collect();
    let wait_for = route.reads_views.then_some(&"wait_for");
    for name in route.params.iter().chain(wait_for) {
        parameters.push(json!({ "name": name, "in": "query", "schema": string }));
    }
    if route.method == axum::http::Method::POST {
        parameters.push(json!({ "name": "Idempotency-Key", "in": "header", "schema": string }));
    }
    parameters
}

fn error_schema() -> Value {
    let string = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message", "next_step"],
            "properties": { "code": string, "message": string, "next_step": string },
        } },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::document;
    use crate::route::Access;
    use crate::routes::all;

    #[test]
    fn the_table_of_routes() {
        let table: Vec<String> = all()
            .iter()
            .map(|route| {
                let access = match route.access {
                    Access::Open => "open".to_owned(),
                    Access::Needs(role) => format!("{role:?}").to_lowercase(),
                };
                format!("{:6} {:40} {access}", route.method.as_str(), route.path)
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_route_is_described_once() {
        let routes = all();
        let document = document(&routes);
        let mut ids = BTreeSet::new();
        for route in &routes {
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            assert_eq!(operation["summary"], route.summary, "{} {}", route.method, route.path);
            assert!(ids.insert(operation["operationId"].to_string()), "{operation}");
        }
        let described: usize = document["paths"]
            .as_object()
            .expect("paths")
            .values()
            .map(|path| path.as_object().map_or(0, |it| it.len()))
            .sum();
        assert_eq!(described, routes.len());
    }
}
