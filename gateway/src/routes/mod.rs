//! The table of routes: one list for the router, `/openapi.json` and the tests.

mod activity;
mod artifacts;
mod audit;
mod blobs;
mod certificates;
mod chats;
mod console;
mod costs;
mod dataset_diff;
mod dataset_life;
mod datasets;
mod endpoints;
mod erasures;
mod feed;
mod folders;
mod hooks;
mod images;
mod jobs;
mod login;
mod maintenance;
mod members;
mod models;
pub(crate) mod ops;
mod predict;
mod preferences;
mod quarantine;
mod quota;
mod registry;
mod samples;
mod telemetry;
mod tenants;
mod tokens;
mod trail;
mod workers;

use crate::route::Route;

/// Every route there is.
pub(crate) fn all() -> Vec<Route> {
    [
        chats::routes(),
        erasures::routes(),
        jobs::routes(),
        telemetry::routes(),
        console::routes(),
        artifacts::routes(),
        certificates::routes(),
        endpoints::routes(),
        registry::routes(),
        samples::routes(),
        feed::routes(),
        hooks::routes(),
        datasets::routes(),
        folders::routes(),
        images::routes(),
        dataset_life::routes(),
        dataset_diff::routes(),
        blobs::routes(),
        models::routes(),
        predict::routes(),
        preferences::routes(),
        quarantine::routes(),
        workers::routes(),
        maintenance::routes(),
        activity::routes(),
        audit::routes(),
        trail::routes(),
        tokens::routes(),
        login::routes(),
        members::routes(),
        tenants::routes(),
        quota::routes(),
        costs::routes(),
        ops::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
