//! What a JSON file is, told by the names at its top, without taking all of it into memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::BufReader;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use trainyard_events::reason::{Advice, Cause, Flaw, LabelFormat};

use crate::limits::{ANNOTATION_FILE_BYTES, JSON_KEYS};
use crate::refusal::Refusal;
use crate::root::{File, Listing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    List,
    Object,
    Other,
}

/// The top of a file, as far as it can be read.
#[derive(Debug, Default)]
pub struct Shape {
    /// Whether it is a list; then `fields` are those of its first object.
    pub is_list: bool,
    pub fields: BTreeMap<String, Kind>,
    pub broken: Option<Flaw>,
}

impl Shape {
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub fn is(&self, name: &str, kind: Kind) -> bool {
        self.fields.get(name) == Some(&kind)
    }
}

/// Every JSON file with its shape.
pub fn shapes(listing: &Listing) -> Vec<(usize, Shape)> {
    listing.ending(&["json"]).map(|(index, file)| (index, shape(listing, file))).collect()
}

fn shape(listing: &Listing, file: &File) -> Shape {
    let found = RefCell::new(Shape::default());
    let read = open(listing, file).and_then(|reader| {
        let mut reader = serde_json::Deserializer::from_reader(reader);
        let look = Look { into: Some(&found), is_top: true };
        look.deserialize(&mut reader).and_then(|_| reader.end()).map_err(|error| not_json(&error))
    });
    let mut found = found.into_inner();
    found.broken = read.err();
    found
}

fn not_json(error: &serde_json::Error) -> Flaw {
    Flaw::NotJson { cause: Cause::said(error.to_string()) }
}

/// Past a mark of byte order, which JSON does not have and Windows writes.
fn open(listing: &Listing, file: &File) -> Result<Box<dyn std::io::Read>, Flaw> {
    if file.bytes > ANNOTATION_FILE_BYTES {
        return Err(Flaw::LargerThanMib { mib: ANNOTATION_FILE_BYTES >> 20 });
    }
    let opened = listing.open(file)?;
    let head = listing.head(file);
    if head.is_ascii() || std::str::from_utf8(&head).is_ok() && !head.starts_with(b"\xef\xbb\xbf") {
        return Ok(Box::new(BufReader::with_capacity(
            1 << 20,
            std::io::Read::take(opened, ANNOTATION_FILE_BYTES),
        )));
    }
    // Other encodings, and a character cut at the end of the head, go through text.
    Ok(Box::new(std::io::Cursor::new(listing.text(file, ANNOTATION_FILE_BYTES)?.into_bytes())))
}

/// The whole file as one type. `format` is what it is taken for.
pub fn read<T: DeserializeOwned>(listing: &Listing, file: &File, format: LabelFormat) -> Result<T, Flaw> {
    serde_json::from_reader(open(listing, file)?).map_err(|error| {
        let cause = Cause::said(error.to_string());
        match format {
            _ if error.is_syntax() || error.is_eof() => Flaw::NotJson { cause },
            LabelFormat::Coco => Flaw::NotCoco { cause },
            _ => Flaw::NotOfFormat { format, cause },
        }
    })
}

/// The same of a file on which everything depends.
pub fn read_or_refuse<T: DeserializeOwned>(
    listing: &Listing,
    file: &File,
    format: LabelFormat,
) -> Result<T, Refusal> {
    read(listing, file, format).map_err(|flaw| Refusal::of_file(&file.name, flaw, Advice::RewriteFile))
}

/// Looks at one value: its fields go into a shape, or nowhere; everything below is passed over.
struct Look<'a> {
    into: Option<&'a RefCell<Shape>>,
    is_top: bool,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let Some(shape) = self.into else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Kind::Object);
        };
        while let Some(name) = map.next_key::<String>()? {
            let note = |kind| {
                let fields = &mut shape.borrow_mut().fields;
                if fields.len() < JSON_KEYS || fields.contains_key(&name) {
                    fields.insert(name.clone(), kind);
                }
            };
            // Before its value is read: what breaks in it is known by its name.
            note(Kind::Other);
            note(map.next_value_seed(Look { into: None, is_top: false })?);
        }
        Ok(Kind::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        if let Some(shape) = self.into.filter(|_| self.is_top) {
            shape.borrow_mut().is_list = true;
            list.next_element_seed(Look { into: Some(shape), is_top: false })?;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kind::List)
    }

    fn visit_str<E>(self, _: &str) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Kind, E> {
        Ok(Kind::Other)
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Other)
    }
}
