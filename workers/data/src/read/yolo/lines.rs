//! One object a line: the class, then parts of the image's sides.

use trainyard_events::reason::{Flaw, LineFlaw, Place};

use super::form::Form;
use crate::limits::{IMAGE_LABELS, IMAGE_POINTS};
use crate::manifest::Label;
use crate::read::draft::DraftLabel;

/// The largest number of a class that is looked at; there are never so many.
const CLASS_MAX: f64 = 1e6;
/// What reaches further than this, in sides of the image, is no part of a side.
const FAR: f64 = 2.0;

/// Of one label file; classes are the numbers as written.
pub fn parse(text: &str, file: &str, form: Form) -> Result<Vec<DraftLabel>, Flaw> {
    let mut labels = Vec::new();
    let mut points = 0;
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let at = |flaw| Flaw::Line { line, flaw };
        let numbers = numbers(text).map_err(at)?;
        points += numbers.len() / 2;
        if labels.len() >= IMAGE_LABELS {
            return Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 });
        }
        if points > IMAGE_POINTS {
            return Err(Flaw::MorePointsThan { limit: IMAGE_POINTS as u64 });
        }
        let label = label(&numbers, form).map_err(at)?;
        let place = Place::Line { line, file: file.to_owned() };
        labels.push(DraftLabel { label, is_relative: true, place });
    }
    Ok(labels)
}

fn numbers(text: &str) -> Result<Vec<f64>, LineFlaw> {
    text.split_whitespace()
        .map(|word| {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| LineFlaw::NotANumber { word: word.chars().take(100).collect() })
        })
        .collect()
}

fn label(numbers: &[f64], form: Form) -> Result<Label, LineFlaw> {
    let class = numbers[0];
    if class < 0.0 || class.fract() != 0.0 {
        return Err(LineFlaw::NotAClass { number: class });
    }
    if class >= CLASS_MAX {
        return Err(LineFlaw::NoSuchClass { class, named: None });
    }
    let rest = &numbers[1..];
    if let Form::Pose { points, numbers } = form {
        return pose(class as usize, rest, points, numbers);
    }
    let label = match *rest {
        [x, y, width, height] => {
            Label { bounds: Some(bounds(x, y, width, height)), ..Label::of_class(class as usize) }
        }
        _ if rest.len() >= 6 && rest.len().is_multiple_of(2) => {
            Label { polygon: Some(vec![rest.to_vec()]), ..Label::of_class(class as usize) }
        }
        _ => return Err(LineFlaw::NumberCount { numbers: numbers.len() as u64 }),
    };
    near(rest)?;
    Ok(label)
}

fn bounds(x: f64, y: f64, width: f64, height: f64) -> [f64; 4] {
    [x - width / 2.0, y - height / 2.0, width, height]
}

fn near(numbers: &[f64]) -> Result<(), LineFlaw> {
    match numbers.iter().find(|number| number.abs() > FAR) {
        Some(number) => Err(LineFlaw::FarOutside { number: *number }),
        None => Ok(()),
    }
}

fn pose(class: usize, rest: &[f64], points: usize, of_each: usize) -> Result<Label, LineFlaw> {
    let [x, y, width, height, rest @ ..] = rest else {
        return Err(LineFlaw::NumberCount { numbers: rest.len() as u64 + 1 });
    };
    near(&[*x, *y, *width, *height])?;
    let mut label = Label { bounds: Some(bounds(*x, *y, *width, *height)), ..Label::of_class(class) };
    // A box alone is an object whose points nobody set.
    if rest.is_empty() {
        return Ok(label);
    }
    if rest.len() != points * of_each {
        let expected = 5 + (points * of_each) as u64;
        return Err(LineFlaw::PoseNumberCount { numbers: rest.len() as u64 + 5, expected });
    }
    let mut keypoints = Vec::with_capacity(points);
    for point in rest.chunks_exact(of_each.max(2)) {
        near(&point[..2])?;
        let is_set = point[0] != 0.0 || point[1] != 0.0;
        let visible = point.get(2).copied().unwrap_or(if is_set { 2.0 } else { 0.0 });
        keypoints.push([point[0], point[1], visible]);
    }
    label.keypoints = Some(keypoints);
    Ok(label)
}

#[cfg(test)]
mod tests {
    use trainyard_words::english;

    use super::*;

    const PLAIN: Form = Form::BoxesAndOutlines;

    #[test]
    fn lines_are_boxes_and_outlines() {
        let labels = parse("0 .5 .5 .5 .25\r\n\n 1.0 0.1 0.2 0.3 0.2 0.3 0.4 \n", "a.txt", PLAIN).unwrap();
        assert_eq!((labels[0].label.class, labels[0].label.bounds), (0, Some([0.25, 0.375, 0.5, 0.25])));
        let outline = vec![0.1, 0.2, 0.3, 0.2, 0.3, 0.4];
        assert_eq!((labels[1].label.class, &labels[1].label.polygon), (1, &Some(vec![outline])));
        assert_eq!(labels[1].place, Place::Line { line: 3, file: "a.txt".into() });
        assert_eq!(parse("", "a.txt", PLAIN).unwrap(), []);
    }

    #[test]
    fn a_pose_is_a_box_and_its_points() {
        let form = Form::Pose { points: 2, numbers: 3 };
        let labels = parse("0 .5 .5 .2 .2 .4 .4 2 0 0 0\n0 .5 .5 .2 .2", "a.txt", form).unwrap();
        assert_eq!(labels[0].label.bounds, Some([0.4, 0.4, 0.2, 0.2]));
        assert_eq!(labels[0].label.keypoints, Some(vec![[0.4, 0.4, 2.0], [0.0; 3]]));
        assert_eq!(labels[1].label.keypoints, None);
        let form = Form::Pose { points: 2, numbers: 2 };
        let labels = parse("0 .5 .5 .2 .2 .4 .4 0 0", "a.txt", form).unwrap();
        assert_eq!(labels[0].label.keypoints, Some(vec![[0.4, 0.4, 2.0], [0.0; 3]]));
        let wrong = english(&parse("0 .5 .5 .2 .2 .4 .4 2", "a.txt", form).unwrap_err());
        assert!(wrong.contains("8 numbers") && wrong.contains("has 9"), "{wrong}");
    }

    #[test]
    fn what_is_no_label_says_where_and_why() {
        let many = "0 .5 .5 .1 .1\n".repeat(10_000);
        let points = format!("0 {}", ".5 .5 ".repeat(300_000));
        for (text, words) in [
            ("0 nan .5 .1 .1", "line 1: \"nan\" is not a number"),
            ("0 .5 .5 .1 .1\n0 .5 x .1 .1", "line 2: \"x\""),
            ("0 inf .5 .1 .1", "\"inf\""),
            ("0 1e999 .5 .1 .1", "\"1e999\""),
            ("-1 .5 .5 .1 .1", "-1 is not the number of a class"),
            ("99999999 .5 .5 .1 .1", "no class 99999999"),
            ("0.5 .5 .5 .1 .1", "0.5 is not"),
            ("0 .5 .5 .1", "4 numbers"),
            ("0 .5 .5 .1 .1 .9", "6 numbers"),
            ("0", "1 numbers"),
            ("0 120 80 60 40", "far outside"),
            (&many, "more than 5000 boxes"),
            (&points, "more than 200000 points"),
        ] {
            let problem = english(&parse(text, "a.txt", PLAIN).unwrap_err());
            assert!(problem.contains(words), "{problem}");
        }
    }
}
