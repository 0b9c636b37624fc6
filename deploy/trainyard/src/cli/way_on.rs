//! What to do next, by the code of a refusal: the gateway speaks to programs and to a page, which have routes and buttons;
//! here are commands.

use trainyard_api::Code;
use trainyard_events::chat::Language;

use crate::language::pick;

/// The next step after a refusal by the platform at `url`; `None` where the gateway's own words are right on a terminal.
pub(super) fn way_on(code: Code, url: &str, language: Language) -> Option<String> {
    use Code::*;
    let say = |korean: &str, english: &str| Some(pick(language, korean, english).to_owned());
    match code {
        Unauthorized => say(
            "--token이나 TRAINYARD_TOKEN으로 다른 토큰을 지정하세요. 관리자는 `trainyard token create 이름`으로 만들 수 있습니다",
            "say another with --token or TRAINYARD_TOKEN; an admin makes one with `trainyard token create NAME`",
        ),
        BadRequest => say(
            "위에 적힌 것을 고치세요(쓰는 법은 --help). 맞게 썼다면 게이트웨이와 같은 버전의 명령줄을 쓰세요",
            "correct what is named, as --help has it; if nothing is wrong with it, use a command line of the \
             gateway's version",
        ),
        NoSuchRoute | NoSuchMethod | BadFrame => say(
            "명령줄과 게이트웨이의 버전이 다른 것 같습니다. 게이트웨이와 같은 버전을 쓰세요",
            "this command line and the gateway seem to be of different versions: use the gateway's",
        ),
        NoImage | BadImage => {
            say("JPEG, PNG, WebP, BMP 파일을 지정하세요", "name a JPEG, PNG, WebP or BMP file")
        }
        BadConfig => say(
            "위에 적힌 것을 고치세요. 모델은 `trainyard models`로 볼 수 있습니다",
            "correct what is named; `trainyard models` lists the models",
        ),
        ModelNotTrainable => say(
            "`trainyard models`에서 학습할 수 있는 모델을 고르세요",
            "choose a model that `trainyard models` shows as trained here",
        ),
        ExpiresInThePast => {
            say("--expires를 더 길게 하거나 빼세요", "give --expires a longer time, or leave it out")
        }
        ProposalChanged => say(
            "새 제안을 확인한 뒤 승인하세요",
            "read the newest proposal of the conversation, then approve it",
        ),
        AlreadyIssued => say(
            "`trainyard token list`에서 그 토큰을 찾아 폐기하고 새로 만드세요",
            "revoke that token, which `trainyard token list` shows, and make another",
        ),
        JobStillRuns => say(
            "새 작업으로 이어서 학습하려면 먼저 `trainyard cancel 번호`로 취소하세요",
            "cancel it first with `trainyard cancel NUMBER` if it is to go on elsewhere",
        ),
        JobFinished | NoCheckpoint | CheckpointGone => say(
            "`trainyard train`으로 처음부터 학습하세요. 설정은 `trainyard job 번호`로 볼 수 있고, 값은 바꿀 수 있습니다",
            "run it again from the start with `trainyard train` and its configuration, which `trainyard job NUMBER` \
             shows, changed as you like",
        ),
        JobNotFinished => say(
            "모델은 완료된 작업에만 있습니다(`trainyard jobs --status finished`). 완료되면 `trainyard deploy 번호`로 \
             배포하세요",
            "only a finished job has a model (`trainyard jobs --status finished`); deploy it with \
             `trainyard deploy NUMBER`",
        ),
        NotDeployed => {
            say("`trainyard deploy 번호`로 배포하세요", "deploy it with `trainyard deploy NUMBER`")
        }
        NoSuchModelVersion => say(
            "`trainyard registry show 이름`에서 버전과 별칭을 확인하세요",
            "`trainyard registry show NAME` lists the versions and aliases that it has",
        ),
        EndpointInUse => say(
            "먼저 `trainyard registry promote`로 별칭을 다른 버전으로 옮기거나 `trainyard registry unalias`로 지우세요",
            "have the alias name another version with `trainyard registry promote`, or remove it with \
             `trainyard registry unalias`",
        ),
        DatasetArchived => say(
            "`trainyard datasets restore 이름`으로 다시 꺼내거나 다른 데이터셋을 쓰세요",
            "restore it with `trainyard datasets restore NAME`, or name another dataset",
        ),
        DatasetPending => say(
            "그것이 끝난 뒤(`trainyard datasets show 이름`) 다시 추가하거나 다른 이름을 쓰세요. 올린 파일은 그대로 있습니다",
            "add it again when that is done (`trainyard datasets show NAME`), or take another name; what you have uploaded \
             is kept",
        ),
        Unavailable | ViewsBehind => Some(pick(
            language,
            format!("몇 초 뒤에 다시 시도하세요. 멈춘 부분은 {url}/readyz에 나옵니다"),
            format!("try again in a few seconds; {url}/readyz says which part is away"),
        )),
        UnknownTopic => say(
            "jobs, job:<id>, chat:<id>, workers, activity 가운데 고르세요",
            "choose jobs, job:<id>, chat:<id>, workers or activity",
        ),
        TokenExpired | Forbidden | LoginRefused | NoGroup | OtherOrigin | TooManyRequests
        | TooManyConnections | TooManySockets | NotFound | ArtifactGone | TooLarge | TooSlow
        | PromptEmpty | PromptTooLong | PromptUnreadable | ProposalIncomplete | BadPath | BadTag
        | BadAnnotation | BadModelName | BadHook | BadTokenName | IdempotencyKeyReused | Refused
        | DatasetInUse | DatasetBytesUsedUp | NoOpenProposal | ProposalOvertaken | AlreadyApproved
        | AlreadySo | TokenNameTaken | JobAlreadyEnded | Quarantined | TimedOut | NoWorker | NoPredictor
        | PredictorBusy | PredictorTimedOut | BadModel | Internal | FrameTooLarge | TooManyTopics => None,
    }
}

#[cfg(test)]
mod tests;
