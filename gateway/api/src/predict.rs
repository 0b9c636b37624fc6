//! `/inference/{job_id}/predict`: one image to a deployed model, and what it sees.

use serde::{Deserialize, Serialize};
use trainyard_events::prediction::Prediction;

/// A multipart form.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
pub struct PredictForm {
    /// JPEG, PNG, WebP or BMP.
    #[schemars(extend("format" = "binary"))]
    pub image: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PredictAnswer {
    /// Most confident first.
    pub predictions: Vec<Prediction>,
    /// Of the image after EXIF rotation, in pixels.
    pub width: u32,
    pub height: u32,
    /// From request to answer inside the predictor.
    pub milliseconds: f64,
}
