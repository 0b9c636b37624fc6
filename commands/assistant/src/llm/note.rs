//! What the user is told where a language model was of no help.

use trainyard_events::chat::Language;

use super::client::Failure;
use crate::reply::pick;

/// A language model was asked in vain, and the grammar's reading stands.
pub(super) fn fell_back(failure: &Failure, language: Language) -> String {
    let (korean, english) = match failure {
        Failure::Silent(_) | Failure::Slow(_) => {
            ("언어 모델이 제때 답하지 않아", "The language model did not answer in time")
        }
        Failure::Quota => ("언어 모델의 사용 한도를 다 써서", "The language model's quota is used up"),
        Failure::Refused(_) => ("언어 모델이 답을 거절해서", "The language model refused to answer"),
        Failure::Unreachable(_) | Failure::Status(_) | Failure::Server(_) => {
            ("언어 모델을 쓸 수 없어서", "The language model is not available")
        }
        Failure::Cut
        | Failure::TooLong(_)
        | Failure::Protocol(_)
        | Failure::NoPatch(_)
        | Failure::Ungrounded(_) => {
            ("언어 모델의 답을 쓸 수 없어서", "The language model's answer could not be used")
        }
    };
    pick(
        language,
        format!("{korean} 규칙만으로 읽었습니다."),
        format!("{english}, so I read this by rules alone."),
    )
}
