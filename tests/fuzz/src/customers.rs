//! A list of customers as CSV.

use enrollment::domain::import::{self, MOST_ROWS};

use crate::{now, text};

/// Every row that is taken has a name, a phone and a sane number of stamps; every other says which field is wrong.
pub(crate) fn read(bytes: &[u8]) -> bool {
    let Ok(lines) = import::read(text(bytes), now().date_naive()) else { return false };
    assert!((1..=MOST_ROWS).contains(&lines.len()), "{} rows", lines.len());
    let (mut before, mut is_taken) = (0, false);
    for line in lines {
        assert!(line.line >= before, "line {} after line {before}", line.line);
        before = line.line;
        match line.row {
            Ok(row) => {
                is_taken = true;
                assert!(!row.name.trim().is_empty() && !row.name.contains('\0'), "no name");
                assert!(row.phone.as_str().starts_with('+'), "no phone");
                assert!((0..=1_000).contains(&row.stamps), "{} stamps", row.stamps);
            }
            Err(wrong) => assert!(!wrong.field.is_empty() && !wrong.reason.is_empty(), "an unnamed fault"),
        }
    }
    is_taken
}
