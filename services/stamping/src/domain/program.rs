use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, Cents, Invalid, ProgramId};
use serde::{Deserialize, Serialize};

/// Most stamps a card may ask for: more do not fit a card that a person can read.
const MAX_STAMPS: i32 = 30;
/// Most stamps one visit may be allowed to give.
const MAX_PER_VISIT: i32 = 20;
/// Most rewards on one card.
const MAX_REWARDS: usize = 6;

/// A program in one of its versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The same through all versions.
    pub program: ProgramId,
    /// Whose it is.
    pub business: BusinessId,
    /// Grows by one with each change.
    pub version: i32,
    /// Whether new cards are opened and stamps taken.
    pub active: bool,
    /// When its first version was made.
    pub created_at: DateTime<Utc>,
    /// What this version says.
    pub definition: Definition,
}

/// What one version of a program says. Never changes once a card has begun a cycle with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// What people call it.
    pub name: String,
    /// Stamps that fill a card.
    pub stamps_required: i32,
    /// By the count at which they unlock; the counts are all different.
    pub rewards: Vec<RewardRule>,
    /// The limits.
    pub rules: Rules,
    /// How the card looks.
    pub look: Look,
}

/// What a card gives at a count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RewardRule {
    /// 1 to `stamps_required`.
    pub at: i32,
    /// What she gets, in the shop's own words.
    pub title: String,
    /// What it costs the shop.
    pub cost: Option<Cents>,
}

/// The limits of a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Most stamps of one visit.
    pub max_per_visit: i32,
    /// Minutes between two visits; 0 is no pause.
    pub min_minutes_between: i32,
    /// Most stamps of one business day; 0 is no limit.
    pub max_per_day: i32,
    /// Days that an open reward lives; `None` is for ever.
    pub expires_after_days: Option<i32>,
    /// Céntimos that earn a stamp; `None` where a visit earns it.
    pub cents_per_stamp: Option<Cents>,
    /// Stamps that a new card begins with.
    pub welcome_stamps: i32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_per_visit: 1,
            min_minutes_between: 0,
            max_per_day: 0,
            expires_after_days: None,
            cents_per_stamp: None,
            welcome_stamps: 0,
        }
    }
}

/// The shapes a stamp is drawn in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is what it says")]
pub enum StampShape {
    #[default]
    Circle,
    Cup,
    Scissors,
    Bread,
    Leaf,
    Star,
    Heart,
    Paw,
}

impl StampShape {
    /// The word sent and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Cup => "cup",
            Self::Scissors => "scissors",
            Self::Bread => "bread",
            Self::Leaf => "leaf",
            Self::Star => "star",
            Self::Heart => "heart",
            Self::Paw => "paw",
        }
    }

    /// Reads the word; an empty one is a circle.
    pub fn parse(word: &str) -> Result<Self, Invalid> {
        Ok(match word {
            "" | "circle" => Self::Circle,
            "cup" => Self::Cup,
            "scissors" => Self::Scissors,
            "bread" => Self::Bread,
            "leaf" => Self::Leaf,
            "star" => Self::Star,
            "heart" => Self::Heart,
            "paw" => Self::Paw,
            _ => return Err(Invalid::new("look.stamp_shape", "not_a_shape")),
        })
    }
}

/// How a card looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// `#rrggbb` of the stamps.
    pub ink: String,
    /// `#rrggbb` of the card.
    pub paper: String,
    /// What a stamp is.
    pub stamp_shape: StampShape,
}

impl Default for Look {
    fn default() -> Self {
        Self { ink: "#a03a1c".into(), paper: "#fbf6ea".into(), stamp_shape: StampShape::Circle }
    }
}

impl Look {
    /// Reads a look; empty colours are the house's own.
    pub fn parse(ink: &str, paper: &str, stamp_shape: &str) -> Result<Self, Invalid> {
        let default = Self::default();
        Ok(Self {
            ink: colour("look.ink", ink, default.ink)?,
            paper: colour("look.paper", paper, default.paper)?,
            stamp_shape: StampShape::parse(stamp_shape)?,
        })
    }
}

fn colour(field: &str, text: &str, default: String) -> Result<String, Invalid> {
    if text.is_empty() {
        return Ok(default);
    }
    let digits = text.strip_prefix('#').ok_or_else(|| Invalid::new(field, "not_a_colour"))?;
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Invalid::new(field, "not_a_colour"))
    }
}

/// A line of text that a person wrote: trimmed, not empty, no control characters, at most `max` characters.
fn line(field: impl Into<String>, text: &str, max: usize) -> Result<String, Invalid> {
    let (field, text) = (field.into(), text.trim());
    if text.is_empty() {
        Err(Invalid::new(field, "required"))
    } else if text.chars().count() > max {
        Err(Invalid::new(field, "too_long"))
    } else if text.chars().any(char::is_control) {
        Err(Invalid::new(field, "control_character"))
    } else {
        Ok(text.to_owned())
    }
}

fn within(field: &str, value: i32, least: i32, most: i32) -> Result<(), Invalid> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(Invalid::new(field, "out_of_range")) }
}

impl Definition {
    /// Checks a definition as a whole and puts its rewards in order.
    pub fn new(
        name: &str,
        stamps_required: i32,
        rewards: Vec<RewardRule>,
        rules: Rules,
        look: Look,
    ) -> Result<Self, Invalid> {
        let name = line("name", name, 60)?;
        within("stamps_required", stamps_required, 1, MAX_STAMPS)?;
        if rewards.is_empty() {
            return Err(Invalid::new("rewards", "required"));
        }
        if rewards.len() > MAX_REWARDS {
            return Err(Invalid::new("rewards", "too_many"));
        }
        let mut checked: Vec<RewardRule> = Vec::with_capacity(rewards.len());
        for (index, reward) in rewards.into_iter().enumerate() {
            within(&format!("rewards[{index}].at"), reward.at, 1, stamps_required)?;
            if checked.iter().any(|other| other.at == reward.at) {
                return Err(Invalid::new(format!("rewards[{index}].at"), "duplicate"));
            }
            let title = line(format!("rewards[{index}].title"), &reward.title, 80)?;
            checked.push(RewardRule { title, ..reward });
        }
        checked.sort_by_key(|reward| reward.at);
        within("rules.max_per_visit", rules.max_per_visit, 1, MAX_PER_VISIT)?;
        within("rules.min_minutes_between", rules.min_minutes_between, 0, 7 * 24 * 60)?;
        within("rules.max_per_day", rules.max_per_day, 0, 100)?;
        within("rules.expires_after_days", rules.expires_after_days.unwrap_or(1), 1, 3_650)?;
        within("rules.welcome_stamps", rules.welcome_stamps, 0, stamps_required - 1)?;
        if rules.cents_per_stamp.is_some_and(|cents| cents.get() == 0) {
            return Err(Invalid::new("rules.cents_per_stamp", "out_of_range"));
        }
        Ok(Self { name, stamps_required, rewards: checked, rules, look })
    }

    /// When a reward that unlocks at `at` ends.
    pub fn expiry(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.rules.expires_after_days.map(|days| at + Duration::days(days.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reward(at: i32) -> RewardRule {
        RewardRule { at, title: "Café".into(), cost: None }
    }

    fn define(required: i32, rewards: Vec<RewardRule>, rules: Rules) -> Result<Definition, Invalid> {
        Definition::new("Café gratis", required, rewards, rules, Look::default())
    }

    #[test]
    fn bad_definitions_name_the_field_at_fault() {
        let field = |result: Result<Definition, Invalid>| result.unwrap_err().field;
        let rules = Rules::default;
        assert_eq!(field(define(0, vec![reward(1)], rules())), "stamps_required");
        assert_eq!(field(define(10_000, vec![reward(1)], rules())), "stamps_required");
        assert_eq!(field(define(10, vec![], rules())), "rewards");
        assert_eq!(field(define(10, vec![reward(5), reward(11)], rules())), "rewards[1].at");
        assert_eq!(field(define(10, vec![reward(5), reward(5)], rules())), "rewards[1].at");
        let welcome = Rules { welcome_stamps: 10, ..rules() };
        assert_eq!(field(define(10, vec![reward(10)], welcome)), "rules.welcome_stamps");
        let look = Look::parse("red", "", "");
        assert_eq!(look.unwrap_err().field, "look.ink");
    }

    #[test]
    fn rewards_stand_in_order_of_their_count() {
        let definition = define(10, vec![reward(10), reward(5)], Rules::default()).unwrap();
        assert_eq!(definition.rewards.iter().map(|r| r.at).collect::<Vec<_>>(), [5, 10]);
    }
}
