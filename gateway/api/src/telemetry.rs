//! `/v1/jobs/{id}/telemetry`: what was measured at the steps of a job, one by one or as curves of some width.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainyard_events::trainer::{StepMeasurement, Telemetry};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TelemetryQuery {
    /// Measurements at most, where no curves are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Points of a curve at most: asks for curves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u32>,
    /// The first step of the curves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The last step of the curves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TelemetryAnswer {
    Steps(Steps),
    Curves(StepCurves),
}

/// The newest measurements, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Steps {
    pub telemetry: Vec<Telemetry>,
}

/// The curves of the steps, as wide as they were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepCurves {
    pub curves: BTreeMap<String, Curve>,
    /// That were read.
    pub measurements: u64,
    /// Not every point is here.
    pub thinned: bool,
    pub newest: Option<StepMeasurement>,
}

/// Points in order of step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Curve {
    pub steps: Vec<u64>,
    pub values: Vec<f64>,
}
