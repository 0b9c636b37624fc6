//! A table with a header: an image and its class on each row, or an image, a class and a box.

mod columns;

use std::collections::{BTreeMap, HashSet};

use trainyard_events::limits::UNREADABLE_SHARE;
use trainyard_events::reason::{Advice, Cause, Flaw, LabelFormat, Place, Unfit};

use super::classes::Classes;
use super::draft::{Draft, DraftImage, DraftLabel};
use super::split::{split_in_folders, split_in_name, split_of_folder, unused};
use crate::limits::{ANNOTATION_FILE_BYTES, IMAGE_LABELS};
use crate::manifest::{Label, Split};
use crate::names::{Missing, Names, fold};
use crate::refusal::{Refusal, flawed};
use crate::root::{File, Listing, folder_of, name_of, stem_of};
use columns::{Class, Columns, Corners, mark};

/// The tables whose header names an image and a class. What somebody would hand in to a competition is no label.
pub fn recognise(listing: &Listing) -> Option<Vec<usize>> {
    let is_one = |(_, file): &(usize, &File)| {
        let head = listing.head(file);
        let text = crate::text::decode(head.clone())
            .map_or_else(|_| String::from_utf8_lossy(&head).into_owned(), |(text, _)| text);
        header(&text).is_some() && !fold(&file.name).contains("submission")
    };
    let files: Vec<usize> = listing.ending(&["csv", "tsv"]).filter(is_one).map(|(index, _)| index).collect();
    (!files.is_empty()).then_some(files)
}

/// What stands between two columns, and which column is what.
fn header(text: &str) -> Option<(u8, Columns)> {
    [b',', b';', b'\t'].into_iter().find_map(|between| {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(between).flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().ok()?.clone();
        let columns = Columns::of(&header).or_else(|| {
            // The last one may be cut off where only the beginning is looked at.
            let mut rows: Vec<_> = reader.records().filter_map(Result::ok).take(ROWS_SEEN + 1).collect();
            rows.truncate(rows.len().saturating_sub(1).max(1));
            Columns::of_marks(&header, &rows)
        });
        Some((between, columns?))
    })
}

/// Rows that tell which columns are classes.
const ROWS_SEEN: usize = 200;

pub fn read(names: &Names, files: &[usize]) -> Result<Draft, Refusal> {
    let (mut rows, mut listed) = (Vec::new(), Vec::new());
    for file in files {
        table(names, *file, &mut rows, &mut listed)?;
    }
    // Columns have an order of their own, names have none.
    let named = Classes::sorted(rows.iter().map(|row| row.class.as_str()).filter(|class| !class.is_empty()));
    let classes = match listed.is_empty() {
        true => named,
        false => Classes::of(
            listed.iter().map(String::as_str).chain(named.into_names().iter().map(String::as_str)),
        ),
    };
    let is_relative = are_parts(&rows);
    let stems = Stems::of(names.listing);
    let mut draft = Draft::new(LabelFormat::Csv, Vec::new());
    let mut images: BTreeMap<(usize, Split), Found> = BTreeMap::new();
    for row in rows {
        let path = names.name(row.file);
        let told =
            row.split.or_else(|| split_in_name(stem_of(name_of(path)))).or_else(|| split_in_folders(path));
        match stems.find(names, path, &row.image, told) {
            Ok(image) => {
                let split = told.or_else(|| split_in_folders(names.name(image))).unwrap_or(Split::Train);
                images.entry((image, split)).or_default().add(row, path, &classes, is_relative);
            }
            Err(missing) => draft.problems.push(flawed(&row.image, vec![missing.flaw(path)])),
        }
    }
    refuse_several(names, &images)?;
    for ((file, split), found) in images {
        let name = names.name(file);
        let stated = found.stated;
        let labels = found.labels().map_err(|flaw| flawed(name, vec![flaw]));
        draft.images.push(DraftImage { file, split, is_labelled: true, stated, labels });
    }
    draft.classes = classes.into_names();
    let used: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unused(names.listing, &used));
    Ok(draft)
}

/// Images of several classes at once are no mistake where they are many: another task is meant.
fn refuse_several(names: &Names, images: &BTreeMap<(usize, Split), Found>) -> Result<(), Refusal> {
    let several: Vec<(usize, &Found)> = images
        .iter()
        .filter(|(_, found)| found.is_several())
        .map(|((file, _), found)| (*file, found))
        .collect();
    let Some((first, found)) =
        several.first().filter(|_| several.len() as f64 > UNREADABLE_SHARE * images.len() as f64)
    else {
        return Ok(());
    };
    let (path, first) = (names.name(found.table).to_owned(), names.name(*first).to_owned());
    let bad: Vec<_> =
        several.iter().map(|(file, _)| flawed(names.name(*file), vec![Flaw::LabelledTwice])).collect();
    let because = Unfit::SeveralClassesEach { path, images: several.len() as u64, first };
    Err(Refusal::new(because, Advice::OneClassEach).with_files(&bad))
}

/// Whether all boxes are parts of the image's sides: none in pixels is so small.
fn are_parts(rows: &[Row]) -> bool {
    let mut boxes = rows.iter().filter_map(|row| row.bounds?.ok()).peekable();
    boxes.peek().is_some() && boxes.all(|bounds| bounds.iter().all(|number| number.abs() <= 1.0))
}

/// One row as written.
struct Row {
    file: usize,
    line: u64,
    image: String,
    class: String,
    /// Left, top, width, height.
    bounds: Option<Result<[f64; 4], ()>>,
    stated: Option<(u32, u32)>,
    split: Option<Split>,
}

/// Adds the rows of a table, and the classes that it has a column for.
fn table(names: &Names, index: usize, rows: &mut Vec<Row>, listed: &mut Vec<String>) -> Result<(), Refusal> {
    let file = &names.listing.files[index];
    let wrong = |flaw| Refusal::of_file(&file.name, flaw, Advice::RewriteFile);
    let not_csv =
        |said: String| wrong(Flaw::NotOfFormat { format: LabelFormat::Csv, cause: Cause::said(said) });
    let text = names.listing.text(file, ANNOTATION_FILE_BYTES).map_err(wrong)?;
    let (between, columns) = header(&text).ok_or_else(|| not_csv("no header".into()))?;
    let mut reader = csv::ReaderBuilder::new().delimiter(between).flexible(true).from_reader(text.as_bytes());
    if let Class::OneColumnEach(classes) = &columns.class {
        listed.extend(classes.iter().map(|(_, name)| name.clone()));
    }
    for record in reader.records() {
        let record = record.map_err(|error| not_csv(error.to_string()))?;
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).map(str::trim);
        let Some(image) = cell(Some(columns.image)).filter(|image| !image.is_empty()) else { continue };
        // A row without numbers is of an image without an object, whatever that is called.
        let is_blank = |column: usize| {
            cell(Some(column)).is_none_or(|cell| cell.is_empty() || cell.eq_ignore_ascii_case("nan"))
        };
        let is_without = columns.corners.is_some_and(|corners| corners.columns().into_iter().all(is_blank));
        let line = record.position().map_or(0, csv::Position::line);
        let said = match &columns.class {
            _ if is_without => vec![""],
            Class::Named(column) => vec![cell(Some(*column)).unwrap_or_default()],
            Class::OneColumnEach(classes) => marked(&record, classes)
                .ok_or_else(|| not_csv(format!("line {line} has another number than 0 and 1")))?,
        };
        let number = |column: usize| super::xml::number(cell(Some(column))?);
        let side = |column| cell(column)?.parse::<u32>().ok().filter(|side| *side > 0);
        rows.extend(said.into_iter().map(|class| Row {
            file: index,
            line,
            image: image.to_owned(),
            class: class.to_owned(),
            bounds: columns.corners.map(|corners| bounds(corners, number).ok_or(())),
            stated: side(columns.width).zip(side(columns.height)),
            split: cell(columns.split).and_then(split_of_folder),
        }));
    }
    Ok(())
}

/// The classes whose columns say yes; one without a name where none does.
fn marked<'a>(record: &csv::StringRecord, classes: &'a [(usize, String)]) -> Option<Vec<&'a str>> {
    let mut marked = Vec::new();
    for (column, name) in classes {
        if mark(record.get(*column).unwrap_or_default())? {
            marked.push(name.as_str());
        }
    }
    Some(if marked.is_empty() { vec![""] } else { marked })
}

fn bounds(corners: Corners, number: impl Fn(usize) -> Option<f64>) -> Option<[f64; 4]> {
    match corners {
        Corners::Edges(columns) => {
            let [left, top, right, bottom] = columns.map(&number);
            Some([left?, top?, right? - left?, bottom? - top?])
        }
        Corners::Sides(columns) => {
            let [left, top, width, height] = columns.map(&number);
            Some([left?, top?, width?, height?])
        }
    }
}

/// What all rows of one image say.
#[derive(Default)]
struct Found {
    /// The first that names it.
    table: usize,
    labels: Vec<DraftLabel>,
    stated: Option<(u32, u32)>,
    flaw: Option<Flaw>,
}

impl Found {
    fn add(&mut self, row: Row, path: &str, classes: &Classes, is_relative: bool) {
        if self.labels.is_empty() {
            self.table = row.file;
        }
        self.stated = self.stated.or(row.stated);
        let place = Place::Line { line: row.line, file: path.to_owned() };
        // A row without a class is an image without an object.
        let Some(class) = classes.find(&row.class).filter(|_| !row.class.is_empty()) else { return };
        let bounds = match row.bounds.transpose() {
            Ok(bounds) => bounds,
            Err(()) => {
                self.flaw.get_or_insert(Flaw::NumbersUnusable { place });
                return;
            }
        };
        let label = DraftLabel { label: Label { bounds, ..Label::of_class(class) }, is_relative, place };
        let is_repeated = bounds.is_none() && self.labels.iter().any(|other| other.label == label.label);
        if !is_repeated {
            self.labels.push(label);
        }
    }

    /// Whether it is of several classes as a whole.
    fn is_several(&self) -> bool {
        self.labels.iter().filter(|label| label.label.is_of_image()).count() > 1
    }

    fn labels(self) -> Result<Vec<DraftLabel>, Flaw> {
        let is_several = self.is_several();
        match self.flaw {
            Some(flaw) => Err(flaw),
            None if is_several => Err(Flaw::LabelledTwice),
            None if self.labels.len() > IMAGE_LABELS => {
                Err(Flaw::MoreBoxesThan { limit: IMAGE_LABELS as u64 })
            }
            None => Ok(self.labels),
        }
    }
}

/// Images by their names without endings: tables often name them so.
struct Stems(std::collections::HashMap<String, Vec<usize>>);

impl Stems {
    fn of(listing: &Listing) -> Stems {
        let mut stems: std::collections::HashMap<String, Vec<usize>> = std::collections::HashMap::new();
        for (index, file) in listing.images() {
            stems.entry(fold(stem_of(name_of(&file.name)))).or_default().push(index);
        }
        Stems(stems)
    }

    fn find(
        &self,
        names: &Names,
        table: &str,
        written: &str,
        split: Option<Split>,
    ) -> Result<usize, Missing> {
        let should = |name: &str| split_in_folders(name) == split;
        let found = names.find_image(&[folder_of(table), "", "images"], written, should);
        let Err(Missing::Nowhere) = found else { return found };
        let all = self.0.get(&fold(name_of(written))).map(Vec::as_slice).unwrap_or_default();
        let of_split: Vec<usize> = all.iter().copied().filter(|file| should(names.name(*file))).collect();
        match (all, &of_split[..]) {
            ([], _) => Err(Missing::Nowhere),
            ([only], _) | (_, [only]) => Ok(*only),
            _ => Err(Missing::Ambiguous(all.len() as u64)),
        }
    }
}
