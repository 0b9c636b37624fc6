//! What a token that is confined may reach: each route and each topic of a socket belongs to one group.

use trainyard_api::error::Problem;
use trainyard_events::tenant::Scope;

use crate::error::ApiError;
use crate::identity::Identity;

/// The group of a route by its path; `None` is everybody's: who one is, and leaving.
pub(crate) fn of_path(path: &str) -> Option<Scope> {
    if path.starts_with("/inference/") || path.ends_with("/predict") {
        return Some(Scope::Predict);
    }
    let second = path.split('/').nth(2).unwrap_or_default();
    Some(match second {
        "whoami" | "login" | "logout" => return None,
        "chats" => Scope::Chats,
        "jobs" | "certificates" => Scope::Jobs,
        "datasets" | "blobs" | "roots" => Scope::Datasets,
        "models" | "registry" => Scope::Models,
        "activity" | "feed" => Scope::Events,
        "workers" | "queue" => Scope::Fleet,
        _ => Scope::Settings,
    })
}

/// The group of a topic by its name.
pub(crate) fn of_topic(topic: &str) -> Scope {
    match topic.split(':').next().unwrap_or_default() {
        "jobs" | "job" => Scope::Jobs,
        "chat" => Scope::Chats,
        "workers" => Scope::Fleet,
        _ => Scope::Events,
    }
}

impl Identity {
    /// Whether the token reaches what belongs to `scope`.
    pub(crate) fn reaches(&self, scope: Option<Scope>) -> Result<(), ApiError> {
        match scope {
            Some(scope) if !self.scope.is_empty() && !self.scope.contains(&scope) => {
                Err(Problem::OutOfScope { scope }.into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::tenant::Scope;

    use super::*;
    use crate::identity::tests::identity;
    use crate::route::Access;
    use crate::routes::all;

    #[test]
    fn every_route_that_asks_for_a_token_is_of_one_group() {
        let table: Vec<String> = all()
            .iter()
            .filter(|route| route.access != Access::Open)
            .map(|route| {
                let scope = of_path(route.path).map_or("everybody", Scope::name);
                format!("{:6} {:44} {scope}", route.method.as_str(), route.path)
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn a_confined_token_reaches_its_groups_and_no_other() {
        let mut token = identity("acme", 1);
        for scope in Scope::ALL {
            assert!(token.reaches(Some(scope)).is_ok(), "one that is not confined");
        }
        token.scope = vec![Scope::Jobs];
        assert!(token.reaches(Some(Scope::Jobs)).is_ok() && token.reaches(None).is_ok());
        for scope in Scope::ALL.into_iter().filter(|scope| *scope != Scope::Jobs) {
            assert!(token.reaches(Some(scope)).is_err(), "{}", scope.name());
        }
        assert_eq!((of_topic("job:7"), of_topic("activity")), (Scope::Jobs, Scope::Events));
    }
}
