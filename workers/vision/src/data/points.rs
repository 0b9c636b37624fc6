//! Objects with key points, and where those go with their image.

use std::sync::Arc;

use image::{Rgb, RgbImage};
use trainyard_events::prediction::Prediction;

use trainyard_data::boxes::{LabelledBox, area};
use trainyard_data::object::{Object, Placement, Shape};

/// A point of which less is sure is not drawn. Points that are labelled have 1 or 2.
const DRAWN: f64 = 0.5;
/// Half the side of a drawn point, in pixels.
const DOT: i64 = 2;

/// An object with its key points.
#[derive(Clone, Debug, PartialEq)]
pub struct Posed {
    pub bounds: LabelledBox,
    /// x, y in the pixels that the box is in, and 0 for not labelled, 1 for hidden, 2 for visible.
    pub points: Vec<[f64; 3]>,
    /// Which point each is in a mirror, where that is known.
    pub mirrored: Option<Arc<[usize]>>,
    /// The part of the box that the object fills, 1 where only the box is labelled.
    pub share: f64,
}

impl Posed {
    /// In square pixels.
    pub fn area(&self) -> f64 {
        f64::from(area(self.bounds.corners)) * self.share
    }
}

impl Object for Posed {
    type Shape = Points;

    fn shape(&self, _size: [u32; 2]) -> Points {
        Points { points: self.points.clone(), area: self.area() }
    }

    fn bounds(&self) -> &LabelledBox {
        &self.bounds
    }

    fn moved(&self, corners: [f32; 4], to: Placement, seen: [f32; 4]) -> Self {
        let [x1, y1, x2, y2] = seen.map(f64::from);
        let place = |&[x, y, label]: &[f64; 3]| {
            let [x, y] = to.there([x, y]);
            let is_seen = (x1..=x2).contains(&x) && (y1..=y2).contains(&y);
            if label > 0.0 && is_seen { [x, y, label] } else { [0.0; 3] }
        };
        let mut points: Vec<[f64; 3]> = self.points.iter().map(place).collect();
        if let (true, Some(pairs)) = (to.is_mirror(), &self.mirrored) {
            points = pairs.iter().map(|pair| points[*pair]).collect();
        }
        Posed { bounds: LabelledBox { corners, ..self.bounds }, points, ..self.clone() }
    }

    fn has_mirror(&self) -> bool {
        self.mirrored.is_some()
    }
}

/// Key points in pixels of an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// x, y, and how it is labelled or how sure it is.
    pub points: Vec<[f64; 3]>,
    /// Of the object, in square pixels.
    pub area: f64,
}

impl Points {
    /// As found: COCO sorts an answer by the box around its points.
    pub fn found(points: Vec<[f64; 3]>) -> Points {
        let side = |axis: usize| {
            let all = || points.iter().map(move |point| point[axis]);
            all().fold(0.0, f64::max) - all().reduce(f64::min).unwrap_or(0.0)
        };
        let area = side(0) * side(1);
        Points { points, area }
    }
}

impl Shape for Points {
    fn area(&self) -> Option<f32> {
        Some(self.area as f32)
    }

    fn is_blank(&self) -> bool {
        self.points.iter().all(|point| point[2] <= 0.0)
    }

    fn told(&self, of: Prediction) -> Prediction {
        Prediction { keypoints: self.points.clone(), ..of }
    }

    fn paint(&self, page: &mut RgbImage, to: Placement, colour: Rgb<u8>) {
        let (width, height) = (i64::from(page.width()), i64::from(page.height()));
        for [x, y, _] in self.points.iter().filter(|point| point[2] > DRAWN) {
            let [x, y] = to.there([*x, *y]).map(|at| at as i64);
            for (x, y) in (-DOT..=DOT).flat_map(|dx| (-DOT..=DOT).map(move |dy| (x + dx, y + dy))) {
                if (0..width).contains(&x) && (0..height).contains(&y) {
                    page.put_pixel(x as u32, y as u32, colour);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posed(mirrored: Option<&[usize]>) -> Posed {
        Posed {
            bounds: LabelledBox { class: 0, corners: [0.0, 0.0, 10.0, 20.0], crowd: false },
            points: vec![[1.0, 2.0, 2.0], [9.0, 3.0, 1.0], [5.0, 18.0, 2.0], [0.0, 0.0, 0.0]],
            mirrored: mirrored.map(Arc::from),
            share: 0.5,
        }
    }

    #[test]
    fn left_becomes_right_in_a_mirror() {
        let object = posed(Some(&[1, 0, 2, 3]));
        let mirrored = object.moved([54.0, 0.0, 64.0, 20.0], Placement::mirror(64), [0.0, 0.0, 64.0, 64.0]);
        assert_eq!(mirrored.points, [[55.0, 3.0, 1.0], [63.0, 2.0, 2.0], [59.0, 18.0, 2.0], [0.0; 3]]);
        assert!(object.has_mirror() && !posed(None).has_mirror());
        assert_eq!(object.area(), 100.0);
    }

    #[test]
    fn what_left_the_image_is_not_labelled() {
        let to = Placement { scale: [2.0; 2], offset: [-4.0, 0.0] };
        let moved = posed(None).moved([0.0, 0.0, 16.0, 30.0], to, [0.0, 0.0, 64.0, 30.0]);
        assert_eq!(moved.points, [[0.0; 3], [14.0, 6.0, 1.0], [0.0; 3], [0.0; 3]]);
    }

    #[test]
    fn labelled_points_are_drawn_and_others_are_not() {
        let mut page = RgbImage::new(64, 64);
        posed(None).shape([10, 20]).paint(&mut page, Placement::scaled(3.0), Rgb([9; 3]));
        let near = |x: u32, y: u32| *page.get_pixel(x, y) == Rgb([9; 3]);
        assert!(near(3, 6) && near(27, 9) && near(15, 54) && !near(0, 0));
        assert!(Points { points: vec![[0.0; 3]], area: 0.0 }.is_blank());
    }
}
