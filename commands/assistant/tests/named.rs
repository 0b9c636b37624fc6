//! What people call a model, in quotation marks or as one Korean word, and orders in polite or hasty words.

use trainyard_assistant::reader::complete_proposal;
use trainyard_assistant::{Intent, Interpretation, interpret};

fn read(said: &str) -> Interpretation {
    interpret(said, Some(&complete_proposal()))
}

#[test]
fn a_model_is_called_by_its_whole_name() {
    for (said, intent, name) in [
        (
            "9번 작업의 모델을 '용접결함판별'이라는 이름으로 등록해 주시면 감사하겠습니다.",
            Intent::RegisterModel,
            "용접결함판별",
        ),
        (
            "4번 작업 결과를 너트판별기라는 이름의 모델로 등록 부탁드립니다",
            Intent::RegisterModel,
            "너트판별기",
        ),
        ("12번을 「과일선별」로 등록해줘", Intent::RegisterModel, "과일선별"),
        ("register job 3 as 'weld check' please", Intent::RegisterModel, "weld check"),
        ("register job 7 under the name \"leaf spots\"", Intent::RegisterModel, "leaf spots"),
        ("너트판별기 v4 운영 승격 부탁드립니다", Intent::Promote, "너트판별기"),
        ("용접결함판별 버전 2를 스테이징으로 지정 부탁드립니다", Intent::Promote, "용접결함판별"),
        ("과일선별기 운영을 직전 버전으로 롤백해 주세요", Intent::RollBack, "과일선별기"),
        (
            "문제가 보고되어, 도장불량판별 운영을 직전 버전으로 롤백 부탁드립니다",
            Intent::RollBack,
            "도장불량판별",
        ),
        ("make v3 the live one for seed-sorter", Intent::Promote, "seed-sorter"),
    ] {
        let turn = read(said);
        assert_eq!((turn.intent, turn.slots.name.as_deref()), (intent, Some(name)), "{said}");
    }
}

#[test]
fn other_words_beside_a_version_are_no_name() {
    for said in [
        "지금 v4 운영으로 올려줘",
        "이제 v2로 롤백해줘",
        "안전하게 운영을 이전 버전으로 되돌려줘",
        "새 모델이 이상해요. 운영을 전 버전으로 되돌려 주세요",
        "오검출이 늘었습니다. 운영 모델 이전 버전으로 롤백해 주시기 바랍니다",
        "말씀하신대로 버전 3을 운영으로 승격해줘",
        "promote v3 to production",
        "roll production back to the previous version, it's 'strange'",
        "'다 됐다'라고 하니 v3 운영으로 승격해줘",
    ] {
        assert_eq!(read(said).slots.name, None, "{said}");
    }
}

#[test]
fn an_order_in_polite_or_hasty_words_is_one() {
    for (said, intent) in [
        ("11번 작업은 재개해 주시기 바랍니다.", Intent::Resume),
        ("13번 작업은 중지해 주시기 바랍니다.", Intent::Cancel),
        ("Great, you have my approval.", Intent::Approve),
        ("resmue job 6", Intent::Resume),
        ("cacnel job 6 please", Intent::Cancel),
        ("delpoy job 6", Intent::Deploy),
    ] {
        assert_eq!(read(said).intent, intent, "{said}");
    }
    for still in [
        "do you have my approval on file?",
        "11번 작업을 재개해 주시기 바란다는 메일을 받았는데 뭐예요?",
        "who deplyoed job 6?",
        "is resmue spelt with an s?",
    ] {
        assert!(!read(still).intent.acts(), "{still}");
    }
}
