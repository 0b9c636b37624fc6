//! Given these facts, when this is asked, then that happens: the rules of every aggregate, without I/O.

mod given;

use given::{approved, chat, config, dataset, finished, job, proposal, report_epoch, request};
use trainyard_commands::access::AccessCommand;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::endpoint::EndpointCommand;
use trainyard_commands::job::JobCommand;
use trainyard_commands::tenant::{NewToken, Tenant, TenantCommand};
use trainyard_commands::{Command, Rejection};
use trainyard_events::chat::{ChatEvent, Language};
use trainyard_events::config::{Priority, Task};
use trainyard_events::dataset::DatasetEvent;
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Failure, FailureClass, JobEvent, Status};
use trainyard_events::limits;
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::tenant::{Member, Role, Scope, TenantEvent};
use trainyard_events::trainer::Inspection;
use uuid::Uuid;

fn dispatched() -> JobEvent {
    JobEvent::Dispatched {
        pool: Pool::Cpu,
        class: Priority::Normal,
        reason: "as asked".into(),
        withdrawn: false,
        worker: None,
        because: vec![],
        price: None,
    }
}

/// The attempt that takes up the dispatch at `dispatch`; its token is wherever it stands in the history.
fn attempt(number: u32, dispatch: u64) -> JobEvent {
    JobEvent::AttemptStarted {
        worker: format!("worker-{number}"),
        attempt: number,
        dispatch,
        batch_divisor: 1,
        resume: None,
    }
}

fn failure(class: FailureClass) -> Failure {
    Failure {
        class,
        message: "it broke".into(),
        next_step: "mend it".into(),
        console: vec![],
        because: vec![],
        advice: vec![],
    }
}

fn checkpoint(token: u64, epoch: u32, step: u64) -> JobEvent {
    let artifact = Artifact { role: "checkpoint".into(), key: "k".into(), sha256: "s".into(), bytes: 1 };
    JobEvent::CheckpointCommitted { token, checkpoint: CheckpointRef { epoch, step, artifact } }
}

fn report(event: JobEvent) -> JobCommand {
    JobCommand::Report(Box::new(event))
}

#[test]
fn a_prompt_has_a_length() {
    let prompt = |text: String| ChatCommand::ReceivePrompt { text, language: Language::Korean };
    let fits = prompt("가".repeat(limits::PROMPT_CHARS));
    chat(&[]).when(fits).happens(|event| matches!(event, ChatEvent::PromptReceived { .. }));
    chat(&[])
        .when(prompt("가".repeat(limits::PROMPT_CHARS + 1)))
        .refused(Rejection::PromptTooLong { characters: 4_001 });
    chat(&[]).when(prompt(" \n\t".into())).refused(Rejection::PromptEmpty);
}

#[test]
fn only_the_proposal_that_was_shown_is_approved() {
    let shown = proposal(config());
    let approve = |hash: &str| ChatCommand::ApproveProposal { hash: hash.into(), reply: String::new() };
    chat(&[]).when(approve("x")).refused(Rejection::NoOpenProposal);
    let open = [given::proposed(&shown)];
    chat(&open).when(approve("other")).refused(Rejection::ProposalChanged);
    chat(&open).when(approve(&shown.hash)).happens(
        |event| matches!(event, ChatEvent::ProposalApproved { hash, config, .. } if *hash == config.hash()),
    );
}

#[test]
fn approving_twice_is_one_approval() {
    let shown = proposal(config());
    let twice = [given::proposed(&shown), approved(&shown)];
    chat(&twice)
        .when(ChatCommand::ApproveProposal { hash: shown.hash.clone(), reply: String::new() })
        .already_so();
}

#[test]
fn what_is_missing_must_be_said_before_approval() {
    let mut incomplete = config();
    incomplete.dataset = None;
    let mut shown = proposal(incomplete);
    shown.missing = vec!["dataset".into()];
    chat(&[given::proposed(&shown)])
        .when(ChatCommand::ApproveProposal { hash: shown.hash.clone(), reply: String::new() })
        .refused(Rejection::ProposalIncomplete { missing: vec!["dataset".into()] });
}

#[test]
fn a_configuration_that_cannot_run_is_not_even_proposed() {
    for (field, break_it) in given::broken_configs() {
        let mut broken = config();
        break_it(&mut broken);
        let problems = broken.problems();
        assert!(problems.iter().any(|problem| problem.field() == field), "{field:?}: {problems:?}");
        let proposal = Box::new(proposal(broken));
        let propose = ChatCommand::ProposeConfig {
            proposal,
            base: None,
            interpreter: trainyard_events::chat::Interpreter::Grammar,
            reply: String::new(),
            choices: Vec::new(),
        };
        chat(&[]).when(propose).refused(Rejection::BadConfig { problems });
    }
}

#[test]
fn a_dataset_is_looked_at_once_until_asked_again() {
    let register = |again| DatasetCommand::Register {
        path: "data/x".into(),
        task: Task::Classify,
        source: Default::default(),
        again,
    };
    let registered = DatasetEvent::Registered {
        path: "data/x".into(),
        task: Task::Classify,
        source: Default::default(),
        remote: None,
    };
    let validated = DatasetEvent::Validated {
        inspection: 1,
        profile: given::profile().into(),
        artifacts: Vec::new(),
        version: None,
    };
    dataset(&[]).when(register(false)).happens(|event| *event == registered);
    dataset(std::slice::from_ref(&registered)).when(register(true)).already_so();
    dataset(&[registered.clone(), validated.clone()]).when(register(false)).already_so();
    dataset(&[registered.clone(), validated]).when(register(true)).happens(|event| *event == registered);
}

#[test]
fn a_good_look_names_what_it_left_in_the_store_within_reason() {
    let registered = DatasetEvent::Registered {
        path: "data/x".into(),
        task: Task::Classify,
        source: Default::default(),
        remote: None,
    };
    let artifact = |index: usize| Artifact {
        role: "sample_images".into(),
        key: format!("datasets/x/1/{index}.jpg"),
        sha256: "d".repeat(64),
        bytes: 9,
    };
    let good = |count: usize| DatasetCommand::RecordInspection {
        inspection: 1,
        result: Inspection::Good { profile: Box::new(given::profile()) },
        artifacts: (0..count).map(artifact).collect(),
        manifest: None,
    };
    for (given, kept) in [(0, 0), (2, 2), (limits::DATASET_ARTIFACTS + 5, limits::DATASET_ARTIFACTS)] {
        dataset(std::slice::from_ref(&registered)).when(good(given)).happens(
            |event| matches!(event, DatasetEvent::Validated { artifacts, .. } if artifacts.len() == kept),
        );
    }
}

#[test]
fn an_inspection_of_an_older_registration_changes_nothing() {
    let registered = DatasetEvent::Registered {
        path: "data/x".into(),
        task: Task::Classify,
        source: Default::default(),
        remote: None,
    };
    let bad = |inspection| DatasetCommand::RecordInspection {
        inspection,
        result: Inspection::Bad {
            problem: "empty".into(),
            next_step: "fill it".into(),
            report: vec![],
            bad_files: 0,
            because: vec![],
            advice: vec![],
        },
        artifacts: Vec::new(),
        manifest: None,
    };
    dataset(&[]).when(bad(1)).refused(Rejection::NoSuchDataset);
    let history = [
        registered.clone(),
        DatasetEvent::Validated {
            inspection: 1,
            profile: given::profile().into(),
            artifacts: Vec::new(),
            version: None,
        },
        registered,
    ];
    dataset(&history).when(bad(1)).refused(Rejection::StaleInspection);
    dataset(&history)
        .when(bad(3))
        .happens(|event| matches!(event, DatasetEvent::Rejected { inspection: 3, .. }));
}

#[test]
fn an_attempt_starts_only_under_the_newest_dispatch() {
    let start = |dispatch| JobCommand::StartAttempt { worker: "w".into(), dispatch };
    job(&[]).when(start(1)).refused(Rejection::NoSuchJob);
    job(&[request()]).when(start(1)).refused(Rejection::NotOffered);
    job(&[request(), dispatched()]).when(start(2)).happens(|event| {
        matches!(event, JobEvent::AttemptStarted { attempt: 1, dispatch: 2, resume: None, .. })
    });
    job(&[request(), dispatched(), attempt(1, 2)]).when(start(2)).refused(Rejection::NotOffered);
    let again = [request(), dispatched(), attempt(1, 2), JobEvent::AttemptLost { token: 3 }, dispatched()];
    job(&again).when(start(2)).refused(Rejection::NotOffered);
    job(&again).when(start(5)).happens(|event| matches!(event, JobEvent::AttemptStarted { attempt: 2, .. }));
}

/// An attempt under token 3 that was lost, and the next, under 6.
fn gone_on() -> [JobEvent; 6] {
    [request(), dispatched(), attempt(1, 2), JobEvent::AttemptLost { token: 3 }, dispatched(), attempt(2, 5)]
}

/// What was written late, before anybody could refuse it, stands in the log and counts for nothing.
#[test]
fn a_stale_fact_in_the_log_counts_for_nothing() {
    let gone_on = gone_on();
    let failed =
        JobEvent::AttemptFailed { token: 3, failure: failure(FailureClass::OutOfMemory), console: None };
    let lost = JobEvent::AttemptLost { token: 3 };
    for stale in [report_epoch(3, 4), checkpoint(3, 4, 40), lost, failed, finished(3)] {
        let history = [&gone_on[..], &[stale]].concat();
        job(&history).when(report(report_epoch(6, 1))).happens(|event| event.token() == Some(6));
    }
    let then = [checkpoint(3, 4, 40), JobEvent::AttemptLost { token: 6 }, dispatched()];
    let start = JobCommand::StartAttempt { worker: "w".into(), dispatch: 9 };
    job(&[&gone_on[..], &then].concat())
        .when(start)
        .happens(|event| matches!(event, JobEvent::AttemptStarted { attempt: 3, resume: None, .. }));
}

#[test]
fn a_stale_token_changes_nothing() {
    let lost = gone_on();
    for event in [report_epoch(3, 1), checkpoint(3, 1, 10), finished(3)] {
        job(&lost).when(report(event)).refused(Rejection::StaleToken { given: 3, current: Some(6) });
    }
    job(&lost).when(report(report_epoch(6, 1))).happens(|event| event.token() == Some(6));
}

#[test]
fn epochs_come_in_order_and_a_resumed_attempt_goes_on_from_its_checkpoint() {
    let running = [request(), dispatched(), attempt(1, 2), report_epoch(3, 1)];
    job(&running)
        .when(report(report_epoch(3, 3)))
        .refused(Rejection::EpochOutOfOrder { given: 3, expected: 2 });
    job(&running).when(report(report_epoch(3, 2))).happens(|event| *event == report_epoch(3, 2));
    let resumed = [
        request(),
        dispatched(),
        attempt(1, 2),
        report_epoch(3, 1),
        checkpoint(3, 1, 10),
        report_epoch(3, 2),
        JobEvent::AttemptLost { token: 3 },
        dispatched(),
    ];
    job(&resumed).when(JobCommand::StartAttempt { worker: "w".into(), dispatch: 8 }).happens(|event| {
        matches!(event, JobEvent::AttemptStarted { resume: Some(checkpoint), .. } if checkpoint.epoch == 1)
    });
    let mut second = resumed.to_vec();
    second.push(attempt(2, 8));
    job(&second).when(report(report_epoch(9, 2))).happens(|event| *event == report_epoch(9, 2));
}

#[test]
fn a_job_that_continues_another_begins_at_its_checkpoint_and_counts_on() {
    let mut config = config();
    config.continues = Some(given::continuation(2));
    let (from, mut requested) = (given::continuation(2).checkpoint, request());
    let JobEvent::Requested { config: of_request, config_hash, .. } = &mut requested else { panic!() };
    (*config_hash, *of_request) = (config.hash(), config.clone());
    assert_ne!(config.hash(), given::config().hash(), "an approval names where it goes on from");
    let history = [requested, dispatched(), attempt(1, 2)];
    job(&history[..2]).when(JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 }).happens(|event| {
        matches!(event, JobEvent::AttemptStarted { attempt: 1, resume: Some(resume), .. } if *resume == from)
    });
    job(&history)
        .when(report(report_epoch(3, 1)))
        .refused(Rejection::EpochOutOfOrder { given: 1, expected: 3 });
    job(&history).when(report(report_epoch(3, 3))).happens(|event| *event == report_epoch(3, 3));
    job(&history)
        .when(report(checkpoint(3, 2, 20)))
        .refused(Rejection::CheckpointBehind { given: 20, newest: 20 });
    job(&history).when(report(checkpoint(3, 3, 30))).happens(|event| event.token() == Some(3));
}

#[test]
fn no_more_epochs_than_were_approved() {
    let mut history = vec![request(), dispatched(), attempt(1, 2)];
    history.extend((1..=5).map(|epoch| report_epoch(3, epoch)));
    job(&history).when(report(report_epoch(3, 6))).refused(Rejection::TooManyEpochs { given: 6, epochs: 5 });
}

#[test]
fn a_measurement_is_a_number() {
    let mut epoch = report_epoch(3, 1);
    if let JobEvent::EpochLogged { validation, .. } = &mut epoch {
        validation.insert("loss".into(), f64::NAN);
    }
    job(&[request(), dispatched(), attempt(1, 2)])
        .when(report(epoch))
        .refused(Rejection::NotFinite { measurement: "loss".into() });
}

#[test]
fn cancelling_ends_only_when_nothing_runs_any_more() {
    let asked = JobEvent::CancelRequested { reason: "by hand".into(), because: vec![] };
    let confirm = JobCommand::ConfirmCancel;
    job(&[request()]).when(confirm.clone()).refused(Rejection::CancelNotRequested);
    job(&[request(), asked.clone()])
        .when(confirm.clone())
        .happens(|event| *event == JobEvent::Cancelled { token: None, console: None });
    let running = [request(), dispatched(), attempt(1, 2), asked.clone()];
    job(&running).when(confirm.clone()).refused(Rejection::AttemptStillRunning);
    job(&running)
        .when(report(JobEvent::Cancelled { token: Some(3), console: None }))
        .happens(|event| *event == JobEvent::Cancelled { token: Some(3), console: None });
    let dead = [request(), dispatched(), attempt(1, 2), asked.clone(), JobEvent::AttemptLost { token: 3 }];
    job(&dead).when(confirm).happens(|event| *event == JobEvent::Cancelled { token: None, console: None });
    job(&[request(), dispatched(), asked])
        .when(JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 })
        .refused(Rejection::NotOffered);
}

#[test]
fn the_end_is_the_end() {
    let ended = [request(), dispatched(), attempt(1, 2), finished(3)];
    let late = [
        report(report_epoch(3, 1)),
        report(finished(3)),
        JobCommand::LoseAttempt { token: 3 },
        JobCommand::RequestCancel { because: vec![] },
        JobCommand::Fail { failure: failure(FailureClass::Internal), since: 1 },
        JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 },
    ];
    for command in late {
        job(&ended).when(command).refused(Rejection::JobAlreadyEnded { status: Status::Finished });
    }
}

#[test]
fn out_of_memory_halves_the_batch_and_keeps_it_effective() {
    let history = [
        request(),
        dispatched(),
        attempt(1, 2),
        JobEvent::AttemptFailed { token: 3, failure: failure(FailureClass::OutOfMemory), console: None },
        dispatched(),
    ];
    job(&history)
        .when(JobCommand::StartAttempt { worker: "w".into(), dispatch: 5 })
        .happens(|event| matches!(event, JobEvent::AttemptStarted { batch_divisor: 2, .. }));
}

#[test]
fn results_name_their_weights() {
    let (mut empty, mut others) = (finished(3), finished(3));
    for (fact, roles) in [(&mut empty, &[][..]), (&mut others, &["report", "onnx"])] {
        let JobEvent::Finished { artifacts, .. } = fact else { unreachable!("it is finished") };
        let weights = artifacts.remove(0);
        artifacts.extend(roles.iter().map(|role| Artifact { role: (*role).to_owned(), ..weights.clone() }));
    }
    for fact in [empty, others] {
        job(&[request(), dispatched(), attempt(1, 2)]).when(report(fact)).refused(Rejection::NoWeights);
    }
}

#[test]
fn an_endpoint_serves_weights_and_can_be_withdrawn() {
    let weights = Artifact { role: "weights".into(), key: "k".into(), sha256: "s".into(), bytes: 1 };
    let deploy = EndpointCommand::Deploy { weights: weights.clone(), classes: vec!["a".into()] };
    let other =
        EndpointCommand::Deploy { weights: Artifact { role: "report".into(), ..weights }, classes: vec![] };
    given::endpoint(&[]).when(other).refused(Rejection::NoWeights);
    given::endpoint(&[]).when(EndpointCommand::Withdraw).refused(Rejection::NotDeployed);
    let deployed = given::endpoint(&[]).when(deploy.clone()).event();
    given::endpoint(std::slice::from_ref(&deployed)).when(deploy).already_so();
}

const NOON: time::OffsetDateTime = time::macros::datetime!(2026-03-01 12:00:00 UTC);

/// The `id`th token, without an end.
fn token(id: u128, name: &str) -> NewToken {
    NewToken {
        token_id: Uuid::from_u128(id),
        name: name.into(),
        role: Role::Viewer,
        sha256: "h".into(),
        expires_at: None,
        scope: Vec::new(),
        now: NOON,
    }
}

#[test]
fn tokens_belong_to_a_tenant_that_exists() {
    let issue = TenantCommand::IssueToken(token(1, "ci"));
    given::tenant(&[]).when(issue.clone()).refused(Rejection::NoSuchTenant);
    let created = [TenantEvent::Created {}];
    let issued = given::tenant(&created).when(issue.clone()).event();
    let revoke = TenantCommand::RevokeToken { token_id: Uuid::from_u128(1) };
    given::tenant(&created).when(revoke.clone()).refused(Rejection::NoSuchToken);
    let revoked = TenantEvent::TokenRevoked { token_id: Uuid::from_u128(1) };
    let history = [TenantEvent::Created {}, issued, revoked];
    given::tenant(&history).when(revoke).already_so();
    given::tenant(&history).when(issue).already_so();
}

#[test]
fn no_two_valid_tokens_of_a_tenant_share_a_name() {
    let hour = time::Duration::HOUR;
    let issue = |new| TenantCommand::IssueToken(new);
    let first = given::tenant(&[TenantEvent::Created {}]).when(issue(token(1, "ci"))).event();
    let mut history = vec![TenantEvent::Created {}, first.clone()];
    for alike in ["ci", "CI", " ci "] {
        given::tenant(&history).when(issue(token(2, alike))).refused(Rejection::TokenNameTaken);
    }
    given::tenant(&history).when(issue(token(1, "ci"))).already_so();
    given::tenant(&history).when(issue(token(2, "ci2"))).event();
    history.push(TenantEvent::TokenRevoked { token_id: Uuid::from_u128(1) });
    let short = NewToken { expires_at: Some(NOON + hour), ..token(2, "ci") };
    history.push(given::tenant(&history).when(issue(short)).event());
    let at = |now| issue(NewToken { now, ..token(3, "ci") });
    given::tenant(&history).when(at(NOON + hour / 2)).refused(Rejection::TokenNameTaken);
    given::tenant(&history).when(at(NOON + hour)).event();

    // Logs of before this hold the same name twice.
    let TenantEvent::TokenIssued { name, role, sha256, .. } = first.clone() else { panic!() };
    let again =
        TenantEvent::TokenIssued { token_id: Uuid::from_u128(4), name, role, sha256, expires_at: None };
    let old = [TenantEvent::Created {}, first, again];
    given::tenant(&old).when(TenantCommand::RevokeToken { token_id: Uuid::from_u128(4) }).event();
    given::tenant(&old).when(issue(token(5, "ci"))).refused(Rejection::TokenNameTaken);
}

#[test]
fn a_tokens_name_and_end_make_sense() {
    let created = [TenantEvent::Created {}];
    for bad in ["", "  ", &"x".repeat(65), "a\u{1b}[2J", "a\nb"] {
        let issue = TenantCommand::IssueToken(token(1, bad));
        given::tenant(&created).when(issue).refused(Rejection::BadTokenName);
    }
    for past in [NOON, NOON - time::Duration::DAY] {
        let issue = TenantCommand::IssueToken(NewToken { expires_at: Some(past), ..token(1, "ci") });
        given::tenant(&created).when(issue).refused(Rejection::ExpiresInThePast);
    }
    let end = Some(NOON + time::Duration::SECOND);
    let issue = TenantCommand::IssueToken(NewToken { expires_at: end, ..token(1, "ci") });
    let issued = given::tenant(&created).when(issue).event();
    assert!(matches!(issued, TenantEvent::TokenIssued { expires_at, .. } if expires_at == end), "{issued:?}");
}

/// A history whose tenant has one token that lives until it is revoked.
fn with_a_token() -> Vec<TenantEvent> {
    let issued = given::tenant(&[TenantEvent::Created {}]).when(TenantCommand::IssueToken(token(1, "ci")));
    vec![TenantEvent::Created {}, issued.event()]
}

fn rotate(of: u128, token_id: u128, now: time::OffsetDateTime) -> TenantCommand {
    TenantCommand::Access(AccessCommand::Rotate {
        of: Uuid::from_u128(of),
        token_id: Uuid::from_u128(token_id),
        sha256: "new".into(),
        expires_at: None,
        until: now + time::Duration::HOUR,
        now,
    })
}

#[test]
fn a_rotated_token_goes_on_for_its_grace_and_has_one_successor() {
    let mut history = with_a_token();
    let rotated = given::tenant(&history).when(rotate(1, 2, NOON)).event();
    let TenantEvent::TokenGranted { name, replaces: Some(former), .. } = &rotated else {
        panic!("{rotated:?}")
    };
    assert_eq!(
        (name.as_str(), former.token_id, former.until),
        ("ci", Uuid::from_u128(1), NOON + time::Duration::HOUR)
    );
    history.push(rotated);
    given::tenant(&history).when(rotate(1, 2, NOON)).already_so();
    given::tenant(&history).when(rotate(1, 3, NOON)).refused(Rejection::TokenEnded);
    given::tenant(&history).when(rotate(2, 3, NOON)).event();
    given::tenant(&history).when(rotate(9, 3, NOON)).refused(Rejection::NoSuchToken);
    let valid = |history: &[TenantEvent], now| {
        let mut tenant = Tenant::default();
        history.iter().for_each(|event| tenant.evolve(event));
        tenant.access.valid(now).map(|id| id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(valid(&history, NOON), [1, 2]);
    assert_eq!(valid(&history, NOON + time::Duration::HOUR), [2], "its grace has an end");
    history.push(TenantEvent::TokenRevoked { token_id: Uuid::from_u128(1) });
    given::tenant(&history).when(rotate(1, 3, NOON)).refused(Rejection::TokenEnded);
}

#[test]
fn a_confined_token_is_told_by_a_fact_that_older_readers_do_not_take_for_another() {
    let confined = NewToken { scope: vec![Scope::Jobs], ..token(2, "reads jobs") };
    let granted = given::tenant(&with_a_token()).when(TenantCommand::IssueToken(confined)).event();
    assert_eq!(granted.kind(), "tenant.token_granted");
    let mut history = with_a_token();
    history.push(granted);
    let TenantEvent::TokenGranted { scope, .. } = given::tenant(&history).when(rotate(2, 3, NOON)).event()
    else {
        panic!("a rotation")
    };
    assert_eq!(scope, [Scope::Jobs], "its successor is confined as it was");
}

fn session(member: u128, token_id: u128, name: &str) -> TenantCommand {
    let member = Member { id: Uuid::from_u128(member), subject: member.to_string() };
    let expires_at = Some(NOON + time::Duration::hours(12));
    let token = NewToken { expires_at, ..token(token_id, name) };
    TenantCommand::Access(AccessCommand::OpenSession { member, token })
}

#[test]
fn a_member_who_is_removed_does_not_log_in_until_restored() {
    let of = |member| Uuid::from_u128(member);
    let remove = |member| TenantCommand::Access(AccessCommand::RemoveMember { member: of(member) });
    let restore = |member| TenantCommand::Access(AccessCommand::RestoreMember { member: of(member) });
    let mut history = with_a_token();
    given::tenant(&history).when(remove(7)).refused(Rejection::NoSuchMember);
    given::tenant(&history).when(session(7, 2, "CI")).refused(Rejection::TokenNameTaken);
    history.push(given::tenant(&history).when(session(7, 2, "kim@acme.example")).event());
    history.push(given::tenant(&history).when(session(7, 3, "kim@acme.example")).event());
    given::tenant(&history).when(session(8, 4, "kim@acme.example")).refused(Rejection::TokenNameTaken);
    given::tenant(&history).when(rotate(2, 5, NOON)).refused(Rejection::SessionNotRotated);
    given::tenant(&history).when(restore(7)).already_so();
    history.push(given::tenant(&history).when(remove(7)).event());
    given::tenant(&history).when(remove(7)).already_so();
    given::tenant(&history).when(session(7, 6, "kim@acme.example")).refused(Rejection::MemberRemoved);
    let mut tenant = Tenant::default();
    history.iter().for_each(|event| tenant.evolve(event));
    assert_eq!(tenant.access.sessions(of(7), NOON).count(), 2, "those to be revoked");
    history.push(given::tenant(&history).when(restore(7)).event());
    given::tenant(&history).when(session(7, 6, "kim@acme.example")).event();
}

#[test]
fn an_invitation_is_taken_up_once_and_in_time() {
    let until = NOON + time::Duration::DAY;
    let invite = |token_id, name| {
        let token = NewToken { sha256: format!("link {token_id}"), ..token(token_id, name) };
        TenantCommand::Access(AccessCommand::Invite { token, until })
    };
    let accept = |shown: &str, token_id, now| {
        let (token_id, sha256) = (Uuid::from_u128(token_id), "fresh".to_owned());
        let shown = shown.to_owned();
        TenantCommand::Access(AccessCommand::Accept { shown, token_id, sha256, expires_at: None, now })
    };
    let mut history = with_a_token();
    given::tenant(&history).when(invite(2, "ci")).refused(Rejection::TokenNameTaken);
    history.push(given::tenant(&history).when(invite(2, "park")).event());
    given::tenant(&history).when(invite(3, "Park")).refused(Rejection::TokenNameTaken);
    given::tenant(&history).when(accept("link 3", 4, NOON)).refused(Rejection::NoSuchInvitation);
    given::tenant(&history).when(accept("link 2", 4, until)).refused(Rejection::NoSuchInvitation);
    let mut taken_back = history.clone();
    let revoke = TenantCommand::RevokeToken { token_id: Uuid::from_u128(2) };
    taken_back.push(given::tenant(&history).when(revoke).event());
    given::tenant(&taken_back).when(accept("link 2", 4, NOON)).refused(Rejection::NoSuchInvitation);
    let accepted = given::tenant(&history).when(accept("link 2", 4, NOON)).event();
    assert!(matches!(&accepted, TenantEvent::TokenGranted { name, offer: Some(_), .. } if name == "park"));
    history.push(accepted);
    given::tenant(&history).when(accept("link 2", 5, NOON)).refused(Rejection::NoSuchInvitation);
}

#[test]
fn a_closed_tenant_begins_nothing_and_may_end_what_there_is() {
    let mut history = with_a_token();
    history.push(given::tenant(&history).when(TenantCommand::Close).event());
    given::tenant(&history).when(TenantCommand::Close).already_so();
    for command in [
        TenantCommand::Create,
        TenantCommand::IssueToken(token(2, "late")),
        session(7, 2, "kim@acme.example"),
        rotate(1, 2, NOON),
        TenantCommand::ReserveSlot { job: Uuid::nil(), wait: 1, pool: Pool::Cpu, runs: true },
    ] {
        given::tenant(&history).when(command).refused(Rejection::TenantClosed);
    }
    given::tenant(&history).when(TenantCommand::RevokeToken { token_id: Uuid::from_u128(1) }).event();
}

#[test]
fn a_command_for_another_kind_refused() {
    let state = trainyard_commands::State::new(&trainyard_events::Aggregate::Job(Uuid::nil()));
    let command = Command::Chat(ChatCommand::RejectProposal { reply: String::new() });
    assert_eq!(state.decide(&command), Err(Rejection::WrongAggregate));
}

#[test]
fn a_proposal_names_the_one_that_it_changes() {
    let (shown, mut changed) = (proposal(config()), config());
    changed.epochs += 1;
    let propose = |base| ChatCommand::ProposeConfig {
        proposal: Box::new(proposal(changed.clone())),
        base,
        interpreter: trainyard_events::chat::Interpreter::Grammar,
        reply: String::new(),
        choices: Vec::new(),
    };
    let proposed = given::proposed(&shown);
    let twice = [proposed.clone(), proposed.clone()];
    for (history, base, others) in [
        (&[][..], None, [Some(1), Some(2)]),
        (&twice[..1], Some(1), [None, Some(2)]),
        // The same values proposed again are another proposal: somebody has read them.
        (&twice, Some(2), [None, Some(1)]),
        (&[proposed.clone(), approved(&shown)], None, [Some(1), Some(2)]),
    ] {
        for other in others {
            chat(history).when(propose(other)).refused(Rejection::ProposalOvertaken);
        }
        chat(history).when(propose(base)).happens(|event| matches!(event, ChatEvent::ConfigProposed { .. }));
    }
}
