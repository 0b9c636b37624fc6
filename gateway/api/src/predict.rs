//! `/inference/{job_id}/predict`: images to a deployed model, and what it sees.

use serde::{Deserialize, Serialize};
use trainyard_events::prediction::{Anomaly, Prediction};

use crate::error::ErrorBody;

/// Images in one request.
pub const IMAGES: usize = 32;

/// A multipart form. Several fields `image` are several images, 32 at most.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
pub struct PredictForm {
    /// JPEG, PNG, WebP or BMP.
    #[schemars(extend("format" = "binary"))]
    pub image: String,
}

/// How sure a model has to be of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictQuery {
    /// Objects less sure than this are not told. Left out, 0.25. Of a class of the whole image, all are told as always.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.01, max = 1.0)))]
    pub confidence: Option<f32>,
    /// Whether masks are told as COCO's runs besides polygons.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rle: bool,
}

/// The same as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictImages {
    /// Each in base64, or its address on a host that the operator allows: `https://photos.example/a.jpg`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = IMAGES)))]
    pub images: Vec<String>,
}

/// To one image of a form that one, to several or to JSON all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PredictReply {
    One(PredictAnswer),
    All { results: Vec<PredictResult> },
}

/// Of one image among several, in the order that they were sent in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PredictResult {
    Seen(PredictAnswer),
    /// What is wrong with this image; the others are answered.
    Bad {
        error: ErrorBody,
    },
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
    /// Of a model that has seen good images only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomaly: Option<Anomaly>,
}
