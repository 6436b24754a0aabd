//! Templates: texts that WhatsApp has approved, with numbered places for variables.

use kernel::{Invalid, Locale};

use super::outcome::Reason;
use super::price::Category;

/// Most characters of a template and its filled variables together: beyond, the provider refuses it (63021).
const LONGEST: usize = 1_024;
/// Most characters of one variable.
const LONGEST_VARIABLE: usize = 300;
/// Most variables.
const MOST_VARIABLES: usize = 10;
/// Most characters of why one is paused or rejected.
const LONGEST_REASON: usize = 300;
/// Most characters of a free text.
pub const LONGEST_TEXT: usize = 1_600;

/// Whether a template may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// WhatsApp has not said.
    Pending,
    /// It may.
    Approved,
    /// Not for now.
    Paused,
    /// Never.
    Rejected,
}

impl Approval {
    /// The word stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Paused => "paused",
            Self::Rejected => "rejected",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Paused, Self::Rejected]
            .into_iter()
            .find(|approval| approval.as_str() == word)
    }

    /// Why nothing may be written with it; none where something may.
    pub fn refusal(self) -> Option<Reason> {
        match self {
            Self::Pending => Some(Reason::Template),
            Self::Approved => None,
            Self::Paused => Some(Reason::TemplatePaused),
            Self::Rejected => Some(Reason::TemplateRejected),
        }
    }
}

/// What a variable is for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// An example, as WhatsApp asks for when it approves.
    pub sample: String,
}

/// A template in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name, in every language the same.
    pub name: String,
    /// In which language.
    pub language: Locale,
    /// What it is for.
    pub category: Category,
    /// With `{{1}}`, `{{2}}` where variables go.
    pub body: String,
    /// In their order.
    pub variables: Vec<Variable>,
    /// Whether it may be used.
    pub approval: Approval,
    /// The provider's `HX…`.
    pub content_sid: String,
    /// Why it is paused or rejected, in the operator's words; else empty.
    pub reason: String,
}

impl Template {
    /// Why nothing may be written with it; none where something may.
    pub fn refusal(&self) -> Option<Reason> {
        self.approval.refusal().or_else(|| self.content_sid.is_empty().then_some(Reason::Template))
    }

    /// The same once the operator has said how WhatsApp stands to it. Without a content id it keeps the one it has.
    pub fn judged(self, approval: Approval, content_sid: String, reason: &str) -> Result<Self, Invalid> {
        let reason = if approval == Approval::Approved { String::new() } else { one_line(reason) };
        if approval == Approval::Rejected && reason.is_empty() {
            return Err(Invalid::new("reason", "required"));
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(Invalid::new("reason", "too_long"));
        }
        let content_sid = if content_sid.is_empty() { self.content_sid } else { content_sid };
        let judged = Self { approval, content_sid, reason, ..self };
        judged.check_content_sid("content_sid")?;
        Ok(judged)
    }

    /// Refuses what is no content id, and an approved template without one; told of `field`.
    pub fn check_content_sid(&self, field: &str) -> Result<(), Invalid> {
        let sid = &self.content_sid;
        let is_sid = sid
            .strip_prefix("HX")
            .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if !sid.is_empty() && !is_sid {
            return Err(Invalid::new(field, "not_a_content_sid"));
        }
        if self.approval == Approval::Approved && sid.is_empty() {
            return Err(Invalid::new(field, "required"));
        }
        Ok(())
    }

    /// Refuses a template that cannot be one.
    pub fn check(&self) -> Result<(), Invalid> {
        let is_word = |text: &str| {
            !text.is_empty()
                && text.len() <= 60
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if !is_word(&self.name) {
            return Err(Invalid::new("template.name", "not_a_word"));
        }
        if self.category == Category::Service {
            return Err(Invalid::new("template.category", "unknown"));
        }
        if self.body.trim().is_empty() {
            return Err(Invalid::new("template.body", "required"));
        }
        if self.variables.len() > MOST_VARIABLES {
            return Err(Invalid::new("template.variables", "too_many"));
        }
        if self.reason.chars().count() > LONGEST_REASON {
            return Err(Invalid::new("template.reason", "too_long"));
        }
        if places(&self.body) != (1..=self.variables.len()).collect::<Vec<_>>() {
            return Err(Invalid::new("template.variables", "do_not_fit_the_body"));
        }
        if let Some(at) =
            self.variables.iter().position(|variable| !is_word(&variable.name) || variable.sample.is_empty())
        {
            return Err(Invalid::new(format!("template.variables[{at}]"), "required"));
        }
        let samples: Vec<String> = self.variables.iter().map(|variable| variable.sample.clone()).collect();
        self.check_values("template.variables", &samples)
    }

    /// Refuses values that the provider would: too few, empty, or too long.
    pub fn check_values(&self, field: &str, values: &[String]) -> Result<(), Invalid> {
        if values.len() != self.variables.len() {
            return Err(Invalid::new(field, "wrong_number"));
        }
        for (at, value) in values.iter().enumerate() {
            if value.trim().is_empty() {
                return Err(Invalid::new(format!("{field}[{at}]"), "required"));
            }
            if value.chars().count() > LONGEST_VARIABLE {
                return Err(Invalid::new(format!("{field}[{at}]"), "too_long"));
            }
        }
        if self.render(values).chars().count() > LONGEST {
            return Err(Invalid::new(field, "too_long_together"));
        }
        Ok(())
    }

    /// The text as she reads it. One pass, so that a value with braces stays what it is.
    pub fn render(&self, values: &[String]) -> String {
        let mut text = String::with_capacity(self.body.len() + 60);
        let mut rest = self.body.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            text.push_str(before);
            let Some((number, after)) = after.split_once("}}") else {
                text.push_str("{{");
                rest = after;
                continue;
            };
            match number.trim().parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?)) {
                Some(value) => text.push_str(value),
                None => text.push_str(&format!("{{{{{number}}}}}")),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

/// The numbers that stand in a body, each once, in order.
fn places(body: &str) -> Vec<usize> {
    let mut found: Vec<usize> =
        body.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")?.0.trim().parse().ok()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What the words in braces stand for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fillings<'a> {
    /// Her first name; known only when it is handed over.
    pub first_name: Option<&'a str>,
    /// The shop's name; the same.
    pub business: Option<&'a str>,
    /// Her stamps, and those that are left; known when it is asked for.
    pub stamps: Option<(i32, i32)>,
    /// The reward it speaks of; the same.
    pub reward: Option<&'a str>,
}

/// Fills the words in braces that are known, and leaves the others; one pass.
pub fn fill(text: &str, with: &Fillings<'_>) -> String {
    let mut filled = String::with_capacity(text.len() + 20);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((word, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        let known = match word {
            "first_name" => with.first_name.map(str::to_owned),
            "business" => with.business.map(str::to_owned),
            "reward" => with.reward.map(str::to_owned),
            "stamps" => with.stamps.map(|(stamps, _)| stamps.to_string()),
            "stamps_left" => with.stamps.map(|(_, left)| left.to_string()),
            _ => None,
        };
        match known {
            Some(known) => filled.push_str(&known),
            None => filled.push_str(&format!("{{{word}}}")),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A value as the provider takes it: no line breaks, tabs or long runs of spaces.
pub fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A free text: 1 to 1,600 characters and nothing that does not print.
pub fn free_text(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::new("text", "required"));
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(Invalid::new("text", "too_long"));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Invalid::new("text", "control_character"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(body: &str, names: &[&str]) -> Template {
        Template {
            name: "win_back".into(),
            language: Locale::Es,
            category: Category::Marketing,
            body: body.into(),
            variables: names
                .iter()
                .map(|name| Variable { name: (*name).into(), sample: "x".into() })
                .collect(),
            approval: Approval::Approved,
            content_sid: String::new(),
            reason: String::new(),
        }
    }

    fn values(of: &[&str]) -> Vec<String> {
        of.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn a_template_is_filled_in_one_pass() {
        let template = template("Hola {{1}}, te extrañamos en {{2}}. {{1}}!", &["first_name", "business"]);
        assert_eq!(template.check(), Ok(()));
        assert_eq!(template.render(&values(&["{{2}}", "Café"])), "Hola {{2}}, te extrañamos en Café. {{2}}!");
    }

    #[test]
    fn variables_that_are_missing_or_too_long_are_refused_by_name() {
        let template = template("Hola {{1}}, {{2}}", &["first_name", "news"]);
        let reason = |of: &[&str]| template.check_values("variables", &values(of)).unwrap_err();
        assert_eq!(reason(&["Ana"]), Invalid::new("variables", "wrong_number"));
        assert_eq!(reason(&["Ana", "  "]), Invalid::new("variables[1]", "required"));
        assert_eq!(reason(&["Ana", &"x".repeat(301)]), Invalid::new("variables[1]", "too_long"));
        assert_eq!(template.check_values("variables", &values(&["Ana", &"x".repeat(300)])), Ok(()));
    }

    #[test]
    fn all_together_may_not_pass_a_thousand_and_twenty_four() {
        let template = template(&format!("{}{{{{1}}}}", "a".repeat(1_000)), &["news"]);
        assert_eq!(template.check_values("variables", &values(&[&"b".repeat(24)])), Ok(()));
        let refused = template.check_values("variables", &values(&[&"b".repeat(25)])).unwrap_err();
        assert_eq!(refused.reason, "too_long_together");
    }

    #[test]
    fn a_body_must_fit_its_variables() {
        assert_eq!(
            template("Hola {{1}} {{3}}", &["a", "b"]).check().unwrap_err().reason,
            "do_not_fit_the_body"
        );
        assert_eq!(template("Hola", &["a"]).check().unwrap_err().reason, "do_not_fit_the_body");
        assert_eq!(template(" ", &[]).check().unwrap_err().field, "template.body");
    }

    #[test]
    fn it_is_approved_by_its_content_id_and_rejected_with_a_reason() {
        let sid = format!("HX{}", "a".repeat(32));
        let made = Template { approval: Approval::Pending, ..template("Hola", &[]) };
        assert_eq!(made.refusal(), Some(Reason::Template));
        let refused = |approval, sid: &str, why: &str| {
            let refused = made.clone().judged(approval, sid.into(), why).unwrap_err();
            (refused.field, refused.reason)
        };
        assert_eq!(refused(Approval::Approved, "", ""), ("content_sid".to_owned(), "required"));
        assert_eq!(refused(Approval::Approved, "HX12", ""), ("content_sid".to_owned(), "not_a_content_sid"));
        assert_eq!(refused(Approval::Rejected, "", " "), ("reason".to_owned(), "required"));
        assert_eq!(refused(Approval::Paused, "", &"x".repeat(301)), ("reason".to_owned(), "too_long"));

        let approved = made.judged(Approval::Approved, sid.clone(), "").unwrap();
        assert_eq!(approved.refusal(), None);
        let paused = approved.judged(Approval::Paused, String::new(), "").unwrap();
        assert_eq!(paused.refusal(), Some(Reason::TemplatePaused));
        let rejected = paused.judged(Approval::Rejected, String::new(), " por \n spam ").unwrap();
        assert_eq!(
            (rejected.refusal(), rejected.reason.as_str()),
            (Some(Reason::TemplateRejected), "por spam")
        );
        // What it was approved by is not forgotten, and why it was rejected is.
        let again = rejected.judged(Approval::Approved, String::new(), "").unwrap();
        assert_eq!((again.content_sid, again.reason), (sid, String::new()));
    }

    #[test]
    fn words_in_braces_are_filled_as_they_become_known() {
        let asked = Fillings { stamps: Some((7, 3)), reward: Some("un {stamps}"), ..Fillings::default() };
        let kept = fill("{first_name}: {stamps} y {stamps_left}, {reward}, {otro} {", &asked);
        assert_eq!(kept, "{first_name}: 7 y 3, un {stamps}, {otro} {");
        let sent = Fillings { first_name: Some("Ana"), business: Some("Café"), ..Fillings::default() };
        assert_eq!(fill("{first_name} en {business}", &sent), "Ana en Café");
    }

    #[test]
    fn a_value_is_one_line() {
        assert_eq!(one_line(" dos\n por \t uno     hoy "), "dos por uno hoy");
    }

    proptest! {
        /// Whatever stands in a body or a value, filling never panics, and without braces nothing changes.
        #[test]
        fn filling_is_total(body in "\\PC{0,80}", value in "\\PC{0,20}") {
            let made = template(&body, &[]);
            let _ = (made.render(std::slice::from_ref(&value)), fill(&body, &Fillings { first_name: Some(&value), ..Fillings::default() }));
            if !body.contains('{') {
                prop_assert_eq!(made.render(&[value]), body);
            }
        }
    }
}
