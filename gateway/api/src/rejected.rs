//! What a rule refuses, for whoever asked: its code, and what to do next in both languages.

use trainyard_events::reason::Rejection;

use crate::code::Code;

pub(crate) fn code(rejection: &Rejection) -> Code {
    match rejection {
        Rejection::PromptEmpty => Code::PromptEmpty,
        Rejection::PromptTooLong { .. } => Code::PromptTooLong,
        Rejection::PromptUnreadable { .. } => Code::PromptUnreadable,
        Rejection::NoOpenProposal => Code::NoOpenProposal,
        Rejection::ProposalChanged => Code::ProposalChanged,
        Rejection::ProposalOvertaken => Code::ProposalOvertaken,
        Rejection::ProposalIncomplete { .. } => Code::ProposalIncomplete,
        Rejection::BadConfig { .. } => Code::BadConfig,
        Rejection::BadPath | Rejection::BadDatasetName | Rejection::BadAddress => Code::BadPath,
        Rejection::BadTag => Code::BadTag,
        Rejection::BadTitle
        | Rejection::BadJobTag { .. }
        | Rejection::TooManyJobTags { .. }
        | Rejection::BadJobNote => Code::BadAnnotation,
        Rejection::BadModelName | Rejection::BadAlias => Code::BadModelName,
        Rejection::DatasetArchived => Code::DatasetArchived,
        Rejection::DatasetPending => Code::DatasetPending,
        Rejection::NoSuchDataset
        | Rejection::NoSuchTag { .. }
        | Rejection::NoSuchDatasetVersion { .. }
        | Rejection::NoSuchJob
        | Rejection::NoSuchModel
        | Rejection::NoSuchHook
        | Rejection::NoSuchToken
        | Rejection::NoSuchMember
        | Rejection::NoSuchInvitation
        | Rejection::NoSuchTenant => Code::NotFound,
        Rejection::MemberRemoved => Code::LoginRefused,
        Rejection::NoSuchModelVersion { .. } | Rejection::NoSuchAlias { .. } => Code::NoSuchModelVersion,
        Rejection::JobAlreadyEnded { .. } => Code::JobAlreadyEnded,
        Rejection::NotDeployed => Code::NotDeployed,
        Rejection::BadTokenName => Code::BadTokenName,
        Rejection::TokenNameTaken => Code::TokenNameTaken,
        Rejection::ExpiresInThePast => Code::ExpiresInThePast,
        Rejection::BadHookKind { .. } | Rejection::BadHookAddress => Code::BadHook,
        Rejection::TooLarge { .. } => Code::TooLarge,
        // Mostly met by workers and policies.
        Rejection::StaleInspection
        | Rejection::TooManyTags { .. }
        | Rejection::TooManyModelVersions { .. }
        | Rejection::TooManyHooks { .. }
        | Rejection::TooManyAliases { .. }
        | Rejection::NoFormerVersion { .. }
        | Rejection::ModelVersionArchived { .. }
        | Rejection::ModelVersionNamed { .. }
        | Rejection::TokenEnded
        | Rejection::SessionNotRotated
        | Rejection::TenantClosed
        | Rejection::NotWaiting { .. }
        | Rejection::NotOffered
        | Rejection::MovedOn
        | Rejection::QuotaUsedUp { .. }
        | Rejection::GpuHoursUsedUp { .. }
        | Rejection::SlotStillHeld
        | Rejection::BadPrice
        | Rejection::OtherCurrency { .. }
        | Rejection::BadBudget
        | Rejection::BadMaintenanceNote
        | Rejection::StaleToken { .. }
        | Rejection::EpochOutOfOrder { .. }
        | Rejection::TooManyEpochs { .. }
        | Rejection::CheckpointBehind { .. }
        | Rejection::CancelNotRequested
        | Rejection::AttemptStillRunning
        | Rejection::NotAReport
        | Rejection::NotFinite { .. }
        | Rejection::NoWeights
        | Rejection::WrongAggregate => Code::Refused,
    }
}

/// What to do next, in English and in Korean.
pub(crate) fn next_step(rejection: &Rejection) -> (&'static str, &'static str) {
    match rejection {
        Rejection::NoFormerVersion { .. } | Rejection::ModelVersionNamed { .. } => (
            "PUT /v1/registry/{name}/aliases/{alias}, or `trainyard registry promote NAME@VERSION ALIAS`",
            "모델 페이지나 `trainyard registry promote 이름@버전 별칭`에서 버전을 고르세요",
        ),
        Rejection::ModelVersionArchived { .. } => (
            "`trainyard registry restore NAME@VERSION`, or the model's page",
            "모델 페이지나 `trainyard registry restore 이름@버전`으로 다시 꺼내세요",
        ),
        Rejection::TooManyAliases { .. } => (
            "`trainyard registry unalias NAME@ALIAS`, or the model's page",
            "모델 페이지나 `trainyard registry unalias 이름@별칭`으로 지우세요",
        ),
        Rejection::TooManyTags { .. } => (
            "`trainyard datasets untag NAME TAG`, or the dataset's page",
            "데이터셋 페이지나 `trainyard datasets untag 이름 태그`로 지우세요",
        ),
        Rejection::TooManyModelVersions { .. } => (
            "`trainyard registry register JOB OTHER-NAME`",
            "`trainyard registry register 작업 다른-이름`을 쓰세요",
        ),
        Rejection::NoSuchInvitation | Rejection::MemberRemoved => {
            ("ask an admin of the tenant", "테넌트의 관리자에게 문의하세요")
        }
        Rejection::SessionNotRotated => ("log in again", "다시 로그인하세요"),
        Rejection::TenantClosed => ("use another tenant", "다른 테넌트를 쓰세요"),
        Rejection::TokenEnded => (
            "`trainyard token list`, or the settings, shows the one to rotate",
            "설정이나 `trainyard token list`에서 확인하세요",
        ),
        _ => of_code(code(rejection)),
    }
}

/// What to do after a refusal with this code.
fn of_code(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::PromptEmpty => ("say what you want to train", "무엇을 학습할지 말씀하세요"),
        Code::PromptTooLong => ("shorten the prompt", "메시지를 줄이세요"),
        Code::PromptUnreadable => ("send text without control characters", "그 문자를 지우고 다시 보내세요"),
        Code::NoOpenProposal => (
            "describe a training in a message of this chat first",
            "먼저 이 대화에서 학습할 내용을 말씀하세요",
        ),
        Code::ProposalChanged => {
            ("read the chat's open proposal and approve its hash", "대화에서 새 제안을 확인한 뒤 승인하세요")
        }
        Code::ProposalOvertaken => ("say it once more", "한 번 더 말씀하세요"),
        Code::ProposalIncomplete => {
            ("give what is missing, then approve", "빠진 값을 알려 주신 뒤 승인하세요")
        }
        Code::BadConfig => ("correct the values that are named", "위에 적힌 값을 고치세요"),
        Code::BadPath => {
            ("name a path that the workers can read", "작업자가 읽을 수 있는 폴더의 경로를 적으세요")
        }
        Code::BadModelName => ("choose another name", "다른 이름을 고르세요"),
        Code::BadTag => ("choose another tag", "다른 태그를 고르세요"),
        Code::BadAnnotation => ("shorten or correct it, and send it again", "고치거나 줄여서 다시 보내세요"),
        Code::DatasetArchived => (
            "POST /v1/datasets/{id}/restore, or `trainyard datasets restore NAME`, or name another dataset",
            "데이터셋 페이지에서 다시 꺼내거나 `trainyard datasets restore 이름`을 쓰세요. 다른 데이터셋을 써도 됩니다",
        ),
        Code::DatasetPending => (
            "add it again when that is done (GET /v1/datasets/{id}), or take another name; what you have uploaded is kept",
            "그것이 끝난 뒤 다시 추가하거나 다른 이름을 쓰세요. 올린 파일은 그대로 있습니다",
        ),
        Code::NotFound => (
            "look at the dataset for the versions and tags that it has",
            "데이터셋 페이지에서 버전과 태그를 확인하세요",
        ),
        Code::NoSuchModelVersion => (
            "GET /v1/registry/{name}, or `trainyard registry show NAME`, lists the versions and aliases that it has",
            "모델 페이지나 `trainyard registry show 이름`에서 버전과 별칭을 확인하세요",
        ),
        Code::JobAlreadyEnded => (
            "nothing is left to stop; start another job",
            "더 멈출 것이 없습니다. 필요하면 새 작업을 시작하세요",
        ),
        Code::NotDeployed => ("deploy it with POST /v1/jobs/{id}/deploy", "작업 화면에서 배포할 수 있습니다"),
        Code::BadTokenName | Code::TokenNameTaken => ("give the token another name", "다른 이름을 적으세요"),
        Code::ExpiresInThePast => {
            ("send a time that is still to come, or none", "앞으로 올 시각을 보내거나 비워 두세요")
        }
        Code::BadHook => (
            "correct what is named; docs/hooks.md has examples",
            "위에 적힌 값을 고치세요. `docs/hooks.md`에 예가 있습니다",
        ),
        Code::TooLarge => ("make it smaller", "내용을 줄이세요"),
        _ => ("read it again and decide anew", "지금 상태를 확인한 뒤 다시 정하세요"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_done_is_said_and_not_to_look_again() {
        let alias = || "champion".to_owned();
        for rejection in [
            Rejection::NoFormerVersion { alias: alias() },
            Rejection::ModelVersionNamed { version: 1, alias: alias() },
            Rejection::ModelVersionArchived { version: 1 },
            Rejection::TooManyAliases { limit: 1 },
            Rejection::TooManyTags { limit: 1 },
            Rejection::TooManyModelVersions { limit: 1 },
        ] {
            let (english, korean) = next_step(&rejection);
            assert!(
                english.contains("`trainyard ") && korean.contains("`trainyard "),
                "{rejection:?}: {english}"
            );
        }
    }
}
