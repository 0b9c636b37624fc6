//! What is to be done at once, and what one after the other.

use std::collections::HashMap;

use trainyard_commands::action::Action;
use trainyard_events::{Aggregate, Recorded, TenantId};
use uuid::Uuid;

/// What became of an action.
pub(crate) enum Outcome {
    /// With what was written for it.
    Done(Option<Box<Recorded>>),
    Refused,
    /// The bus was not there for it.
    ToDo,
    /// What it is about cannot be read.
    Barred,
}

/// What was done of the actions about one thing.
#[derive(Default)]
pub(crate) struct Lane {
    pub(crate) done: Vec<(Uuid, Outcome)>,
    /// Whether some were not begun.
    pub(crate) left: bool,
}

/// What makes actions wait for each other.
#[derive(PartialEq, Eq, Hash)]
enum Bond {
    /// They are about the same history: each would lose its race.
    About(TenantId, Aggregate),
    /// They answer the same event, and are to come in their order: a dataset is looked at, and a job on it requested.
    After(Uuid),
}

/// Actions that have a bond one after the other, the others at once; first what comes first.
pub(crate) fn lanes(actions: impl Iterator<Item = Action>) -> Vec<Vec<Action>> {
    let (mut lanes, mut places) = (Vec::<Vec<Action>>::new(), HashMap::new());
    for action in actions {
        let bonds = bonds(&action);
        let place = bonds.iter().find_map(|bond| places.get(bond).copied()).unwrap_or(lanes.len());
        bonds.into_iter().for_each(|bond| {
            places.entry(bond).or_insert(place);
        });
        match lanes.get_mut(place) {
            Some(lane) => lane.push(action),
            None => lanes.push(vec![action]),
        }
    }
    lanes
}

fn bonds(action: &Action) -> Vec<Bond> {
    match action {
        Action::Ask(request) => {
            let about = Bond::About(request.tenant.clone(), request.aggregate.clone());
            [about].into_iter().chain(request.causation_id.map(Bond::After)).collect()
        }
        Action::Publish { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use trainyard_commands::job::JobCommand;
    use trainyard_commands::{Command, Request};
    use trainyard_events::Actor;
    use trainyard_events::config::Priority;
    use trainyard_events::fleet::{Pool, WorkMessage};

    use super::*;

    fn tenant(name: &str) -> TenantId {
        name.parse().expect("a name")
    }

    fn ask(id: u128, name: &str, job: u128) -> Action {
        ask_after(None, id, name, job)
    }

    fn ask_after(cause: Option<u128>, id: u128, name: &str, job: u128) -> Action {
        Action::Ask(Box::new(Request {
            id: Uuid::from_u128(id),
            tenant: tenant(name),
            aggregate: Aggregate::Job(Uuid::from_u128(job)),
            actor: Actor::Policy("test".to_owned()),
            correlation_id: Uuid::nil(),
            causation_id: cause.map(Uuid::from_u128),
            command: Command::Job(JobCommand::ConfirmCancel),
        }))
    }

    fn publish(id: u128) -> Action {
        let message = WorkMessage::Train {
            tenant: tenant("a"),
            job: Uuid::from_u128(1),
            dispatch: 1,
            class: Priority::Normal,
            pool: Pool::Cpu,
            runner: None,
            worker: None,
        };
        Action::Publish { message, id: Uuid::from_u128(id) }
    }

    fn ids(actions: impl IntoIterator<Item = Action>) -> Vec<Vec<u128>> {
        let ids = |lane: &Vec<Action>| lane.iter().map(|action| action.id().as_u128()).collect();
        lanes(actions.into_iter()).iter().map(ids).collect()
    }

    #[test]
    fn what_is_about_one_history_waits_for_each_other_and_for_nothing_else() {
        let actions =
            [ask(1, "a", 1), publish(2), ask(3, "a", 2), ask(4, "b", 1), ask(5, "a", 1), publish(6)];
        assert_eq!(ids(actions), [vec![1, 5], vec![2], vec![3], vec![4], vec![6]]);
    }

    #[test]
    fn what_answers_one_event_is_done_in_its_order() {
        let actions =
            [ask_after(Some(7), 1, "a", 1), ask_after(Some(8), 2, "a", 2), ask_after(Some(7), 3, "a", 3)];
        assert_eq!(ids(actions), [vec![1, 3], vec![2]]);
    }
}
