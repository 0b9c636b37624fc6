//! Label Studio: tasks with predictions as its JSON import takes them, and a labelling interface that knows their names.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use trainyard_events::config::Task;
use trainyard_events::prediction::Prediction;

use super::{IMAGE_NAME, Prelabelled, Prelabels, rings};
use crate::write::escaped;

/// What a path keeps in a URL, also behind a `?`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');
/// Of a key point, in percent of the image's width.
const POINT_WIDTH: f64 = 0.5;

/// Names of the interface's parts.
const IMAGE: &str = "image";
const CLASS: &str = "class";
const BOX: &str = "box";
const POLYGON: &str = "polygon";
const POINT: &str = "point";

/// A list of tasks. The score of a prediction is how sure the model is, so that Label Studio, too, can show the least sure first.
pub fn tasks(of: &Prelabels, image_url: &str) -> Value {
    let task = |(rank, image): (u64, &Prelabelled)| {
        let found = (1_u64..).zip(image.told(of.task));
        let result: Vec<Value> =
            found.flat_map(|(number, found)| regions(of, image, number, found)).collect();
        json!({
            "data": {
                IMAGE: format!("{image_url}{}", utf8_percent_encode(&image.name, KEPT)),
                IMAGE_NAME: image.name, "rank": rank, "uncertainty": image.uncertainty,
            },
            "predictions": [
                { "model_version": of.model, "score": 1.0 - image.uncertainty, "result": result },
            ],
        })
    };
    Value::Array((1_u64..).zip(&of.images).map(task).collect())
}

fn regions(of: &Prelabels, image: &Prelabelled, number: u64, found: &Prediction) -> Vec<Value> {
    let side = [f64::from(image.width), f64::from(image.height)];
    let percent = |[x, y]: [f64; 2]| [x / side[0] * 100.0, y / side[1] * 100.0];
    let region = |id: String, part: &str, kind: &str, value: Value| {
        json!({
            "id": id, "from_name": part, "to_name": IMAGE, "type": kind, "value": value, "score": found.confidence,
            "original_width": image.width, "original_height": image.height, "image_rotation": 0,
        })
    };
    let boxed = || {
        let [x1, y1, x2, y2] = found.bbox?;
        let ([x, y], [width, height]) = (percent([x1, y1]), percent([x2 - x1, y2 - y1]));
        let value = json!({
            "x": x, "y": y, "width": width, "height": height, "rotation": 0, "rectanglelabels": [found.class],
        });
        Some(region(format!("o{number}"), BOX, "rectanglelabels", value))
    };
    match of.task {
        Task::Classify | Task::Anomaly => {
            let value = json!({ "choices": [found.class] });
            vec![json!({
                "id": format!("o{number}"), "from_name": CLASS, "to_name": IMAGE, "type": "choices", "value": value,
                "score": found.confidence,
            })]
        }
        Task::Detect => boxed().into_iter().collect(),
        Task::Segment => {
            let ring = |(part, ring): (u64, &Vec<[f64; 2]>)| {
                let points: Vec<[f64; 2]> = ring.iter().map(|point| percent(*point)).collect();
                let value = json!({ "points": points, "closed": true, "polygonlabels": [found.class] });
                region(format!("o{number}p{part}"), POLYGON, "polygonlabels", value)
            };
            (1..).zip(rings::outer(&found.polygons).0).map(ring).collect()
        }
        Task::Pose => {
            let point = |(place, [x, y, _]): (usize, &[f64; 3])| {
                let [x, y] = percent([*x, *y]);
                let value =
                    json!({ "x": x, "y": y, "width": POINT_WIDTH, "keypointlabels": [of.point(place)] });
                let mut region = region(format!("o{number}k{place}"), POINT, "keypointlabels", value);
                region["parentID"] = format!("o{number}").into();
                region
            };
            boxed().into_iter().chain(found.keypoints.iter().enumerate().map(point)).collect()
        }
    }
}

/// What a project is made with, so that it has these labels.
pub fn interface(of: &Prelabels) -> String {
    let part = |kind: &str, name: &str, each: &str, names: &[String]| {
        let values: String = names
            .iter()
            .map(|name| format!("    <{each} value=\"{}\"/>\n", escaped(name).replace('"', "&quot;")))
            .collect();
        format!("  <{kind} name=\"{name}\" toName=\"{IMAGE}\">\n{values}  </{kind}>\n")
    };
    let labels = match of.task {
        Task::Classify | Task::Anomaly => part("Choices", CLASS, "Choice", &of.classes),
        Task::Detect => part("RectangleLabels", BOX, "Label", &of.classes),
        Task::Segment => part("PolygonLabels", POLYGON, "Label", &of.classes),
        Task::Pose => {
            part("RectangleLabels", BOX, "Label", &of.classes)
                + &part("KeyPointLabels", POINT, "Label", &of.points())
        }
    };
    format!("<View>\n  <Image name=\"{IMAGE}\" value=\"${IMAGE}\"/>\n{labels}</View>\n")
}
