//! Lines of whatever a child process prints: never too long, never invalid.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    /// Bytes of a line that are kept; the rest is dropped.
    longest: usize,
    /// Whether a carriage return ends a line too, as a progress bar's does.
    carriage_returns: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R, longest: usize, carriage_returns: bool) -> Lines<R> {
        Lines { reader: BufReader::new(reader), longest, carriage_returns }
    }

    /// The next line that is not empty, without its end; `None` when no more will come.
    pub(crate) async fn next(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        loop {
            let read = self.reader.fill_buf().await?;
            let done = read.is_empty();
            let end = read.iter().position(|&byte| byte == b'\n' || (self.carriage_returns && byte == b'\r'));
            let kept = end.unwrap_or(read.len()).min(self.longest - line.len());
            line.extend_from_slice(&read[..kept]);
            let used = end.map_or(read.len(), |end| end + 1);
            self.reader.consume(used);
            if (end.is_some() || done) && !line.is_empty() {
                return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
            }
            if done {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(text: &[u8], longest: usize, carriage_returns: bool) -> Vec<String> {
        let mut lines = Lines::new(text, longest, carriage_returns);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(line);
        }
        found
    }

    #[tokio::test]
    async fn lines_are_cut_and_made_valid() {
        assert_eq!(all(b"one\n\ntwo\nthree", 99, false).await, ["one", "two", "three"]);
        assert_eq!(all(b"12345\n123\n", 4, false).await, ["1234", "123"]);
        assert_eq!(all(b"10%\r20%\r\n", 99, true).await, ["10%", "20%"]);
        assert_eq!(all(b"a\xffb\n", 99, false).await, ["a\u{fffd}b"]);
        assert_eq!(all(b"", 99, false).await, [""; 0]);
    }
}
