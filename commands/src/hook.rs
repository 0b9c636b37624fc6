//! A tenant's hooks: how many there may be, what each is for, and which of them are paused.

use std::collections::{BTreeMap, BTreeSet};

use time::OffsetDateTime;
use trainyard_events::chat::Language;
use trainyard_events::hook::{Form, Pause, can_be_told};
use trainyard_events::limits::{HOOK_KINDS, HOOK_SEALED_CHARS, HOOKS};
use trainyard_events::reason::Rejection;
use trainyard_events::{HookEvent, Recorded};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq)]
pub enum HookCommand {
    Add {
        hook_id: Uuid,
        form: Form,
        on: Vec<String>,
        language: Language,
        sealed: String,
    },
    /// `None` leaves it as it is.
    Change {
        hook_id: Uuid,
        on: Option<Vec<String>>,
        language: Option<Language>,
        sealed: Option<String>,
    },
    Remove {
        hook_id: Uuid,
    },
    /// On what is known since the replay at that sequence: one that is asked for meanwhile goes before.
    Pause {
        hook_id: Uuid,
        why: Pause,
        replayed: u64,
    },
    Replay {
        hook_id: Uuid,
    },
    Test {
        hook_id: Uuid,
    },
}

/// A hook as its history has left it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    pub form: Form,
    pub on: Vec<String>,
    pub language: Language,
    pub sealed: String,
    pub paused: Option<Pause>,
    pub added_at: OffsetDateTime,
    /// Sequences of its events: since when it is told, when the address was last given, and the last replay and test.
    pub added: u64,
    pub addressed: u64,
    pub replayed: u64,
    pub tested: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hooks {
    pub hooks: BTreeMap<Uuid, Hook>,
    removed: BTreeSet<Uuid>,
}

impl Hooks {
    pub fn evolve(&mut self, event: &HookEvent, recorded: &Recorded) {
        let sequence = recorded.sequence;
        match event {
            HookEvent::Added { hook_id, form, on, language, sealed } => {
                let hook = Hook {
                    form: *form,
                    on: on.clone(),
                    language: *language,
                    sealed: sealed.clone(),
                    paused: None,
                    added_at: recorded.envelope.at,
                    added: sequence,
                    addressed: sequence,
                    replayed: 0,
                    tested: 0,
                };
                self.hooks.insert(*hook_id, hook);
            }
            HookEvent::Removed { hook_id } => {
                self.hooks.remove(hook_id);
                self.removed.insert(*hook_id);
            }
            HookEvent::Changed { hook_id, .. }
            | HookEvent::Paused { hook_id, .. }
            | HookEvent::Replayed { hook_id }
            | HookEvent::Tested { hook_id } => {
                if let Some(hook) = self.hooks.get_mut(hook_id) {
                    hook.evolve(event, sequence);
                }
            }
        }
    }

    pub fn decide(&self, command: &HookCommand) -> Result<Option<HookEvent>, Rejection> {
        match command {
            HookCommand::Add { hook_id, form, on, language, sealed } => {
                if self.hooks.contains_key(hook_id) || self.removed.contains(hook_id) {
                    return Ok(None);
                }
                if self.hooks.len() >= HOOKS {
                    return Err(Rejection::TooManyHooks { limit: HOOKS as u64 });
                }
                check(on, sealed)?;
                Ok(Some(HookEvent::Added {
                    hook_id: *hook_id,
                    form: *form,
                    on: on.clone(),
                    language: *language,
                    sealed: sealed.clone(),
                }))
            }
            HookCommand::Change { hook_id, on, language, sealed } => {
                let hook = self.hook(hook_id)?;
                let on = on.as_ref().unwrap_or(&hook.on);
                let sealed = sealed.as_ref().unwrap_or(&hook.sealed);
                let language = language.unwrap_or(hook.language);
                check(on, sealed)?;
                let is_same = (on, language, sealed) == (&hook.on, hook.language, &hook.sealed);
                Ok((!is_same).then(|| HookEvent::Changed {
                    hook_id: *hook_id,
                    on: on.clone(),
                    language,
                    sealed: sealed.clone(),
                }))
            }
            HookCommand::Remove { hook_id } if self.removed.contains(hook_id) => Ok(None),
            HookCommand::Remove { hook_id } => {
                self.hook(hook_id)?;
                Ok(Some(HookEvent::Removed { hook_id: *hook_id }))
            }
            HookCommand::Pause { hook_id, why, replayed } => {
                let hook = self.hook(hook_id)?;
                if hook.replayed != *replayed {
                    return Err(Rejection::MovedOn);
                }
                let pause = || HookEvent::Paused { hook_id: *hook_id, why: *why };
                Ok(hook.paused.is_none().then(pause))
            }
            HookCommand::Replay { hook_id } => {
                self.hook(hook_id)?;
                Ok(Some(HookEvent::Replayed { hook_id: *hook_id }))
            }
            HookCommand::Test { hook_id } => {
                self.hook(hook_id)?;
                Ok(Some(HookEvent::Tested { hook_id: *hook_id }))
            }
        }
    }

    fn hook(&self, hook_id: &Uuid) -> Result<&Hook, Rejection> {
        self.hooks.get(hook_id).ok_or(Rejection::NoSuchHook)
    }
}

impl Hook {
    fn evolve(&mut self, event: &HookEvent, sequence: u64) {
        match event {
            HookEvent::Changed { on, language, sealed, .. } => {
                if *sealed != self.sealed {
                    self.addressed = sequence;
                }
                self.on.clone_from(on);
                self.sealed.clone_from(sealed);
                self.language = *language;
            }
            HookEvent::Paused { why, .. } => self.paused = Some(*why),
            HookEvent::Replayed { .. } => {
                self.paused = None;
                self.replayed = sequence;
            }
            HookEvent::Tested { .. } => self.tested = sequence,
            HookEvent::Added { .. } | HookEvent::Removed { .. } => {}
        }
    }
}

fn check(on: &[String], sealed: &str) -> Result<(), Rejection> {
    if !(1..=HOOK_KINDS).contains(&on.len()) {
        return Err(Rejection::BadHookKind { kind: String::new() });
    }
    if let Some(kind) = on.iter().find(|kind| !can_be_told(kind)) {
        return Err(Rejection::BadHookKind { kind: kind.clone() });
    }
    if sealed.is_empty() || sealed.len() > HOOK_SEALED_CHARS {
        return Err(Rejection::BadHookAddress);
    }
    Ok(())
}
