//! What may depend on what, read from `cargo metadata`: any other edge fails.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// The only edges there may be between our crates, tests excepted.
const ALLOWED: &[(&str, &[&str])] = &[
    ("trainyard-events", &[]),
    ("trainyard-bus", &["trainyard-events"]),
    ("trainyard-commands", &["trainyard-events", "trainyard-bus"]),
    ("trainyard-assistant", &["trainyard-events"]),
    ("trainyard-projections", &["trainyard-events", "trainyard-bus"]),
    ("trainyard-store", &[]),
    ("trainyard-workers", &["trainyard-events", "trainyard-bus", "trainyard-commands", "trainyard-store"]),
    ("trainyard-vision", &["trainyard-events", "trainyard-bus", "trainyard-store"]),
    // The build of the dashboard, and nothing else.
    ("trainyard-web", &[]),
    (
        "trainyard-gateway",
        &[
            "trainyard-assistant",
            "trainyard-commands",
            "trainyard-projections",
            "trainyard-bus",
            "trainyard-store",
            "trainyard-events",
            "trainyard-web",
        ],
    ),
    ("trainyard-local", &[]),
    (
        "trainyard",
        &[
            "trainyard-events",
            "trainyard-bus",
            "trainyard-commands",
            "trainyard-assistant",
            "trainyard-projections",
            "trainyard-workers",
            "trainyard-store",
            "trainyard-gateway",
            "trainyard-local",
        ],
    ),
    // Tests: they start servers, and read the log and the store back.
    ("trainyard-e2e", &["trainyard-events", "trainyard-bus", "trainyard-local", "trainyard-store"]),
];

/// Each of these libraries has one home.
const HOMES: &[(&str, &str)] = &[
    ("async-nats", "trainyard-bus"),
    ("sqlx", "trainyard-projections"),
    ("aws-sdk-s3", "trainyard-store"),
    ("tch", "trainyard-vision"),
    ("axum", "trainyard-gateway"),
];

fn ours() -> Vec<Package> {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in the workspace");
    metadata.packages
}

/// What a crate is built from; what only its tests use does not count.
fn dependencies(package: &Package) -> BTreeSet<String> {
    let real =
        package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    real.map(|dependency| dependency.name.clone()).collect()
}

#[test]
fn crates_depend_only_on_whom_they_may() {
    let packages = ours();
    let names: BTreeSet<String> = packages.iter().map(|package| package.name.to_string()).collect();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    for package in &packages {
        let allowed =
            allowed.get(package.name.as_str()).unwrap_or_else(|| panic!("{} is new: place it", package.name));
        for dependency in dependencies(package).intersection(&names) {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{} may not depend on {dependency}",
                package.name
            );
        }
    }
}

#[test]
fn each_library_has_one_home() {
    for package in ours() {
        let dependencies = dependencies(&package);
        for (library, home) in HOMES {
            let there = dependencies.contains(*library);
            assert_eq!(
                there,
                package.name == *home,
                "{library} belongs to {home}, and {} uses it or not",
                package.name
            );
        }
    }
}

#[test]
fn events_are_pure() {
    let packages = ours();
    let events =
        packages.iter().find(|package| package.name == "trainyard-events").expect("there are events");
    let pure = ["serde", "serde_json", "thiserror", "time", "uuid", "sha2", "hex"].map(str::to_owned);
    assert_eq!(dependencies(events), BTreeSet::from(pure));
}
