//! Protocol buffers as far as an ONNX file needs them: fields are appended, and large contents moved instead of copied.

/// From this size on, the content of a field becomes a part of its own.
const MOVED_BYTES: usize = 4096;

/// The kinds of field on the wire.
const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;
const FOUR_BYTES: u64 = 5;

/// A message that is being written.
#[derive(Debug, Default)]
pub struct Message {
    done: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Message {
    pub fn int(mut self, field: u32, value: i64) -> Self {
        self.tag(field, VARINT);
        // A negative number is written as its two's complement.
        self.varint(value.cast_unsigned());
        self
    }

    pub fn float(mut self, field: u32, value: f32) -> Self {
        self.tag(field, FOUR_BYTES);
        self.last.extend(value.to_le_bytes());
        self
    }

    pub fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes().to_vec())
    }

    pub fn bytes(self, field: u32, value: Vec<u8>) -> Self {
        self.message(field, Message { done: Vec::new(), last: value })
    }

    pub fn message(mut self, field: u32, value: Message) -> Self {
        self.tag(field, LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        for part in value.into_parts() {
            if part.len() < MOVED_BYTES {
                self.last.extend(part);
            } else {
                self.done.extend([std::mem::take(&mut self.last), part]);
            }
        }
        self
    }

    /// Bytes of its content.
    pub fn len(&self) -> usize {
        self.done.iter().map(Vec::len).sum::<usize>() + self.last.len()
    }

    /// Its content, one part after the other.
    pub fn into_parts(mut self) -> Vec<Vec<u8>> {
        self.done.push(self.last);
        self.done
    }

    fn tag(&mut self, field: u32, kind: u64) {
        self.varint(u64::from(field) << 3 | kind);
    }

    /// Seven bits a byte, the lowest first; all but the last have the highest bit set.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.last.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.last.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the encoding's own description.
    #[test]
    fn fields_are_as_the_encoding_describes_them() {
        let bytes = |message: Message| message.into_parts().concat();
        let inner = || Message::default().int(1, 150);
        assert_eq!(bytes(inner()), [0x08, 0x96, 0x01]);
        assert_eq!(bytes(Message::default().message(3, inner())), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(bytes(Message::default().text(2, "testing")), b"\x12\x07testing");
        assert_eq!(
            bytes(Message::default().int(1, -2))[1..],
            [0xfe, 255, 255, 255, 255, 255, 255, 255, 255, 1]
        );
        assert_eq!(bytes(Message::default().int(16, 0)), [0x80, 0x01, 0x00]);
        assert_eq!(bytes(Message::default().float(2, 1.0)), [0x15, 0, 0, 0x80, 0x3f]);
    }

    #[test]
    fn what_is_moved_reads_as_what_is_copied() {
        let large = vec![7; MOVED_BYTES];
        let address = large.as_ptr();
        let message = Message::default().message(1, Message::default().bytes(9, large).int(2, 3)).int(4, 5);
        let length = message.len();
        let parts = message.into_parts();
        assert_eq!(parts[1].as_ptr(), address, "the large part was not copied");
        let bytes = parts.concat();
        assert_eq!(bytes.len(), length);
        assert_eq!(bytes[..6], [0x0a, 0x85, 0x20, 0x4a, 0x80, 0x20]);
        assert_eq!(bytes[6 + MOVED_BYTES..], [0x10, 3, 0x20, 5]);
    }
}
