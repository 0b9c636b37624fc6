//! What is labelled in an image, and how it goes along when the image is scaled, shifted or mirrored.

use std::fmt::Debug;

use image::{Rgb, RgbImage};
use trainyard_events::prediction::Prediction;

use crate::boxes::{LabelledBox, Letterbox};

/// Where the points of an image go: along each axis scaled, then shifted. A negative scale mirrors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    pub scale: [f64; 2],
    pub offset: [f64; 2],
}

impl Placement {
    pub const STAY: Placement = Placement { scale: [1.0; 2], offset: [0.0; 2] };

    /// Left becomes right in a square.
    pub fn mirror(side: usize) -> Placement {
        Placement { scale: [-1.0, 1.0], offset: [side as f64, 0.0] }
    }

    /// As of an image in its square.
    pub fn of(letterbox: Letterbox) -> Placement {
        let Letterbox { scale, left, top } = letterbox;
        Placement { scale: [f64::from(scale); 2], offset: [f64::from(left), f64::from(top)] }
    }

    pub fn scaled(by: f32) -> Placement {
        Placement { scale: [f64::from(by); 2], offset: [0.0; 2] }
    }

    /// First this one, then the other.
    pub fn then(self, next: Placement) -> Placement {
        let axis = |axis: usize| self.offset[axis] * next.scale[axis] + next.offset[axis];
        let scale = [self.scale[0] * next.scale[0], self.scale[1] * next.scale[1]];
        Placement { scale, offset: [axis(0), axis(1)] }
    }

    pub fn there(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x * self.scale[0] + self.offset[0], y * self.scale[1] + self.offset[1]]
    }

    pub fn back(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [(x - self.offset[0]) / self.scale[0], (y - self.offset[1]) / self.scale[1]]
    }

    pub fn is_mirror(&self) -> bool {
        self.scale[0] < 0.0
    }
}

/// What there is of an object beyond its box, in pixels of an image.
pub trait Shape: Clone + Debug + Send + Sync {
    /// In square pixels; `None` for that of its box.
    fn area(&self) -> Option<f32> {
        None
    }

    /// Whether nothing of it is labelled.
    fn is_blank(&self) -> bool {
        false
    }

    /// Adds it to what is told of the object.
    fn told(&self, of: Prediction) -> Prediction {
        of
    }

    /// Draws it where `to` puts its image.
    fn paint(&self, _page: &mut RgbImage, _to: Placement, _colour: Rgb<u8>) {}
}

impl Shape for () {}

/// A box, and whatever is labelled within it.
pub trait Object: Clone + PartialEq + Debug + Send + Sync + 'static {
    type Shape: Shape;

    /// In the pixels that it is in; `size` is width and height of the whole.
    fn shape(&self, size: [u32; 2]) -> Self::Shape;

    fn bounds(&self) -> &LabelledBox;

    /// The same once its image went elsewhere: `corners` are what is still seen of its box, and `seen` of the image.
    fn moved(&self, corners: [f32; 4], to: Placement, seen: [f32; 4]) -> Self;

    /// Whether it is known what it is in a mirror.
    fn has_mirror(&self) -> bool {
        true
    }
}

impl Object for LabelledBox {
    type Shape = ();

    fn shape(&self, _size: [u32; 2]) {}

    fn bounds(&self) -> &LabelledBox {
        self
    }

    fn moved(&self, corners: [f32; 4], _to: Placement, _seen: [f32; 4]) -> Self {
        LabelledBox { corners, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_after_the_other_is_one_way() {
        let first = Placement { scale: [2.0, 0.5], offset: [3.0, -1.0] };
        let both = first.then(Placement::mirror(64));
        let point = [5.0, 8.0];
        assert_eq!(first.there(point), [13.0, 3.0]);
        assert_eq!(both.there(point), [51.0, 3.0]);
        assert_eq!(both.back(both.there(point)), point);
        assert!(both.is_mirror() && !first.is_mirror() && !both.then(Placement::mirror(64)).is_mirror());
    }
}
