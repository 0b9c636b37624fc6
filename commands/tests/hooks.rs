//! A tenant's hooks: only so many, only for what can be told, and a pause that does not undo a replay.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use trainyard_commands::hook::{HookCommand, Hooks};
use trainyard_events::chat::Language;
use trainyard_events::hook::{Form, Pause};
use trainyard_events::limits::{HOOK_KINDS, HOOK_SEALED_CHARS, HOOKS};
use trainyard_events::reason::Rejection;
use trainyard_events::{Actor, Aggregate, Envelope, Event, HookEvent, Recorded};
use uuid::Uuid;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn kinds(on: &[&str]) -> Vec<String> {
    on.iter().map(|kind| (*kind).to_owned()).collect()
}

fn add_for(number: u128, on: Vec<String>, sealed: &str) -> HookCommand {
    let sealed = sealed.to_owned();
    HookCommand::Add { hook_id: id(number), form: Form::Json, on, language: Language::Korean, sealed }
}

fn add(number: u128) -> HookCommand {
    add_for(number, kinds(&["job.finished"]), "sealed")
}

fn pause(number: u128, replayed: u64) -> HookCommand {
    HookCommand::Pause { hook_id: id(number), why: Pause::DeadDay, replayed }
}

fn remove(number: u128) -> HookCommand {
    HookCommand::Remove { hook_id: id(number) }
}

/// Some hooks and the log that they stand in.
#[derive(Default)]
struct Story {
    hooks: Hooks,
    sequence: u64,
}

impl Story {
    fn of(commands: &[HookCommand]) -> Story {
        let mut story = Story::default();
        commands.iter().for_each(|command| drop(story.tell(command).unwrap().unwrap()));
        story
    }

    fn tell(&mut self, command: &HookCommand) -> Result<Option<HookEvent>, Rejection> {
        let decided = self.hooks.decide(command)?;
        if let Some(event) = &decided {
            self.sequence += 1;
            let tenant: trainyard_events::TenantId = "acme".parse().unwrap();
            let envelope = Envelope {
                event_id: id(1),
                aggregate: Aggregate::Hooks(tenant.clone()),
                tenant,
                command_id: id(2),
                correlation_id: id(3),
                causation_id: None,
                actor: Actor::User("admin".to_owned()),
                at: time::OffsetDateTime::UNIX_EPOCH,
                sealed: None,
                event: Event::Hook(event.clone()),
            };
            self.hooks.evolve(event, &Recorded::new(self.sequence, envelope));
        }
        Ok(decided)
    }

    fn refuses(&mut self, command: &HookCommand, rejection: &Rejection) {
        assert_eq!(self.tell(command).as_ref(), Err(rejection), "{command:?}");
    }
}

#[test]
fn there_are_only_so_many_and_one_that_is_removed_makes_room() {
    let all: Vec<HookCommand> = (1..=HOOKS as u128).map(add).collect();
    let mut story = Story::of(&all);
    story.refuses(&add(99), &Rejection::TooManyHooks { limit: HOOKS as u64 });
    assert_eq!(story.tell(&add(1)), Ok(None), "the same again is so already");
    story.tell(&remove(3)).unwrap().unwrap();
    assert_eq!(story.tell(&remove(3)), Ok(None));
    assert_eq!(story.tell(&add(3)), Ok(None), "what was removed does not come back under its id");
    story.tell(&add(99)).unwrap().unwrap();
}

#[test]
fn a_hook_is_for_what_can_be_told() {
    let mut story = Story::default();
    for bad in ["job.finish", "tenant.token_issued", "hook.*", "*", ""] {
        let rejection = Rejection::BadHookKind { kind: bad.to_owned() };
        story.refuses(&add_for(1, kinds(&["job.finished", bad]), "sealed"), &rejection);
    }
    let none = Rejection::BadHookKind { kind: String::new() };
    story.refuses(&add_for(1, vec![], "sealed"), &none);
    story.refuses(&add_for(1, vec!["job.*".to_owned(); HOOK_KINDS + 1], "sealed"), &none);
    for sealed in ["", &"x".repeat(HOOK_SEALED_CHARS + 1)] {
        story.refuses(&add_for(1, kinds(&["job.*"]), sealed), &Rejection::BadHookAddress);
    }
    story.tell(&add_for(1, kinds(&["job.*", "tenant.*"]), "sealed")).unwrap().unwrap();
}

#[test]
fn a_change_says_the_whole_hook_and_none_is_no_event() {
    let mut story = Story::of(&[add(1)]);
    let change = |on: Option<&[&str]>, sealed: Option<&str>| HookCommand::Change {
        hook_id: id(1),
        on: on.map(kinds),
        language: None,
        sealed: sealed.map(str::to_owned),
    };
    assert_eq!(story.tell(&change(None, None)), Ok(None));
    let expected = HookEvent::Changed {
        hook_id: id(1),
        on: kinds(&["model.*"]),
        language: Language::Korean,
        sealed: "sealed".to_owned(),
    };
    assert_eq!(story.tell(&change(Some(&["model.*"]), None)), Ok(Some(expected)));
    story.refuses(&change(Some(&[]), None), &Rejection::BadHookKind { kind: String::new() });
    story.tell(&change(None, Some("elsewhere"))).unwrap().unwrap();
    assert_eq!(story.hooks.hooks[&id(1)].sealed, "elsewhere");
    assert_eq!(story.hooks.hooks[&id(1)].on, kinds(&["model.*"]));
}

#[test]
fn a_pause_that_is_overtaken_by_a_replay_is_refused() {
    let mut story = Story::of(&[add(1)]);
    story.tell(&pause(1, 0)).unwrap().unwrap();
    assert_eq!(story.tell(&pause(1, 0)), Ok(None));
    assert_eq!(story.hooks.hooks[&id(1)].paused, Some(Pause::DeadDay));
    story.tell(&HookCommand::Replay { hook_id: id(1) }).unwrap().unwrap();
    assert_eq!(story.hooks.hooks[&id(1)].paused, None);
    // Decided before it was known.
    story.refuses(&pause(1, 0), &Rejection::MovedOn);
    story.tell(&pause(1, story.hooks.hooks[&id(1)].replayed)).unwrap().unwrap();
    // A test goes out all the same, and changes nothing else.
    story.tell(&HookCommand::Test { hook_id: id(1) }).unwrap().unwrap();
    assert_eq!(story.hooks.hooks[&id(1)].paused, Some(Pause::DeadDay));
}

#[test]
fn what_is_not_there_is_not_changed() {
    let mut story = Story::of(&[add(1), remove(1)]);
    for hook_id in [id(1), id(2)] {
        for command in [
            HookCommand::Change { hook_id, on: None, language: None, sealed: None },
            HookCommand::Pause { hook_id, why: Pause::Gone, replayed: 0 },
            HookCommand::Replay { hook_id },
            HookCommand::Test { hook_id },
        ] {
            story.refuses(&command, &Rejection::NoSuchHook);
        }
    }
    story.refuses(&remove(2), &Rejection::NoSuchHook);
}
