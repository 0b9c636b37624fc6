//! In Korean, for people in front of a page, who have buttons and no `curl`. No value stands before a particle that its
//! sound would decide.

use trainyard_views::JobStatus;

use crate::error::{Crowd, Excess, Part, Problem, Said, What};
use crate::rejected::next_step as next_step_of;

pub(crate) fn said(problem: &Problem) -> Said {
    Said::new(message(problem), next_step(problem))
}

fn message(problem: &Problem) -> String {
    match problem {
        Problem::NoToken => "요청에 토큰이 없습니다".into(),
        Problem::NotBearer => "Authorization 헤더에 토큰이 없습니다".into(),
        Problem::UnknownToken => "모르는 토큰이거나 폐기된 토큰입니다".into(),
        Problem::TokenExpired => "만료된 토큰입니다".into(),
        Problem::TooManyLookups => "확인을 기다리는 토큰이 너무 많습니다".into(),
        Problem::NoAuthFrame => "첫 프레임에 토큰이 없습니다".into(),
        Problem::NeedsRole { role } => format!("{} 역할의 토큰이 필요합니다", role.name()),
        Problem::OutOfScope { scope } => format!("이 토큰의 범위에 없는 요청입니다: {}", scope.name()),
        Problem::OtherOrigin => "다른 주소의 페이지에서는 할 수 없습니다".into(),
        Problem::NoLogin => "회사 계정 로그인을 쓰지 않는 플랫폼입니다".into(),
        Problem::LoginForgotten => {
            "이 브라우저에서 시작한 로그인이 없거나, 이미 끝났거나, 시작한 지 너무 오래되었습니다".into()
        }
        Problem::LoginRefused { detail } => format!("로그인이 거절되었습니다: {detail}"),
        Problem::NoGroup { name } => format!("{name} 계정의 그룹으로는 들어올 수 없습니다"),
        Problem::NotAnOperator => "모든 테넌트에 걸리는 일이라 운영자 테넌트의 관리자만 할 수 있습니다".into(),
        Problem::TenantInUse { jobs } => format!("이 테넌트에 끝나지 않은 작업이 {jobs}개 있습니다"),
        Problem::TooMany { excess: Excess::Token, .. } => "이 토큰으로 너무 많은 요청을 보냈습니다".into(),
        Problem::TooMany { excess: Excess::Tenant, .. } => {
            "이 테넌트의 토큰으로 너무 많은 요청을 보냈습니다".into()
        }
        Problem::TooMany { excess: Excess::Address, .. } => {
            "이 주소에서 너무 많은 요청을 보냈습니다".into()
        }
        Problem::TooMany { excess: Excess::UnknownTokens, .. } => {
            "모르는 토큰으로 들어온 요청이 너무 많습니다".into()
        }
        Problem::NotFound { what } => format!("없는 {}입니다", name(*what)),
        Problem::NoSuchRoute { path } => format!("없는 주소입니다({path})"),
        Problem::NoSuchMethod { path, method } => format!("{path} 주소에는 {method} 요청을 보낼 수 없습니다"),
        Problem::ArtifactGone { key } => format!("파일이 저장소에 남아 있지 않습니다({key})"),
        Problem::BodyBroken { detail } => format!("보낸 내용을 읽을 수 없습니다({detail})"),
        Problem::BadUpload { detail } => format!("올린 내용을 읽을 수 없습니다({detail})"),
        Problem::OtherContent { name, found } => {
            format!("항목 {name}에 든 파일의 SHA-256은 {found}입니다. 보내는 도중이나 그 전에 내용이 바뀌었습니다")
        }
        Problem::NoSuchBlob { sha256 } => format!("SHA-256이 {sha256}인 파일이 올라와 있지 않습니다"),
        Problem::ImageChanged { name } => {
            format!("살펴본 뒤에 폴더에서 사라졌거나 다른 이미지로 바뀌었습니다({name})")
        }
        Problem::NotDrawn { name } => format!("JPEG, PNG, WebP, GIF, BMP 이미지가 아닙니다({name})"),
        Problem::VersionTooLarge { bytes, bytes_max } => {
            format!("이 버전의 매니페스트는 {bytes}바이트입니다. 이미지 목록은 {bytes_max}바이트까지 볼 수 있습니다")
        }
        Problem::DatasetBytes { used, asked: Some(asked), limit } => format!(
            "데이터셋 할당량 {limit}바이트 가운데 {used}바이트를 쓰고 있어 {asked}바이트를 더 올릴 수 없습니다"
        ),
        Problem::DatasetBytes { used, asked: None, limit } => {
            format!("데이터셋 할당량 {limit}바이트를 다 썼습니다({used}바이트 사용)")
        }
        Problem::DatasetInUse { jobs } => {
            let jobs: Vec<String> = jobs.iter().map(|number| format!("{number}번")).collect();
            format!("끝나지 않은 작업이 이 데이터셋을 쓰고 있습니다: {}", jobs.join(", "))
        }
        Problem::NoSuchModelVersion { written } => format!("{written:?}: 그런 모델이나 버전, 별칭이 없습니다"),
        Problem::EndpointInUse { aliases } => format!("이 모델이 답하고 있는 별칭이 있습니다: {}", aliases.join(", ")),
        Problem::NoSuchReference { reference } => format!("{reference:?}: 그런 버전이나 태그가 없습니다"),
        Problem::ManifestUnread { number, newer: true } => {
            format!("버전 {number}의 매니페스트는 더 새로운 릴리스의 것입니다")
        }
        Problem::ManifestUnread { number, newer: false } => {
            format!("버전 {number}의 매니페스트가 깨져 있습니다")
        }
        Problem::BadBody { detail } => format!("보낸 내용의 형식이 맞지 않습니다({detail})"),
        Problem::BadQuery { detail } => format!("주소의 조건이 맞지 않습니다({detail})"),
        Problem::BadAddress { detail } => format!("주소를 읽을 수 없습니다({detail})"),
        Problem::BadWaitFor => "wait_for가 순번이 아닙니다".into(),
        Problem::BadKey { chars_max } => format!("Idempotency-Key는 1자에서 {chars_max}자까지입니다"),
        Problem::NoSuchStatus { word } => format!("{word:?}: 작업에 그런 상태는 없습니다"),
        Problem::BadAggregate { detail } => format!("맞는 이름이 아닙니다({detail})"),
        Problem::NotASocket { detail } => format!("웹소켓 요청이 아닙니다({detail})"),
        Problem::BodyTooLarge { bytes_max } => format!("보낸 내용이 {bytes_max}바이트보다 큽니다"),
        Problem::ImageTooLarge { bytes_max } => format!("이미지가 {bytes_max}바이트보다 큽니다"),
        Problem::TooSlow { .. } => "요청이 너무 느리게 들어왔습니다".into(),
        Problem::BadFields { detail } => format!("설정에 형식이 맞지 않는 값이 있습니다({detail})"),
        Problem::ContinuesGiven => "무엇에서 이어지는지는 설정으로 정할 수 없습니다".into(),
        Problem::NotTrainableYet { model, instead } => {
            format!("{model} 모델은 아직 학습할 수 없습니다(지원 예정). 지금 가능한 모델: {instead}")
        }
        Problem::NeedsRunner { model, runner, instead, .. } => {
            format!("{model} 모델에는 {runner} 러너가 필요한데 가진 작업자가 없습니다. 지금 가능한 모델: {instead}")
        }
        Problem::KeyTaken => "다른 요청에 이미 쓴 Idempotency-Key입니다".into(),
        Problem::BadReason { chars_max } => format!("이유는 1자에서 {chars_max}자까지입니다"),
        Problem::Quarantined { sequence, reason } => {
            format!("이력의 {sequence}번 이벤트를 읽을 수 없습니다({reason})")
        }
        Problem::NotQuarantined => "보류된 이벤트 가운데 그런 것이 없습니다".into(),
        Problem::DatasetLookedAt => "그사이에 데이터셋 확인이 끝나 제안을 새로 만들었습니다".into(),
        Problem::AlreadyApproved => "다른 사람이 방금 승인했습니다".into(),
        Problem::AlreadySo => "다른 사람이 방금 이 대화에서 같은 일을 했습니다".into(),
        Problem::AlreadyIssued => {
            "이 요청으로 이미 토큰을 만들었고, 토큰은 그때 한 번만 보여 드렸습니다".into()
        }
        Problem::NoHooks => "웹훅 주소를 보관할 키가 없습니다".into(),
        Problem::EndTooFar => "만료 시각이 9999년보다 뒤입니다".into(),
        Problem::JobStillRuns => {
            "아직 멈추지 않은 작업입니다. 중단된 시도는 마지막 체크포인트에서 저절로 이어집니다".into()
        }
        Problem::NothingLeft { number } => {
            format!("작업 {number}번은 이미 완료되어 이어서 학습할 것이 없습니다")
        }
        Problem::NoCheckpoint { number } => {
            format!("작업 {number}번은 체크포인트를 남기기 전에 멈춰 이어서 학습할 수 없습니다")
        }
        Problem::CheckpointGone { number } => {
            format!("작업 {number}번의 체크포인트는 이미 지워져 이어서 학습할 수 없습니다")
        }
        Problem::NoSuchCheckpoint { number, kept } => {
            let places = kept.iter().map(|(epoch, step)| format!("{epoch} 에폭({step} 스텝)"));
            let places = places.collect::<Vec<_>>().join(", ");
            format!("작업 {number}번에는 그 위치의 체크포인트가 없습니다. 남아 있는 것: {places}")
        }
        Problem::NoModelYet { number } => format!("작업 {number}번의 모델이 아직 없습니다"),
        Problem::NotDeployed { number } => format!("작업 {number}번의 모델은 배포되어 있지 않습니다"),
        Problem::NoCertificate { number, .. } => {
            format!("작업 {number}번은 완료되지 않아 인증서를 만들 수 없습니다")
        }
        Problem::NoModel { number, status } => {
            format!("작업 {number}번은 {} 모델이 없습니다", because(*status))
        }
        Problem::NotAForm => "보낸 내용이 multipart 형식이 아닙니다".into(),
        Problem::NoImageField => "`image` 항목이 없습니다".into(),
        Problem::TooManyImages { images_max } => format!("이미지가 {images_max}개를 넘습니다"),
        Problem::NotBase64 => "이미지가 base64도 https:// 주소도 아닙니다".into(),
        Problem::ImageNotAllowed { host } => format!("`{host}`에서는 이미지를 가져오지 않습니다"),
        Problem::ImageNotFetched { host, status: Some(status) } => {
            format!("이미지를 달라고 하자 `{host}`에서 {status}로 답했습니다")
        }
        Problem::ImageNotFetched { host, status: None } => {
            format!("`{host}`에서 이미지를 받지 못했습니다")
        }
        Problem::EmptyImage => "이미지 파일이 비어 있습니다".into(),
        Problem::BrokenForm { detail } => format!("보낸 내용이 깨져 있습니다({detail})"),
        Problem::BadImage { detail, flaws } if flaws.is_empty() => {
            format!("이 이미지는 쓸 수 없습니다({detail})")
        }
        Problem::BadImage { flaws, .. } => {
            format!("이 이미지는 쓸 수 없습니다: {}", trainyard_words::korean(flaws))
        }
        Problem::BadModel { detail } => format!("배포된 모델을 쓸 수 없습니다({detail})"),
        Problem::NoWorker => "폴더를 볼 수 있는 작업자가 없습니다".into(),
        Problem::OutsideRoots { path } => format!("읽을 수 있는 폴더의 바깥입니다({path})"),
        Problem::NoSuchFolder { path } => format!("없는 폴더입니다({path})"),
        Problem::FolderUnreadable { path, detail } => format!("폴더를 읽을 수 없습니다({path}: {detail})"),
        Problem::NoPredictor => "모델을 돌릴 작업자가 없습니다".into(),
        Problem::PredictorBusy { detail } => format!("모델을 돌리는 작업자가 바쁩니다({detail})"),
        Problem::PredictorTimedOut => "모델이 제때 답하지 않았습니다".into(),
        Problem::Unavailable { part, detail } => format!("{}({detail})", away(*part)),
        Problem::ViewsBehind { events } => {
            format!("아직 화면에 반영되지 않은 이벤트 {events}개 가운데 있을 수 있습니다")
        }
        Problem::TimedOut { seconds } => format!("{seconds}초 안에 답이 없었습니다"),
        Problem::OnlyTls => "여기서는 TLS만 씁니다. 방금 보낸 내용은 중간에서 읽혔을 수 있습니다".into(),
        Problem::TooManyConnections { most } => format!("이 주소에서 이미 연결 {most}개를 열었습니다"),
        Problem::TooManySockets { crowd, most } => match crowd {
            Crowd::Token => format!("이 토큰으로 이미 연결 {most}개를 열었습니다"),
            Crowd::Tenant => format!("이 테넌트의 토큰으로 이미 연결 {most}개를 열었습니다"),
            Crowd::Address => format!("이 주소에서 연 연결 {most}개가 아직 토큰을 보내지 않았습니다"),
            Crowd::Unnamed => format!("연결 {most}개가 아직 토큰을 보내지 않았습니다"),
        },
        Problem::NoSocketLeft { most } => format!("이미 연결 {most}개가 열려 있습니다"),
        Problem::NewerViews => {
            "더 새로운 Trainyard가 만든 데이터베이스입니다. Trainyard를 업데이트하거나 다른 데이터베이스를 쓰세요"
                .into()
        }
        Problem::Internal { detail } => format!("요청을 처리하다가 오류가 났습니다({detail})"),
        Problem::NotText => "프레임은 JSON 텍스트여야 합니다".into(),
        Problem::BadFrame { detail } => format!("모르는 프레임입니다({detail})"),
        Problem::FrameTooLarge { bytes_max } => format!("프레임은 {bytes_max}바이트까지입니다"),
        Problem::UnknownTopic { topic } => format!("{topic:?}: 그런 주제는 없습니다"),
        Problem::TooManyTopics { most } => format!("한 연결에서는 주제를 {most}개까지 볼 수 있습니다"),
        Problem::TopicUnavailable { detail } => format!("지금은 내용을 읽을 수 없습니다({detail})"),
        Problem::CannotBe { korean, .. } => korean.clone(),
        Problem::Refused { rejection } => trainyard_words::korean(rejection),
    }
}

fn next_step(problem: &Problem) -> String {
    let again = "몇 초 뒤에 다시 시도하세요. 멈춘 부분은 /readyz에 나옵니다";
    match problem {
        Problem::NoToken | Problem::NotBearer | Problem::UnknownToken | Problem::NoAuthFrame => {
            "다시 로그인하세요. 토큰은 `trainyard token create 이름`으로 만들 수 있습니다".into()
        }
        Problem::TokenExpired => "관리자에게 새 토큰을 요청하세요".into(),
        Problem::NeedsRole { .. } => "관리자에게 토큰을 요청하세요".into(),
        Problem::OutOfScope { .. } => "다른 토큰을 쓰거나 관리자에게 범위가 맞는 토큰을 요청하세요".into(),
        Problem::NoLogin => "토큰으로 들어오거나 운영자에게 `TRAINYARD_OIDC_ISSUER` 설정을 부탁하세요".into(),
        Problem::LoginForgotten | Problem::LoginRefused { .. } => "대시보드에서 다시 로그인하세요".into(),
        Problem::NoGroup { .. } => {
            "들어올 수 있는 그룹에 넣어 달라고 요청하세요. 그룹은 운영자가 `TRAINYARD_OIDC_GROUPS`에 적습니다".into()
        }
        Problem::NotAnOperator => "플랫폼 운영자에게 부탁하세요".into(),
        Problem::TenantInUse { .. } => "작업을 취소하거나 끝나기를 기다린 뒤 닫으세요".into(),
        Problem::OtherOrigin => "이 게이트웨이의 주소로 여세요".into(),
        Problem::TooMany { wait_ms, per_second, .. } => {
            format!("{wait_ms} ms 뒤에 다시 시도하세요. 요청은 1초에 {per_second}번까지 받습니다")
        }
        Problem::NotFound { what: What::Artifact } => "작업이나 데이터셋의 파일 목록에서 확인하세요".into(),
        Problem::NotFound { what } => format!("{} 목록에서 확인하세요", name(*what)),
        Problem::NoSuchRoute { .. } => "무엇이 있는지는 /openapi.json에 나옵니다".into(),
        Problem::NoSuchMethod { .. } => "경로마다 쓸 수 있는 메서드는 /openapi.json에 나옵니다".into(),
        Problem::ArtifactGone { .. } => {
            "정리된 파일입니다. 다시 학습하거나 데이터셋을 다시 살펴보면 새로 생깁니다".into()
        }
        Problem::BodyBroken { .. } => "다시 보내세요".into(),
        Problem::BadUpload { .. } => {
            "파일마다 SHA-256을 항목 이름으로 하는 multipart/form-data로 보내세요".into()
        }
        Problem::OtherContent { .. } => "파일의 해시를 다시 계산해 그 이름으로 보내세요".into(),
        Problem::NoSuchBlob { .. } => "먼저 POST /v1/blobs로 올리세요".into(),
        Problem::ImageChanged { .. } => {
            "폴더를 다시 살펴보세요. `trainyard datasets add 이름 폴더`로 올리면 이미지가 저장소에 남습니다".into()
        }
        Problem::NotDrawn { .. } => "GET /v1/blobs/{sha256}로 파일을 그대로 받으세요".into(),
        Problem::VersionTooLarge { .. } => {
            "매니페스트를 /v1/datasets/{id}/versions/{number}에서 직접 받으세요".into()
        }
        Problem::DatasetBytes { .. } => {
            "쓰지 않는 데이터셋이나 버전을 지우면(`trainyard datasets delete 이름@1`) 하루 안에 자리가 납니다. 관리자에게 더 요청할 수도 있습니다".into()
        }
        Problem::DatasetInUse { .. } => "작업이 끝나기를 기다리거나 취소한 뒤에 지우세요".into(),
        Problem::NoSuchModelVersion { .. } => {
            "이름@버전이나 이름@별칭으로 적으세요. 모델 페이지에서 확인할 수 있습니다".into()
        }
        Problem::EndpointInUse { .. } => "먼저 별칭을 다른 버전으로 옮기거나 지우세요".into(),
        Problem::NoSuchReference { .. } => "데이터셋 페이지에서 버전과 태그를 확인하세요".into(),
        Problem::ManifestUnread { newer: true, .. } => "플랫폼을 업그레이드하세요".into(),
        Problem::ManifestUnread { newer: false, .. } => "데이터셋을 다시 살펴보게 하세요".into(),
        Problem::BadBody { .. } => "필요한 값은 /openapi.json에 나옵니다".into(),
        Problem::BadQuery { .. } => "쓸 수 있는 조건은 /openapi.json에 나옵니다".into(),
        Problem::BadAddress { .. } => "UTF-8로, 퍼센트 인코딩해서 쓰세요".into(),
        Problem::BadWaitFor => "쓰기의 답으로 받은 순번을 보내세요".into(),
        Problem::BadKey { .. } => "UUID처럼 짧은 키를 보내세요".into(),
        Problem::NoSuchStatus { .. } => {
            format!("{} 가운데 고르세요", JobStatus::ALL.map(JobStatus::name).join(", "))
        }
        Problem::BadAggregate { .. } => "job/01890a5d-ac96-774b-bcce-b302099a8057처럼 쓰세요".into(),
        Problem::NotASocket { .. } => "이 주소는 웹소켓으로 여세요".into(),
        Problem::BodyTooLarge { .. } | Problem::ImageTooLarge { .. } => "더 작게 보내세요".into(),
        Problem::TooSlow { bytes_per_second } => format!(
            "네트워크를 확인하거나 더 작은 파일을 보내세요. 1초에 {} KiB는 보내야 합니다",
            bytes_per_second / 1024
        ),
        Problem::BadFields { .. } => "설정의 값을 고치세요".into(),
        Problem::ContinuesGiven => "멈춘 작업은 작업 화면의 '이어서 학습'으로 이어집니다".into(),
        Problem::NeedsRunner { install, .. } => {
            format!(
                "작업자에서 `trainyard runners install {install}`을 실행하거나, 학습할 수 있는 모델을 고르세요"
            )
        }
        Problem::NotTrainableYet { .. } => "학습할 수 있는 모델을 고르세요".into(),
        Problem::KeyTaken => "다른 요청에는 다른 키를 보내세요".into(),
        Problem::BadReason { .. } => {
            "이벤트를 건너뛰어도 되는 까닭을 적으세요. 로그에 영원히 남습니다".into()
        }
        Problem::Quarantined { .. } => {
            "Trainyard를 업데이트하거나 `trainyard events skip`으로 건너뛰세요".into()
        }
        Problem::NotQuarantined => {
            "건너뛸 수 있는 이벤트는 `trainyard events quarantine`으로 볼 수 있습니다".into()
        }
        Problem::DatasetLookedAt => "대화에서 새 제안을 확인한 뒤 승인하세요".into(),
        Problem::AlreadyApproved | Problem::AlreadySo => "대화를 다시 확인하세요".into(),
        Problem::AlreadyIssued => "그 토큰을 폐기하고 새로 만드세요".into(),
        Problem::NoHooks => "운영자에게 `TRAINYARD_HOOKS_KEY` 설정을 부탁하세요".into(),
        Problem::EndTooFar => "더 이른 시각을 보내거나 비워 두세요".into(),
        Problem::JobStillRuns => "새 작업으로 이어서 학습하려면 먼저 취소하세요".into(),
        Problem::NothingLeft { .. } | Problem::NoCheckpoint { .. } | Problem::CheckpointGone { .. } => {
            "'다시 실행'으로 처음부터 학습하세요. 값은 바꿀 수 있습니다".into()
        }
        Problem::NoSuchCheckpoint { .. } => {
            "남아 있는 것 가운데 고르거나, 위치를 빼서 가장 최근 것을 쓰세요".into()
        }
        Problem::NoModelYet { .. } => "작업이 완료되면 배포하세요".into(),
        Problem::NotDeployed { number } => format!("작업 {number}번을 배포한 뒤 다시 시도하세요"),
        Problem::NoModel { status, .. } if status.is_terminal() => {
            "모델이 생기지 않습니다. 완료된 작업을 고르세요".into()
        }
        Problem::NoModel { number, .. } => format!("작업 {number}번이 완료되면 배포하세요"),
        Problem::NoCertificate { .. } => "작업이 완료된 뒤에 다시 요청하거나, 완료된 다른 작업을 고르세요".into(),
        Problem::TooManyImages { images_max } => format!("요청 하나에 {images_max}개까지만 보내세요"),
        Problem::ImageNotAllowed { .. } => {
            "이미지를 직접 보내세요. 가져올 곳은 운영자가 TRAINYARD_IMAGE_HOSTS로 정합니다".into()
        }
        Problem::ImageNotFetched { .. } => "그 주소를 직접 열어 본 뒤 다시 시도하거나 이미지를 보내세요".into(),
        Problem::NotBase64 => {
            "`images`의 이미지를 base64로 보내거나 `image` 항목이 있는 폼을 보내세요".into()
        }
        Problem::NotAForm | Problem::NoImageField | Problem::EmptyImage | Problem::BrokenForm { .. } => {
            "다른 이미지 파일을 고르세요".into()
        }
        Problem::BadImage { .. } => "JPEG, PNG, WebP, BMP 이미지를 고르세요".into(),
        Problem::BadModel { .. } => "작업을 다시 배포하세요. 까닭은 작업자의 로그에 있습니다".into(),
        Problem::NoWorker => {
            "`trainyard worker`로 작업자를 시작한 뒤 다시 시도하거나 이미지를 직접 올리세요".into()
        }
        Problem::OutsideRoots { .. } => {
            "목록에 있는 폴더를 고르세요. 다른 폴더는 운영자가 TRAINYARD_DATASET_ROOTS로 허용합니다".into()
        }
        Problem::NoSuchFolder { .. } => "위 폴더로 돌아가세요".into(),
        Problem::FolderUnreadable { .. } => {
            "작업자를 실행하는 계정에 읽기 권한을 주거나 이미지를 직접 올리세요".into()
        }
        Problem::NoPredictor => "`trainyard up`이나 `trainyard worker`로 작업자를 시작하세요".into(),
        Problem::PredictorBusy { .. } => "잠시 뒤에 다시 시도하세요".into(),
        Problem::PredictorTimedOut => "다시 시도하세요. 첫 이미지에서는 모델을 먼저 불러옵니다".into(),
        Problem::OnlyTls => "https:// 주소로 요청하세요. 토큰을 보냈다면 새 토큰으로 바꾸세요".into(),
        Problem::TooManyConnections { .. } => {
            "열린 연결을 닫고 다시 시도하세요. 프록시를 쓰고 있다면 관리자에게 알려 주세요".into()
        }
        Problem::TooManySockets { .. } => "열린 연결을 닫고 다시 시도하세요".into(),
        Problem::Unavailable { .. }
        | Problem::ViewsBehind { .. }
        | Problem::NoSocketLeft { .. }
        | Problem::TooManyLookups => again.into(),
        Problem::TimedOut { .. } => "다시 시도하세요. 요청한 일이 이미 이루어졌을 수도 있습니다".into(),
        Problem::NewerViews | Problem::Internal { .. } => {
            "관리자에게 알려 주세요. 까닭은 게이트웨이의 로그에 있습니다".into()
        }
        Problem::NotText | Problem::BadFrame { .. } => "subscribe나 unsubscribe 프레임을 보내세요".into(),
        Problem::FrameTooLarge { .. } => "더 짧은 프레임을 보내세요".into(),
        Problem::UnknownTopic { .. } => "jobs, job:<id>, chat:<id>, workers, activity 가운데 고르세요".into(),
        Problem::TooManyTopics { .. } => "먼저 다른 주제를 그만 보세요".into(),
        Problem::TopicUnavailable { .. } => "몇 초 뒤에 다시 시도합니다".into(),
        Problem::CannotBe { .. } => "위에 적힌 것을 고치세요".into(),
        Problem::Refused { rejection } => next_step_of(rejection).1.into(),
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::Chat => "대화",
        What::Job => "작업",
        What::Dataset => "데이터셋",
        What::Artifact => "파일",
        What::Model => "모델",
        What::NamedModel => "등록 모델",
        What::Token => "토큰",
        What::Tenant => "테넌트",
        What::Hook => "웹훅",
        What::Worker => "작업자",
        What::Member => "구성원",
        What::Invitation => "초대",
    }
}

fn away(part: Part) -> &'static str {
    match part {
        Part::Log => "이벤트 로그를 쓸 수 없습니다",
        Part::Bus => "지금은 NATS를 쓸 수 없습니다",
        Part::Views => "지금은 데이터베이스를 쓸 수 없습니다",
        Part::Store => "지금은 파일 저장소를 쓸 수 없습니다",
        Part::Workers => "지금은 작업자와 연락할 수 없습니다",
        Part::Predictors => "지금은 모델을 돌리는 작업자와 연락할 수 없습니다",
        Part::Provider => "지금은 로그인 서버와 연락할 수 없습니다",
    }
}

/// Why a job has no model, before that word.
fn because(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Requested | JobStatus::Queued => "아직 기다리는 중이라",
        JobStatus::Starting => "아직 준비 중이라",
        JobStatus::Training => "아직 학습 중이라",
        JobStatus::Cancelling => "취소되는 중이라",
        JobStatus::Finished => "완료되었지만",
        JobStatus::Failed => "실패해서",
        JobStatus::Cancelled => "취소되어",
    }
}
