//! What a turn takes back is not what it means: jobs, beside what only looks as if one were taken back.

use trainyard_assistant::reader::complete_proposal;
use trainyard_assistant::{Intent, Interpretation, interpret};

fn read(said: &str) -> Interpretation {
    interpret(said, Some(&complete_proposal()))
}

#[test]
fn a_job_that_is_taken_back_is_not_the_one_meant() {
    for (said, intent, job) in [
        ("14번 멈춰줘, 앗 미안 14번 말고 15번 멈춰줘", Intent::Cancel, "15"),
        ("3번 모델 배포... 아니 3번 말고 4번 배포해줘", Intent::Deploy, "4"),
        ("6번 대신 2번 배포해줘", Intent::Deploy, "2"),
        ("21번 학습 말고 22번 학습 중지해줘", Intent::Cancel, "22"),
        ("5번이 아니라 7번 이어서 돌려줘", Intent::Resume, "7"),
        ("2번은 계속 돌리고 11번은 멈춰줘", Intent::Cancel, "11"),
        ("2번인지 3번인지 헷갈렸는데 3번이 맞네 3번 꺼줘", Intent::Cancel, "3"),
        ("4번은 냅두고 6번만 꺼주소", Intent::Cancel, "6"),
        ("stop job 31, scratch that, job 32", Intent::Cancel, "32"),
        ("how is job 8, sorry, the status of job 9", Intent::Status, "9"),
        ("cancel run-20, I mean run-21", Intent::Cancel, "run-21"),
        ("deploy job 4 instead of job 7", Intent::Deploy, "4"),
        ("job 3, no 4, no 5, cancel it", Intent::Cancel, "5"),
        ("stop 12 - no, I mean 13", Intent::Cancel, "13"),
    ] {
        let turn = read(said);
        assert_eq!((turn.intent, turn.slots.job.as_deref()), (intent, Some(job)), "{said}");
    }
}

/// Each of these would be done to the first job that is named, or to the one that was spoken of before.
#[test]
fn which_of_several_jobs_is_asked_before_anything_is_done() {
    for said in [
        "job 3 failed, so cancel job 5",
        "3번은 실패했으니까 5번 취소해줘",
        "4번 취소하고 6번은 이어서 돌려줘",
        "3번 4번 5번 취소해줘, 아 4번은 빼고",
        "cancel jobs 3 and 4, no wait, 5",
        "17번 취소해줘 아 17번 말고",
        "cancel the running one, not job 12",
        "stop job 3 or job 4",
        "3번 아니면 4번 취소해줘",
        "deploy job 5. It's better than job 3; we tried job 3 already",
    ] {
        let turn = read(said);
        assert!(!turn.intent.acts() && turn.unclear, "{said}: {:?} {:?}", turn.intent, turn.slots.job);
    }
    let choices = read("3번은 실패했으니까 5번 취소해줘").nearest;
    let offered: Vec<_> = choices.iter().map(|(intent, slots)| (*intent, slots.job.as_deref())).collect();
    assert_eq!(offered, [(Intent::Cancel, Some("3")), (Intent::Cancel, Some("5"))]);
}

#[test]
fn what_only_looks_taken_back_stays() {
    for (said, intent, job) in [
        ("12번 결과 보여줘, 아니면 나중에 볼게", Intent::Results, "12"),
        ("미안한데 9번 취소해줘", Intent::Cancel, "9"),
        ("어제는 8번 놔두자고 했는데 마음이 바뀌었어요. 8번 중단해 주세요.", Intent::Cancel, "8"),
        ("7번 결과 말고 진행률만 보여줘", Intent::Status, "7"),
        ("작업 21이랑 22 중에 22만 멈춰줘", Intent::Cancel, "22"),
        ("resume job 6, not from the start but from the checkpoint", Intent::Resume, "6"),
        ("nothing else for now, cancel job 4", Intent::Cancel, "4"),
        ("sorry, could you show me the results of job 3", Intent::Results, "3"),
        ("job no 5, please stop it", Intent::Cancel, "5"),
    ] {
        let turn = read(said);
        assert_eq!((turn.intent, turn.slots.job.as_deref()), (intent, Some(job)), "{said}");
    }
    let both = read("1번이랑 3번 취소해줘");
    assert_eq!((both.intent, both.jobs), (Intent::Cancel, vec!["1".to_owned(), "3".to_owned()]));
    let epochs = read("에폭 50번 말고 60번으로 해줘");
    assert_eq!((epochs.intent, epochs.slots.epochs), (Intent::Adjust, Some(60)));
}

#[test]
fn a_task_that_is_taken_back_is_not_the_one_meant() {
    for (said, task) in [
        ("너트랑 볼트 탐지 말고 분류로 학습하자", "classify"),
        ("고양이와 개를 분류, 아니다 탐지로 학습해줘", "detect"),
        ("균열을 분할하는 게 아니라 탐지하는 모델로 학습해줘", "detect"),
        ("검출 대신 세그멘테이션으로 학습해줘", "segment"),
        ("train it to segment, no, to classify ripe and unripe mangoes", "classify"),
        ("train a detector, I mean a classifier, of cats and dogs", "classify"),
        ("not detection but segmentation of pores, please train it", "segment"),
        ("train classification instead of detection on ./parts", "classify"),
    ] {
        let task_read = interpret(said, None).slots.task.map(|task| task.to_string());
        assert_eq!(task_read.as_deref(), Some(task), "{said}");
    }
}

#[test]
fn a_task_beside_another_is_left_to_the_rules_that_were() {
    for (said, task) in [
        ("사람 탐지 모델 학습해줘, 아니면 차라도", "detect"),
        ("결함이 없는 제품과 있는 제품을 분류해줘", "classify"),
        ("배경 말고 사람만 분할하는 모델 학습해줘", "segment"),
        ("에폭 30 말고 50으로 탐지 모델 학습해줘", "detect"),
        ("train a detector, no rush, for cats and dogs", "detect"),
        ("detect helmets, not hats, in ./site", "detect"),
        ("segment the pores, sorry for the late order", "segment"),
        ("이상 탐지 말고는 필요 없어, 이상 탐지 모델 학습해줘", "anomaly"),
    ] {
        let task_read = interpret(said, None).slots.task.map(|task| task.to_string());
        assert_eq!(task_read.as_deref(), Some(task), "{said}");
    }
}
