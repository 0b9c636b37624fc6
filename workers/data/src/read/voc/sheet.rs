//! One XML file of Pascal VOC.

use roxmltree::Node;
use trainyard_events::reason::{Flaw, ObjectFlaw};

use crate::limits::{IMAGE_LABELS, XML_NODES};
use crate::read::xml::{child, number, parse as parse_xml, text_of};

/// What one file says.
#[derive(Debug)]
pub struct Sheet {
    pub file_name: Option<String>,
    pub stated: Option<(u32, u32)>,
    pub objects: Vec<Object>,
}

#[derive(Debug, PartialEq)]
pub struct Object {
    pub class: String,
    /// As written.
    pub corners: [f64; 4],
    pub difficult: bool,
}

pub fn parse(text: &str) -> Result<Sheet, Flaw> {
    let document = parse_xml(text, XML_NODES)?;
    let root = document.root_element();
    if !root.has_tag_name("annotation") {
        return Err(Flaw::NotAnAnnotation { element: root.tag_name().name().to_owned() });
    }
    let whole = |name: &str| child(root, "size").and_then(|size| number(text_of(size, name)?));
    let nodes = root.children().filter(|node| node.has_tag_name("object"));
    let objects = (1..)
        .zip(nodes)
        .map(|(number, node)| object(node).map_err(|flaw| Flaw::Object { object: number, flaw }))
        .collect::<Result<Vec<_>, _>>()?;
    if objects.len() > IMAGE_LABELS {
        return Err(Flaw::TooManyBoxes { boxes: objects.len() as u64, limit: IMAGE_LABELS as u64 });
    }
    Ok(Sheet {
        file_name: text_of(root, "filename").map(str::to_owned),
        // Some tools write 0 x 0 for "unknown".
        stated: whole("width")
            .zip(whole("height"))
            .filter(|(width, height)| *width >= 1.0 && *height >= 1.0)
            .map(|(width, height)| (width as u32, height as u32)),
        objects,
    })
}

fn object(node: Node) -> Result<Object, ObjectFlaw> {
    let class = text_of(node, "name").filter(|name| !name.is_empty()).ok_or(ObjectFlaw::NoName)?.to_owned();
    let bounds = child(node, "bndbox").ok_or(ObjectFlaw::NoBox)?;
    let side = |name: &str| -> Result<f64, ObjectFlaw> {
        let side = || name.to_owned();
        let word = text_of(bounds, name).ok_or_else(|| ObjectFlaw::NoSide { side: side() })?;
        number(word).ok_or_else(|| ObjectFlaw::SideNotANumber { side: side(), word: word.to_owned() })
    };
    let corners = [side("xmin")?, side("ymin")?, side("xmax")?, side("ymax")?];
    Ok(Object { class, corners, difficult: text_of(node, "difficult") == Some("1") })
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
