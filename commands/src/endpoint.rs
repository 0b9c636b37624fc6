//! An endpoint: a finished job's model, answering or withdrawn.

use trainyard_events::EndpointEvent;
use trainyard_events::reason::Rejection;
use trainyard_events::results::Artifact;

/// What of a job can answer, the best first: weights alone become ONNX when a predictor fetches them.
pub const ROLES: [&str; 2] = ["onnx", "weights"];

#[derive(Clone, Debug, PartialEq)]
pub enum EndpointCommand {
    Deploy { weights: Artifact, classes: Vec<String> },
    Withdraw,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    /// The weights that answer now.
    pub weights: Option<Artifact>,
}

impl Endpoint {
    pub fn evolve(&mut self, event: &EndpointEvent) {
        match event {
            EndpointEvent::Deployed { weights, .. } => self.weights = Some(weights.clone()),
            EndpointEvent::Withdrawn {} => self.weights = None,
        }
    }

    pub fn decide(&self, command: &EndpointCommand) -> Result<Option<EndpointEvent>, Rejection> {
        match command {
            EndpointCommand::Deploy { weights, .. } if !ROLES.contains(&weights.role.as_str()) => {
                Err(Rejection::NoWeights)
            }
            EndpointCommand::Deploy { weights, .. } if self.weights.as_ref() == Some(weights) => Ok(None),
            EndpointCommand::Deploy { weights, classes } => {
                Ok(Some(EndpointEvent::Deployed { weights: weights.clone(), classes: classes.clone() }))
            }
            EndpointCommand::Withdraw if self.weights.is_none() => Err(Rejection::NotDeployed),
            EndpointCommand::Withdraw => Ok(Some(EndpointEvent::Withdrawn {})),
        }
    }
}
