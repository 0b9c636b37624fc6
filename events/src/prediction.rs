//! What is asked of a predictor and what it answers.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::TenantId;
use crate::results::Artifact;

/// Travels as a header beside the image's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictRequest {
    pub tenant: TenantId,
    pub job: Uuid,
    /// The weights to answer with; a predictor that has not loaded them does so now.
    pub weights: Artifact,
}

/// One class or one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    pub class: String,
    /// 0 to 1.
    pub confidence: f64,
    /// `[x1, y1, x2, y2]` in pixels of the uploaded image after EXIF rotation; absent when classifying.
    pub bbox: Option<[f64; 4]>,
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
    /// Images that shared the forward pass.
    pub batch: u32,
}

/// Why a predictor does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal", content = "message")]
pub enum PredictRefusal {
    /// The sender's fault: not an image, too large.
    #[error("{0}")]
    BadImage(String),
    /// The weights are gone or do not match their hash.
    #[error("{0}")]
    BadModel(String),
    /// Worth trying again.
    #[error("{0}")]
    Busy(String),
}
