//! Why a command is refused.

use trainyard_events::limits;
use trainyard_events::reason::{Field, Rejection};

use crate::particle::topic;
use crate::{Both, Words, both};

impl Words for Rejection {
    fn words(&self) -> Both {
        match self {
            Rejection::PromptEmpty => {
                both("the prompt is empty: say what you want to train", "메시지가 비어 있습니다")
            }
            Rejection::PromptTooLong { characters } => both(
                format!("the prompt has {characters} characters and {} is the most", limits::PROMPT_CHARS),
                format!("메시지가 {characters}자입니다. {}자까지 보낼 수 있습니다", limits::PROMPT_CHARS),
            ),
            Rejection::PromptUnreadable { character } => both(
                format!(
                    "the prompt has a control character, U+{character:04X}, which no chat can keep: remove it"
                ),
                format!("메시지에 저장할 수 없는 제어 문자(U+{character:04X})가 있습니다"),
            ),
            Rejection::NoOpenProposal => {
                both("there is no open proposal to approve or reject", "승인하거나 취소할 제안이 없습니다")
            }
            Rejection::ProposalChanged => {
                both("the proposal has changed since it was shown", "보시던 제안이 그사이에 바뀌었습니다")
            }
            Rejection::ProposalOvertaken => both(
                "the proposal was changed by another message meanwhile: say again what you want of it",
                "그사이에 다른 메시지가 제안을 바꾸었습니다",
            ),
            Rejection::ProposalIncomplete { missing } => both(
                format!("the proposal still misses {}", missing.join(", ")),
                format!("아직 정하지 않은 값이 있습니다: {}", in_korean(missing)),
            ),
            Rejection::BadConfig { problems } => {
                let Both { english, korean } = problems.words();
                both(
                    format!("the configuration cannot run: {english}"),
                    format!("이 설정으로는 학습할 수 없습니다: {korean}"),
                )
            }
            Rejection::BadDatasetName => both(
                "a dataset's name has 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or a digit",
                "데이터셋 이름은 글자, 숫자, `.`, `_`, `-`로 64자까지이며 글자나 숫자로 시작합니다",
            ),
            Rejection::BadAddress => both(
                format!(
                    "a dataset's address is https://host/file or s3://bucket/folder, without a password in it and of at \
                     most {} characters, and a SHA-256 has 64 digits of 0-9 and a-f",
                    limits::ADDRESS_CHARS
                ),
                format!(
                    "데이터셋의 주소는 `https://host/file`이나 `s3://bucket/folder`이고, 비밀번호 없이 {}자까지입니다. SHA-256은 \
                     0-9와 `a-f`로 된 64자리입니다",
                    limits::ADDRESS_CHARS
                ),
            ),
            Rejection::BadPath => both(
                format!(
                    "a dataset needs a path of 1 to {} characters, none of them a control character",
                    limits::PATH_CHARS
                ),
                format!(
                    "데이터셋의 경로는 1자에서 {}자까지이고 제어 문자가 없어야 합니다",
                    limits::PATH_CHARS
                ),
            ),
            Rejection::NoSuchDataset => {
                both("the dataset is not registered: name its path first", "없는 데이터셋입니다")
            }
            Rejection::BadTag => both(
                "a tag has 1 to 64 letters, digits, `.`, `_` and `-`, begins with a letter or a digit, and is no number",
                "태그는 글자, 숫자, `.`, `_`, `-`로 64자까지이며 글자나 숫자로 시작하고 숫자만으로는 쓸 수 없습니다",
            ),
            Rejection::TooManyTags { limit } => both(
                format!("the dataset has {limit} tags, and no more are kept: remove one that is not used"),
                format!("태그가 이미 {limit}개로 한도에 닿았습니다. 쓰지 않는 태그를 지우세요"),
            ),
            Rejection::NoSuchTag { tag } => both(
                format!("the dataset has no tag `{tag}`"),
                format!("이 데이터셋에는 `{tag}` 태그가 없습니다"),
            ),
            Rejection::NoSuchDatasetVersion { version } => both(
                format!("the dataset has no version {version}"),
                format!("이 데이터셋에는 버전 {version}이 없습니다"),
            ),
            Rejection::DatasetArchived => both("the dataset is archived", "보관 처리한 데이터셋입니다"),
            Rejection::DatasetPending => both(
                "something else was added under this name just now, and is still being looked at",
                "같은 이름으로 먼저 추가한 데이터를 아직 살펴보고 있습니다",
            ),
            Rejection::StaleInspection => both(
                "this inspection answers an older registration of the dataset: it is not needed any more",
                "이전 등록에 대한 검사라 더는 필요하지 않습니다",
            ),
            Rejection::NoSuchJob => both("there is no such job", "없는 작업입니다"),
            Rejection::BadTitle => both(
                format!("a title is one line of at most {} characters", limits::TITLE_CHARS),
                format!("제목은 한 줄로 {}자까지 쓸 수 있습니다", limits::TITLE_CHARS),
            ),
            Rejection::BadJobTag { tag } => both(
                format!("`{tag}` is no tag: one has 1 to {} characters and no spaces", limits::JOB_TAG_CHARS),
                format!("`{tag}`: 태그는 공백 없이 1자에서 {}자까지 쓸 수 있습니다", limits::JOB_TAG_CHARS),
            ),
            Rejection::TooManyJobTags { limit } => both(
                format!("a job has at most {limit} tags"),
                format!("작업 하나에는 태그를 {limit}개까지 붙일 수 있습니다"),
            ),
            Rejection::BadJobNote => both(
                format!(
                    "a job's note is text of at most {} characters, without control characters",
                    limits::JOB_NOTE_CHARS
                ),
                format!("작업 메모는 제어 문자 없이 {}자까지 쓸 수 있습니다", limits::JOB_NOTE_CHARS),
            ),
            Rejection::JobAlreadyEnded { status } => {
                let Both { english, korean } = status.words();
                both(format!("the job has ended already ({english})"), format!("이미 {korean} 작업입니다"))
            }
            Rejection::NotWaiting { status } => {
                let Both { english, korean } = status.words();
                both(
                    format!("the job is not waiting to be dispatched ({english})"),
                    format!("배정을 기다리는 작업이 아닙니다({korean} 작업)"),
                )
            }
            Rejection::NotOffered => both(
                "the training command is out of date: the job is not offered under it any more",
                "오래된 학습 명령입니다. 작업이 더는 이 명령으로 나와 있지 않습니다",
            ),
            Rejection::MovedOn => both(
                "the job has moved on since this was decided",
                "이 결정을 내린 뒤에 작업의 상태가 바뀌었습니다",
            ),
            Rejection::QuotaUsedUp { slots } => both(
                format!("all slots of the quota are taken ({slots}): the job waits for one"),
                format!("할당량의 자리 {slots}개가 모두 차 있어 기다립니다"),
            ),
            Rejection::BadPrice => both(
                "a price has a currency of three capital letters such as KRW, at most 64 devices with names of at most 64 characters, and at most a million for an hour",
                "가격에는 `KRW`처럼 영문 대문자 세 글자로 된 통화와 시간당 100만 이하의 금액이 있어야 하고, 장치는 64개까지, 장치 이름은 64자까지입니다",
            ),
            Rejection::OtherCurrency { currency } => both(
                format!(
                    "prices of this tenant are in {currency}: give this one in {currency} too, so that costs add up"
                ),
                format!(
                    "이 테넌트의 가격은 모두 {currency} 단위입니다. 비용을 더할 수 있게 이 가격도 {currency}로 정하세요"
                ),
            ),
            Rejection::BadMaintenanceNote => both(
                format!("a note is one line of 1 to {} characters", limits::MAINTENANCE_NOTE_CHARS),
                format!("사유는 한 줄이고 1자에서 {}자까지입니다", limits::MAINTENANCE_NOTE_CHARS),
            ),
            Rejection::BadBudget => both(
                format!(
                    "a budget for a month is at most {} units of its currency",
                    trainyard_events::limits::MONTH_BUDGET
                ),
                format!(
                    "한 달 예산은 통화 단위로 {} 이하여야 합니다",
                    trainyard_events::limits::MONTH_BUDGET
                ),
            ),
            Rejection::GpuHoursUsedUp { hours } => both(
                format!(
                    "the {hours} GPU hours of the quota are used up: ask an admin of your tenant for more"
                ),
                format!("할당량의 GPU {hours}시간을 다 썼습니다. 관리자에게 더 요청하세요"),
            ),
            Rejection::SlotStillHeld => both(
                "the job still holds the slot of an earlier dispatch",
                "작업이 앞선 배정의 자리를 아직 쥐고 있습니다",
            ),
            Rejection::StaleToken { given, current } => {
                let current = current.map_or_else(|| "-".to_owned(), |token| token.to_string());
                both(
                    format!(
                        "token {given} is not the job's current one ({current}): another attempt owns the job, stop this one"
                    ),
                    format!(
                        "토큰 {} 작업의 현재 토큰({current})이 아닙니다. 다른 시도가 맡고 있으니 이 시도는 멈추세요",
                        topic(given)
                    ),
                )
            }
            Rejection::EpochOutOfOrder { given, expected } => both(
                format!("epoch {given} does not follow: the next one is {expected}"),
                format!("{given} 에폭이 올 차례가 아닙니다. 다음은 {expected} 에폭입니다"),
            ),
            Rejection::TooManyEpochs { given, epochs } => both(
                format!("epoch {given} is more than the {epochs} that were approved"),
                format!("{given} 에폭은 승인한 {epochs} 에폭보다 많습니다"),
            ),
            Rejection::CheckpointBehind { given, newest } => both(
                format!(
                    "a checkpoint of step {given} does not go beyond the one of step {newest} that is kept"
                ),
                format!("{given} 스텝의 체크포인트는 보관한 {newest} 스텝의 것보다 나아가지 않았습니다"),
            ),
            Rejection::CancelNotRequested => {
                both("nobody has asked to cancel the job", "취소를 요청한 사람이 없습니다")
            }
            Rejection::AttemptStillRunning => both(
                "the job's attempt still runs: it must be seen to end first",
                "작업의 시도가 아직 돌고 있습니다. 먼저 끝나야 합니다",
            ),
            Rejection::NotAReport => {
                both("that is not a fact an attempt may report", "시도가 알릴 수 있는 일이 아닙니다")
            }
            Rejection::NotFinite { measurement } => both(
                format!("a measurement is not a finite number: {measurement}"),
                format!("측정값이 유한한 숫자가 아닙니다: {measurement}"),
            ),
            Rejection::NoWeights => {
                both("the job's results name no weights", "작업의 결과에 가중치가 없습니다")
            }
            Rejection::NotDeployed => both(
                "there is no endpoint to withdraw: the model is not deployed",
                "배포하지 않은 모델입니다",
            ),
            Rejection::BadModelName => both(
                "a model's name has 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or a digit",
                "모델 이름은 글자, 숫자, `.`, `_`, `-`로 64자까지이며 글자나 숫자로 시작합니다",
            ),
            Rejection::NoSuchModel => both(
                "no model is called so: register a finished job under that name first",
                "그런 이름의 모델이 없습니다. 먼저 완료된 작업을 그 이름으로 등록하세요",
            ),
            Rejection::NoSuchModelVersion { version } => both(
                format!("the model has no version {version}: its page lists those that it has"),
                format!("이 모델에는 버전 {version}이 없습니다. 모델 페이지에서 버전을 확인하세요"),
            ),
            Rejection::TooManyModelVersions { limit } => both(
                format!("the model has {limit} versions, and no more are kept: register under another name"),
                format!("버전이 이미 {limit}개로 한도에 닿았습니다. 다른 이름으로 등록하세요"),
            ),
            Rejection::BadAlias => both(
                "an alias has 1 to 64 letters, digits, `.`, `_` and `-`, begins with a letter or a digit, and is no number",
                "별칭은 글자, 숫자, `.`, `_`, `-`로 64자까지이며 글자나 숫자로 시작하고 숫자만으로는 쓸 수 없습니다",
            ),
            Rejection::TooManyAliases { limit } => both(
                format!("the model has {limit} aliases, and no more are kept: remove one that is not used"),
                format!("별칭이 이미 {limit}개로 한도에 닿았습니다. 쓰지 않는 별칭을 지우세요"),
            ),
            Rejection::NoSuchAlias { alias } => both(
                format!("the model has no alias `{alias}`: its page lists those that it has"),
                format!("이 모델에는 `{alias}` 별칭이 없습니다. 모델 페이지에서 별칭을 확인하세요"),
            ),
            Rejection::NoFormerVersion { alias } => both(
                format!(
                    "`{alias}` has named one version only, so there is none to go back to: promote a version"
                ),
                format!("`{alias}` 별칭에는 돌아갈 이전 버전이 없습니다. 버전을 골라 승격하세요"),
            ),
            Rejection::ModelVersionArchived { version } => both(
                format!("version {version} is archived: restore it first"),
                format!("버전 {version}은 보관 처리했습니다. 먼저 다시 꺼내세요"),
            ),
            Rejection::ModelVersionNamed { version, alias } => both(
                format!("`{alias}` names version {version}: have it name another version first"),
                format!("`{alias}` 별칭이 버전 {version}을 가리킵니다. 먼저 별칭을 다른 버전으로 옮기세요"),
            ),
            Rejection::TooManyHooks { limit } => both(
                format!("a tenant has {limit} hooks at most: remove one that is not used"),
                format!("웹훅은 {limit}개까지 둘 수 있습니다. 쓰지 않는 것을 지우세요"),
            ),
            Rejection::NoSuchHook => both("there is no such hook", "없는 웹훅입니다"),
            Rejection::BadHookKind { kind } if kind.is_empty() => both(
                format!("a hook is for 1 to {} kinds of events, such as job.finished", limits::HOOK_KINDS),
                format!(
                    "웹훅에는 `job.finished` 같은 이벤트 종류를 1개에서 {}개까지 정합니다",
                    limits::HOOK_KINDS
                ),
            ),
            Rejection::BadHookKind { kind } => both(
                format!(
                    "no hook can be for {kind}: name a kind such as job.finished, or a family such as job.*"
                ),
                format!("{kind}: 웹훅으로 보낼 수 없는 이벤트입니다. `job.finished`나 `job.*`처럼 적으세요"),
            ),
            Rejection::BadHookAddress => both(
                format!(
                    "a hook's address is https://host/path without a password in it, or for mail name@host, of at most {} characters",
                    limits::HOOK_ADDRESS_CHARS
                ),
                format!(
                    "웹훅의 주소는 비밀번호 없는 `https://host/path`이고 메일은 `name@host`이며 {}자까지입니다",
                    limits::HOOK_ADDRESS_CHARS
                ),
            ),
            Rejection::NoSuchToken => both("there is no such token", "없는 토큰입니다"),
            Rejection::NoSuchTenant => {
                both("the tenant does not exist: create it first", "없는 테넌트입니다")
            }
            Rejection::BadTokenName => both(
                "a token needs a name of 1 to 64 characters, none of them a control character",
                "토큰의 이름은 1자에서 64자까지이고 제어 문자가 없어야 합니다",
            ),
            Rejection::TokenNameTaken => both(
                "a valid token of this tenant has that name: choose another, or revoke that one",
                "유효한 토큰 가운데 같은 이름이 있습니다. 그 토큰을 폐기하거나 다른 이름을 쓰세요",
            ),
            Rejection::ExpiresInThePast => both(
                "the token would have expired already: let it expire later",
                "토큰의 만료 시각이 이미 지났습니다",
            ),
            Rejection::TokenEnded => both(
                "the token has been revoked, has expired or has been rotated already: rotate the one that took its place",
                "이미 폐기되었거나 만료되었거나 교체된 토큰입니다. 새로 발급된 토큰을 교체하세요",
            ),
            Rejection::SessionNotRotated => both(
                "a session of a person who has logged in is not rotated: logging in opens a new one",
                "로그인 세션은 교체하지 않습니다. 다시 로그인하면 새 세션이 열립니다",
            ),
            Rejection::MemberRemoved => both(
                "you have been removed from this tenant and cannot log in to it",
                "이 테넌트에서 내보낸 구성원이라 로그인할 수 없습니다",
            ),
            Rejection::NoSuchMember => both("there is no such member", "없는 구성원입니다"),
            Rejection::NoSuchInvitation => both(
                "this invitation has been used, has been taken back or has expired",
                "이미 썼거나 취소되었거나 기한이 지난 초대입니다",
            ),
            Rejection::TenantClosed => both(
                "this tenant is closed, and its name is not given again",
                "닫힌 테넌트이고, 같은 이름은 다시 쓸 수 없습니다",
            ),
            Rejection::TooLarge { bytes, limit } => both(
                format!("the event is {bytes} bytes; {limit} is the most: make it smaller"),
                format!("내용이 {bytes}바이트로, 한도 {limit}바이트보다 큽니다"),
            ),
            Rejection::WrongAggregate => both(
                "the command is for another kind of aggregate",
                "이 명령은 다른 종류의 대상에 쓰는 것입니다",
            ),
        }
    }
}

/// Fields by their names; what is none stays.
fn in_korean(missing: &[String]) -> String {
    let name = |field: &String| {
        let known = serde_json::from_value::<Field>(field.as_str().into());
        known.map_or_else(|_| field.clone(), |field| field.words().korean)
    };
    missing.iter().map(name).collect::<Vec<_>>().join(", ")
}
