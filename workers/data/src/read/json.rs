//! What a JSON file is, told by the names at its top, without taking all of it into memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::BufReader;

use serde::Deserialize;
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
        Top(&found).deserialize(&mut reader).and_then(|()| reader.end()).map_err(|error| not_json(&error))
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

struct Top<'a>(&'a RefCell<Shape>);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            // Before its value is read: what breaks in it is known by its name.
            let is_room = self.0.borrow().fields.len() < JSON_KEYS;
            if is_room {
                self.0.borrow_mut().fields.insert(name.clone(), Kind::Other);
            }
            let Glance(kind) = map.next_value()?;
            if is_room {
                self.0.borrow_mut().fields.insert(name, kind);
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.borrow_mut().is_list = true;
        if list.next_element_seed(First(self.0))?.is_some() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }
}

/// The first element of a list: its fields if it is an object.
struct First<'a>(&'a RefCell<Shape>);

impl<'de> DeserializeSeed<'de> for First<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for First<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Top(self.0).visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// What kind of value something is; the value itself is passed over.
struct Glance(Kind);

impl<'de> Deserialize<'de> for Glance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;
        impl<'de> Visitor<'de> for Look {
            type Value = Glance;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Glance, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Glance(Kind::Object))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Glance, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Glance(Kind::List))
            }

            fn visit_str<E>(self, _: &str) -> Result<Glance, E> {
                Ok(Glance(Kind::Other))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Glance, E> {
                Ok(Glance(Kind::Other))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Glance, E> {
                Ok(Glance(Kind::Other))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Glance, E> {
                Ok(Glance(Kind::Other))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Glance, E> {
                Ok(Glance(Kind::Other))
            }

            fn visit_unit<E>(self) -> Result<Glance, E> {
                Ok(Glance(Kind::Other))
            }
        }
        deserializer.deserialize_any(Look)
    }
}
