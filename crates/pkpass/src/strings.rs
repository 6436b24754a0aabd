use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::Error;

/// A language that a pass speaks. A phone in any other language shows the keys as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Spanish.
    Es,
    /// English.
    En,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// Its code: `es`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The path of its texts in a package: `es.lproj/pass.strings`.
    pub fn strings_path(self) -> String {
        format!("{}.lproj/pass.strings", self.code())
    }
}

/// The texts of a design or of one pass in each language, by key. The description of a pass and the labels, values and
/// change messages of its fields that are the same as a key are shown in the language of the phone.
///
/// If there are any, each key has a text in every language; a change message keeps its `%@` in all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings(BTreeMap<Language, BTreeMap<String, String>>);

impl Strings {
    /// No texts: the pass says everything in one language.
    pub fn none() -> Self {
        Self::default()
    }

    /// The texts of one key, Spanish and English.
    pub fn with(mut self, key: &str, es: &str, en: &str) -> Result<Self, Error> {
        for (language, text) in [(Language::Es, es), (Language::En, en)] {
            if key.contains("%@") != text.contains("%@") {
                return Err(Error::ChangeMessage(key.into()));
            }
            if text.is_empty() {
                return Err(Error::Untranslated { language, key: key.into() });
            }
            if self.0.entry(language).or_default().insert(key.into(), text.into()).is_some() {
                return Err(Error::TranslatedTwice { language, key: key.into() });
            }
        }
        Ok(self)
    }

    /// The text of a key in a language, if it has one.
    pub fn get(&self, language: Language, key: &str) -> Option<&str> {
        self.0.get(&language)?.get(key).map(String::as_str)
    }

    /// The file of each language.
    pub(crate) fn files(&self) -> impl Iterator<Item = (Language, Vec<u8>)> {
        self.0.iter().map(|(language, texts)| (*language, written(texts)))
    }
}

/// The texts as Apple's `.strings`, in UTF-8.
fn written(texts: &BTreeMap<String, String>) -> Vec<u8> {
    let mut file = String::new();
    for (key, text) in texts {
        quote(&mut file, key);
        file.push_str(" = ");
        quote(&mut file, text);
        file.push_str(";\n");
    }
    file.into_bytes()
}

fn quote(file: &mut String, text: &str) {
    file.push('"');
    for c in text.chars() {
        match c {
            '"' => file.push_str("\\\""),
            '\\' => file.push_str("\\\\"),
            '\n' => file.push_str("\\n"),
            '\r' => file.push_str("\\r"),
            '\t' => file.push_str("\\t"),
            // A String takes whatever is written to it.
            c if c.is_control() => drop(write!(file, "\\U{:04x}", u32::from(c))),
            c => file.push(c),
        }
    }
    file.push('"');
}

/// Reads a `.strings` file in UTF-8 as strictly as it is written here; `None` if it is not one.
pub(crate) fn read(file: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut rest = std::str::from_utf8(file).ok()?.trim_start();
    let mut texts = BTreeMap::new();
    while !rest.is_empty() {
        let (key, after) = unquote(rest)?;
        let after = after.trim_start().strip_prefix('=')?.trim_start();
        let (text, after) = unquote(after)?;
        rest = after.trim_start().strip_prefix(';')?.trim_start();
        texts.insert(key, text);
    }
    Some(texts)
}

/// The text between the quotes at the beginning, and what comes after them.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut inside = text.strip_prefix('"')?.chars();
    let mut out = String::new();
    loop {
        match inside.next()? {
            '"' => return Some((out, inside.as_str())),
            '\\' => match inside.next()? {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'U' => {
                    let (digits, after) = inside.as_str().split_at_checked(4)?;
                    out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                    inside = after.chars();
                }
                escaped => out.push(escaped),
            },
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_has_a_text_in_every_language() {
        let empty = Strings::none().with("STAMPS", "Sellos", "");
        assert_eq!(empty, Err(Error::Untranslated { language: Language::En, key: "STAMPS".into() }));
        let twice = Strings::none().with("A", "a", "a").and_then(|strings| strings.with("A", "b", "b"));
        assert_eq!(twice, Err(Error::TranslatedTwice { language: Language::Es, key: "A".into() }));
        let both = Strings::none().with("STAMPS", "Sellos", "Stamps").unwrap();
        assert_eq!(
            Language::ALL.map(|language| both.get(language, "STAMPS")),
            [Some("Sellos"), Some("Stamps")]
        );
        assert_eq!(both.get(Language::Es, "Sellos"), None);
    }

    #[test]
    fn a_translated_message_keeps_the_place_of_the_value() {
        let lost = Strings::none().with("Ahora: %@", "Ahora: %@", "Now");
        assert_eq!(lost, Err(Error::ChangeMessage("Ahora: %@".into())));
    }

    #[test]
    fn a_file_is_escaped_as_apple_does() {
        let strings = Strings::none().with("Q", "dijo \"sí\"\\\n", "x").unwrap();
        let files: Vec<_> = strings.files().collect();
        assert_eq!(files[0], (Language::Es, b"\"Q\" = \"dijo \\\"s\xc3\xad\\\"\\\\\\n\";\n".to_vec()));
    }

    #[test]
    fn what_is_no_file_of_texts_is_not_read() {
        for wrong in ["\"A\"", "\"A\" = \"b\"", "\"A\" = \"b;\n", "A = b;", "\"A\" = \"\\U00\";", "\"A\\"] {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(read(b"\xff"), None);
    }

    proptest! {
        /// Whatever the texts are, they read again as they were.
        #[test]
        fn texts_survive_their_file(texts in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..8)) {
            prop_assert_eq!(read(&written(&texts)), Some(texts));
        }
    }
}
