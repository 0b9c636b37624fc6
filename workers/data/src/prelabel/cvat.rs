//! CVAT: annotations as "CVAT for images 1.1" imports them, and the labels that a task is made with.

use std::f64::consts::TAU;
use std::fmt::Write;

use serde_json::{Value, json};
use trainyard_events::config::Task;
use trainyard_events::prediction::Prediction;

use super::{PREDICTED, Prelabelled, Prelabels, rings};
use crate::write::escaped;

/// A point that is less sure to be seen is one that something hides.
const SEEN: f64 = 0.5;

/// Images in the order of their names, as CVAT numbers them.
pub fn sheet(of: &Prelabels) -> String {
    let mut images: Vec<&Prelabelled> = of.images.iter().collect();
    images.sort_by(|a, b| a.name.cmp(&b.name));
    let head = head(of);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  {head}\n"
    );
    for (id, image) in images.into_iter().enumerate() {
        let Prelabelled { name, width, height, .. } = image;
        let name = quoted(name);
        let _ = writeln!(text, "  <image id=\"{id}\" name={name} width=\"{width}\" height=\"{height}\">");
        image.told(of.task).iter().for_each(|found| shapes(of, found, &mut text));
        text.push_str("  </image>\n");
    }
    text.push_str("</annotations>\n");
    text
}

/// The task that they are of, by its labels; points of a skeleton name their parent.
fn head(of: &Prelabels) -> String {
    let label = |name: &String, kind: &str, more: String| {
        format!("<label><name>{}</name><type>{kind}</type>{more}</label>", escaped(name))
    };
    let mut labels = String::new();
    for class in &of.classes {
        labels += &label(class, kind(of.task), String::new());
        if of.task == Task::Pose {
            let parent = || format!("<parent>{}</parent>", escaped(class));
            labels.extend(of.points().iter().map(|point| label(point, "points", parent())));
        }
    }
    format!("<meta>{PREDICTED}<task><labels>{labels}</labels></task></meta>")
}

/// What CVAT calls a label of this task.
fn kind(task: Task) -> &'static str {
    match task {
        Task::Classify | Task::Anomaly => "tag",
        Task::Detect => "rectangle",
        Task::Segment => "polygon",
        Task::Pose => "skeleton",
    }
}

fn shapes(of: &Prelabels, found: &Prediction, text: &mut String) {
    let label = format!("label={} source=\"auto\"", quoted(&found.class));
    let mut line = |shape: String| {
        let _ = writeln!(text, "    {shape}");
    };
    match of.task {
        Task::Classify | Task::Anomaly => line(format!("<tag {label}></tag>")),
        Task::Detect => {
            if let Some([x1, y1, x2, y2]) = found.bbox {
                line(format!(
                    "<box {label} occluded=\"0\" xtl=\"{x1:.2}\" ytl=\"{y1:.2}\" xbr=\"{x2:.2}\" ybr=\"{y2:.2}\" z_order=\"0\"></box>"
                ));
            }
        }
        Task::Segment => {
            for ring in rings::outer(&found.polygons).0 {
                let points: Vec<String> = ring.iter().map(|[x, y]| format!("{x:.2},{y:.2}")).collect();
                let points = points.join(";");
                line(format!("<polygon {label} occluded=\"0\" points=\"{points}\" z_order=\"0\"></polygon>"));
            }
        }
        Task::Pose => {
            line(format!("<skeleton {label} z_order=\"0\">"));
            for (place, [x, y, seen]) in found.keypoints.iter().enumerate() {
                let (name, hidden) = (quoted(&of.point(place)), u8::from(*seen < SEEN));
                line(format!(
                    "  <points label={name} source=\"auto\" outside=\"0\" occluded=\"{hidden}\" points=\"{x:.2},{y:.2}\"></points>"
                ));
            }
            line("</skeleton>".to_owned());
        }
    }
}

/// In quotes, as the value of an attribute.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "&quot;"))
}

/// What the raw editor of a task's labels takes.
pub fn labels(of: &Prelabels) -> Value {
    let (kind, points) = (kind(of.task), of.points());
    let label = |name: &String| {
        let mut label = json!({ "name": name, "type": kind, "attributes": [] });
        if of.task == Task::Pose {
            let point = |name: &String| json!({ "name": name, "type": "points", "attributes": [] });
            label["sublabels"] = points.iter().map(point).collect();
            label["svg"] = drawn(&points).into();
        }
        label
    };
    of.classes.iter().map(label).collect()
}

/// A skeleton has to be drawn once: its points on a circle, as nobody has said how they are joined.
fn drawn(points: &[String]) -> String {
    let mut svg = String::new();
    for (place, name) in points.iter().enumerate() {
        let angle = TAU * place as f64 / points.len() as f64;
        let (x, y, id, name) =
            (50.0 + 40.0 * angle.sin(), 50.0 - 40.0 * angle.cos(), place + 1, quoted(name));
        let _ = write!(
            svg,
            "<circle r=\"1.5\" stroke=\"black\" fill=\"#b3b3b3\" cx=\"{x:.2}\" cy=\"{y:.2}\" stroke-width=\"0.1\" \
             data-type=\"element node\" data-element-id=\"{id}\" data-node-id=\"{id}\" data-label-name={name}></circle>"
        );
    }
    svg
}
