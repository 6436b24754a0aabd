use kernel::{Cents, Invalid};

use super::{Look, Rules};

/// What changes of the rules; `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "as in `Rules`")]
pub struct RulesChange {
    pub max_per_visit: Option<i32>,
    pub min_minutes_between: Option<i32>,
    pub max_per_day: Option<i32>,
    pub expires_after_days: Option<Option<i32>>,
    pub cents_per_stamp: Option<Option<Cents>>,
    pub welcome_stamps: Option<i32>,
}

impl RulesChange {
    /// The rules that were, with what changes.
    pub fn over(self, old: Rules) -> Rules {
        Rules {
            max_per_visit: self.max_per_visit.unwrap_or(old.max_per_visit),
            min_minutes_between: self.min_minutes_between.unwrap_or(old.min_minutes_between),
            max_per_day: self.max_per_day.unwrap_or(old.max_per_day),
            expires_after_days: self.expires_after_days.unwrap_or(old.expires_after_days),
            cents_per_stamp: self.cents_per_stamp.unwrap_or(old.cents_per_stamp),
            welcome_stamps: self.welcome_stamps.unwrap_or(old.welcome_stamps),
        }
    }
}

/// What changes of the look; `None` stays as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in `Look`")]
pub struct LookChange {
    pub ink: Option<String>,
    pub paper: Option<String>,
    pub stamp_shape: Option<String>,
}

impl LookChange {
    /// The look that was, with what changes.
    pub fn over(&self, old: &Look) -> Result<Look, Invalid> {
        Look::parse(
            self.ink.as_deref().unwrap_or(&old.ink),
            self.paper.as_deref().unwrap_or(&old.paper),
            self.stamp_shape.as_deref().unwrap_or(old.stamp_shape.as_str()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stays() {
        let old = Rules {
            max_per_visit: 3,
            min_minutes_between: 30,
            max_per_day: 6,
            expires_after_days: Some(60),
            ..Rules::default()
        };
        let change = RulesChange { max_per_day: Some(4), ..RulesChange::default() };
        assert_eq!(change.over(old.clone()), Rules { max_per_day: 4, ..old.clone() });
        let forever = RulesChange { expires_after_days: Some(None), ..RulesChange::default() };
        assert_eq!(forever.over(old.clone()), Rules { expires_after_days: None, ..old });
        let look = Look::parse("#102030", "#fbf6ea", "cup").unwrap();
        let change = LookChange { ink: Some("#203040".into()), ..LookChange::default() };
        assert_eq!(change.over(&look).unwrap(), Look { ink: "#203040".into(), ..look.clone() });
        let wrong = LookChange { stamp_shape: Some("car".into()), ..LookChange::default() };
        assert!(wrong.over(&look).is_err());
    }
}
