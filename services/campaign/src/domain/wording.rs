//! What a campaign says: a template of the registry in each language, and what fills it.

use kernel::{Invalid, Locale};
use serde::{Deserialize, Serialize};

/// Characters of one variable, as it is written and once it is filled: messaging hands no longer one over.
pub const LONGEST_VARIABLE: usize = 300;
/// Characters of a whole message, as the provider counts them.
pub const LONGEST_MESSAGE: usize = 1_024;
/// Variables of a template.
pub const MOST_VARIABLES: usize = 20;
/// The words in braces that are filled for each customer, and the most characters of what fills them: a name, a number of
/// stamps, a reward's title, a shop's name.
const WORDS: [(&str, usize); 5] =
    [("{first_name}", 80), ("{stamps}", 7), ("{stamps_left}", 7), ("{reward}", 80), ("{business}", 80)];

/// One language's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The language.
    pub language: Locale,
    /// A template's name.
    pub template: String,
    /// What fills it, in its order.
    pub variables: Vec<String>,
    /// What a pass shows; made when it is launched.
    #[serde(default)]
    pub text: String,
}

/// A template as the registry tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language: `es`, `en`.
    pub language: String,
    /// marketing, utility, authentication.
    pub category: String,
    /// With `{{1}}`, `{{2}}` where variables go.
    pub body: String,
    /// How many variables it takes.
    pub variables: usize,
    /// pending, approved, paused, rejected.
    pub status: String,
}

/// Checks what can be checked without the registry: one wording a language, and nothing too long even for who has the longest
/// of names.
pub fn check(wordings: &[Wording]) -> Result<(), Invalid> {
    for (at, wording) in wordings.iter().enumerate() {
        let field = |name: &str| format!("wordings[{at}].{name}");
        if wordings[..at].iter().any(|other| other.language == wording.language) {
            return Err(Invalid::new(field("language"), "twice"));
        }
        if wording.template.is_empty() {
            return Err(Invalid::new(field("template"), "required"));
        }
        if wording.template.len() > 100 {
            return Err(Invalid::new(field("template"), "too_long"));
        }
        if wording.variables.len() > MOST_VARIABLES {
            return Err(Invalid::new(field("variables"), "too_many"));
        }
        for (number, variable) in wording.variables.iter().enumerate() {
            let field = || format!("wordings[{at}].variables[{number}]");
            if variable.trim().is_empty() {
                return Err(Invalid::new(field(), "required"));
            }
            if variable.chars().count().max(filled_length(variable)) > LONGEST_VARIABLE {
                return Err(Invalid::new(field(), "too_long"));
            }
            if variable.contains(['\n', '\t']) || variable.contains("    ") {
                return Err(Invalid::new(field(), "not_a_line"));
            }
            if has_unknown_word(variable) {
                return Err(Invalid::new(field(), "unknown_word"));
            }
        }
    }
    Ok(())
}

/// Checks wordings against the registry before they are used, and makes the text a pass shows.
pub fn check_templates(wordings: &[Wording], registry: &[Template]) -> Result<Vec<Wording>, Invalid> {
    if !wordings.iter().any(|wording| wording.language == Locale::Es) {
        return Err(Invalid::new("wordings", "spanish_missing"));
    }
    // Again, since a draft may be older than a rule.
    check(wordings)?;
    let mut checked = Vec::with_capacity(wordings.len());
    for (at, wording) in wordings.iter().enumerate() {
        let field = |name: &str| format!("wordings[{at}].{name}");
        let template = registry
            .iter()
            .find(|known| known.name == wording.template && known.language == wording.language.as_str())
            .ok_or_else(|| Invalid::new(field("template"), "unknown"))?;
        if template.category != "marketing" {
            return Err(Invalid::new(field("template"), "not_marketing"));
        }
        match template.status.as_str() {
            "approved" => {}
            "paused" => return Err(Invalid::new(field("template"), "template_paused")),
            "rejected" => return Err(Invalid::new(field("template"), "template_rejected")),
            _ => return Err(Invalid::new(field("template"), "not_approved")),
        }
        match wording.variables.len() {
            given if given < template.variables => {
                return Err(Invalid::new(format!("wordings[{at}].variables[{given}]"), "required"));
            }
            given if given > template.variables => return Err(Invalid::new(field("variables"), "too_many")),
            _ => {}
        }
        let whole = template.body.chars().count()
            + wording.variables.iter().map(|text| filled_length(text)).sum::<usize>();
        if whole > LONGEST_MESSAGE {
            return Err(Invalid::new(field("variables"), "too_long"));
        }
        checked.push(Wording { text: pass_text(&template.body, &wording.variables), ..wording.clone() });
    }
    Ok(checked)
}

/// The most characters it may have once it is filled.
fn filled_length(text: &str) -> usize {
    let found = |word: &str| text.matches(word).count();
    let words: usize = WORDS.iter().map(|(word, _)| found(word) * word.len()).sum();
    let filled: usize = WORDS.iter().map(|(word, longest)| found(word) * longest).sum();
    text.chars().count() - words + filled
}

/// Something in braces that nobody fills.
fn has_unknown_word(text: &str) -> bool {
    let known = WORDS.iter().fold(text.to_owned(), |rest, (word, _)| rest.replace(word, ""));
    known.contains(['{', '}'])
}

/// A message as a pass shows it: filled, but without her name, which passes do not know.
fn pass_text(body: &str, variables: &[String]) -> String {
    // From the last, so that {{1}} is not found in {{12}}.
    let filled =
        variables.iter().enumerate().rev().fold(body.to_owned(), |text, (at, variable)| {
            text.replace(&format!("{{{{{}}}}}", at + 1), variable)
        });
    let nameless = without_the_way_out(&filled).replace("{first_name}", "");
    let mut words = nameless.split_whitespace().collect::<Vec<_>>().join(" ");
    for (odd, plain) in
        [(" ,", ","), (" !", "!"), (" .", "."), (",.", "."), ("¡,", "¡"), (" :", ":"), ("¡ ", "¡")]
    {
        words = words.replace(odd, plain);
    }
    let trimmed = words.trim_start_matches([',', ' ', '!', ':']);
    let mut letters = trimmed.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// The sentence that says how to have no more of them: on a pass nobody can answer.
fn without_the_way_out(text: &str) -> &str {
    let text = text.trim_end();
    if !["BAJA.", "STOP.", "BAJA", "STOP"].iter().any(|word| text.ends_with(word)) {
        return text;
    }
    let before = text.trim_end_matches('.');
    before.rfind(['.', '!', '?']).map_or(text, |end| &before[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(language: Locale, variables: &[&str]) -> Wording {
        Wording {
            language,
            template: "win_back".into(),
            variables: variables.iter().map(|text| (*text).to_owned()).collect(),
            text: String::new(),
        }
    }

    fn template(status: &str) -> Template {
        Template {
            name: "win_back".into(),
            language: "es".into(),
            category: "marketing".into(),
            body: "Hola {{1}}, te extrañamos en {{2}}.".into(),
            variables: 2,
            status: status.into(),
        }
    }

    fn refused(wordings: &[Wording], registry: &[Template]) -> String {
        check_templates(wordings, registry).unwrap_err().to_string()
    }

    #[test]
    fn what_a_pass_shows_is_the_message_without_her_name() {
        let whole = [wording(Locale::Es, &["{first_name}", "{business}"])];
        let checked = check_templates(&whole, &[template("approved")]).unwrap();
        assert_eq!(checked[0].text, "Hola, te extrañamos en {business}.");
        assert_eq!(
            pass_text(
                "Feliz cumpleaños, {{1}}. Ven. Si no quieres más mensajes, responde BAJA.",
                &["{first_name}".into()]
            ),
            "Feliz cumpleaños. Ven."
        );
        assert_eq!(
            pass_text("{{1}}, vuelve por tu {{2}}", &["{first_name}".into(), "café".into()]),
            "Vuelve por tu café"
        );
    }

    #[test]
    fn a_template_that_is_not_approved_is_refused() {
        let whole = [wording(Locale::Es, &["{first_name}", "{business}"])];
        for (status, reason) in
            [("pending", "not_approved"), ("paused", "template_paused"), ("rejected", "template_rejected")]
        {
            assert_eq!(refused(&whole, &[template(status)]), format!("wordings[0].template: {reason}"));
        }
        assert_eq!(refused(&whole, &[]), "wordings[0].template: unknown");
        let utility = Template { category: "utility".into(), ..template("approved") };
        assert_eq!(refused(&whole, &[utility]), "wordings[0].template: not_marketing");
    }

    #[test]
    fn a_missing_variable_is_named_and_one_too_many_too() {
        let registry = [template("approved")];
        assert_eq!(
            refused(&[wording(Locale::Es, &["{first_name}"])], &registry),
            "wordings[0].variables[1]: required"
        );
        assert_eq!(
            refused(&[wording(Locale::Es, &["a", "b", "c"])], &registry),
            "wordings[0].variables: too_many"
        );
    }

    #[test]
    fn spanish_is_what_others_fall_back_to_so_it_is_needed() {
        assert_eq!(refused(&[wording(Locale::En, &["a", "b"])], &[]), "wordings: spanish_missing");
    }

    #[test]
    fn a_variable_is_one_line_of_known_words() {
        let fault = |text: &str| check(&[wording(Locale::Es, &[text])]).unwrap_err().reason;
        assert_eq!(fault(""), "required");
        assert_eq!(fault(&"a".repeat(301)), "too_long");
        assert_eq!(fault("a\nb"), "not_a_line");
        assert_eq!(fault("tu {premio}"), "unknown_word");
        assert!(check(&[wording(Locale::Es, &["{stamps_left} sellos en {business}"])]).is_ok());
        let twice = [wording(Locale::Es, &["a"]), wording(Locale::Es, &["a"])];
        assert_eq!(check(&twice).unwrap_err().to_string(), "wordings[1].language: twice");
    }

    #[test]
    fn a_variable_counts_as_long_as_it_may_become() {
        let written = |text: &str| check(&[wording(Locale::Es, &[text])]).map_err(|invalid| invalid.reason);
        let room = |word: &str, longest: usize| {
            format!("{}{word}", "a".repeat(LONGEST_VARIABLE - longest.max(word.len())))
        };
        for (word, longest) in WORDS {
            assert_eq!(written(&room(word, longest)), Ok(()), "{word}");
            assert_eq!(written(&format!("a{}", room(word, longest))), Err("too_long"), "{word}");
        }
        // 40 characters as written, 320 once a long name stands in each place.
        let four = "{business}".repeat(4);
        assert_eq!(written(&four), Err("too_long"));
        // A draft from before is found out at its launch.
        let old = [wording(Locale::Es, &[&four, "a"])];
        assert_eq!(refused(&old, &[template("approved")]), "wordings[0].variables[0]: too_long");
    }

    #[test]
    fn a_message_longer_than_the_provider_takes_is_refused() {
        let long = "a".repeat(300);
        let many = Template { variables: 4, ..template("approved") };
        let whole = [wording(Locale::Es, &[&long, &long, &long, &long])];
        assert_eq!(refused(&whole, &[many]), "wordings[0].variables: too_long");
    }
}
