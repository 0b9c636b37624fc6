//! What may depend on what, read from `cargo metadata`: any other edge fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// The only edges there may be between our crates, tests excepted.
const ALLOWED: &[(&str, &[&str])] = &[
    ("trainyard-events", &[]),
    ("trainyard-views", &["trainyard-events"]),
    ("trainyard-words", &["trainyard-events"]),
    ("trainyard-api", &["trainyard-events", "trainyard-words", "trainyard-views"]),
    ("trainyard-bus", &["trainyard-events"]),
    ("trainyard-feed", &["trainyard-events", "trainyard-bus"]),
    (
        "trainyard-hooks",
        &[
            "trainyard-events",
            "trainyard-words",
            "trainyard-commands",
            "trainyard-door",
            "trainyard-bus",
            "trainyard-fetch",
        ],
    ),
    ("trainyard-mlflow", &["trainyard-events", "trainyard-bus", "trainyard-fetch"]),
    ("trainyard-traces", &["trainyard-events", "trainyard-bus", "trainyard-fetch"]),
    ("trainyard-commands", &["trainyard-events"]),
    ("trainyard-door", &["trainyard-events", "trainyard-words", "trainyard-commands", "trainyard-bus"]),
    ("trainyard-dispatcher", &["trainyard-events", "trainyard-commands", "trainyard-door", "trainyard-bus"]),
    ("trainyard-assistant", &["trainyard-events", "trainyard-words"]),
    (
        "trainyard-conversation",
        &[
            "trainyard-events",
            "trainyard-words",
            "trainyard-views",
            "trainyard-commands",
            "trainyard-assistant",
        ],
    ),
    ("trainyard-projections", &["trainyard-events", "trainyard-views", "trainyard-bus"]),
    ("trainyard-store", &[]),
    ("trainyard-child", &[]),
    ("trainyard-fetch", &["trainyard-events"]),
    ("trainyard-data", &["trainyard-events", "trainyard-words"]),
    ("trainyard-onnx", &["trainyard-events"]),
    (
        "trainyard-workers",
        &[
            "trainyard-events",
            "trainyard-bus",
            "trainyard-commands",
            "trainyard-door",
            "trainyard-store",
            "trainyard-data",
            "trainyard-fetch",
            "trainyard-child",
        ],
    ),
    ("trainyard-libtorch", &[]),
    (
        "trainyard-vision",
        &["trainyard-events", "trainyard-words", "trainyard-data", "trainyard-libtorch", "trainyard-onnx"],
    ),
    (
        "trainyard-predict",
        &[
            "trainyard-events",
            "trainyard-words",
            "trainyard-bus",
            "trainyard-data",
            "trainyard-onnx",
            "trainyard-store",
        ],
    ),
    // The build of the dashboard, and nothing else.
    ("trainyard-web", &[]),
    ("trainyard-login", &["trainyard-fetch"]),
    (
        "trainyard-gateway",
        &[
            "trainyard-api",
            "trainyard-assistant",
            "trainyard-conversation",
            "trainyard-commands",
            "trainyard-door",
            "trainyard-projections",
            "trainyard-views",
            "trainyard-bus",
            "trainyard-feed",
            "trainyard-fetch",
            "trainyard-hooks",
            "trainyard-login",
            "trainyard-store",
            "trainyard-events",
            "trainyard-words",
            "trainyard-web",
        ],
    ),
    ("trainyard-archive", &["trainyard-events", "trainyard-bus", "trainyard-store"]),
    ("trainyard-audit", &["trainyard-events"]),
    ("trainyard-local", &["trainyard-child"]),
    ("trainyard-objects", &[]),
    (
        "trainyard",
        &[
            "trainyard-api",
            "trainyard-events",
            "trainyard-words",
            "trainyard-views",
            "trainyard-archive",
            "trainyard-audit",
            "trainyard-bus",
            "trainyard-commands",
            "trainyard-door",
            "trainyard-dispatcher",
            "trainyard-assistant",
            "trainyard-projections",
            "trainyard-workers",
            "trainyard-store",
            "trainyard-data",
            "trainyard-onnx",
            "trainyard-predict",
            "trainyard-gateway",
            "trainyard-feed",
            "trainyard-fetch",
            "trainyard-hooks",
            "trainyard-mlflow",
            "trainyard-traces",
            "trainyard-local",
            "trainyard-objects",
            "trainyard-child",
        ],
    ),
    // Tests: they start servers, and read the log and the store back.
    (
        "trainyard-e2e",
        &[
            "trainyard-events",
            "trainyard-audit",
            "trainyard-bus",
            "trainyard-fetch",
            "trainyard-local",
            "trainyard-store",
        ],
    ),
];

/// Each of these libraries has one home; that of libtorch has two rooms.
const HOMES: &[(&str, &[&str])] = &[
    ("async-nats", &["trainyard-bus"]),
    ("sqlx", &["trainyard-projections"]),
    ("aws-sdk-s3", &["trainyard-store"]),
    ("tch", &["trainyard-vision", "trainyard-libtorch"]),
    ("ort", &["trainyard-predict"]),
    ("nvml-wrapper", &["trainyard-workers"]),
    ("axum", &["trainyard-gateway"]),
    ("lettre", &["trainyard-hooks"]),
    ("s3s", &["trainyard-objects"]),
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
                home.contains(&package.name.as_str()),
                "{library} belongs to {home:?}, and {} uses it or not",
                package.name
            );
        }
    }
}

#[test]
fn process_groups_and_ends_have_one_home_and_no_shell_is_asked() {
    const HOME: &str = "trainyard-child";
    let words = ["process_group", "pidfd", "killpg", "setsid"];
    let shells = ["\"/bin/sh\"", "\"sh\"", "\"/bin/bash\"", "\"bash\""];
    let mut at_home = BTreeSet::new();
    for package in ours() {
        let folder = package.manifest_path.parent().expect("a folder").join("src");
        // That of the dashboard is no Rust.
        for file in folder.exists().then(|| sources(folder.as_std_path())).into_iter().flatten() {
            let text = std::fs::read_to_string(&file).expect("a source can be read");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let asked: Vec<&str> = shells.into_iter().filter(|shell| code.contains(shell)).collect();
            assert_eq!(asked, Vec::<&str>::new(), "{} asks a shell", file.display());
            let found = words.into_iter().filter(|word| code.contains(word));
            if package.name == HOME {
                at_home.extend(found);
            } else {
                let found: Vec<&str> = found.collect();
                assert_eq!(found, Vec::<&str>::new(), "in {}, and at home in {HOME}", file.display());
            }
        }
    }
    assert!(["process_group", "pidfd"].iter().all(|word| at_home.contains(word)), "{at_home:?}");
}

/// Crates without I/O, clock or randomness, and all that they may be built from besides each other.
const PURE: &[(&str, &str)] = &[
    ("trainyard-events", "events"),
    ("trainyard-views", "events/views"),
    ("trainyard-words", "events/words"),
    ("trainyard-commands", "commands"),
    ("trainyard-conversation", "commands/conversation"),
    ("trainyard-api", "gateway/api"),
];
/// What a conversation reads with. Its language model is no pure thing, and is not named in any pure crate.
const READER: &str = "trainyard-assistant";
const PURE_LIBRARIES: &[&str] =
    &["serde", "serde_json", "schemars", "thiserror", "time", "uuid", "sha2", "hex"];
/// What none of their files may name outside tests: the ways to a file, a network, a clock, chance and another task.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "SystemTime",
    "Instant::now",
    "now_utc",
    "now_v7",
    "new_v4",
    "async fn",
    ".await",
    "tokio",
    "llm::",
];

#[test]
fn the_pure_crates_are_built_from_pure_libraries() {
    for package in ours() {
        if PURE.iter().all(|(name, _)| package.name != *name) {
            continue;
        }
        let ours = PURE.iter().map(|(name, _)| *name).chain([READER]);
        let allowed: BTreeSet<String> =
            ours.chain(PURE_LIBRARIES.iter().copied()).map(str::to_owned).collect();
        let others: Vec<String> = dependencies(&package).difference(&allowed).cloned().collect();
        assert_eq!(others, Vec::<String>::new(), "{} is not pure", package.name);
    }
}

#[test]
fn the_pure_crates_touch_no_file_network_clock_or_chance() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, folder) in PURE {
        let files = sources(&root.join(folder).join("src"));
        assert!(files.len() > 3, "{name} has its sources in {folder}/src");
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source can be read");
            let found = impurities(&text);
            assert_eq!(found, Vec::<&str>::new(), "{} is of a pure crate", file.display());
        }
    }
}

#[test]
fn an_impurity_is_found_and_a_test_may_have_it() {
    assert_eq!(impurities("let now = std::time::Instant::now();"), ["Instant::now"]);
    assert_eq!(impurities("fn pure() {}\n#[cfg(test)]\nmod tests { use std::fs; }"), Vec::<&str>::new());
}

/// What of [`IMPURE`] a source names before its tests begin.
fn impurities(source: &str) -> Vec<&'static str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    IMPURE.iter().copied().filter(|impure| code.contains(impure)).collect()
}

/// Every Rust file below `folder`, test modules in files of their own left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of sources");
    entries
        .map(|entry| entry.expect("an entry of it").path())
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs"))
        .collect()
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

#[test]
fn every_room_is_on_the_map() {
    let root = trainyard_e2e::root();
    let map = std::fs::read_to_string(root.join("docs/ARCHITECTURE.md")).unwrap();
    let mut rooms: Vec<String> = ours()
        .iter()
        .map(|package| package.manifest_path.parent().unwrap().strip_prefix(&root).unwrap().to_string())
        .collect();
    for entry in std::fs::read_dir(root.join("gateway/web/src")).unwrap().flatten() {
        if entry.path().is_dir() {
            rooms.push(entry.file_name().into_string().unwrap());
        }
    }
    let missing: Vec<_> = rooms.iter().filter(|room| !map.contains(&format!("| `{room}` |"))).collect();
    assert!(missing.is_empty(), "docs/ARCHITECTURE.md does not show {missing:?}");
}
