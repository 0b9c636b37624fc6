//! What is installed, and who may read it: the data folder, GPUs, tools, trainer, runners, secrets.

use trainyard_events::chat::Language;

use super::{Remark, failure, ok, warning};
use crate::cli::doctor::found::{Format, Gpus, Looked, Secret};
use crate::cli::tools::State;
use crate::language::pick;

pub(super) fn format(format: &Format, l: Language) -> Remark {
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

pub(super) fn gpus(looked: &Looked<Option<Gpus>>, wanted: bool, l: Language) -> Remark {
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

pub(super) fn tools(all: &[(String, State)], l: Language) -> Remark {
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

pub(super) fn trainer(looked: &Looked<String>, l: Language) -> Remark {
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

pub(super) fn runners(all: &[(String, bool)], l: Language) -> Remark {
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

pub(super) fn secrets(all: &[Secret], l: Language) -> Remark {
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
