//! The parts of a COCO file that are read, in every spelling that tools write.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub struct Content {
    pub images: Vec<Image>,
    #[serde(default, deserialize_with = "or_none")]
    pub annotations: Vec<Annotation>,
    #[serde(default, deserialize_with = "or_none")]
    pub categories: Vec<Category>,
}

/// `null` where a list should be is an empty one.
fn or_none<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A key of any type: 1, 1.0 and "1" are the same one.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Id(pub Value);

impl Id {
    pub fn key(&self) -> String {
        let text = match &self.0 {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        match text.strip_suffix(".0") {
            Some(whole) if whole.parse::<i64>().is_ok() => whole.to_owned(),
            _ => text,
        }
    }

    pub fn number(&self) -> Option<u64> {
        self.key().parse().ok()
    }
}

#[derive(Deserialize)]
pub struct Image {
    pub id: Id,
    pub file_name: String,
    #[serde(default)]
    width: Value,
    #[serde(default)]
    height: Value,
}

impl Image {
    /// Some tools write -1, 0, text or nothing for a size that they do not know.
    pub fn stated(&self) -> Option<(u32, u32)> {
        let side = |value: &Value| {
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
            (number >= 1.0 && number.fract() == 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
        };
        side(&self.width).zip(side(&self.height))
    }
}

#[derive(Clone, Deserialize)]
pub struct Annotation {
    pub id: Option<Id>,
    pub image_id: Id,
    pub category_id: Option<Id>,
    /// Left, top, width, height in pixels.
    pub bbox: Option<Vec<Option<f64>>>,
    pub segmentation: Option<Segmentation>,
    pub keypoints: Option<Vec<Option<f64>>>,
    #[serde(default)]
    iscrowd: Value,
}

impl Annotation {
    /// 0 or 1 in most files, also false, true, 0.0, "1" or nothing.
    pub fn is_crowd(&self) -> bool {
        match &self.iscrowd {
            Value::Bool(truth) => *truth,
            Value::String(text) => matches!(text.trim(), "1" | "true" | "True"),
            value => value.as_f64().is_some_and(|number| number != 0.0),
        }
    }
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Segmentation {
    Runs {
        counts: Counts,
        size: [u32; 2],
    },
    Outlines(Vec<Vec<Option<f64>>>),
    Outline(Vec<Option<f64>>),
    /// `{}`, `""` and their like for "none".
    Other(Value),
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Counts {
    Plain(Vec<u32>),
    Coded(String),
}

#[derive(Deserialize)]
pub struct Category {
    pub id: Id,
    pub name: String,
    pub keypoints: Option<Vec<String>>,
}
