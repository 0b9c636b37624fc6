//! The servers: whether they answer, in which version, by which clock, and what the views are.

use trainyard_events::chat::Language;
use trainyard_projections::PROJECTION_VERSION;

use super::{Remark, failure, ok, unknown, warning};
use crate::cli::doctor::found::{Looked, Said, Server};
use crate::language::pick;

/// Waits and times on the page are wrong by as much.
const CLOCK_OFF_S: f64 = 2.0;
/// Leases and signatures stop being good.
const CLOCK_WRONG_S: f64 = 30.0;
/// What the tests of this release run on.
pub(super) const NATS_TESTED: (u32, u32) = (2, 15);
pub(super) const POSTGRES_TESTED: u32 = 18;

pub(super) fn servers(all: &[(Server, Looked<Said>)], l: Language) -> Vec<Remark> {
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

pub(super) fn views(looked: &Looked<Vec<i32>>, l: Language) -> Remark {
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
