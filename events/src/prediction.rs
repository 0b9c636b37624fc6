//! What is asked of a predictor and what it answers.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::TenantId;
use crate::card::THRESHOLD;
use crate::reason::{Flaw, known};
use crate::results::Artifact;

/// Travels as a header beside the image's bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictRequest {
    pub tenant: TenantId,
    pub job: Uuid,
    /// The model to answer with, or weights that become one; a predictor that has not loaded it does so now.
    pub weights: Artifact,
    /// Objects less sure than this are not told, from 0 to 1. Left out, what the predictor holds to be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Whether masks are told as runs besides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rle: bool,
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
    /// Of a segmented object or class: rings of `[x, y]` in the same pixels; a ring within another is a hole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygons: Vec<Vec<[f64; 2]>>,
    /// The same as runs of pixels, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rle: Option<CodedMask>,
    /// Of a pose, in the order that it was trained with: `[x, y, confidence]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keypoints: Vec<[f64; 3]>,
}

impl Prediction {
    /// Of the whole image.
    pub fn of(class: &str, confidence: f64) -> Prediction {
        let class = class.to_owned();
        Prediction { class, confidence, bbox: None, polygons: Vec::new(), rle: None, keypoints: Vec::new() }
    }
}

/// A mask of the whole image as COCO has it, and its programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodedMask {
    /// Height and width in pixels.
    pub size: [u32; 2],
    /// Lengths of runs down the columns, outside and inside in turn, in COCO's code.
    pub counts: String,
}

/// How unlike the good images one is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Anomaly {
    /// 0 to 1.
    pub score: f64,
    /// From which score on it is none of them.
    #[serde(default = "middle")]
    pub threshold: f64,
    /// Where: a small grey PNG in base64 that covers the image, black where it is as it should be and white where it is not.
    pub heat: String,
}

fn middle() -> f64 {
    THRESHOLD
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
    /// Of a model that has seen good images only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomaly: Option<Anomaly>,
}

/// Why a predictor does not answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum PredictRefusal {
    /// The sender's fault: not an image, too large.
    #[error("{message}")]
    BadImage {
        message: String,
        /// The same as data, where it is of a kind that we know.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        flaws: Vec<Flaw>,
    },
    /// It is gone, does not match its hash, or is no model that can be computed.
    #[error("{message}")]
    BadModel { message: String },
    /// Worth trying again.
    #[error("{message}")]
    Busy { message: String },
}

impl PredictRefusal {
    pub fn bad_model(why: impl fmt::Display) -> PredictRefusal {
        PredictRefusal::BadModel { message: why.to_string() }
    }

    pub fn busy(why: impl fmt::Display) -> PredictRefusal {
        PredictRefusal::Busy { message: why.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Contents;

    #[test]
    fn the_releases_before_and_after_are_understood() {
        let read = |json: &str| serde_json::from_str::<PredictRefusal>(json).expect("a refusal");
        let before = read(r#"{"refusal":"bad_image","message":"the image is empty"}"#);
        assert_eq!(before, PredictRefusal::BadImage { message: "the image is empty".into(), flaws: vec![] });
        let after = read(r#"{"refusal":"bad_image","message":"x","flaws":[{"code":"of_tomorrow"}]}"#);
        assert_eq!(after, PredictRefusal::BadImage { message: "x".into(), flaws: vec![] });
        let flaws = vec![Flaw::NotAnImage { holds: Contents::Text }];
        let now = PredictRefusal::BadImage { message: "x".into(), flaws };
        assert_eq!(read(&serde_json::to_string(&now).expect("plain data")), now);
    }
}
