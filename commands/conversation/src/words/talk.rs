//! What is said to small talk, and to a question about what an act does.

use trainyard_assistant::{Intent, SmallTalk};
use trainyard_events::chat::Language;

use super::pick;

/// The answer to a greeting, thanks or a compliment. Nothing is done because of one, and that is said where something is open.
pub(crate) fn small_talk(said: Option<SmallTalk>, open: bool, language: Language) -> String {
    let first = match said {
        Some(SmallTalk::Thanks) => pick(language, "천만에요.", "You are welcome."),
        Some(SmallTalk::Praise) => pick(language, "감사합니다.", "Thank you."),
        Some(SmallTalk::Greeting) | None => pick(language, "안녕하세요.", "Hello."),
    };
    let next = match open {
        true => pick(
            language,
            "열려 있는 제안은 아직 시작하지 않았습니다. 시작하려면 \"시작해줘\"라고 하세요.",
            "The open proposal has not been started. Say \"start\" to start it.",
        ),
        false => pick(
            language,
            "무엇을 학습할까요? 예: \"resnet18로 data/digits 분류 학습해줘\". 할 수 있는 일은 \"도움말\"에 있습니다.",
            "What shall I train? For example \"train resnet18 on data/digits\". Say \"help\" to see what I can do.",
        ),
    };
    format!("{first} {next}")
}

/// What an act does and leaves alone, and how to order it.
pub(crate) fn consequence(act: Intent, language: Language) -> Option<String> {
    let (korean, english) = match act {
        Intent::Cancel => (
            "작업을 취소하면 학습이 멈춥니다. 마지막 체크포인트와 그때까지의 기록은 남아서 \"7번 작업 이어서 학습해줘\"로 이어 갈 수 있고, 데이터는 그대로입니다. 취소하려면 \"7번 작업 취소해줘\"라고 하세요.",
            "Cancelling stops the training. Its newest checkpoint and all that was measured stay, so that \"resume job 7\" goes on from there, and the data is left alone. To do it, say \"cancel job 7\".",
        ),
        Intent::Reject => (
            "제안을 버리면 그 제안만 사라집니다. 작업과 데이터는 그대로입니다. 버리려면 \"제안 취소해줘\"라고 하세요.",
            "Dropping a proposal drops only that. Jobs and data are left alone. To do it, say \"drop the proposal\".",
        ),
        Intent::Resume => (
            "멈춘 작업은 마지막 체크포인트에서 새 작업으로 이어집니다. 원래 작업의 기록은 그대로 남습니다. 이어 가려면 \"7번 작업 이어서 학습해줘\"라고 하세요.",
            "A job that has stopped goes on as a new one from its newest checkpoint; the record of the old one stays. To do it, say \"resume job 7\".",
        ),
        Intent::Deploy => (
            "배포하면 끝난 작업의 모델이 REST 주소에서 답합니다. 학습 기록은 바뀌지 않고 언제든 내릴 수 있습니다. 배포하려면 \"3번 모델 배포해줘\"라고 하세요.",
            "Deploying lets the model of a finished job answer at a REST address. Nothing of its training changes, and it can be withdrawn at any time. To do it, say \"deploy job 3\".",
        ),
        Intent::Approve => (
            "승인하면 학습 작업이 대기열에 들어가고, 빈 작업자가 바로 시작합니다. 승인하기 전에는 아무것도 돌지 않고, 시작한 작업은 취소할 수 있습니다. 시작하려면 \"시작해줘\"라고 하세요.",
            "Approving puts the training into the queue, and a free worker starts it at once. Nothing runs before that, and a job that was started can be cancelled. To do it, say \"start\".",
        ),
        Intent::RegisterModel => (
            "등록하면 끝난 작업의 모델이 이름 아래의 새 버전이 됩니다. 무엇이 답하는지는 바뀌지 않습니다. 등록하려면 \"작업 3을 tree-detector로 등록해줘\"라고 하세요.",
            "Registering makes the model of a finished job a new version under a name; what answers does not change. To do it, say \"register job 3 as tree-detector\".",
        ),
        Intent::Promote => (
            "승격하면 별칭이 그 버전을 가리키고, 별칭의 주소에서 그 버전이 답합니다. 이전 버전은 그대로 남아 언제든 되돌릴 수 있습니다. 승격하려면 \"tree-detector v3를 production으로 승격해줘\"라고 하세요.",
            "Promoting has an alias name that version, which then answers at the alias's address. The version before stays, and it can be rolled back at any time. To do it, say \"promote tree-detector v3 to production\".",
        ),
        Intent::RollBack => (
            "되돌리면 별칭이 바로 전에 가리키던 버전을 다시 가리킵니다. 버전은 지워지지 않습니다. 되돌리려면 \"tree-detector의 production을 이전 버전으로 되돌려줘\"라고 하세요.",
            "Rolling back has the alias name the version that it named before; no version is deleted. To do it, say \"roll back production of tree-detector\".",
        ),
        Intent::Reset => (
            "처음부터 다시 하면 열린 제안만 버립니다. 작업, 데이터, 모델은 그대로입니다. 다시 하려면 \"처음부터 다시\"라고 하세요.",
            "Starting over drops only the open proposal; jobs, data and models are left alone. To do it, say \"start over\".",
        ),
        _ => return None,
    };
    Some(pick(language, korean, english))
}
