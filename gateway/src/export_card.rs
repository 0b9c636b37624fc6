//! The card in a model's export, read from the end of the file in the store: what it does with an image, and what its outputs
//! are.

use trainyard_events::card::{Card, KEY};
use trainyard_events::results::Artifact;
use trainyard_store::{Store, StoreError};

/// The end of the file that is read: room for a card with the most classes and the longest names.
const END_BYTES: u64 = 1 << 20;

/// `None` where the export has no card that can be read: weights alone have none there.
pub(crate) async fn read(store: &Store, export: &Artifact) -> Result<Option<Card>, StoreError> {
    let end = store.get_end(&export.key, export.bytes, END_BYTES).await?;
    Ok(last_card(&end))
}

/// Metadata is the last field of an ONNX file: an entry of the key, which is field 1, and the value, which is field 2.
fn last_card(end: &[u8]) -> Option<Card> {
    let key: Vec<u8> = [&[KEY.len() as u8][..], KEY.as_bytes(), &[0x12]].concat();
    let at = end.windows(key.len()).rposition(|window| window == key)?;
    let (length, rest) = varint(&end[at + key.len()..])?;
    serde_json::from_slice(rest.get(..length)?).ok()
}

/// A number of protobuf, and what follows it.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        number |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use trainyard_events::card::{Card, Output, Preprocessing};
    use trainyard_events::config::{Resize, Task};

    use super::last_card;

    fn card(classes: usize) -> Card {
        let preprocessing = Preprocessing {
            image_size: 64,
            resize: Resize::Letterbox,
            mean: [0.5; 3],
            std: [0.25; 3],
            sample_bits: None,
        };
        let classes = (0..classes).map(|class| format!("class {class}")).collect();
        let card = Card::new(Task::Classify, "resnet18".to_owned(), classes, preprocessing);
        Card { output: Some(Output::Logits), ..card }
    }

    fn entry(card: &Card) -> Vec<u8> {
        let json = serde_json::to_vec(card).expect("plain data");
        let mut entry = b"\x0a\x09trainyard\x12".to_vec();
        let mut length = json.len();
        while length > 0x7f {
            entry.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        entry.push(length as u8);
        entry.extend(json);
        entry
    }

    #[test]
    fn a_card_is_found_behind_anything_and_its_length_believed_only_so_far() {
        for classes in [1, 3, 1_000] {
            let card = card(classes);
            let whole = [b"weights \x09trainyard\x12 of a graph".as_slice(), &entry(&card)].concat();
            assert_eq!(last_card(&whole).as_ref(), Some(&card), "{classes} classes");
            assert_eq!(last_card(&[&whole[..], b"\xa2\x01\x04more"].concat()), Some(card));
            for cut in [whole.len() - 1, whole.len() - 30] {
                assert_eq!(last_card(&whole[..cut]), None, "cut at {cut}");
            }
        }
        for none in [
            &b""[..],
            b"not really weights",
            b"\x09trainyard\x12",
            b"\x09trainyard\x12\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(last_card(none), None);
        }
    }
}
