//! The states that a list of jobs is asked for.

use trainyard_assistant::JobState::{Cancelled, Failed, Finished, Running, Waiting};
use trainyard_assistant::{Intent, JobState, interpret};

#[test]
fn a_list_is_of_the_states_that_are_named() {
    let check = |said: &str, states: &[JobState]| {
        let turn = interpret(said, None);
        assert_eq!((turn.intent, turn.states.as_slice()), (Intent::ListJobs, states), "{said}");
    };
    check("실패한 작업만 보여줘", &[Failed]);
    check("show me all jobs that failed", &[Failed]);
    check("which of my jobs failed this week?", &[Failed]);
    check("지금 돌아가는 작업", &[Running]);
    check("지금 뭐뭐 돌아가?", &[Running]);
    check("what's everybody running at the moment", &[Running]);
    check("running 중인 job들 list up 해줘", &[Running]);
    check("대기중인 작업 뭐 있는지 목록으로 주세요", &[Waiting]);
    check("show me the queue", &[Waiting]);
    check("끝난 작업들 보여줘", &[Finished]);
    check("show completed and failed jobs", &[Finished, Failed]);
    check("show cancelled jobs", &[Cancelled]);
    check("show me the stopped jobs", &[Failed, Cancelled]);
    check("취소된 작업 보여줘", &[Cancelled]);
    check("취소된 작업", &[Cancelled]);
    check("중단된 작업 뭐 있어?", &[Failed, Cancelled]);
    check("list unfinished jobs", &[Waiting, Running]);
    check("아직 안 끝난 작업 목록", &[Waiting, Running]);
    check("list my jobs", &[]);
    check("show me the complete list of jobs", &[]);
    check("지금까지 돌린 작업 목록", &[]);
    check("list all jobs except the failed ones", &[]);
    check("실패한 작업 말고 전부 보여줘", &[]);
    check("목록 보여줘", &[]);
}

#[test]
fn an_order_about_a_job_that_has_ended_stays_one() {
    for (said, intent) in [
        ("중단된 작업 이어서 해줘", Intent::Resume),
        ("멈춘 작업 다시 돌려줘", Intent::Resume),
        ("멈춘 작업 재개", Intent::Resume),
        ("그 작업 다시 돌려줘", Intent::Resume),
        ("왜 취소된 작업이야?", Intent::Explain),
        ("작업 3 취소해줘", Intent::Cancel),
    ] {
        assert_eq!(interpret(said, None).intent, intent, "{said}");
    }
}

#[test]
fn nothing_else_has_states() {
    for said in
        ["why did job 7 fail?", "작업 7 끝났어?", "stop the running job", "train resnet18 on data/failed"]
    {
        assert_eq!(interpret(said, None).states, [], "{said}");
    }
}
