//! What the lines of a whole dataset are: boxes, outlines, poses or oriented boxes. One line alone may be several.

/// What a line with more than a box means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    BoxesAndOutlines,
    Pose {
        points: usize,
        /// Of each point: two, or three with its visibility.
        numbers: usize,
    },
    Oriented,
}

/// How far numbers that were rounded may be off, in parts of a side.
const ROUNDED: f64 = 2e-3;

impl Form {
    /// From all label files, where nothing describes them.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Form {
        let mut all = Lines::default();
        for text in texts {
            for line in text.lines() {
                all.add(&line.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<f64>>());
            }
        }
        all.form()
    }
}

/// What all lines so far have in common.
#[derive(Default)]
struct Lines {
    length: Option<usize>,
    lengths_differ: bool,
    no_pose: bool,
    no_oriented: bool,
    some_slanted: bool,
    some_visible: bool,
}

impl Lines {
    fn add(&mut self, numbers: &[f64]) {
        if numbers.is_empty() {
            return;
        }
        self.lengths_differ |= self.length.is_some_and(|length| length != numbers.len());
        self.length = Some(numbers.len());
        self.no_pose |= !is_pose(numbers);
        self.some_visible |= numbers.iter().skip(7).step_by(3).any(|number| *number == 2.0);
        self.no_oriented |= !is_parallelogram(&numbers[1..]);
        self.some_slanted |= !is_upright(&numbers[1..]);
    }

    fn form(&self) -> Form {
        match self.length {
            // No corner of an outline is at 2; a point that can be seen is.
            Some(length) if !self.lengths_differ && !self.no_pose && self.some_visible => {
                Form::Pose { points: (length - 5) / 3, numbers: 3 }
            }
            Some(9) if !self.lengths_differ && !self.no_oriented && self.some_slanted => Form::Oriented,
            _ => Form::BoxesAndOutlines,
        }
    }
}

/// A box and points with a visibility of 0, 1 or 2 each.
fn is_pose(numbers: &[f64]) -> bool {
    let Some(points) = numbers.get(5..).filter(|points| !points.is_empty() && points.len().is_multiple_of(3))
    else {
        return false;
    };
    points.chunks_exact(3).all(|point| matches!(point[2], 0.0 | 1.0 | 2.0))
}

/// Four corners of which the opposite ones have the same middle: a box that is turned, in whatever image.
fn is_parallelogram(corners: &[f64]) -> bool {
    let [x1, y1, x2, y2, x3, y3, x4, y4] = *corners else { return false };
    (x1 + x3 - x2 - x4).abs() < ROUNDED && (y1 + y3 - y2 - y4).abs() < ROUNDED
}

fn is_upright(corners: &[f64]) -> bool {
    let [x1, y1, x2, y2, ..] = *corners else { return true };
    (x1 - x2).abs() < ROUNDED || (y1 - y2).abs() < ROUNDED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_all_files_tell_what_they_are() {
        let pose = Form::Pose { points: 2, numbers: 3 };
        for (texts, form) in [
            (&["0 .5 .5 .1 .1", "1 .5 .5 .1 .1\n"][..], Form::BoxesAndOutlines),
            (&["0 .5 .5 .1 .1 .4 .4 2 .6 .6 0", "0 .5 .5 .1 .1 .4 .4 1 .6 .6 1"], pose),
            (&["0 .5 .5 .1 .1 .4 .4 2 .6 .6 0", "0 .1 .1 .5 .1 .4 .4 .2"], Form::BoxesAndOutlines),
            (&["0 .1 .2 .2 .1 .3 .2 .2 .3"], Form::Oriented),
            (&["0 .1 .1 .4 .1 .4 .4 .1 .4"], Form::BoxesAndOutlines),
            (&["0 .1 .2 .2 .1 .3 .2 .2 .3", "0 .1 .2 .2 .1 .9 .8 .2 .3"], Form::BoxesAndOutlines),
            (&["0 .5 .5 1 1 0 .2 1 .5 .5 0"], Form::BoxesAndOutlines),
            (&["", "\n"], Form::BoxesAndOutlines),
        ] {
            assert_eq!(Form::of(texts.iter().copied()), form, "{texts:?}");
        }
    }
}
