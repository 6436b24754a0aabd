//! CSV out: quoted where it must be, and harmless in a spreadsheet.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// A table as it is being written (RFC 4180).
#[derive(Default)]
pub(crate) struct Table {
    text: String,
}

impl Table {
    /// A table with its head.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(columns.iter().map(|column| (*column).to_owned()));
        table
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            write_cell(&mut self.text, &cell);
        }
        self.text.push_str("\r\n");
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    pub(crate) fn into_download(self, name: &'static str) -> Response {
        download(StatusCode::OK, name, Body::from(self.text))
    }
}

/// An answer that a browser keeps as a file.
pub(crate) fn download(status: StatusCode, name: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A spreadsheet takes a cell that begins like a formula for one, and customers choose their own names: such a cell
/// gets an apostrophe in front. A phone in E.164 and a plain number stay what they are.
fn write_cell(text: &mut String, cell: &str) {
    let begins_like_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell);
    let must_be_quoted = cell.contains([',', ';', '"', '\r', '\n']);
    let guard = if begins_like_formula { "'" } else { "" };
    if must_be_quoted {
        text.push('"');
        text.push_str(guard);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(guard);
        text.push_str(cell);
    }
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(cell: &str) -> String {
        let mut text = String::new();
        write_cell(&mut text, cell);
        text
    }

    #[test]
    fn a_formula_is_only_text() {
        assert_eq!(written("=1+1"), "'=1+1");
        assert_eq!(written("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(written("-cmd|' /C calc'!A0"), "'-cmd|' /C calc'!A0");
        assert_eq!(written("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    }

    #[test]
    fn a_phone_and_a_number_stay_what_they_are() {
        assert_eq!(written("+51987654321"), "+51987654321");
        assert_eq!(written("-3"), "-3");
    }

    #[test]
    fn commas_quotes_and_lines_are_quoted() {
        assert_eq!(written("Paz, Ana"), "\"Paz, Ana\"");
        assert_eq!(written("la \"flaca\""), "\"la \"\"flaca\"\"\"");
        let mut table = Table::new(&["a", "b"]);
        table.row(["1".into(), "x\ny".into()]);
        assert_eq!(String::from_utf8(table.into_bytes()).unwrap(), "a,b\r\n1,\"x\ny\"\r\n");
    }

    proptest! {
        /// Whatever a customer is called, no cell begins like a formula unless it is a number.
        #[test]
        fn no_cell_begins_like_a_formula(cell in "\\PC{0,30}|[=+@\\-\t\r][ -~]{0,20}") {
            let text = written(&cell);
            let shown = text.strip_prefix('"').unwrap_or(&text);
            prop_assert!(!shown.starts_with(['=', '+', '-', '@', '\t', '\r']) || is_number(&cell));
        }
    }
}
