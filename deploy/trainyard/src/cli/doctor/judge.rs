//! What the findings mean, and what to do. Pure: the same findings, the same remarks.

use trainyard_events::chat::Language;
use trainyard_projections::PROJECTION_VERSION;

use super::found::{Format, Found, Gpus, Looked, Memory, Port, Room, Said, Secret, Server};
use crate::cli::tools::State;
use crate::language::pick;

const GIB: u64 = 1 << 30;
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
/// Waits and times on the page are wrong by as much.
const CLOCK_OFF_S: f64 = 2.0;
/// Leases and signatures stop being good.
const CLOCK_WRONG_S: f64 = 30.0;
/// What the tests of this release run on.
const NATS_TESTED: (u32, u32) = (2, 15);
const POSTGRES_TESTED: u32 = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    Ok,
    Warning,
    Failure,
    /// It could not be looked at.
    Unknown,
}

impl Grade {
    pub(super) fn name(self) -> &'static str {
        match self {
            Grade::Ok => "ok",
            Grade::Warning => "warning",
            Grade::Failure => "failure",
            Grade::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remark {
    pub about: &'static str,
    pub grade: Grade,
    pub said: String,
    /// What to do; none where all is well.
    pub next: Option<String>,
}

fn ok(about: &'static str, said: String) -> Remark {
    Remark { about, grade: Grade::Ok, said, next: None }
}

fn warning(about: &'static str, said: String, next: impl Into<String>) -> Remark {
    Remark { about, grade: Grade::Warning, said, next: Some(next.into()) }
}

fn failure(about: &'static str, said: String, next: impl Into<String>) -> Remark {
    Remark { about, grade: Grade::Failure, said, next: Some(next.into()) }
}

/// What was not looked at is never well.
fn unknown(about: &'static str, why: &str, l: Language) -> Remark {
    let said = pick(l, format!("확인하지 못했습니다: {why}"), format!("not looked at: {why}"));
    Remark { about, grade: Grade::Unknown, said, next: None }
}

pub(super) fn all(found: &Found, l: Language) -> Vec<Remark> {
    let mut all =
        vec![port(found, l), disk(found, l), format(&found.format, l), open_files(found.open_files, l)];
    all.extend([memory(&found.memory, l), shared_memory(&found.shared_memory, l)]);
    all.extend(servers(&found.servers, l));
    all.extend([views(&found.views, l), gpus(&found.gpus, found.wants_gpu, l), tools(&found.tools, l)]);
    all.extend([trainer(&found.trainer, l), runners(&found.runners, l)]);
    all.extend(found.roots.iter().map(|(root, looked)| {
        let root = root.display();
        match looked {
            Ok(()) => {
                ok("roots", pick(l, format!("{root} 폴더를 읽을 수 있습니다"), format!("{root} can be read")))
            }
            Err(why) => warning(
                "roots",
                format!("{root}: {why}"),
                pick(
                    l,
                    "폴더를 만들거나 읽기 권한을 주세요. 쓰지 않으면 TRAINYARD_DATASET_ROOTS에서 빼세요",
                    "make it or let this user read it, or take it out of TRAINYARD_DATASET_ROOTS",
                ),
            ),
        }
    }));
    all.push(secrets(&found.secrets, l));
    all
}

fn port(found: &Found, l: Language) -> Remark {
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

fn disk(found: &Found, l: Language) -> Remark {
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

fn format(format: &Format, l: Language) -> Remark {
    let ours = trainyard_local::FORMAT;
    match format {
        Format::New => ok("data", pick(l, "아직 데이터가 없습니다", "there is no data yet").to_owned()),
        Format::Of(theirs) if *theirs == ours => ok(
            "data",
            pick(
                l,
                format!("데이터 폴더의 형식이 이 버전의 것({ours})입니다"),
                format!("the data folder has this release's form, {ours}"),
            ),
        ),
        Format::Of(theirs) if *theirs < ours => warning(
            "data",
            pick(
                l,
                format!("데이터 폴더의 형식이 예전 것({theirs})입니다"),
                format!("the data folder has an older form, {theirs}"),
            ),
            pick(
                l,
                "시작하면 새 형식으로 바뀌고 예전 버전은 더 읽지 못합니다. 먼저 백업하세요",
                "a start brings it to the new one, which older releases refuse: back it up before",
            ),
        ),
        Format::Of(theirs) => failure(
            "data",
            pick(
                l,
                format!("데이터 폴더의 형식이 더 새 버전의 것({theirs})입니다"),
                format!("the data folder has a newer release's form, {theirs}"),
            ),
            pick(
                l,
                "그 버전을 설치하거나 --data로 다른 폴더를 고르세요",
                "install that release, or say --data with another folder",
            ),
        ),
        Format::Unreadable(why) => failure(
            "data",
            pick(
                l,
                format!("데이터 폴더의 version 파일을 읽을 수 없습니다: {why}"),
                format!("the data folder's file version cannot be read: {why}"),
            ),
            pick(
                l,
                "폴더의 주인으로 실행하거나 백업에서 되살리세요",
                "run this as the folder's owner, or restore it",
            ),
        ),
    }
}

fn open_files(limit: u64, l: Language) -> Remark {
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

fn memory(looked: &Looked<Memory>, l: Language) -> Remark {
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

fn shared_memory(looked: &Looked<Room>, l: Language) -> Remark {
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

fn servers(all: &[(Server, Looked<Said>)], l: Language) -> Vec<Remark> {
    if all.is_empty() {
        let why = pick(
            l,
            "여기에서 실행 중인 서버가 없습니다. `trainyard up`이 실행되는 동안 다시 해 보세요",
            "no servers run here now; do it again while `trainyard up` runs",
        );
        return vec![unknown("servers", why, l), unknown("clock", why, l)];
    }
    let of = |(server, looked): &(Server, Looked<Said>)| match looked {
        Err(why) => {
            let next = pick(
                l,
                "서버와 그 주소, 비밀번호를 확인하세요. `trainyard config`로 볼 수 있습니다",
                "look at the server and at its address and password; `trainyard config` shows what is set",
            );
            vec![failure("servers", format!("{server}: {why}"), next)]
        }
        Ok(said) => vec![version(*server, said, l), clock(*server, said, l)],
    };
    all.iter().flat_map(of).collect()
}

fn version(server: Server, said: &Said, l: Language) -> Remark {
    let Some(version) = &said.version else {
        return ok("servers", pick(l, format!("{server}: 답합니다"), format!("{server} answers")));
    };
    let mut numbers = version.split(['.', ' ', '-']).map_while(|number| number.parse::<u32>().ok());
    let (major, minor) = (numbers.next(), numbers.next().unwrap_or(0));
    let Some(major) = major else { return unknown("servers", &format!("{server} {version}"), l) };
    let (is_old, tested) = match server {
        Server::Nats => ((major, minor) < NATS_TESTED, format!("{}.{}", NATS_TESTED.0, NATS_TESTED.1)),
        Server::Postgres => (major < POSTGRES_TESTED, POSTGRES_TESTED.to_string()),
        Server::Store => (false, String::new()),
    };
    if is_old {
        let next = pick(
            l,
            format!("이 버전은 {server} {tested}에서 시험했습니다. 올리세요"),
            format!("this release is tested with {server} {tested}: upgrade it"),
        );
        return warning("servers", format!("{server} {version}"), next);
    }
    ok("servers", format!("{server} {version}"))
}

fn clock(server: Server, said: &Said, l: Language) -> Remark {
    let Some(ahead) = said.ahead_s else {
        return unknown(
            "clock",
            &pick(
                l,
                format!("{server}: 시각을 말하지 않습니다"),
                format!("{server} does not say what time it is"),
            ),
            l,
        );
    };
    let way = if ahead < 0.0 { pick(l, "느립니다", "behind") } else { pick(l, "빠릅니다", "ahead") };
    let off = format!("{:.1}", ahead.abs());
    let said =
        pick(l, format!("{server}의 시계가 {off}초 {way}"), format!("{server}'s clock is {off} s {way}"));
    let next = pick(
        l,
        "두 컴퓨터의 시계를 NTP로 맞추세요(`timedatectl`)",
        "set the clocks of both machines by NTP (`timedatectl`)",
    );
    if ahead.abs() > CLOCK_WRONG_S {
        failure("clock", said, next)
    } else if ahead.abs() > CLOCK_OFF_S {
        warning("clock", said, next)
    } else {
        ok("clock", said)
    }
}

fn views(looked: &Looked<Vec<i32>>, l: Language) -> Remark {
    let ours = PROJECTION_VERSION;
    let versions = match looked {
        Ok(versions) => versions,
        Err(why) => return unknown("views", &format!("Postgres: {why}"), l),
    };
    let is_ours = |version: &i32| u32::try_from(*version) == Ok(ours);
    match versions.iter().max() {
        _ if versions.iter().any(is_ours) => ok(
            "views",
            pick(
                l,
                format!("이 버전의 뷰({ours})가 있습니다"),
                format!("the views of this release, {ours}, are there"),
            ),
        ),
        None => warning(
            "views",
            pick(l, "뷰가 아직 없습니다", "there are no views yet").to_owned(),
            pick(
                l,
                "`trainyard provision`이나 첫 시작이 만듭니다",
                "`trainyard provision` or the first start makes them",
            ),
        ),
        Some(newest) => warning(
            "views",
            pick(
                l,
                format!("다른 버전의 뷰({newest})만 있습니다"),
                format!("only those of another release are there, {newest}"),
            ),
            pick(
                l,
                "프로젝터가 시작할 때 이 버전의 뷰를 로그에서 만듭니다",
                "a projector of this release makes its own from the log when it starts",
            ),
        ),
    }
}

fn gpus(looked: &Looked<Option<Gpus>>, wanted: bool, l: Language) -> Remark {
    match looked {
        Err(why) => failure(
            "gpus",
            pick(
                l,
                format!("NVIDIA 드라이버가 설치되어 있지만 답하지 않습니다: {why}"),
                format!("NVIDIA's driver is installed and does not work: {why}"),
            ),
            pick(
                l,
                "`nvidia-smi`를 확인하고 드라이버를 다시 올리거나 컴퓨터를 재시작하세요",
                "look at `nvidia-smi`; load the driver again, or restart the machine",
            ),
        ),
        Ok(Some(Gpus { driver, names })) if !names.is_empty() => ok(
            "gpus",
            pick(
                l,
                format!("드라이버 {driver}: {}", names.join(", ")),
                format!("driver {driver}: {}", names.join(", ")),
            ),
        ),
        Ok(none) => {
            let said = match none {
                Some(Gpus { driver, .. }) => pick(
                    l,
                    format!("드라이버 {driver}에 GPU가 없습니다"),
                    format!("driver {driver} has no GPU"),
                ),
                None => {
                    pick(l, "NVIDIA 드라이버가 없어 CPU로 학습합니다", "no NVIDIA driver: trains on the CPU")
                        .to_owned()
                }
            };
            if !wanted {
                return ok("gpus", said);
            }
            failure(
                "gpus",
                said,
                pick(
                    l,
                    "worker_pool이 gpu입니다. 드라이버를 설치하거나 컨테이너에 GPU를 주거나, worker_pool을 cpu로 하세요",
                    "worker_pool is gpu: install the driver, give the container its GPUs, or say cpu",
                ),
            )
        }
    }
}

fn tools(all: &[(String, State)], l: Language) -> Remark {
    if all.is_empty() {
        let said = pick(
            l,
            "설정에 있는 서버를 쓰므로 도구가 필요 없습니다",
            "none are needed with servers of your own",
        );
        return ok("tools", said.to_owned());
    }
    let not_whole: Vec<&str> =
        all.iter().filter(|(_, state)| *state != State::Whole).map(|(name, _)| &**name).collect();
    if not_whole.is_empty() {
        return ok("tools", pick(l, "모두 이 버전의 것입니다", "all are those of this release").to_owned());
    }
    let names = not_whole.join(", ");
    failure(
        "tools",
        pick(
            l,
            format!("없거나 다른 버전의 것: {names}"),
            format!("missing, or of another release: {names}"),
        ),
        pick(
            l,
            "`trainyard tools fetch`, 네트워크가 없으면 `trainyard tools install FILE`",
            "`trainyard tools fetch`, or without a network `trainyard tools install FILE`",
        ),
    )
}

fn trainer(looked: &Looked<String>, l: Language) -> Remark {
    match looked {
        Ok(version) => ok(
            "trainer",
            pick(
                l,
                format!("trainyard-vision이 시작됩니다 ({version})"),
                format!("trainyard-vision starts ({version})"),
            ),
        ),
        Err(why) => failure(
            "trainer",
            why.clone(),
            pick(
                l,
                "libtorch가 없다고 하면 `trainyard tools fetch`. 도구가 다른 곳에 있으면 배포본의 tools 폴더를 그곳으로 연결하세요",
                "if it is libtorch that is missing, `trainyard tools fetch`; if the tools are elsewhere, let the folder tools of the release \
             be a link to them",
            ),
        ),
    }
}

fn runners(all: &[(String, bool)], l: Language) -> Remark {
    if let Some((broken, _)) = all.iter().find(|(_, is_whole)| !is_whole) {
        return warning(
            "runners",
            pick(l, format!("{broken} 러너를 쓸 수 없습니다"), format!("the runner {broken} cannot be used")),
            pick(
                l,
                format!("다시 설치하세요: `trainyard runners install {broken}`"),
                format!("install it again: `trainyard runners install {broken}`"),
            ),
        );
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| &**name).collect();
    let none = pick(l, "설치한 것이 없습니다", "none installed");
    ok("runners", if names.is_empty() { none.to_owned() } else { names.join(", ") })
}

fn secrets(all: &[Secret], l: Language) -> Remark {
    let open = all.iter().find(|secret| secret.mode & 0o077 != 0 || !secret.is_ours);
    match open {
        None => ok(
            "secrets",
            pick(
                l,
                format!("비밀이 담긴 파일 {}개를 이 사용자만 읽을 수 있습니다", all.len()),
                format!("{} files and folders with secrets, closed to others", all.len()),
            ),
        ),
        Some(Secret { path, is_ours: false, .. }) => {
            let path = path.display();
            warning(
                "secrets",
                pick(
                    l,
                    format!("{path}: 주인이 이 사용자가 아닙니다"),
                    format!("{path} belongs to another user"),
                ),
                pick(
                    l,
                    "플랫폼을 실행하는 사용자로 다시 해 보세요",
                    "do this again as the user who runs the platform",
                ),
            )
        }
        Some(Secret { path, mode, .. }) => {
            let path = path.display();
            failure(
                "secrets",
                pick(
                    l,
                    format!("{path}: 남이 읽을 수 있습니다({mode:o})"),
                    format!("others can read {path} ({mode:o})"),
                ),
                pick(
                    l,
                    format!("`chmod go= {path}` 하고, 남이 읽었을 수 있는 토큰과 비밀번호를 바꾸세요"),
                    format!(
                        "`chmod go= {path}`, and change the tokens and passwords that others may have read"
                    ),
                ),
            )
        }
    }
}

#[cfg(test)]
mod tests;
