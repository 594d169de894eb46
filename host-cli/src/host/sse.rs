//! Server-sent events as a client reads them (HTML standard, 9.2.6), as far as MCP uses them: data and ids.

/// A stream of events that arrives in pieces.
pub struct Events {
    limit: usize,
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    id: String,
    after_return: bool,
}

/// An event is larger than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Events {
    /// A stream whose events have at most so many bytes.
    pub fn new(limit: usize) -> Self {
        let (line, data) = (Vec::new(), Vec::new());
        Self { limit, line, data, has_data: false, id: String::new(), after_return: false }
    }

    /// The id of the last event that had one.
    pub fn last_id(&self) -> &str {
        &self.id
    }

    /// Takes a piece, and hands on the data of each event that it completes.
    pub fn push(&mut self, piece: &[u8], take: &mut dyn FnMut(Vec<u8>)) -> Result<(), TooLarge> {
        for byte in piece {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    self.end_of_line(take);
                }
                byte => {
                    self.after_return = false;
                    if self.line.len() + self.data.len() > self.limit {
                        return Err(TooLarge);
                    }
                    self.line.push(*byte);
                }
            }
        }
        Ok(())
    }

    fn end_of_line(&mut self, take: &mut dyn FnMut(Vec<u8>)) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            if std::mem::take(&mut self.has_data) && !data.is_empty() {
                take(data);
            }
            return;
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (&line[..], &[][..]),
        };
        match name {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            b"id" if !value.contains(&0) => self.id = String::from_utf8_lossy(value).into_owned(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, step: usize) -> Vec<String> {
        let mut events = Events::new(100);
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(step) {
            events.push(piece, &mut |data| found.push(String::from_utf8(data).expect("text"))).expect("small");
        }
        found
    }

    #[test]
    fn events_are_the_same_however_they_arrive() {
        let text = ": hello\n\nevent: message\ndata: {\"a\":1}\n\ndata:x\r\ndata: y\r\n\r\nid: 7\rdata: z\r\rretry: 5\ndata\n\ndata: cut";
        for step in [1, 2, 3, 7, 1_000] {
            assert_eq!(all(text, step), ["{\"a\":1}", "x\ny", "z"], "{step}");
        }
    }

    #[test]
    fn the_last_id_is_kept_and_endless_events_are_not() {
        let mut events = Events::new(10);
        assert_eq!(events.push(b"id: 4\ndata: a\n\n", &mut |_| ()), Ok(()));
        assert_eq!(events.last_id(), "4");
        assert_eq!(events.push(&[b'x'; 20], &mut |_| ()), Err(TooLarge));
    }
}
