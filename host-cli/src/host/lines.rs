//! Messages that come one a line, as MCP has them on standard input and output; a line that is too long is read past,
//! never kept.

use std::io::{self, BufRead, BufReader, Read};

/// Bytes taken at a time.
const PIECE: usize = 64 << 10;

/// Lines of a stream.
pub struct Lines<R> {
    reader: BufReader<R>,
    limit: usize,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line that holds something, without its end.
    Whole(Vec<u8>),
    /// The beginning of a line that is too long, one byte more than the limit. The rest of it is gone.
    TooLong(Vec<u8>),
    /// The stream is over.
    End,
}

impl<R: Read> Lines<R> {
    /// Lines of at most so many bytes.
    pub fn new(stream: R, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(PIECE, stream), limit }
    }

    /// The next line that is not blank.
    pub fn read(&mut self) -> io::Result<Line> {
        loop {
            let mut line = Vec::new();
            let mut is_over = false;
            loop {
                let piece = match self.reader.fill_buf() {
                    Ok(piece) => piece,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                };
                if piece.is_empty() {
                    is_over = true;
                    break;
                }
                let end = piece.iter().position(|byte| *byte == b'\n');
                let found = end.unwrap_or(piece.len());
                let room = (self.limit + 1).saturating_sub(line.len()).min(found);
                line.extend_from_slice(&piece[..room]);
                let used = found + usize::from(end.is_some());
                self.reader.consume(used);
                if end.is_some() {
                    break;
                }
            }
            if line.len() > self.limit {
                return Ok(Line::TooLong(line));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Line::Whole(line));
            }
            if is_over {
                return Ok(Line::End);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], limit: usize) -> Vec<Line> {
        let mut lines = Lines::new(text, limit);
        let mut all = Vec::new();
        loop {
            match lines.read().expect("no error") {
                Line::End => return all,
                line => all.push(line),
            }
        }
    }

    #[test]
    fn lines_are_whole_or_too_long() {
        let whole = |text: &str| Line::Whole(text.into());
        assert_eq!(all(b"a\n\n \r\nbc\n", 2), [whole("a"), whole("bc")]);
        assert_eq!(all(b"a", 2), [whole("a")]);
        let long = [vec![b'x'; 200_000], b"\nb\n".to_vec()].concat();
        assert_eq!(all(&long, 3), [Line::TooLong(b"xxxx".to_vec()), whole("b")]);
        assert_eq!(all(b"", 3), []);
    }
}
