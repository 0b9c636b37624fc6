//! A manifest as lines of JSON.

use std::io::{BufRead, Read, Write};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{FORM, Header, Image, Manifest, ManifestError};
use trainyard_events::limits::MANIFEST_LINE_BYTES;

pub fn write(manifest: &Manifest, to: &mut impl Write) -> Result<(), ManifestError> {
    line(&manifest.header, to)?;
    manifest.images.iter().try_for_each(|image| line(image, to))
}

fn line(value: &impl serde::Serialize, to: &mut impl Write) -> Result<(), ManifestError> {
    let mut text = serde_json::to_vec(value).map_err(std::io::Error::from)?;
    text.push(b'\n');
    Ok(to.write_all(&text)?)
}

/// The one field that every form has.
#[derive(Deserialize)]
struct AnyForm {
    form: u32,
}

pub fn read(mut from: impl BufRead) -> Result<Manifest, ManifestError> {
    let first = next(&mut from, 1)?.ok_or_else(|| ManifestError::broken(1, "nothing is there"))?;
    let AnyForm { form } =
        serde_json::from_slice(&first).map_err(|error| ManifestError::broken(1, error.to_string()))?;
    if form > FORM {
        return Err(ManifestError::NewerForm { form, known: FORM });
    }
    let header: Header = parse(&first, 1)?;
    let mut images: Vec<Image> = Vec::new();
    for number in 2.. {
        let Some(text) = next(&mut from, number)? else { break };
        images.push(parse(&text, number)?);
    }
    Ok(Manifest { header, images })
}

fn next(from: &mut impl BufRead, number: u64) -> Result<Option<Vec<u8>>, ManifestError> {
    let mut text = Vec::new();
    let limit = MANIFEST_LINE_BYTES as u64 + 1;
    from.by_ref().take(limit).read_until(b'\n', &mut text)?;
    match text.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(text)),
        Some(_) if text.len() as u64 >= limit - 1 => Err(ManifestError::broken(number, "it is too long")),
        Some(_) => Err(ManifestError::broken(number, "it is cut off")),
    }
}

fn parse<T: DeserializeOwned>(text: &[u8], line: u64) -> Result<T, ManifestError> {
    serde_json::from_slice(text).map_err(|error| {
        let said = error.to_string();
        if said.starts_with("unknown field") || said.starts_with("unknown variant") {
            ManifestError::NewerField { line, said }
        } else {
            ManifestError::broken(line, said)
        }
    })
}
