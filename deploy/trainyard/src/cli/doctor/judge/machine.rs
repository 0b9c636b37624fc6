//! What this machine has room for.

use trainyard_events::chat::Language;

use super::{Remark, failure, ok, unknown, warning};
use crate::cli::doctor::found::{Found, Looked, Memory, Port, Room};
use crate::language::pick;

pub(super) const GIB: u64 = 1 << 30;
/// Less than this is soon gone: a checkpoint of a large network has half of it.
const DISK_LOW: u64 = 10 * GIB;
const DISK_FULL: u64 = GIB;
const FILES_LOW: u64 = 100_000;
const FILES_FULL: u64 = 1_000;
/// A gateway holds 6,144 connections, and opens files besides.
const OPEN_FILES_LOW: u64 = 8_192;
const OPEN_FILES_FEW: u64 = 1_024;
const MEMORY_LOW: u64 = 2 * GIB;
/// Docker gives 64 MiB unless it is told.
const SHARED_MEMORY_LOW: u64 = 256 << 20;

pub(super) fn port(found: &Found, l: Language) -> Remark {
    let (at, port) = &found.listen;
    match port {
        Port::Free => ok("port", pick(l, format!("{at} 포트가 비어 있습니다"), format!("{at} is free"))),
        Port::Ours => ok(
            "port",
            pick(
                l,
                format!("{at} 포트에서 이 데이터 폴더의 플랫폼이 실행 중입니다"),
                format!("the platform of this data folder listens on {at}"),
            ),
        ),
        Port::Taken => failure(
            "port",
            pick(
                l,
                format!("{at} 포트를 다른 프로그램이 쓰고 있습니다"),
                format!("something else listens on {at}"),
            ),
            pick(
                l,
                "그것을 멈추거나(`ss -ltnp`) --listen으로 다른 포트를 고르세요",
                "stop it (`ss -ltnp` names it), or say --listen with another",
            ),
        ),
        Port::Refused(why) => failure(
            "port",
            pick(
                l,
                format!("{at}에서 기다릴 수 없습니다: {why}"),
                format!("nobody may listen on {at}: {why}"),
            ),
            pick(
                l,
                "이 컴퓨터의 주소와 1024 이상의 포트를 --listen에 쓰세요",
                "say --listen with an address of this machine and a port of 1024 or more",
            ),
        ),
    }
}

pub(super) fn disk(found: &Found, l: Language) -> Remark {
    let (folder, looked) = &found.data;
    let room = match looked {
        Ok(room) => room,
        Err(why) => return unknown("disk", &format!("{}: {why}", folder.display()), l),
    };
    let (free, whole, folder) = (gib(room.free), gib(room.whole), folder.display());
    let said = pick(
        l,
        format!("{folder}: {whole} GiB 중 {free} GiB 비어 있음"),
        format!("{folder}: {free} of {whole} GiB free"),
    );
    let files = room.files_free.unwrap_or(u64::MAX);
    let next = pick(
        l,
        "공간을 비우거나 --data로 더 큰 디스크를 고르세요",
        "make room, or say --data on a larger disk",
    );
    if room.free < DISK_FULL || files < FILES_FULL {
        failure("disk", said, next)
    } else if room.free < DISK_LOW || files < FILES_LOW {
        warning("disk", said, next)
    } else {
        ok("disk", said)
    }
}

fn gib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / GIB as f64)
}

pub(super) fn open_files(limit: u64, l: Language) -> Remark {
    let said = match limit {
        u64::MAX => pick(l, "열린 파일에 제한이 없습니다", "open files have no limit").to_owned(),
        limit => pick(l, format!("열린 파일은 {limit}개까지입니다"), format!("{limit} open files")),
    };
    let next = pick(
        l,
        format!("`ulimit -n 65536`, 또는 서비스의 LimitNOFILE=65536 (적어도 {OPEN_FILES_LOW}개)"),
        format!("`ulimit -n 65536`, or LimitNOFILE=65536 of the service; at least {OPEN_FILES_LOW}"),
    );
    match limit {
        0..OPEN_FILES_FEW => failure("limits", said, next),
        OPEN_FILES_FEW..OPEN_FILES_LOW => warning("limits", said, next),
        _ => ok("limits", said),
    }
}

pub(super) fn memory(looked: &Looked<Memory>, l: Language) -> Remark {
    let Memory { available, whole } = match looked {
        Ok(memory) => memory,
        Err(why) => return unknown("memory", why, l),
    };
    let (free, of) = (gib(*available), gib(*whole));
    let said = pick(l, format!("{of} GiB 중 {free} GiB 사용 가능"), format!("{free} of {of} GiB available"));
    if *available < MEMORY_LOW {
        let next = pick(
            l,
            "학습에는 2 GiB가 넘게 필요합니다. 다른 프로그램을 줄이거나 더 큰 컴퓨터에서 작업자를 실행하세요",
            "a training needs more than 2 GiB: end other programs, or run the workers on a larger machine",
        );
        return warning("memory", said, next);
    }
    ok("memory", said)
}

pub(super) fn shared_memory(looked: &Looked<Room>, l: Language) -> Remark {
    match looked {
        Err(why) => unknown("shm", &format!("/dev/shm: {why}"), l),
        Ok(room) => {
            let mib = room.free >> 20;
            let said =
                pick(l, format!("/dev/shm에 {mib} MiB 비어 있음"), format!("/dev/shm has {mib} MiB free"));
            if room.free >= SHARED_MEMORY_LOW {
                return ok("shm", said);
            }
            warning(
                "shm",
                said,
                pick(
                    l,
                    "여러 프로세스로 읽는 러너와 Postgres에는 더 필요합니다. 컨테이너라면 --shm-size=1g",
                    "Postgres and runners that load with several processes want more: --shm-size=1g of a container",
                ),
            )
        }
    }
}
