//! Bytes to text as people's tools write it: UTF-8, UTF-16 with a mark, or Korean Windows' CP949.

use encoding_rs::{EUC_KR, UTF_16BE, UTF_16LE};
use trainyard_events::reason::Flaw;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Cp949,
}

/// CP949 is what is left when it is no UTF-8: its decoder takes the whole of the code page, not only EUC-KR's part.
pub fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), Flaw> {
    let strictly = |encoding: &'static encoding_rs::Encoding, bytes: &[u8]| {
        let text =
            encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or(Flaw::NotText)?;
        // Text has no zeros; other bytes that happen to decode do.
        if text.contains('\0') { Err(Flaw::NotText) } else { Ok(text.into_owned()) }
    };
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Ok((strictly(UTF_16LE, rest)?, Encoding::Utf16));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Ok((strictly(UTF_16BE, rest)?, Encoding::Utf16));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text), Encoding::Utf8)),
        Err(error) => Ok((strictly(EUC_KR, error.as_bytes())?, Encoding::Cp949)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_was_written() {
        let utf16 = |big: bool| -> Vec<u8> {
            "\u{feff}고양이"
                .encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        // 똠 is of CP949 and not of EUC-KR.
        let cp949 = EUC_KR.encode("똠양꿍").0.into_owned();
        for (bytes, text, encoding) in [
            ("고양이".as_bytes().to_vec(), "고양이", Encoding::Utf8),
            ("\u{feff}고양이".as_bytes().to_vec(), "고양이", Encoding::Utf8),
            (utf16(false), "고양이", Encoding::Utf16),
            (utf16(true), "고양이", Encoding::Utf16),
            (cp949, "똠양꿍", Encoding::Cp949),
            (Vec::new(), "", Encoding::Utf8),
        ] {
            assert_eq!(decode(bytes).unwrap(), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn what_is_no_text_says_so() {
        for bytes in
            [&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], b"\xff\xfea", b"\xb0", b"\x89PNG\r\n\x1a\n\0\0\0\x0d"]
        {
            assert_eq!(decode(bytes.to_vec()), Err(Flaw::NotText));
        }
    }
}
