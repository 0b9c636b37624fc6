//! Which class a value or a colour of a mask is: from a list beside the masks, or one class for each value.

use std::collections::{BTreeMap, BTreeSet};

use trainyard_events::reason::{Advice, Flaw, Unfit};

use crate::limits::LABEL_FILE_BYTES;
use crate::names::{Names, fold};
use crate::read::classes::{lines, tidy};
use crate::refusal::Refusal;
use crate::root::name_of;

/// What is no class: undecided pixels at the edges of objects.
pub const VOID: u32 = 255;

/// A list of classes, with colours or without.
#[derive(Debug, Default)]
pub struct Palette {
    path: String,
    names: Vec<String>,
    /// Red, green and blue of each name, eight bits each.
    colours: Vec<u32>,
}

/// The number of each value, and the names by number.
pub struct Numbering {
    pub classes: BTreeMap<u32, usize>,
    pub names: Vec<String>,
}

fn is_background(name: &str) -> bool {
    matches!(fold(name).trim_matches('_'), "background" | "bg" | "배경")
}

impl Palette {
    /// `labelmap.txt` as CVAT writes it, `class_dict.csv`, or a plain list.
    pub fn of(names: &Names) -> Result<Palette, Refusal> {
        let listing = names.listing;
        let is_one = |name: &str| {
            matches!(
                fold(name).as_str(),
                "labelmap.txt" | "class_dict.csv" | "classes.txt" | "labels.txt" | "label_names.txt"
            )
        };
        let Some(file) = listing.files.iter().find(|file| !file.is_image && is_one(name_of(&file.name)))
        else {
            return Ok(Palette::default());
        };
        let text = listing.text(file, LABEL_FILE_BYTES).map_err(|flaw| {
            Refusal::new(Unfit::ClassList { path: file.name.clone(), flaw }, Advice::OneClassPerLine)
        })?;
        let rows: Option<Vec<(String, u32)>> = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with("name,"))
            .map(coloured)
            .collect();
        let path = file.name.clone();
        Ok(match rows {
            Some(rows) if !rows.is_empty() => {
                let (names, colours) = rows.into_iter().unzip();
                Palette { path, names, colours }
            }
            _ => Palette { path, names: lines(&text), colours: Vec::new() },
        })
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn has_colours(&self) -> bool {
        !self.colours.is_empty()
    }

    /// The colour of what is no object: of its name, or black.
    pub fn background(&self) -> u32 {
        let at = self.names.iter().position(|name| is_background(name));
        at.and_then(|at| self.colours.get(at)).copied().unwrap_or(0)
    }

    /// What the list calls a value or a colour; the background is nothing.
    pub fn name_of(&self, value: u32, in_colours: bool) -> Option<&str> {
        let with_background = self.names.first().is_some_and(|name| is_background(name));
        let at = match in_colours {
            true => self.colours.iter().position(|colour| *colour == value)?,
            false => (value as usize).checked_sub(usize::from(!with_background))?,
        };
        self.names.get(at).map(String::as_str).filter(|name| !is_background(name))
    }

    /// Numbers for the values that there are.
    pub fn number(&self, values: &BTreeSet<u32>, in_colours: bool) -> Result<Numbering, Refusal> {
        if in_colours {
            return self.number_colours(values);
        }
        let largest = values.iter().copied().filter(|value| *value != VOID).max();
        let Some(largest) = largest else {
            // Black and white: one class.
            let names = match &self.names[..] {
                [only] => vec![only.clone()],
                [first, second] if is_background(first) => vec![second.clone()],
                _ => vec!["foreground".to_owned()],
            };
            return Ok(Numbering { classes: values.iter().map(|value| (*value, 0)).collect(), names });
        };
        let values: Vec<u32> = values.iter().copied().filter(|value| *value != VOID).collect();
        if self.is_empty() {
            let names = values.iter().map(|value| format!("class {value}")).collect();
            return Ok(Numbering { classes: values.into_iter().zip(0..).collect(), names });
        }
        // Value 0 is the background, whether the list names it or not.
        let with_background = self.names.first().is_some_and(|name| is_background(name));
        let skipped = u32::from(!with_background);
        let names: Vec<String> = self.names.iter().skip(1 - skipped as usize).cloned().collect();
        if largest as usize > names.len() {
            let (said, named) = (u64::from(largest), names.len() as u64);
            let flaw = Flaw::ClassCountDiffers { said, named };
            return Err(Refusal::of_file(&self.path, flaw, Advice::CorrectClassNames));
        }
        Ok(Numbering {
            classes: values.into_iter().map(|value| (value, value as usize - 1)).collect(),
            names,
        })
    }

    fn number_colours(&self, values: &BTreeSet<u32>) -> Result<Numbering, Refusal> {
        let named: Vec<(u32, &String)> =
            self.colours.iter().copied().zip(&self.names).filter(|(_, name)| !is_background(name)).collect();
        let names = named.iter().map(|(_, name)| (*name).clone()).collect();
        let classes = named.iter().enumerate().map(|(number, (colour, _))| (*colour, number)).collect();
        let numbering = Numbering { classes, names };
        if values.iter().all(|value| numbering.classes.contains_key(value)) {
            return Ok(numbering);
        }
        Err(Refusal::of_file(&self.path, Flaw::MaskInColours, Advice::CorrectClassNames))
    }
}

/// `name:r,g,b:parts:actions` or `name,r,g,b`.
fn coloured(line: &str) -> Option<(String, u32)> {
    let (name, colour) = match line.split_once(':') {
        Some((name, rest)) => (name, rest.split(':').next()?),
        None => line.split_once(',')?,
    };
    let parts: Option<Vec<u32>> =
        colour.split(',').map(|part| part.trim().parse::<u8>().ok().map(u32::from)).collect();
    let [red, green, blue] = parts?[..] else { return None };
    Some((tidy(name), red << 16 | green << 8 | blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_as_their_list_says() {
        let number = |names: &[&str], values: &[u32]| {
            let palette = Palette {
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                ..Palette::default()
            };
            let found = palette.number(&values.iter().copied().collect(), false).ok()?;
            Some((found.classes.into_iter().collect::<Vec<_>>(), found.names))
        };
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(number(&[], &[1, 7, 255]), Some((vec![(1, 0), (7, 1)], named(&["class 1", "class 7"]))));
        assert_eq!(number(&[], &[255]), Some((vec![(255, 0)], named(&["foreground"]))));
        assert_eq!(number(&["cat", "dog"], &[2]), Some((vec![(2, 1)], named(&["cat", "dog"]))));
        assert_eq!(number(&["_background_", "cat"], &[1]), Some((vec![(1, 0)], named(&["cat"]))));
        assert_eq!(number(&["cat"], &[1, 2]), None);
        assert_eq!(coloured("sky:0, 128,255::"), Some(("sky".into(), 0x0080ff)));
        assert_eq!(coloured("sky,0,128,255"), Some(("sky".into(), 0x0080ff)));
        assert_eq!(coloured("sky"), None);
    }
}
