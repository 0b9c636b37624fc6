//! One task of Label Studio's: an image and what people said about it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::prelabel::IMAGE_NAME;

#[derive(Deserialize)]
pub struct Task {
    data: BTreeMap<String, Value>,
    file_upload: Option<String>,
    #[serde(alias = "completions", default)]
    annotations: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    result: Vec<Region>,
    #[serde(default)]
    was_cancelled: bool,
}

#[derive(Deserialize)]
pub struct Region {
    pub id: Option<String>,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(rename = "parentID")]
    pub parent: Option<String>,
    #[serde(default)]
    pub value: Values,
    original_width: Option<f64>,
    original_height: Option<f64>,
}

/// In percent of the image's sides.
#[derive(Clone, Default, Deserialize, PartialEq)]
pub struct Values {
    pub x: Option<f64>,
    pub y: Option<f64>,
    width: Option<f64>,
    height: Option<f64>,
    rotation: Option<f64>,
    #[serde(default)]
    pub points: Vec<[f64; 2]>,
    #[serde(
        default,
        alias = "polygonlabels",
        alias = "keypointlabels",
        alias = "brushlabels",
        alias = "choices"
    )]
    rectanglelabels: Vec<String>,
}

impl Task {
    /// The image as the task names it: the one value that looks like a path or a URL.
    pub fn image(&self) -> Option<&str> {
        let named =
            ["image", "img", "photo", "picture", "url"].iter().find_map(|key| self.data.get(*key)?.as_str());
        let is_image = |text: &&str| {
            let path = text.split(['?', '#']).next().unwrap_or(text).to_lowercase();
            [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".jfif"].iter().any(|end| path.ends_with(end))
                || text.contains("?d=")
        };
        let any = || self.data.values().filter_map(Value::as_str).find(is_image);
        named.or_else(any).or(self.file_upload.as_deref())
    }

    /// Its name in the dataset, where we have written the task.
    pub fn name(&self) -> Option<&str> {
        self.data.get(IMAGE_NAME)?.as_str()
    }

    fn said(&self) -> impl Iterator<Item = &Annotation> {
        self.annotations.iter().filter(|annotation| !annotation.was_cancelled)
    }

    pub fn is_labelled(&self) -> bool {
        self.said().next().is_some()
    }

    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.said().flat_map(|annotation| &annotation.result)
    }

    /// What was said, where all who said something said the same.
    pub fn agreed(&self) -> Option<&[Region]> {
        let mut said = self.said();
        let Some(first) = said.next() else { return Some(&[]) };
        let same = |other: &Annotation| {
            let values = |region: &'_ Region| (region.kind.clone(), region.value.clone());
            other.result.iter().map(values).eq(first.result.iter().map(values))
        };
        said.all(same).then_some(&first.result)
    }

    /// Whether key points are all that says where something is.
    pub fn has_only_points(&self) -> bool {
        let has = |kinds: &[&str]| self.regions().any(|region| kinds.contains(&&*region.kind));
        has(&["keypointlabels"]) && !has(&["rectanglelabels", "polygonlabels"])
    }

    pub fn stated(&self) -> Option<(u32, u32)> {
        let region = self.regions().next()?;
        let side = |side: Option<f64>| side.filter(|side| *side >= 1.0).map(|side| side as u32);
        side(region.original_width).zip(side(region.original_height))
    }
}

impl Region {
    pub fn class(&self) -> Option<&str> {
        self.value.rectanglelabels.first().map(String::as_str)
    }

    pub fn is_upright(&self) -> bool {
        self.value.rotation.is_none_or(|rotation| rotation == 0.0)
    }

    /// Left, top, width, height in parts of the image's sides.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let Values { x, y, width, height, .. } = self.value;
        Some([x? / 100.0, y? / 100.0, width? / 100.0, height? / 100.0])
    }

    pub fn outline(&self) -> Option<Vec<f64>> {
        let points = &self.value.points;
        (points.len() >= 3).then(|| points.iter().flatten().map(|percent| percent / 100.0).collect())
    }
}
