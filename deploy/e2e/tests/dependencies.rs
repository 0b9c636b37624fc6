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

/// Licences under which we may ship what we are built from.
const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
];

/// Whether an SPDX expression can be met with [`LICENCES`] alone: one side of each `OR`, both of each `AND`.
fn may_be_shipped(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
}

#[test]
fn everything_we_are_built_from_may_be_shipped() {
    let metadata = MetadataCommand::new().exec().expect("cargo metadata runs in the workspace");
    assert!(metadata.packages.len() > 100, "the dependencies are among them");
    for package in &metadata.packages {
        let licence = package.license.as_deref().unwrap_or("none");
        assert!(may_be_shipped(licence), "{} is under {licence}", package.name);
    }
}

#[test]
fn a_licence_that_binds_what_is_built_with_it_is_refused() {
    for refused in ["AGPL-3.0", "GPL-3.0-only", "MIT AND GPL-2.0", "none"] {
        assert!(!may_be_shipped(refused), "{refused}");
    }
    assert!(may_be_shipped("GPL-2.0 OR MIT") && may_be_shipped("(MIT OR Apache-2.0) AND Unicode-3.0"));
}
