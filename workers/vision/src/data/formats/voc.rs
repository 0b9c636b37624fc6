//! Pascal VOC: an XML file with names and corners for each image.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::Read;

use rayon::prelude::*;
use roxmltree::{Document, Node, ParsingOptions};
use trainyard_events::dataset::DatasetFormat;
use trainyard_events::reason::{Advice, Cause, Caution, Flaw, ObjectFlaw, Place as Written, Unfit};

use crate::data::folder::{Split, is_image};
use crate::data::formats::annotations::{Annotated, Annotations, Mark};
use crate::data::formats::places::{Place, Places, folder, name, stem};
use crate::data::formats::splits::{split_in_folders, unused};
use crate::data::formats::text::read_label_file;
use crate::data::refusal::{Refusal, flawed};
use crate::limits::{IMAGE_BOXES, XML_NODES};

/// Bytes at the start of an XML file in which its first element has to begin.
const HEAD_BYTES: u64 = 4 * 1024;

/// The XML files that hold an `annotation`.
pub fn annotation_files<'a>(places: &Places<'a>) -> Option<Vec<&'a str>> {
    let is_annotation = |path: &&str| {
        let mut head = Vec::new();
        let read = fs::File::open(places.on_disk(path))
            .and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
        read.is_ok() && String::from_utf8_lossy(&head).contains("<annotation")
    };
    let xml: Vec<&str> =
        places.tree.files.iter().map(String::as_str).filter(|path| path.ends_with(".xml")).collect();
    // One that is known to be of this format is enough; a broken one among them is reported, not passed over.
    xml.iter().any(is_annotation).then_some(xml)
}

/// What one file says.
#[derive(Debug)]
struct Sheet {
    file_name: Option<String>,
    stated: Option<(u32, u32)>,
    objects: Vec<Object>,
}

#[derive(Debug, PartialEq)]
struct Object {
    class: String,
    /// As written.
    corners: [f64; 4],
    difficult: bool,
}

/// An object that is marked as difficult is a crowd here: not trained on and not judged, as VOC's own evaluation has it.
pub fn read(places: &Places, files: &[&str]) -> Result<Annotations, Refusal> {
    let mut problems = Vec::new();
    let mut cautions = Vec::new();
    let sets = image_sets(places)?;
    let sheets: Vec<(&str, Result<Sheet, Flaw>)> = files
        .par_iter()
        .map(|file| (*file, read_label_file(&places.on_disk(file)).and_then(|text| parse(&text))))
        .collect();
    let objects =
        || sheets.iter().filter_map(|(_, sheet)| sheet.as_ref().ok()).flat_map(|sheet| &sheet.objects);
    let names: BTreeSet<&str> = objects().map(|object| object.class.as_str()).collect();
    let class: HashMap<&str, usize> = names.iter().enumerate().map(|(index, name)| (*name, index)).collect();

    // VOC counts pixels from 1 and names the first and the last inside: the box's edges are min - 1 and max. Where some
    // box begins below 1, the tool wrote edges from 0.
    let starts = || objects().flat_map(|object| &object.corners[..2]);
    let first = if starts().all(|start| *start >= 1.0) { 1.0 } else { 0.0 };

    let mut images = Vec::new();
    let mut labelled: HashSet<&str> = HashSet::new();
    let mut unlisted = 0;
    for (file, sheet) in &sheets {
        let problem = |flaw: Flaw| flawed(file, vec![flaw]);
        let named = sheet.as_ref().ok().and_then(|sheet| sheet.file_name.as_deref());
        let Some(path) = image_of(places, file, named) else {
            problems.push(problem(Flaw::LabelWithoutImage));
            continue;
        };
        labelled.insert(path);
        let Some(split) = split_of(&sets, path) else {
            unlisted += 1;
            continue;
        };
        let marks = sheet
            .as_ref()
            .map_err(|flaw| problem(flaw.clone()))
            .map(|sheet| marks(sheet, file, &class, first));
        let stated = sheet.as_ref().ok().and_then(|sheet| sheet.stated);
        images.push(Annotated { path: path.to_owned(), split, is_labelled: true, stated, marks });
    }
    let rest = places.tree.files.iter().filter(|path| is_image(path) && !labelled.contains(path.as_str()));
    // An image of a split without a sheet is background; without image sets, any image beside them is.
    for (path, split) in rest.filter_map(|path| Some((path, split_of(&sets, path)?))) {
        images.push(Annotated {
            path: path.clone(),
            split,
            is_labelled: false,
            stated: None,
            marks: Ok(Vec::new()),
        });
    }
    if unlisted > 0 {
        cautions.push(Caution::LabelsInNoSplit { labels: unlisted });
    }
    let used = images.iter().map(|image| image.path.as_str()).chain(labelled.iter().copied()).collect();
    cautions.extend(unused(places.tree, &used));
    let split = images.iter().any(|image| image.split == Split::Validation);
    let classes = names.into_iter().map(str::to_owned).collect();
    Ok(Annotations { format: DatasetFormat::PascalVoc, classes, split, images, problems, cautions })
}

/// `first` is what the first pixel of a side is called.
fn marks(sheet: &Sheet, file: &str, class: &HashMap<&str, usize>, first: f64) -> Vec<Mark> {
    let edges = |[x1, y1, x2, y2]: [f64; 4]| [x1 - first, y1 - first, x2, y2];
    let mark = |(index, object): (usize, &Object)| Mark {
        class: class[object.class.as_str()],
        corners: edges(object.corners),
        is_relative: false,
        crowd: object.difficult,
        place: Written::Object { object: index as u64 + 1, file: file.to_owned() },
    };
    sheet.objects.iter().enumerate().map(mark).collect()
}

/// ImageSets/Main/{train,val,trainval,test}.txt: the split of each image by its name without extension.
fn image_sets<'a>(places: &Places<'a>) -> Result<Option<HashMap<String, Split>>, Refusal> {
    let sets: HashMap<&str, &'a str> = places
        .tree
        .files
        .iter()
        .filter(|path| folder(path).ends_with("ImageSets/Main"))
        .map(|path| (name(path), path.as_str()))
        .collect();
    let train = sets.get("train.txt").or(sets.get("trainval.txt"));
    let Some(train) = train else { return Ok(None) };
    let mut split_of = HashMap::new();
    let all = [
        (Some(train), Split::Train),
        (sets.get("val.txt"), Split::Validation),
        (sets.get("test.txt"), Split::Test),
    ];
    for (path, split) in all.into_iter().filter_map(|(path, split)| Some((path?, split))) {
        let text = read_label_file(&places.on_disk(path)).map_err(|flaw| {
            Refusal::new(Unfit::ImageSet { path: (*path).to_owned(), flaw }, Advice::OneImagePerLine)
        })?;
        // Lists of one class have a second column; these have none, but some tools write it.
        split_of.extend(
            text.lines().filter_map(|line| Some((line.split_whitespace().next()?.to_owned(), split))),
        );
    }
    Ok(Some(split_of))
}

/// From the image sets, else from the names of folders, else to train on.
fn split_of(sets: &Option<HashMap<String, Split>>, path: &str) -> Option<Split> {
    match sets {
        Some(sets) => sets.get(stem(name(path))).copied(),
        None => Some(split_in_folders(path).unwrap_or(Split::Train)),
    }
}

/// Beside its label, in JPEGImages or images beside the label's folder, or the only one that is called so.
fn image_of<'a>(places: &Places<'a>, file: &str, named: Option<&str>) -> Option<&'a str> {
    let (here, above) = (folder(file), folder(folder(file)));
    let start = stem(name(file));
    let names =
        ["jpg", "jpeg", "png", "bmp", "webp", "JPG", "JPEG", "PNG"].map(|end| format!("{start}.{end}"));
    let bases = [here.to_owned(), format!("{above}/JPEGImages"), format!("{above}/images")];
    let bases = bases.each_ref().map(|base| base.as_str());
    let found = |name: &str| match places.find(&bases, name) {
        Some(Place::File(path)) if is_image(path) => Some(path),
        _ => None,
    };
    let named = named.map(|path| path.replace('\\', "/"));
    let written = named.as_deref().map(name).filter(|written| stem(written) == start);
    written.and_then(found).or_else(|| names.iter().find_map(|name| found(name))).or_else(|| {
        match places.ending_with(name(named.as_deref()?))[..] {
            [path] if is_image(path) => Some(path),
            _ => None,
        }
    })
}

fn parse(text: &str) -> Result<Sheet, Flaw> {
    // A document type could define entities; no annotation needs one, and none is read.
    let options = ParsingOptions { nodes_limit: XML_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| Flaw::NotXml { cause: Cause::said(error.to_string()) })?;
    let root = document.root_element();
    if !root.has_tag_name("annotation") {
        return Err(Flaw::NotAnAnnotation { element: root.tag_name().name().to_owned() });
    }
    let whole = |name: &str| child(root, "size").and_then(|size| text_of(size, name)?.parse::<u32>().ok());
    let nodes = root.children().filter(|node| node.has_tag_name("object"));
    let objects = (1..)
        .zip(nodes)
        .map(|(number, node)| object(node).map_err(|flaw| Flaw::Object { object: number, flaw }))
        .collect::<Result<Vec<_>, _>>()?;
    if objects.len() > IMAGE_BOXES {
        return Err(Flaw::TooManyBoxes { boxes: objects.len() as u64, limit: IMAGE_BOXES as u64 });
    }
    Ok(Sheet {
        file_name: text_of(root, "filename").map(str::to_owned),
        // Some tools write 0 x 0 for "unknown".
        stated: whole("width").zip(whole("height")).filter(|(width, height)| *width > 0 && *height > 0),
        objects,
    })
}

fn object(node: Node) -> Result<Object, ObjectFlaw> {
    let class = text_of(node, "name").filter(|name| !name.is_empty()).ok_or(ObjectFlaw::NoName)?.to_owned();
    let bounds = child(node, "bndbox").ok_or(ObjectFlaw::NoBox)?;
    let side = |name: &str| -> Result<f64, ObjectFlaw> {
        let side = || name.to_owned();
        let word = text_of(bounds, name).ok_or_else(|| ObjectFlaw::NoSide { side: side() })?;
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| ObjectFlaw::SideNotANumber { side: side(), word: word.to_owned() })
    };
    let corners = [side("xmin")?, side("ymin")?, side("xmax")?, side("ymax")?];
    Ok(Object { class, corners, difficult: text_of(node, "difficult") == Some("1") })
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text_of<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}

#[cfg(test)]
mod tests {
    use trainyard_words::english;

    use super::*;

    #[test]
    fn a_sheet_is_read() {
        let sheet = parse(
            "<annotation><filename>1.jpg</filename><size><width>40</width><height>30</height></size>\
             <object><name> cat </name><difficult>1</difficult>\
             <bndbox><ymin>2</ymin><xmin>1</xmin><xmax>3.5</xmax><ymax>4</ymax></bndbox>\
             <part><name>head</name><bndbox/></part></object></annotation>",
        )
        .unwrap();
        assert_eq!((sheet.file_name.as_deref(), sheet.stated), (Some("1.jpg"), Some((40, 30))));
        assert_eq!(
            sheet.objects,
            [Object { class: "cat".into(), corners: [1.0, 2.0, 3.5, 4.0], difficult: true }]
        );
    }

    #[test]
    fn what_is_no_sheet_says_why() {
        let bomb =
            "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><annotation>&c;</annotation>";
        let deep = "<a>".repeat(1_000_000);
        let object = |inside: &str| format!("<annotation><object>{inside}</object></annotation>");
        for (text, words) in [
            ("", "not readable XML"),
            ("<annotation><object>", "not readable XML"),
            ("<html/>", "<html>"),
            (bomb, "not readable XML"),
            (&deep, "not readable XML"),
            (&object(""), "object 1 has no name"),
            (&object("<name>a</name>"), "object 1 has no bndbox"),
            (&object("<name>a</name><bndbox><xmin>nan</xmin></bndbox>"), "\"nan\" as xmin"),
            (&object("<name>a</name><bndbox><xmin>1</xmin></bndbox>"), "has no ymin"),
        ] {
            let problem = english(&parse(text).unwrap_err());
            assert!(problem.contains(words), "{problem}");
        }
    }
}
