//! What has happened, in one sentence for people who are told of it elsewhere: in a chat, in a letter.

use trainyard_events::chat::Language;
use trainyard_events::job::Failure;
use trainyard_events::model::Share;
use trainyard_events::price::MILLIONTHS;
use trainyard_events::reason::Reason;
use trainyard_events::results::Measurements;
use trainyard_events::{
    ChatEvent, DatasetEvent, EndpointEvent, Event, HookEvent, JobEvent, LogEvent, MaintenanceEvent,
    ModelEvent, TenantEvent,
};

use crate::{Both, Words, as_said, both, measured};

/// Measurements that one sentence has room for.
const MEASUREMENTS: usize = 4;

impl Words for Event {
    fn words(&self) -> Both {
        match self {
            Event::Job(event) => of_job(event),
            Event::Dataset(event) => of_dataset(event),
            Event::Model(event) => of_model(event),
            Event::Endpoint(EndpointEvent::Deployed { .. }) => {
                both("the model is deployed", "모델을 배포했습니다")
            }
            Event::Endpoint(EndpointEvent::Withdrawn {}) => {
                both("the model is no longer deployed", "모델 배포를 내렸습니다")
            }
            Event::Chat(event) => of_chat(event),
            Event::Hook(event) => of_hook(event),
            Event::Maintenance(event) => of_maintenance(event),
            Event::Tenant(event) => of_tenant(event),
            Event::Log(LogEvent::EventSkipped { sequence, .. }) => both(
                format!("event {sequence}, which could not be read, is skipped"),
                format!("읽을 수 없던 {sequence}번 이벤트를 건너뜁니다"),
            ),
        }
    }
}

fn of_job(event: &JobEvent) -> Both {
    match event {
        JobEvent::Requested { config, .. } => both(
            format!("a training of {} is requested", config.model),
            format!("{} 학습을 요청했습니다", config.model),
        ),
        JobEvent::Dispatched { withdrawn: true, .. } => both("the job waits again", "작업이 다시 기다립니다"),
        JobEvent::Dispatched { pool, .. } => both(
            format!("the job is queued for {pool} workers"),
            format!("{pool} 작업자를 기다리는 줄에 들어갔습니다"),
        ),
        JobEvent::AttemptStarted { worker, attempt, .. } => both(
            format!("attempt {attempt} has started on {worker}"),
            format!("{worker}에서 {attempt}번째 시도를 시작했습니다"),
        ),
        JobEvent::TrainingStarted { train_images, device, .. } => both(
            format!("training has started on {device} with {train_images} images"),
            format!("{device}에서 이미지 {train_images}장으로 학습을 시작했습니다"),
        ),
        JobEvent::EpochLogged { epoch, validation, .. } => both(
            format!("epoch {epoch} is done{}", after(": ", validation, Language::English)),
            format!("{epoch}번째 에폭을 마쳤습니다{}", after(": ", validation, Language::Korean)),
        ),
        JobEvent::CheckpointCommitted { .. } => both("a checkpoint is kept", "체크포인트를 저장했습니다"),
        JobEvent::PreemptRequested { because, .. } => {
            reasoned(both("the attempt is told to stop", "시도를 멈추게 했습니다"), because, "")
        }
        JobEvent::AttemptPreempted { reason, because, .. } => reasoned(
            both("the attempt was stopped and will go on", "시도를 멈췄고 이어서 진행합니다"),
            because,
            reason,
        ),
        JobEvent::AttemptLost { .. } => {
            both("the worker has been lost; the job is tried again", "작업자와 연락이 끊겨 다시 시도합니다")
        }
        JobEvent::AttemptFailed { failure, .. } => {
            failed(both("an attempt has failed", "시도가 실패했습니다"), failure)
        }
        JobEvent::CancelRequested { reason, because } => {
            reasoned(both("the job is being stopped", "작업을 멈추는 중입니다"), because, reason)
        }
        JobEvent::Cancelled { .. } => both("the job was cancelled", "작업이 취소되었습니다"),
        JobEvent::Finished { best_epoch, measurements, .. } => both(
            format!(
                "training has finished, best at epoch {best_epoch}{}",
                after(": ", measurements, Language::English)
            ),
            format!(
                "학습이 끝났습니다. {best_epoch}번째 에폭이 가장 좋습니다{}",
                after(": ", measurements, Language::Korean)
            ),
        ),
        JobEvent::Failed { failure } => failed(both("training has failed", "학습이 실패했습니다"), failure),
        JobEvent::Annotated { .. } => both(
            "the title, the tags or the note of the job have changed",
            "작업의 제목이나 태그, 메모가 바뀌었습니다",
        ),
    }
}

fn of_dataset(event: &DatasetEvent) -> Both {
    match event {
        DatasetEvent::Registered { path, .. } => {
            both(format!("dataset {path} is being looked at"), format!("데이터셋 {path}: 살펴보는 중입니다"))
        }
        DatasetEvent::Validated { profile, .. } => {
            let classes = profile.classes.len();
            both(
                format!("the dataset can be trained on: {classes} classes"),
                format!("학습할 수 있는 데이터셋입니다. 클래스는 {classes}개입니다"),
            )
        }
        DatasetEvent::Rejected { problem, because, .. } => {
            reasoned(both("the dataset cannot be used", "쓸 수 없는 데이터셋입니다"), because, problem)
        }
        DatasetEvent::Tagged { tag, version } => both(
            format!("version {version} of the dataset is tagged {tag}"),
            format!("데이터셋 {version}번 버전에 태그를 붙였습니다: {tag}"),
        ),
        DatasetEvent::Untagged { tag } => both(
            format!("the dataset is no longer tagged {tag}"),
            format!("데이터셋의 태그를 뗐습니다: {tag}"),
        ),
        DatasetEvent::Archived {} => both("the dataset is put away", "데이터셋을 보관했습니다"),
        DatasetEvent::Restored {} => both("the dataset is back", "데이터셋을 다시 꺼냈습니다"),
        DatasetEvent::Deleted { whole: true, .. } => both("the dataset is deleted", "데이터셋을 지웠습니다"),
        DatasetEvent::Deleted { versions, .. } => {
            let versions = versions.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            both(
                format!("versions of the dataset are deleted: {versions}"),
                format!("데이터셋의 버전을 지웠습니다: {versions}"),
            )
        }
    }
}

fn of_model(event: &ModelEvent) -> Both {
    match event {
        ModelEvent::Registered { name, version, .. } => {
            both(format!("{name}@{version} is registered"), format!("모델을 등록했습니다: {name}@{version}"))
        }
        ModelEvent::Aliased { alias, version, .. } => both(
            format!("{alias} is version {version} of the model now"),
            format!("이제 {alias} 별칭은 모델의 {version}번 버전입니다"),
        ),
        ModelEvent::AliasRemoved { alias } => both(
            format!("{alias} names no version of the model any more"),
            format!("모델의 별칭을 지웠습니다: {alias}"),
        ),
        ModelEvent::Archived { version } => both(
            format!("version {version} of the model is put away"),
            format!("모델의 {version}번 버전을 보관했습니다"),
        ),
        ModelEvent::Restored { version } => both(
            format!("version {version} of the model is back"),
            format!("모델의 {version}번 버전을 다시 꺼냈습니다"),
        ),
        ModelEvent::SamplingSet { share } => match percent(*share) {
            0.0 => both(
                "no image that the model is asked about is kept",
                "모델에 물어본 이미지를 보관하지 않습니다",
            ),
            percent => both(
                format!("{percent} % of the images that the model is asked about are kept for review"),
                format!("모델에 물어본 이미지의 {percent}%를 검토용으로 보관합니다"),
            ),
        },
        ModelEvent::SamplesDeleted {} => both(
            "the images that were kept for review are deleted",
            "검토용으로 보관한 이미지를 모두 지웠습니다",
        ),
    }
}

/// To a thousandth of a percent: 0.07 is 7, and not 7.000000000000001.
fn percent(share: Share) -> f64 {
    (f64::from(share) * 1e5).round() / 1e3
}

fn of_chat(event: &ChatEvent) -> Both {
    match event {
        ChatEvent::PromptReceived { text, .. } if text.is_empty() => {
            both("somebody says something", "새 메시지가 있습니다")
        }
        ChatEvent::PromptReceived { text, .. } => {
            both(format!("somebody says: {text}"), format!("새 메시지: {text}"))
        }
        ChatEvent::ConfigProposed { reply, .. }
        | ChatEvent::ReplyGiven { reply, .. }
        | ChatEvent::ProposalApproved { reply, .. }
        | ChatEvent::ProposalRejected { reply, .. }
            if reply.is_empty() =>
        {
            both("there is an answer", "답변이 있습니다")
        }
        ChatEvent::ConfigProposed { reply, .. }
        | ChatEvent::ReplyGiven { reply, .. }
        | ChatEvent::ProposalApproved { reply, .. }
        | ChatEvent::ProposalRejected { reply, .. } => {
            both(format!("the answer is: {reply}"), format!("답변: {reply}"))
        }
        ChatEvent::Annotated { archived: true, .. } => {
            both("the conversation is put away", "대화를 보관했습니다")
        }
        ChatEvent::Annotated { .. } => {
            both("the conversation has another title", "대화의 제목이 바뀌었습니다")
        }
        ChatEvent::PromptsErased { of: Some(of) } => both(
            format!("what {of} has said in the conversation is erased"),
            format!("이 대화에서 {of} 토큰으로 쓴 메시지를 모두 지웠습니다"),
        ),
        ChatEvent::PromptsErased { of: None } => {
            both("what was said in the conversation is erased", "이 대화의 메시지를 모두 지웠습니다")
        }
    }
}

fn of_hook(event: &HookEvent) -> Both {
    match event {
        HookEvent::Added { form, .. } => {
            both(format!("a hook is added ({form})"), format!("웹훅을 추가했습니다({form})"))
        }
        HookEvent::Changed { .. } => both("a hook is changed", "웹훅을 바꿨습니다"),
        HookEvent::Removed { .. } => both("a hook is removed", "웹훅을 지웠습니다"),
        HookEvent::Paused { why, .. } => why.words(),
        HookEvent::Replayed { .. } => {
            both("a hook goes on, with what was given up", "웹훅을 다시 보내기 시작했습니다")
        }
        HookEvent::Tested { .. } => {
            both("this is a test: the hook works", "시험 메시지입니다. 웹훅이 잘 연결되었습니다")
        }
    }
}

fn of_maintenance(event: &MaintenanceEvent) -> Both {
    let noted =
        |what: Both, note: &Option<String>| reasoned::<Reason>(what, &[], note.as_deref().unwrap_or(""));
    match event {
        MaintenanceEvent::WorkerDrained { worker, note, now: false } => noted(
            both(
                format!("{worker} gets nothing new"),
                format!("점검을 위해 작업자 {worker}에 새 작업을 보내지 않습니다"),
            ),
            note,
        ),
        MaintenanceEvent::WorkerDrained { worker, note, now: true } => noted(
            both(
                format!("{worker} gets nothing new, and what runs there is told to stop"),
                format!("점검을 위해 작업자 {worker}의 작업을 다른 작업자로 옮깁니다"),
            ),
            note,
        ),
        MaintenanceEvent::WorkerReturned { worker } => {
            both(format!("{worker} gets work again"), format!("작업자 {worker}에 다시 작업을 보냅니다"))
        }
        MaintenanceEvent::QueuePaused { note } => noted(
            both(
                "the queue is paused: nothing is dispatched",
                "대기열을 멈췄습니다. 새 작업을 시작하지 않습니다",
            ),
            note,
        ),
        MaintenanceEvent::QueueResumed {} => both("the queue goes on", "대기열을 다시 시작했습니다"),
    }
}

fn of_tenant(event: &TenantEvent) -> Both {
    match event {
        TenantEvent::Created {} => both("the tenant is created", "테넌트를 만들었습니다"),
        TenantEvent::TokenIssued { name, .. } => {
            both(format!("token {name} is issued"), format!("토큰을 발급했습니다: {name}"))
        }
        TenantEvent::TokenGranted { name, member: Some(_), .. } => {
            both(format!("{name} has logged in"), format!("로그인했습니다: {name}"))
        }
        TenantEvent::TokenGranted { name, replaces: Some(_), .. } => {
            both(format!("token {name} has a new text"), format!("토큰을 교체했습니다: {name}"))
        }
        TenantEvent::TokenGranted { name, .. } => {
            both(format!("token {name} is issued"), format!("토큰을 발급했습니다: {name}"))
        }
        TenantEvent::TokenOffered { name, .. } => {
            both(format!("{name} is invited"), format!("초대했습니다: {name}"))
        }
        TenantEvent::Closed {} => both("the tenant is closed", "테넌트를 닫았습니다"),
        TenantEvent::MemberRemoved { .. } => both("a member is removed", "구성원을 내보냈습니다"),
        TenantEvent::MemberRestored { .. } => {
            both("a member may log in again", "구성원이 다시 로그인할 수 있습니다")
        }
        TenantEvent::TokenRevoked { .. } => both("a token is revoked", "토큰을 폐기했습니다"),
        TenantEvent::QuotaSet { .. } => both("the quota is changed", "할당량을 바꿨습니다"),
        TenantEvent::SlotReserved { .. } => both("a slot of the quota is taken", "할당량 자리를 잡았습니다"),
        TenantEvent::SlotReleased { .. } => {
            both("a slot of the quota is free again", "할당량 자리를 돌려줬습니다")
        }
        TenantEvent::PriceSet { pool, price: None } => both(
            format!("time on {pool} workers costs nothing"),
            format!("{pool} 작업자의 가격을 없앴습니다"),
        ),
        TenantEvent::PriceSet { pool, price: Some(price) } => {
            let (hour, currency) = (price.hour as f64 / MILLIONTHS as f64, &price.currency);
            both(
                format!("an hour on {pool} workers costs {hour} {currency}"),
                format!("{pool} 작업자의 가격을 시간당 {hour} {currency}로 정했습니다"),
            )
        }
        TenantEvent::BudgetNeared { month, spent, budget, currency } => {
            let spent = spent / MILLIONTHS;
            both(
                format!("{spent} of the {budget} {currency} that may be spent in {month} are gone"),
                format!("{month} 예산 {budget} {currency} 가운데 {spent} {currency}를 썼습니다"),
            )
        }
    }
}

fn failed(what: Both, failure: &Failure) -> Both {
    reasoned(what, &failure.because, &failure.message)
}

/// Why, after what: from data where there is any.
fn reasoned<T: Words>(what: Both, because: &[T], sentence: &str) -> Both {
    let why = if because.is_empty() { as_said(sentence) } else { because.words() };
    let join = |what: String, why: String| if why.is_empty() { what } else { format!("{what}: {why}") };
    Both { english: join(what.english, why.english), korean: join(what.korean, why.korean) }
}

/// `accuracy 91.70 %, loss 0.11`.
fn after(before: &str, measurements: &Measurements, language: Language) -> String {
    let few = measurements.iter().take(MEASUREMENTS);
    let said: Vec<_> = few.map(|(name, value)| measured(name, *value, language)).collect();
    if said.is_empty() { String::new() } else { format!("{before}{}", said.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use trainyard_events::Envelope;

    use super::*;

    #[test]
    fn every_event_ever_written_is_said_in_both_languages() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
        let files: Vec<_> = std::fs::read_dir(golden).expect("golden files").flatten().collect();
        assert!(files.len() > 40, "they are there");
        for file in files {
            let name = file.path().display().to_string();
            let text = std::fs::read(file.path()).expect("a golden file");
            let envelope = Envelope::from_json(&text).expect("a golden event");
            let Both { english, korean } = envelope.event.words();
            assert!(english.chars().any(char::is_alphabetic), "{name}: {english}");
            assert!(korean.chars().any(|letter| ('가'..='힣').contains(&letter)), "{name}: {korean}");
        }
    }

    #[test]
    fn a_job_that_has_finished_says_how_good_it_is() {
        let measurements = [("accuracy", 0.916_66), ("loss", 0.1)];
        let finished = Event::Job(JobEvent::Finished {
            token: 1,
            best_epoch: 7,
            measurements: measurements.map(|(name, value)| (name.to_owned(), value)).into(),
            classes: vec![],
            artifacts: vec![],
            stopped_early: None,
            because: vec![],
        });
        let Both { english, korean } = finished.words();
        assert_eq!(english, "training has finished, best at epoch 7: accuracy 91.67 %, loss 0.1");
        assert_eq!(korean, "학습이 끝났습니다. 7번째 에폭이 가장 좋습니다: 정확도 91.67 %, 손실 0.1");
    }
}
