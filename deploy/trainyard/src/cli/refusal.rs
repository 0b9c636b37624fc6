//! What the gateway does not grant, in one line: what happened, in its words, and what to do next, in ours.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;
use serde_json::Value;
use trainyard_api::Code;
use trainyard_events::chat::Language;

use super::way_on::way_on;

/// Also with a code that only another version knows.
#[derive(Deserialize)]
struct Refusal {
    error: Refused,
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    message: String,
    next_step: String,
}

/// What a command ends with, and those tell apart who know what to do about it.
#[derive(Debug)]
pub(super) struct NotGranted {
    code: Option<Code>,
    line: String,
}

impl std::fmt::Display for NotGranted {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.line)
    }
}

impl std::error::Error for NotGranted {}

/// The refusal by the platform at `url`; `None` where the answer is none.
pub(super) fn of_answer(answer: Value, url: &str, language: Language) -> Option<NotGranted> {
    let Refusal { error: Refused { code, message, next_step } } = serde_json::from_value(answer).ok()?;
    let code = known(&code);
    let ours = code.and_then(|code| way_on(code, url, language));
    Some(NotGranted { code, line: format!("{message} ({})", ours.unwrap_or(next_step)) })
}

/// Why the platform has not granted what ended with this error.
pub(super) fn code_of(error: &anyhow::Error) -> Option<Code> {
    error.downcast_ref::<NotGranted>()?.code
}

/// The same of a frame, which brings no next step.
pub(super) fn of_frame(code: Code, message: &str, url: &str, language: Language) -> String {
    match way_on(code, url, language) {
        Some(next_step) => format!("{message} ({next_step})"),
        None => message.to_owned(),
    }
}

fn known(code: &str) -> Option<Code> {
    let code: Result<Code, Error> = Code::deserialize(code.into_deserializer());
    code.ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trainyard_api::Problem;

    use super::*;

    const URL: &str = "http://here:7700";

    #[test]
    fn the_next_step_is_a_command_and_the_message_the_gateways() {
        for (language, expected) in [
            (
                Language::English,
                "the model of job 7 is not deployed (deploy it with `trainyard deploy NUMBER`)",
            ),
            (
                Language::Korean,
                "작업 7번의 모델은 배포되어 있지 않습니다 (`trainyard deploy 번호`로 배포하세요)",
            ),
        ] {
            let answer = serde_json::to_value(Problem::NotDeployed { number: 7 }.answer(language)).unwrap();
            let refused = anyhow::Error::from(of_answer(answer, URL, language).unwrap());
            assert_eq!(
                (refused.to_string().as_str(), code_of(&refused)),
                (expected, Some(Code::NotDeployed))
            );
        }
    }

    #[test]
    fn a_code_of_another_version_is_told_as_the_gateway_says_it() {
        let refused = json!({ "error": { "code": "of_tomorrow", "message": "no", "next_step": "wait" } });
        let refused = anyhow::Error::from(of_answer(refused, URL, Language::Korean).unwrap());
        assert_eq!((refused.to_string().as_str(), code_of(&refused)), ("no (wait)", None));
        assert!(of_answer(json!({ "error": "teapot" }), URL, Language::English).is_none());
    }
}
