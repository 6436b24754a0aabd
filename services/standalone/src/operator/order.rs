//! What the operator says, word by word.

use anyhow::{Context, bail};
use kernel::Locale;
use proto::messaging::{JudgeTemplateRequest, SetSenderRequest, Template};

use super::{USAGE, texts};

/// Whom a listing is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    All,
    Waiting,
    Approved,
    Stopped,
    Braked,
}

impl Listed {
    fn read(word: Option<&str>) -> Option<Self> {
        Some(match word {
            None => Self::All,
            Some("waiting") => Self::Waiting,
            Some("approved") => Self::Approved,
            Some("stopped") => Self::Stopped,
            Some("braked") => Self::Braked,
            Some(_) => return None,
        })
    }

    /// The statuses to list one after the other: what there is to decide comes first. An empty one is all of them.
    pub(super) fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::All => &["waiting", "approved", "stopped"],
            Self::Waiting => &["waiting"],
            Self::Approved => &["approved"],
            Self::Stopped => &["stopped"],
            Self::Braked => &[""],
        }
    }

    /// What there is to say where nobody is listed.
    pub(super) fn nobody(self) -> &'static str {
        match self {
            Self::All => "There is no business yet.",
            Self::Waiting => "No business waits for approval.",
            Self::Approved => "No business is approved.",
            Self::Stopped => "No business is stopped.",
            Self::Braked => "No business is braked.",
        }
    }
}

/// One decision, or one question.
#[derive(Debug, PartialEq)]
pub(super) enum Order {
    Businesses(Listed),
    Approve {
        slug: String,
        daily_cents: i64,
        monthly_cents: i64,
        weight: Option<i32>,
    },
    Weight {
        slug: String,
        weight: i32,
    },
    Stop {
        slug: String,
    },
    Senders,
    Sender(SetSenderRequest),
    /// Those of a status; empty for all.
    Templates(String),
    Add(Vec<Template>),
    Judge(JudgeTemplateRequest),
}

impl Order {
    /// Reads the words after `sello operator`, and the file that they name.
    pub(super) fn read(words: &[&str]) -> anyhow::Result<Self> {
        Ok(match *words {
            ["businesses", ref rest @ ..] if rest.len() <= 1 => match Listed::read(rest.first().copied()) {
                Some(listed) => Self::Businesses(listed),
                None => return not_understood(),
            },
            ["approve", slug, daily, monthly, ref rest @ ..] if rest.len() <= 1 => Self::Approve {
                slug: slug.to_owned(),
                daily_cents: cents(daily, "soles a day")?,
                monthly_cents: cents(monthly, "soles a month")?,
                weight: rest.first().map(|weight| weight_of(weight)).transpose()?,
            },
            ["weight", slug, weight] => Self::Weight { slug: slug.to_owned(), weight: weight_of(weight)? },
            ["stop", slug] => Self::Stop { slug: slug.to_owned() },
            ["senders"] => Self::Senders,
            ["sender", phone, ref rest @ ..] if rest.len() <= 3 => Self::Sender(SetSenderRequest {
                phone: phone.to_owned(),
                portfolio: rest.first().copied().unwrap_or_default().to_owned(),
                tier: rest.get(1).map(|tier| number(tier, "the tier")).transpose()?,
                messages_per_second: rest.get(2).map(|rate| number(rate, "messages a second")).transpose()?,
                ..Default::default()
            }),
            ["templates"] => Self::Templates(String::new()),
            ["templates", status @ ("pending" | "approved" | "paused" | "rejected")] => {
                Self::Templates(status.to_owned())
            }
            ["template", "add", file] => Self::Add(texts::read(file)?),
            ["template", "approve", name, language, ref rest @ ..] if rest.len() <= 1 => {
                let content_sid = rest.first().copied().unwrap_or_default().to_owned();
                Self::Judge(JudgeTemplateRequest { content_sid, ..judgement("approved", name, language)? })
            }
            ["template", "pause", name, language, ref why @ ..] => Self::Judge(JudgeTemplateRequest {
                reason: why.join(" "),
                ..judgement("paused", name, language)?
            }),
            ["template", "reject", name, language, ref why @ ..] if !why.is_empty() => {
                Self::Judge(JudgeTemplateRequest {
                    reason: why.join(" "),
                    ..judgement("rejected", name, language)?
                })
            }
            _ => return not_understood(),
        })
    }
}

fn not_understood<T>() -> anyhow::Result<T> {
    bail!("this is not understood; it is one of:\n{USAGE}")
}

fn judgement(status: &str, name: &str, language: &str) -> anyhow::Result<JudgeTemplateRequest> {
    if Locale::from_word(language).is_none() {
        bail!("the language: {language} is neither es nor en");
    }
    let (status, name, language) = (status.to_owned(), name.to_owned(), language.to_owned());
    Ok(JudgeTemplateRequest { name, language, status, ..Default::default() })
}

fn weight_of(text: &str) -> anyhow::Result<i32> {
    let weight: i32 = number(text, "the weight")?;
    if !(1..=100).contains(&weight) {
        bail!("the weight: {text} is not between 1 and 100");
    }
    Ok(weight)
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> anyhow::Result<T> {
    text.parse().ok().with_context(|| format!("{what}: {text} is not a whole number"))
}

/// Soles as a person writes them, in céntimos.
fn cents(text: &str, what: &str) -> anyhow::Result<i64> {
    let (soles, rest) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = [soles, rest].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let cents = match rest.len() {
        _ if !is_plain => None,
        0 => Some(0),
        1 => rest.parse::<u8>().ok().map(|tenths| i64::from(tenths) * 10),
        2 => rest.parse::<u8>().ok().map(i64::from),
        _ => None,
    };
    let soles: Option<i64> = soles.parse::<u32>().ok().map(i64::from);
    soles
        .zip(cents)
        .map(|(soles, cents)| soles * 100 + cents)
        .with_context(|| format!("{what}: {text} is no amount such as 50 or 12.50"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soles_are_read_as_people_write_them() {
        assert_eq!(cents("50", "x").unwrap(), 5_000);
        assert_eq!(cents("12.5", "x").unwrap(), 1_250);
        assert_eq!(cents("12.05", "x").unwrap(), 1_205);
        for wrong in ["", "-1", "1.234", "1,5", "S/ 5", "1.+5"] {
            assert!(cents(wrong, "x").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_business_is_approved_with_a_weight_or_without() {
        let approved = |weight| Order::Approve {
            slug: "cafe-tostado".into(),
            daily_cents: 2_000,
            monthly_cents: 30_000,
            weight,
        };
        let read = |words: &[&str]| Order::read(words).unwrap();
        assert_eq!(read(&["approve", "cafe-tostado", "20", "300"]), approved(None));
        assert_eq!(read(&["approve", "cafe-tostado", "20", "300", "40"]), approved(Some(40)));
        let weight = Order::Weight { slug: "cafe-tostado".into(), weight: 40 };
        assert_eq!(read(&["weight", "cafe-tostado", "40"]), weight);
        for wrong in ["0", "101", "-1", "much"] {
            let refusal = Order::read(&["weight", "cafe-tostado", wrong]).unwrap_err().to_string();
            assert!(refusal.starts_with("the weight: "), "{refusal}");
        }
    }

    #[test]
    fn an_order_is_understood_or_refused_with_all_there_are() {
        for wrong in [
            &["approve", "cafe-tostado"][..],
            &[],
            &["sender"],
            &["senders", "all"],
            &["businesses", "gone"],
            &["templates", "old"],
            &["template", "news", "es", "HX"],
            &["template", "reject", "news", "es"],
        ] {
            let refusal = Order::read(wrong).unwrap_err().to_string();
            assert!(refusal.contains("sello operator approve"), "{refusal}");
        }
        assert!(Order::read(&["sender", "+51999999999", "sello", "many"]).is_err());
        assert_eq!(Order::read(&["businesses"]).unwrap(), Order::Businesses(Listed::All));
        assert_eq!(Order::read(&["businesses", "braked"]).unwrap(), Order::Businesses(Listed::Braked));
        assert_eq!(Order::read(&["templates", "paused"]).unwrap(), Order::Templates("paused".into()));
    }

    #[test]
    fn a_template_is_judged_with_its_reason_in_as_many_words_as_it_takes() {
        let judged = |words: &[&str]| match Order::read(words).unwrap() {
            Order::Judge(judged) => (judged.status, judged.content_sid, judged.reason),
            other => panic!("{other:?}"),
        };
        let texts = |status: &str, sid: &str, why: &str| (status.to_owned(), sid.to_owned(), why.to_owned());
        assert_eq!(judged(&["template", "approve", "news", "es"]), texts("approved", "", ""));
        assert_eq!(judged(&["template", "approve", "news", "es", "HX1"]), texts("approved", "HX1", ""));
        assert_eq!(judged(&["template", "pause", "news", "en"]), texts("paused", "", ""));
        assert_eq!(
            judged(&["template", "reject", "news", "es", "parece", "spam"]),
            texts("rejected", "", "parece spam")
        );
        let french = Order::read(&["template", "pause", "news", "fr"]).unwrap_err().to_string();
        assert_eq!(french, "the language: fr is neither es nor en");
    }
}
