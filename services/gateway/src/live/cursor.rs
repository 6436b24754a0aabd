use std::fmt;
use std::str::FromStr;

/// A place in the event stream. One of another incarnation of the stream means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// When the stream was made, in nanoseconds since 1970; 0 before the broker was ever reached.
    pub(crate) incarnation: i128,
    /// The sequence up to which everything was seen.
    pub(crate) sequence: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.incarnation, self.sequence)
    }
}

/// Not a cursor of ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (incarnation, sequence) = text.split_once('-').ok_or(NotACursor)?;
        Ok(Self {
            incarnation: incarnation.parse().map_err(|_| NotACursor)?,
            sequence: sequence.parse().map_err(|_| NotACursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        let cursor = Cursor { incarnation: 1_790_000_000_123_456_789, sequence: 42 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "1", "a-b", "1-", "-1", "1-2-3", "1--2"] {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
