//! `/v1/audit/export`: who did what, what it changed, and what was refused, as a file for whoever has to account for it.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use trainyard_api::audit::{TrailFormat, TrailLine, TrailQuery};
use trainyard_events::access::Refusal;
use trainyard_events::tenant::Role;
use trainyard_projections::{ActivityFilter, Page};

use crate::error::ApiError;
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

/// Events of one page of the views, and of one file: who wants more asks from the last sequence on.
const PAGE_ROWS: u32 = 200;
const LINES: usize = 100_000;
const CSV: &str = "text/csv; charset=utf-8";
const JSONL: &str = "application/jsonl; charset=utf-8";
/// The columns, in their order.
const COLUMNS: &str = "at,sequence,who,what,about,refused,before,after\r\n";

pub(super) fn routes() -> Vec<Route> {
    let what = "Who did what, with what it changed, and what was refused, as JSON lines or CSV";
    vec![Route::read("/v1/audit/export", what, export).needs(Role::Admin).query::<TrailQuery>().serves("*/*")]
}

async fn export(
    State(gateway): State<Gateway>,
    identity: Identity,
    headers: HeaderMap,
    Params(query): Params<TrailQuery>,
) -> Result<Response, ApiError> {
    let lines = lines(&gateway, &identity, query.after.unwrap_or(0)).await?;
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = query.format.unwrap_or(match accepts.contains("text/csv") {
        true => TrailFormat::Csv,
        false => TrailFormat::Jsonl,
    });
    let (kind, name, text) = match asked {
        TrailFormat::Csv => {
            (CSV, "audit.csv", lines.iter().fold(COLUMNS.to_owned(), |text, line| text + &row(line)))
        }
        TrailFormat::Jsonl => {
            let json = |line: &TrailLine| serde_json::to_string(line).expect("a line is plain data");
            (
                JSONL,
                "audit.jsonl",
                lines.iter().map(json).fold(String::new(), |text, line| text + &line + "\n"),
            )
        }
    };
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(|error| ApiError::internal(error.to_string()))?;
    let kind = HeaderValue::from_static(kind);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], Body::from(text))
        .into_response())
}

/// What people did, in the order of the log, and among it by its time what they were not let do.
async fn lines(gateway: &Gateway, identity: &Identity, after: u64) -> Result<Vec<TrailLine>, ApiError> {
    let mut lines = Vec::new();
    let mut next = None;
    loop {
        let filter = ActivityFilter { aggregates: Vec::new(), after: Some(after), without: &[] };
        let page = gateway.views.activity(&identity.tenant, &filter, Page::new(next, PAGE_ROWS)).await?;
        // What workers and policies do answers to what people did.
        lines.extend(page.rows.into_iter().filter_map(done));
        next = page.next;
        if next.is_none() || lines.len() >= LINES {
            break;
        }
    }
    lines.reverse();
    before(&mut lines);
    let refusals = gateway.bus.access_notes().refusals(&identity.tenant).await?;
    lines.extend(refusals.into_iter().map(refused));
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

fn done(event: Value) -> Option<TrailLine> {
    let who = event["actor"].as_str()?.strip_prefix("user:")?.to_owned();
    let at = time::OffsetDateTime::parse(event["at"].as_str()?, &Rfc3339).ok()?;
    Some(TrailLine {
        at,
        sequence: event["sequence"].as_u64(),
        who,
        what: event["kind"].as_str()?.to_owned(),
        about: event["aggregate"].as_str()?.to_owned(),
        refused: None,
        before: Value::Null,
        after: event["body"].clone(),
    })
}

/// What stood before a change is what the last fact of the same kind about the same thing has said.
fn before(lines: &mut [TrailLine]) {
    let mut newest = std::collections::HashMap::new();
    for line in lines {
        let former = newest.insert((line.about.clone(), line.what.clone()), line.after.clone());
        line.before = former.unwrap_or(Value::Null);
    }
}

fn refused(refusal: Refusal) -> TrailLine {
    TrailLine {
        at: refusal.at,
        sequence: None,
        who: refusal.name,
        what: format!("{} {}", refusal.method, refusal.path),
        about: format!("token/{}", refusal.token_id),
        refused: Some(format!("{} {}", refusal.status, refusal.code).trim().to_owned()),
        before: Value::Null,
        after: json!({ "address": refusal.address, "role": refusal.role }),
    }
}

fn row(line: &TrailLine) -> String {
    let value = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
    let cells = [
        line.at.format(&Rfc3339).unwrap_or_default(),
        line.sequence.map(|sequence| sequence.to_string()).unwrap_or_default(),
        line.who.clone(),
        line.what.clone(),
        line.about.clone(),
        line.refused.clone().unwrap_or_default(),
        value(&line.before),
        value(&line.after),
    ];
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// RFC 4180; a cell that a spreadsheet would calculate begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let safe =
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_cell_breaks_its_row_or_is_calculated() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"\r\n", "\"say \"\"hi\"\"\r\n\""),
            ("=1+1", "'=1+1"),
            ("@x,y", "\"'@x,y\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
