//! COCO's compressed runs: five bits a character from `0` on, differences to the run before the last.

/// The runs of such a text; `None` for what is none.
pub fn decode_coded(text: &str) -> Option<Vec<u32>> {
    let mut counts: Vec<i64> = Vec::new();
    let mut bytes = text.bytes();
    while bytes.len() > 0 {
        let (mut value, mut shift) = (0i64, 0u32);
        loop {
            let part = i64::from(bytes.next()?.checked_sub(48)?);
            if part > 63 || shift > 30 {
                return None;
            }
            value |= (part & 0x1f) << shift;
            shift += 5;
            if part & 0x20 == 0 {
                // The highest bit of the last part is the sign.
                if part & 0x10 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
        }
        if counts.len() > 2 {
            value += counts[counts.len() - 2];
        }
        counts.push(value);
    }
    counts.into_iter().map(|count| u32::try_from(count).ok()).collect()
}

pub fn encode_coded(counts: &[u32]) -> String {
    let mut text = String::new();
    for (index, count) in counts.iter().enumerate() {
        let before = if index > 2 { i64::from(counts[index - 2]) } else { 0 };
        let mut value = i64::from(*count) - before;
        loop {
            let part = (value & 0x1f) as u8;
            value >>= 5;
            let is_last = if part & 0x10 != 0 { value == -1 } else { value == 0 };
            text.push(char::from(48 + part + if is_last { 0 } else { 0x20 }));
            if is_last {
                break;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_back_from_their_code() {
        for counts in [&[][..], &[6], &[0, 4], &[2, 3, 1], &[100, 5, 90, 400_000, 1, 7], &[0, 50_000_000]] {
            assert_eq!(decode_coded(&encode_coded(counts)).unwrap(), counts);
        }
        // A mask of 20 x 20 with a square of 4 in it, as it is commonly written.
        assert_eq!(encode_coded(&[63, 4, 16, 4, 16, 4, 16, 4, 273]), "o14`000000Q8");
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in ["~", "o", " ", "oooooooooooooooooo", "한", "O"] {
            assert_eq!(decode_coded(text), None, "{text}");
        }
    }
}
