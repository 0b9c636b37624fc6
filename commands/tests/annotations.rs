//! What people say of a job and of a conversation: a change makes the whole anew, at any time, or is refused in so many words.

mod given;

use given::{chat, finished, job, proposal, proposed, recorded, request};
use trainyard_commands::Rejection;
use trainyard_commands::annotation::AnnotationChange;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::job::JobCommand;
use trainyard_commands::world::World;
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use trainyard_events::job::JobEvent;
use trainyard_events::{Aggregate, Annotation, ChatEvent, Event};
use uuid::Uuid;

fn said(title: &str, tags: &[&str], note: &str, archived: bool) -> JobEvent {
    JobEvent::Annotated { annotation: of(title, tags, note, archived) }
}

fn of(title: &str, tags: &[&str], note: &str, archived: bool) -> Annotation {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Annotation { title: title.to_owned(), tags, note: note.to_owned(), archived }
}

fn title(text: &str) -> JobCommand {
    JobCommand::Annotate(AnnotationChange { title: Some(text.to_owned()), ..AnnotationChange::default() })
}

fn tags(tags: &[&str]) -> JobCommand {
    let tags = Some(tags.iter().map(|tag| (*tag).to_owned()).collect());
    JobCommand::Annotate(AnnotationChange { tags, ..AnnotationChange::default() })
}

fn note(text: &str) -> JobCommand {
    JobCommand::Annotate(AnnotationChange { note: Some(text.to_owned()), ..AnnotationChange::default() })
}

fn ended() -> Vec<JobEvent> {
    let (pool, class) = (Pool::Cpu, Priority::Normal);
    let dispatched = JobEvent::Dispatched {
        pool,
        class,
        reason: String::new(),
        withdrawn: false,
        worker: None,
        because: vec![],
        price: None,
    };
    let (worker, resume) = ("w".to_owned(), None);
    let begun = JobEvent::AttemptStarted { worker, attempt: 1, dispatch: 2, batch_divisor: 1, resume };
    vec![request(), dispatched, begun, finished(3)]
}

#[test]
fn only_what_is_given_changes() {
    let before = [request(), said("first", &["a"], "n", false)];
    job(&before).when(title("  second ")).happens(|event| *event == said("second", &["a"], "n", false));
    job(&before)
        .when(tags(&["b", "a", "b"]))
        .happens(|event| *event == said("first", &["b", "a"], "n", false));
    job(&before)
        .when(note("one\r\ntwo\n\n"))
        .happens(|event| *event == said("first", &["a"], "one\ntwo", false));
    job(&before).when(title("")).happens(|event| *event == said("", &["a"], "n", false));
    job(&before).when(title("first")).already_so();
    job(&before).when(JobCommand::Annotate(AnnotationChange::default())).already_so();
}

#[test]
fn it_may_be_said_after_the_end_and_of_no_job_that_is_not() {
    job(&ended()).when(title("the best")).happens(|event| *event == said("the best", &[], "", false));
    let archived = AnnotationChange { archived: Some(true), ..AnnotationChange::default() };
    job(&ended()).when(JobCommand::Annotate(archived)).happens(|event| *event == said("", &[], "", true));
    job(&[]).when(title("the best")).refused(Rejection::NoSuchJob);
}

#[test]
fn limits_are_refused_in_so_many_words() {
    let of_job = |command| job(&[request()]).when(command);
    of_job(title(&"긴".repeat(80))).happens(|_| true);
    of_job(title(&"긴".repeat(81))).refused(Rejection::BadTitle);
    of_job(title("two\nlines")).refused(Rejection::BadTitle);
    for bad in ["", "two words", "\u{7}", "a\tb"] {
        of_job(tags(&[bad])).refused(Rejection::BadJobTag { tag: bad.to_owned() });
    }
    of_job(tags(&[&"x".repeat(33)])).refused(Rejection::BadJobTag { tag: "x".repeat(32) });
    let many: Vec<String> = (0..21).map(|number| format!("t{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    of_job(tags(&many[..20])).happens(|_| true);
    of_job(tags(&many)).refused(Rejection::TooManyJobTags { limit: 20 });
    of_job(note(&"n".repeat(4_000))).happens(|_| true);
    of_job(note(&"n".repeat(4_001))).refused(Rejection::BadJobNote);
    of_job(note("\u{0}")).refused(Rejection::BadJobNote);
}

#[test]
fn a_conversation_is_called_something_and_put_away() {
    let begun = proposed(&proposal(given::config()));
    let call =
        |title: Option<&str>, archived| ChatCommand::Annotate { title: title.map(str::to_owned), archived };
    let annotated = |title: &str, archived| ChatEvent::Annotated { title: title.to_owned(), archived };
    chat(std::slice::from_ref(&begun))
        .when(call(Some("line 3"), None))
        .happens(|event| *event == annotated("line 3", false));
    let called = [begun, annotated("line 3", false)];
    chat(&called).when(call(None, Some(true))).happens(|event| *event == annotated("line 3", true));
    chat(&called).when(call(Some("line 3"), Some(false))).already_so();
    chat(&called).when(call(Some(&"x".repeat(81)), None)).refused(Rejection::BadTitle);
}

#[test]
fn the_dispatcher_has_nothing_to_do_with_it() {
    let (id, mut world) = (Aggregate::Job(Uuid::from_u128(3)), World::default());
    let began = ended().into_iter().take(3);
    for (sequence, event) in (1..).zip(began.chain([said("first", &[], "", false)])) {
        world.evolve(&recorded(&id, sequence, Event::Job(event)));
    }
    let open = world.jobs.values().next().expect("it runs");
    assert_eq!((open.newest, open.job.annotation.title.as_str()), (3, "first"), "it is no sign of life");
    let begun = recorded(&id, 3, Event::Job(ended().swap_remove(2)));
    assert_eq!(open.cause, begun.envelope.event_id, "commands that it was the cause of come no second time");
}
