use std::collections::HashMap;

/// The translations of a `pass.strings` file: lines of `"KEY" = "value";`, in UTF-8 or, with a mark, in UTF-16.
#[derive(Clone, Debug, Default)]
pub(super) struct Strings(HashMap<String, String>);

impl Strings {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = decode(bytes)?;
        let mut quoted = Quoted { rest: text.as_str() };
        let mut strings = HashMap::new();
        while let Some(key) = quoted.next(&["/*", "//"])? {
            let value = quoted.next(&["="])?.ok_or_else(|| format!("pass.strings: {key} has no value"))?;
            strings.insert(key, value);
        }
        Ok(Self(strings))
    }

    /// The translation, or the text itself where there is none.
    pub(super) fn translate(&self, text: &str) -> String {
        self.0.get(text).map_or(text, String::as_str).to_owned()
    }
}

fn decode(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>().0.iter().map(|pair| read(*pair));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|error| format!("pass.strings: {error}"))
    };
    match bytes {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            String::from_utf8(bytes.to_vec()).map_err(|error| format!("pass.strings: {error}"))
        }
    }
}

/// Finds one quoted text after the other.
struct Quoted<'a> {
    rest: &'a str,
}

impl Quoted<'_> {
    /// The next quoted text, if nothing stands before it but space, the end of the line before, and what may be passed.
    fn next(&mut self, passed: &[&str]) -> Result<Option<String>, String> {
        loop {
            self.rest = self.rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ';');
            if self.rest.is_empty() {
                return Ok(None);
            }
            if let Some(inside) = self.rest.strip_prefix('"') {
                return self.read(inside).map(Some);
            }
            let Some(mark) = passed.iter().find(|mark| self.rest.starts_with(**mark)) else {
                let odd: String = self.rest.chars().take(20).collect();
                return Err(format!("pass.strings: not a line: {odd}"));
            };
            let end = match *mark {
                "/*" => self.rest.find("*/").map(|at| at + 2),
                "//" => self.rest.find('\n'),
                mark => Some(mark.len()),
            };
            self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
        }
    }

    fn read(&mut self, inside: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = inside.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    let begin = self.rest.len() - inside.len();
                    self.rest = &self.rest[begin + at + 1..];
                    return Ok(text);
                }
                '\\' => match letters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, letter)) => text.push(letter),
                    None => break,
                },
                letter => text.push(letter),
            }
        }
        Err("pass.strings: a quote is not closed".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "/* a card */\n\"STAMPS\" = \"Sellos\";\n// and\n\"SAID\" = \"dijo \\\"ya\\\"\\n\";";

    #[test]
    fn a_file_is_read_in_either_encoding() {
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(FILE.encode_utf16().flat_map(u16::to_le_bytes));
        for bytes in [FILE.as_bytes(), &utf16] {
            let strings = Strings::parse(bytes).unwrap();
            assert_eq!(strings.translate("STAMPS"), "Sellos");
            assert_eq!(strings.translate("SAID"), "dijo \"ya\"\n");
            assert_eq!(strings.translate("OTHER"), "OTHER");
        }
    }

    #[test]
    fn a_file_that_is_none_is_refused() {
        for bad in ["STAMPS = Sellos;", "\"STAMPS\" = \"Sellos", "\"STAMPS\";"] {
            assert!(Strings::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
