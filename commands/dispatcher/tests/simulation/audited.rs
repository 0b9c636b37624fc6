//! The auditor on histories that were made bad: each kind of change is found, by the rule that it breaks.

use trainyard_audit::{Audit, Rule};
use trainyard_commands::world::World;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::{Aggregate, Entry, Event, Recorded, TenantEvent};
use uuid::Uuid;

use super::{SEEDS, STORM_STEPS, Simulation, given};

/// Histories that each change is tried on; not each has what it changes.
const HISTORIES: u64 = SEEDS / 50;

type Change = fn(&mut Vec<Recorded>) -> Option<()>;

const CHANGES: [(&str, Rule, Change); 15] = [
    ("an event is lost", Rule::Whole, |events| {
        let middle = events.len() / 2;
        events.remove(middle);
        Some(())
    }),
    ("an event comes twice", Rule::Once, |events| {
        let twice = events[events.len() / 2].clone();
        push(events, twice);
        Some(())
    }),
    ("a command causes two events", Rule::Once, |events| {
        let mut twice = events[events.len() / 2].clone();
        twice.envelope.event_id = Uuid::from_u128(1);
        push(events, twice);
        Some(())
    }),
    ("two neighbours change places", Rule::Order, |events| {
        let epochs = at_all(events, |event| matches!(event, JobEvent::EpochLogged { .. }));
        let same = |pair: &&[usize]| {
            let [first, second] = [pair[0], pair[1]].map(|at| &events[at].envelope);
            first.aggregate == second.aggregate && token(&events[pair[0]]) == token(&events[pair[1]])
        };
        let pair = epochs.windows(2).find(same)?.to_vec();
        let [first, second] = [pair[0], pair[1]].map(|at| events[at].envelope.clone());
        (events[pair[0]].envelope, events[pair[1]].envelope) = (second, first);
        Some(())
    }),
    ("an attempt that is over speaks", Rule::Token, |events| {
        let lost = at(events, |event| matches!(event, JobEvent::AttemptLost { .. }))?;
        let job = events[lost].envelope.aggregate.clone();
        let stale = token(&events[lost])?;
        let later = (lost + 1..events.len())
            .find(|at| events[*at].envelope.aggregate == job && token(&events[*at]).is_some())?;
        let Event::Job(event) = &mut events[later].envelope.event else { return None };
        match event {
            JobEvent::EpochLogged { token, .. } | JobEvent::TrainingStarted { token, .. } => *token = stale,
            _ => return None,
        }
        Some(())
    }),
    ("two attempts run", Rule::Token, |events| {
        let start = at(events, |event| matches!(event, JobEvent::AttemptStarted { .. }))?;
        let again = events[start].envelope.event.clone();
        replace_next(events, start, again)
    }),
    ("an attempt takes up an old dispatch", Rule::Token, |events| {
        let start = at(events, |event| matches!(event, JobEvent::AttemptStarted { .. }))?;
        let Event::Job(JobEvent::AttemptStarted { dispatch, .. }) = &mut events[start].envelope.event else {
            return None;
        };
        *dispatch -= 1;
        Some(())
    }),
    ("a job fails while it runs", Rule::Token, |events| {
        let end = at(events, |event| matches!(event, JobEvent::Finished { .. }))?;
        let failure = failure();
        events[end].envelope.event = Event::Job(JobEvent::Failed { failure });
        Some(())
    }),
    ("something comes after the end", Rule::Life, |events| {
        let end = at(events, |event| matches!(event, JobEvent::Finished { .. }))?;
        let after = anew(&events[end]);
        push(events, after);
        Some(())
    }),
    ("a job was never asked for", Rule::Life, |events| {
        let asked = at(events, |event| matches!(event, JobEvent::Requested { .. }))?;
        events[asked].envelope.aggregate = Aggregate::Job(Uuid::from_u128(77));
        Some(())
    }),
    ("an attempt begins from nothing though there is a checkpoint", Rule::Order, |events| {
        let resumed = |event: &JobEvent| matches!(event, JobEvent::AttemptStarted { resume: Some(_), .. });
        let at = at(events, resumed)?;
        let Event::Job(JobEvent::AttemptStarted { resume, .. }) = &mut events[at].envelope.event else {
            return None;
        };
        *resume = None;
        Some(())
    }),
    ("a checkpoint is no further", Rule::Order, |events| {
        let kept = at(events, |event| matches!(event, JobEvent::CheckpointCommitted { .. }))?;
        let again = events[kept].envelope.event.clone();
        replace_next(events, kept, again)
    }),
    ("what is finished has no weights", Rule::Outcome, |events| {
        let end = at(events, |event| matches!(event, JobEvent::Finished { .. }))?;
        let Event::Job(JobEvent::Finished { artifacts, .. }) = &mut events[end].envelope.event else {
            return None;
        };
        artifacts.retain(|artifact| artifact.role != "weights");
        Some(())
    }),
    ("what nobody wished to end is cancelled", Rule::Outcome, |events| {
        let wish = at(events, |event| matches!(event, JobEvent::CancelRequested { .. }))?;
        let job = events[wish].envelope.aggregate.clone();
        let is_end =
            |event: &Recorded| matches!(event.envelope.event, Event::Job(JobEvent::Cancelled { .. }));
        events.iter().find(|event| event.envelope.aggregate == job && is_end(event))?;
        events[wish].envelope.event = Event::Tenant(TenantEvent::Created {});
        Some(())
    }),
    ("a quota is charged what nobody took", Rule::GpuTime, |events| {
        let charge = |event: &mut Recorded| match &mut event.envelope.event {
            Event::Tenant(TenantEvent::SlotReleased { gpu_ms, .. }) => {
                *gpu_ms += 1;
                Some(())
            }
            _ => None,
        };
        events.iter_mut().find_map(charge)
    }),
];

fn at_all(events: &[Recorded], which: impl Fn(&JobEvent) -> bool) -> Vec<usize> {
    let is = |event: &Event| matches!(event, Event::Job(event) if which(event));
    (0..events.len()).filter(|at| is(&events[*at].envelope.event)).collect()
}

fn at(events: &[Recorded], which: impl Fn(&JobEvent) -> bool) -> Option<usize> {
    at_all(events, which).first().copied()
}

fn token(recorded: &Recorded) -> Option<u64> {
    match &recorded.envelope.event {
        Event::Job(event) => event.token(),
        _ => None,
    }
}

/// The same fact as if somebody had written it once more.
fn anew(recorded: &Recorded) -> Recorded {
    let mut anew = recorded.clone();
    (anew.envelope.event_id, anew.envelope.command_id) = (Uuid::from_u128(2), Uuid::from_u128(3));
    anew
}

fn push(events: &mut Vec<Recorded>, recorded: Recorded) {
    let sequence = events.last().map_or(0, |last| last.sequence) + 1;
    events.push(Recorded::new(sequence, recorded.envelope));
}

/// Puts this in the place of the next event of the same history, if that is of the same attempt.
fn replace_next(events: &mut [Recorded], after: usize, with: Event) -> Option<()> {
    let of = events[after].envelope.aggregate.clone();
    let next = events[after + 1..].iter_mut().find(|next| next.envelope.aggregate == of)?;
    token(next)?;
    next.envelope.event = with;
    Some(())
}

fn failure() -> Failure {
    let (message, next_step) = (String::new(), String::new());
    let (because, advice) = (Vec::new(), Vec::new());
    Failure { class: FailureClass::Internal, message, next_step, console: Vec::new(), because, advice }
}

fn broken(events: &[Recorded]) -> Vec<Rule> {
    let mut audit = Audit::default();
    let found = events.iter().flat_map(|recorded| audit.take_in(Entry::Event(Box::new(recorded.clone()))));
    found.map(|finding| finding.rule).collect()
}

#[tokio::test(start_paused = true)]
async fn a_history_that_was_changed_is_found_bad() {
    let mut tried = [0; CHANGES.len()];
    for seed in 0..HISTORIES {
        let mut simulation = Simulation::new(seed).await;
        for _ in 0..STORM_STEPS {
            simulation.step().await;
        }
        simulation.calm().await;
        let good = simulation.events().await;
        for ((what, rule, change), tried) in CHANGES.iter().zip(&mut tried) {
            let mut events = good.clone();
            if change(&mut events).is_none() {
                continue;
            }
            *tried += 1;
            let found = broken(&events);
            assert!(found.contains(rule), "seed {seed}: {what}, and only {found:?} was found");
        }
    }
    println!("histories that each was tried on: {tried:?}");
    let untried: Vec<&str> =
        CHANGES.iter().zip(tried).filter(|(_, tried)| *tried == 0).map(|((what, ..), _)| *what).collect();
    assert!(untried.is_empty(), "no history has what these change: {untried:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_spent_is_what_the_auditor_has_counted() {
    let mut compared = 0;
    for seed in (1..HISTORIES).step_by(2) {
        let mut simulation = Simulation::new(seed).await;
        for _ in 0..STORM_STEPS {
            simulation.step().await;
        }
        let (mut audit, mut world) = (Audit::default(), World::default());
        for recorded in simulation.events().await {
            audit.take_in(Entry::Event(Box::new(recorded.clone())));
            world.take_in(Entry::Event(Box::new(recorded)));
        }
        let counted = audit.held.months.iter().filter(|(_, held_ms)| **held_ms > 0);
        let counted: Vec<_> = counted
            .map(|((tenant, year, month), held_ms)| (tenant.clone(), format!("{year}-{month:02}"), *held_ms))
            .collect();
        let spent: Vec<_> = world.costs().into_iter().filter(|(_, _, cost)| *cost > 0).collect();
        assert_eq!(spent, counted, "seed {seed}");
        compared += counted.len();
    }
    assert!(compared > 0, "no history has an attempt that ended");
}

#[test]
fn what_was_approved_and_is_not_answered_is_told_once_it_is_late() {
    let (chat, job) = (Aggregate::Chat(Uuid::from_u128(5)), Aggregate::Job(Uuid::from_u128(6)));
    let proposal = given::proposal(given::config());
    let approved = given::recorded(&chat, 1, Event::Chat(given::approved(&proposal)));
    let begun = approved.envelope.at;
    let rules = |audit: &mut Audit, minutes| {
        let late = audit.overdue(begun + time::Duration::minutes(minutes));
        late.into_iter().map(|finding| (finding.rule, finding.sequence)).collect::<Vec<_>>()
    };
    let mut audit = Audit::default();
    assert_eq!(audit.take_in(Entry::Event(Box::new(approved.clone()))), []);
    assert_eq!(rules(&mut audit, 1), []);
    assert_eq!(rules(&mut audit, 5), [(Rule::Answered, 1)]);
    assert_eq!(rules(&mut audit, 6), [], "it was told of before");

    let mut audit = Audit::default();
    audit.take_in(Entry::Event(Box::new(approved.clone())));
    let mut request = given::request();
    if let JobEvent::Requested { approval, .. } = &mut request {
        *approval = approved.envelope.event_id;
    }
    assert_eq!(audit.take_in(Entry::Event(Box::new(given::recorded(&job, 2, Event::Job(request))))), []);
    assert_eq!(rules(&mut audit, 5), []);
    let wish = JobEvent::CancelRequested { reason: String::new(), because: Vec::new() };
    audit.take_in(Entry::Event(Box::new(given::recorded(&job, 3, Event::Job(wish)))));
    assert_eq!(rules(&mut audit, 6), []);
    assert_eq!(rules(&mut audit, 8), []);
    assert_eq!(rules(&mut audit, 11), [(Rule::Answered, 3)]);
}

/// As an auditor that starts anew reads a log of hours, and looks in the midst of it; or as the clock of a gateway was an hour behind.
#[test]
fn what_was_answered_long_ago_is_not_late_for_who_reads_it_now() {
    let (chat, job) = (Aggregate::Chat(Uuid::from_u128(5)), Aggregate::Job(Uuid::from_u128(6)));
    let approved = given::recorded(&chat, 1, Event::Chat(given::approved(&given::proposal(given::config()))));
    let after = |minutes| approved.envelope.at + time::Duration::minutes(minutes);
    let mut audit = Audit::default();
    audit.take_in(Entry::Event(Box::new(approved.clone())));
    assert_eq!(audit.overdue(after(300)), [], "its answer may be the next that is read");
    let mut request = given::request();
    if let JobEvent::Requested { approval, .. } = &mut request {
        *approval = approved.envelope.event_id;
    }
    audit.take_in(Entry::Event(Box::new(given::recorded(&job, 2, Event::Job(request)))));
    assert_eq!((audit.overdue(after(600)), audit.open().1), (Vec::new(), 0));

    let mut audit = Audit::default();
    audit.take_in(Entry::Event(Box::new(approved.clone())));
    assert_eq!(audit.overdue(after(300)), []);
    assert_eq!(audit.overdue(after(303)).len(), 1, "nothing came of it for as long as somebody looked");
}

#[test]
fn what_people_say_of_a_job_may_come_at_any_time() {
    let job = Aggregate::Job(Uuid::from_u128(3));
    let said = || Event::Job(JobEvent::Annotated { annotation: trainyard_events::Annotation::default() });
    let wish = || Event::Job(JobEvent::CancelRequested { reason: String::new(), because: Vec::new() });
    let cancelled = Event::Job(JobEvent::Cancelled { token: None, console: None });
    let history = [Event::Job(given::request()), said(), wish(), said(), cancelled, said(), wish()];
    let mut audit = Audit::default();
    let found: Vec<u64> = (1..)
        .zip(history)
        .flat_map(|(sequence, event)| {
            audit.take_in(Entry::Event(Box::new(given::recorded(&job, sequence, event))))
        })
        .map(|finding| finding.sequence)
        .collect();
    assert_eq!(found, [7], "work after the end is found, and nothing that is said");
}

#[test]
fn what_is_said_after_an_erasure_has_a_key_of_its_own() {
    let chat = Aggregate::Chat(Uuid::from_u128(4));
    let said = |sequence, sealed, event| {
        let mut recorded = given::recorded(&chat, sequence, Event::Chat(event));
        recorded.envelope.sealed = sealed;
        Entry::Event(Box::new(recorded))
    };
    let prompt = || trainyard_events::ChatEvent::PromptReceived {
        text: "sealed:AAAA".to_owned(),
        language: trainyard_events::chat::Language::English,
    };
    let erased = trainyard_events::ChatEvent::PromptsErased { of: None };
    let mut audit = Audit::default();
    let history = [
        said(1, Some(0), prompt()),
        said(2, None, prompt()),
        said(3, Some(0), erased),
        said(4, Some(3), prompt()),
        said(5, Some(0), prompt()),
    ];
    let found: Vec<(Rule, u64)> =
        history.into_iter().flat_map(|it| audit.take_in(it)).map(|it| (it.rule, it.sequence)).collect();
    assert_eq!(found, [(Rule::Sealed, 5)]);
}
