//! What is to be done at once, and what one after the other.

use std::collections::HashMap;

use trainyard_commands::action::Action;
use uuid::Uuid;

/// What became of an action.
pub(crate) enum Outcome {
    Done,
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

/// Actions about the same history one after the other, since each would wait for the others anyway; first what comes first.
pub(crate) fn lanes(actions: impl Iterator<Item = Action>) -> Vec<Vec<Action>> {
    let (mut lanes, mut places) = (Vec::<Vec<Action>>::new(), HashMap::new());
    for action in actions {
        let place = match &action {
            Action::Ask(request) => {
                let of = (request.tenant.clone(), request.aggregate.clone());
                *places.entry(of).or_insert(lanes.len())
            }
            Action::Publish { .. } => lanes.len(),
        };
        match lanes.get_mut(place) {
            Some(lane) => lane.push(action),
            None => lanes.push(vec![action]),
        }
    }
    lanes
}

#[cfg(test)]
mod tests {
    use trainyard_commands::job::JobCommand;
    use trainyard_commands::{Command, Request};
    use trainyard_events::config::Priority;
    use trainyard_events::fleet::{Pool, WorkMessage};
    use trainyard_events::{Actor, Aggregate, TenantId};

    use super::*;

    fn tenant(name: &str) -> TenantId {
        name.parse().expect("a name")
    }

    fn ask(id: u128, name: &str, job: u128) -> Action {
        Action::Ask(Box::new(Request {
            id: Uuid::from_u128(id),
            tenant: tenant(name),
            aggregate: Aggregate::Job(Uuid::from_u128(job)),
            actor: Actor::Policy("test".to_owned()),
            correlation_id: Uuid::nil(),
            causation_id: None,
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

    #[test]
    fn what_is_about_one_history_waits_for_each_other_and_for_nothing_else() {
        let actions =
            [ask(1, "a", 1), publish(2), ask(3, "a", 2), ask(4, "b", 1), ask(5, "a", 1), publish(6)];
        let lanes = lanes(actions.into_iter());
        let ids = |lane: &Vec<Action>| lane.iter().map(|action| action.id().as_u128()).collect::<Vec<_>>();
        assert_eq!(
            lanes.iter().map(ids).collect::<Vec<_>>(),
            [vec![1, 5], vec![2], vec![3], vec![4], vec![6]]
        );
    }
}
