//! Who is written to: a condition on customers, and how many hold it.

use axum::extract::State;
use proto::campaign as wire;
use proto::campaign::audience::Condition;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::campaigns::Cost;
use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{EXACTLY_ONE, Json};
use crate::platform::Shared;
use crate::wire::{present, some};

/// Conditions inside conditions; a tree that is deeper says nothing that a flatter one could not.
const DEEPEST: usize = 16;

/// A condition on customers: an object with exactly one key. Everybody is `{"all": []}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Keys", rename_all = "snake_case")]
pub(crate) enum Audience {
    /// How often she came, in the last `days` days.
    Visits(Visits),
    /// Days since her last visit.
    DaysSinceVisit(Bounds),
    /// Her own usual days between visits.
    DaysBetweenVisits(Bounds),
    /// Stamps that a card of hers lacks for its next reward.
    StampsLeft(Bounds),
    /// A reward waits for her.
    RewardOpen(RewardWaits),
    /// The month of her birthday.
    BirthdayMonth(BirthdayMonth),
    /// Where she joined.
    Location(JoinedAt),
    /// When she joined.
    Joined(JoinedBetween),
    /// The language she reads.
    Language(Reads),
    /// Longer away than her own rhythm lets expect.
    AtRisk(AtRisk),
    /// Every one of them holds; of none, everybody.
    #[schema(no_recursion)]
    All(Vec<Audience>),
    /// At least one of them holds.
    #[schema(no_recursion)]
    Any(Vec<Audience>),
    /// It does not hold.
    #[schema(no_recursion)]
    Not(Box<Audience>),
}

/// An audience as it comes in: any number of keys, so that whoever sends two is told where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Keys {
    all: Option<Vec<Audience>>,
    any: Option<Vec<Audience>>,
    not: Option<Box<Audience>>,
    visits: Option<Visits>,
    days_since_visit: Option<Bounds>,
    days_between_visits: Option<Bounds>,
    stamps_left: Option<Bounds>,
    reward_open: Option<RewardWaits>,
    birthday_month: Option<BirthdayMonth>,
    location: Option<JoinedAt>,
    joined: Option<JoinedBetween>,
    language: Option<Reads>,
    at_risk: Option<AtRisk>,
}

impl TryFrom<Keys> for Audience {
    type Error = &'static str;

    fn try_from(keys: Keys) -> Result<Self, &'static str> {
        let given = [
            keys.all.map(Self::All),
            keys.any.map(Self::Any),
            keys.not.map(Self::Not),
            keys.visits.map(Self::Visits),
            keys.days_since_visit.map(Self::DaysSinceVisit),
            keys.days_between_visits.map(Self::DaysBetweenVisits),
            keys.stamps_left.map(Self::StampsLeft),
            keys.reward_open.map(Self::RewardOpen),
            keys.birthday_month.map(Self::BirthdayMonth),
            keys.location.map(Self::Location),
            keys.joined.map(Self::Joined),
            keys.language.map(Self::Language),
            keys.at_risk.map(Self::AtRisk),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(EXACTLY_ONE),
        }
    }
}

/// Both ends included; one that is left out is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Visits {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    min: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 9)]
    max: Option<i32>,
    /// Only the last so many days; 0 is ever.
    #[schema(example = 30)]
    days: i32,
}

/// Both ends included; one that is left out is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bounds {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    min: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 30)]
    max: Option<i32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RewardWaits {
    /// Only rewards that expire within so many days; 0 is any.
    #[schema(example = 7)]
    expires_within_days: i32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BirthdayMonth {
    /// 1 to 12; 0 is the month that it is when the campaign runs.
    #[schema(minimum = 0, maximum = 12)]
    month: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinedAt {
    location_id: Uuid,
}

/// Both days included; one that is left out is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JoinedBetween {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-01-01")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-02-01")]
    to: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reads {
    /// es or en.
    #[schema(example = "es")]
    language: String,
}

/// Nothing has to be said of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtRisk {}

impl Audience {
    /// As campaign reads it; refused where it is nested too deep for anybody.
    pub(crate) fn into_wire(self) -> Result<wire::Audience, Refusal> {
        if self.is_deeper_than(DEEPEST) {
            return Err(Refusal::invalid("audience", "too_deep"));
        }
        Ok(self.wired())
    }

    fn is_deeper_than(&self, most: usize) -> bool {
        let Some(below) = most.checked_sub(1) else { return true };
        match self {
            Self::All(of) | Self::Any(of) => of.iter().any(|part| part.is_deeper_than(below)),
            Self::Not(part) => part.is_deeper_than(below),
            _ => false,
        }
    }

    fn wired(self) -> wire::Audience {
        let all = |of: Vec<Self>| of.into_iter().map(Self::wired).collect();
        let range = |bounds: Bounds| wire::Range { min: bounds.min, max: bounds.max, days: 0 };
        let condition = match self {
            Self::All(of) => Condition::All(wire::All { of: all(of) }),
            Self::Any(of) => Condition::Any(wire::Any { of: all(of) }),
            Self::Not(part) => Condition::Not(Box::new(part.wired())),
            Self::Visits(Visits { min, max, days }) => Condition::Visits(wire::Range { min, max, days }),
            Self::DaysSinceVisit(bounds) => Condition::DaysSinceVisit(range(bounds)),
            Self::DaysBetweenVisits(bounds) => Condition::DaysBetweenVisits(range(bounds)),
            Self::StampsLeft(bounds) => Condition::StampsLeft(range(bounds)),
            Self::RewardOpen(RewardWaits { expires_within_days }) => {
                Condition::RewardOpen(wire::RewardOpen { expires_within_days })
            }
            Self::BirthdayMonth(BirthdayMonth { month }) => {
                Condition::BirthdayMonth(wire::BirthdayMonth { month })
            }
            Self::Location(JoinedAt { location_id }) => {
                Condition::Location(wire::Location { location_id: location_id.to_string() })
            }
            Self::Joined(JoinedBetween { from, to }) => {
                let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
                Condition::Joined(wire::Joined { from, to })
            }
            Self::Language(Reads { language }) => Condition::Language(wire::Language { language }),
            Self::AtRisk(AtRisk {}) => Condition::AtRisk(wire::AtRisk {}),
        };
        wire::Audience { condition: Some(condition) }
    }
}

impl TryFrom<wire::Audience> for Audience {
    type Error = Refusal;

    fn try_from(audience: wire::Audience) -> Result<Self, Refusal> {
        let all = |of: Vec<wire::Audience>| of.into_iter().map(Self::try_from).collect::<Result<_, _>>();
        let bounds = |range: wire::Range| Bounds { min: range.min, max: range.max };
        Ok(match present(audience.condition)? {
            Condition::All(wire::All { of }) => Self::All(all(of)?),
            Condition::Any(wire::Any { of }) => Self::Any(all(of)?),
            Condition::Not(part) => Self::Not(Box::new((*part).try_into()?)),
            Condition::Visits(wire::Range { min, max, days }) => Self::Visits(Visits { min, max, days }),
            Condition::DaysSinceVisit(range) => Self::DaysSinceVisit(bounds(range)),
            Condition::DaysBetweenVisits(range) => Self::DaysBetweenVisits(bounds(range)),
            Condition::StampsLeft(range) => Self::StampsLeft(bounds(range)),
            Condition::RewardOpen(wire::RewardOpen { expires_within_days }) => {
                Self::RewardOpen(RewardWaits { expires_within_days })
            }
            Condition::BirthdayMonth(wire::BirthdayMonth { month }) => {
                Self::BirthdayMonth(BirthdayMonth { month })
            }
            Condition::Location(wire::Location { location_id }) => {
                Self::Location(JoinedAt { location_id: present(location_id.parse().ok())? })
            }
            Condition::Joined(wire::Joined { from, to }) => {
                Self::Joined(JoinedBetween { from: some(from), to: some(to) })
            }
            Condition::Language(wire::Language { language }) => Self::Language(Reads { language }),
            Condition::AtRisk(wire::AtRisk {}) => Self::AtRisk(AtRisk {}),
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AudienceQuestion {
    audience: Audience,
    /// marketing or utility; absent: marketing.
    #[serde(default)]
    #[schema(example = "marketing")]
    category: Option<String>,
    /// whatsapp, wallet_first or wallet; absent: whatsapp.
    #[serde(default)]
    #[schema(example = "wallet_first")]
    channel_policy: Option<String>,
    /// 0 to 50; absent: 10.
    #[serde(default)]
    holdout_percent: Option<i32>,
    /// Of the audience, only who is due for this automation now: at_risk, birthday, one_stamp_left, reward_expiring, welcome or
    /// feedback; absent: everybody in it.
    #[serde(default)]
    #[schema(example = "at_risk")]
    trigger: Option<String>,
}

/// Who an audience is.
#[derive(Serialize, ToSchema)]
pub(crate) struct AudiencePreview {
    count: i64,
    reachable: i64,
    excluded: Excluded,
    /// The most it may cost where everybody's number is of Peru. A number abroad costs what its country costs; never beyond the
    /// budget.
    cost: Cost,
    /// How many of the reachable have a pass in a wallet, which costs nothing.
    by_wallet: i64,
    /// How many of today's tier are left for this business's sender; null is without a limit.
    tier_left: Option<i64>,
}

/// Who is left out; each customer under the first reason that holds.
#[derive(Serialize, ToSchema)]
struct Excluded {
    erased: i64,
    opted_out: i64,
    no_consent: i64,
    /// Had a marketing message a few days ago.
    capped: i64,
    /// Left alone, so that it can be told what the message did.
    holdout: i64,
    /// With wallet: could be written to, but keep no pass and take no notices.
    no_pass: i64,
}

impl From<wire::Excluded> for Excluded {
    fn from(excluded: wire::Excluded) -> Self {
        Self {
            erased: excluded.erased,
            opted_out: excluded.opted_out,
            no_consent: excluded.no_consent,
            capped: excluded.capped,
            holdout: excluded.holdout,
            no_pass: excluded.no_pass,
        }
    }
}

/// Who an audience is, how many of them can be reached, and what that costs. Changes nothing.
#[utoipa::path(
    post, path = "/api/v1/audiences/preview", tag = "campaign", operation_id = "previewAudience",
    security(("bearer" = []), ("api_key" = [])), request_body = AudienceQuestion,
    responses((status = 200, description = "Who they are", body = AudiencePreview))
)]
pub(crate) async fn preview(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<AudienceQuestion>,
) -> Result<Json<AudiencePreview>, Refusal> {
    let question = wire::PreviewAudienceRequest {
        audience: Some(body.audience.into_wire()?),
        category: body.category.unwrap_or_default(),
        channel_policy: body.channel_policy.unwrap_or_default(),
        holdout_percent: body.holdout_percent,
        trigger: body.trigger.unwrap_or_default(),
    };
    let answer = platform.campaign().preview_audience(caller.request(question)).await?.into_inner();
    Ok(Json(AudiencePreview {
        count: answer.count,
        reachable: answer.reachable,
        excluded: answer.excluded.unwrap_or_default().into(),
        cost: answer.cost.unwrap_or_default().into(),
        by_wallet: answer.by_wallet,
        tier_left: (answer.tier_left >= 0).then_some(answer.tier_left),
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::json::parse;

    fn any_bounds() -> impl Strategy<Value = Bounds> {
        any::<(Option<i32>, Option<i32>)>().prop_map(|(min, max)| Bounds { min, max })
    }

    fn any_audience() -> impl Strategy<Value = Audience> {
        let day = || prop::option::of("20[0-9]{2}-[01][0-9]-[0-3][0-9]");
        let leaf =
            prop_oneof![
                (any_bounds(), any::<i32>())
                    .prop_map(|(Bounds { min, max }, days)| Audience::Visits(Visits { min, max, days })),
                any_bounds().prop_map(Audience::DaysSinceVisit),
                any_bounds().prop_map(Audience::DaysBetweenVisits),
                any_bounds().prop_map(Audience::StampsLeft),
                any::<i32>().prop_map(|days| Audience::RewardOpen(RewardWaits { expires_within_days: days })),
                (0..13).prop_map(|month| Audience::BirthdayMonth(BirthdayMonth { month })),
                any::<u128>()
                    .prop_map(|id| Audience::Location(JoinedAt { location_id: Uuid::from_u128(id) })),
                (day(), day()).prop_map(|(from, to)| Audience::Joined(JoinedBetween { from, to })),
                "es|en".prop_map(|language| Audience::Language(Reads { language })),
                Just(Audience::AtRisk(AtRisk {})),
            ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Audience::All),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Audience::Any),
                inner.prop_map(|part| Audience::Not(Box::new(part))),
            ]
        })
    }

    proptest! {
        /// There and back, over the wire and as JSON: the same audience.
        #[test]
        fn an_audience_reads_as_it_was_written(audience in any_audience()) {
            let over_the_wire = Audience::try_from(audience.clone().into_wire().unwrap()).unwrap();
            prop_assert_eq!(&over_the_wire, &audience);
            let text = serde_json::to_vec(&audience).unwrap();
            prop_assert_eq!(parse::<Audience>(&text).unwrap(), audience.clone());
            let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(value.as_object().unwrap().len(), 1);
        }
    }

    #[derive(Debug, Deserialize)]
    struct Body {
        #[expect(dead_code, reason = "only read")]
        audience: Audience,
    }

    #[test]
    fn what_is_wrong_in_an_audience_is_named_by_its_path() {
        for (audience, field, reason) in [
            (json!({}), "audience", "exactly_one"),
            (json!({"at_risk": {}, "all": []}), "audience", "exactly_one"),
            (json!({"all": [{"at_risk": {}}, {}]}), "audience.all[1]", "exactly_one"),
            (json!({"regulars": {}}), "audience.regulars", "unknown_field"),
            (
                json!({"all": [{"at_risk": {}}, {"visits": {"min": "two"}}]}),
                "audience.all[1].visits.min",
                "wrong_type",
            ),
            (
                json!({"not": {"any": [{"visits": {"most": 2}}]}}),
                "audience.not.any[0].visits.most",
                "unknown_field",
            ),
            (json!({"location": {}}), "audience.location.location_id", "required"),
            (json!({"location": {"location_id": "x"}}), "audience.location.location_id", "not_a_uuid"),
            (json!({"at_risk": {"since": 1}}), "audience.at_risk.since", "unknown_field"),
            (json!("everybody"), "audience", "wrong_type"),
        ] {
            let refusal = parse::<Body>(json!({ "audience": audience }).to_string().as_bytes()).unwrap_err();
            assert_eq!(
                (refusal.field.as_deref(), refusal.reason.as_deref()),
                (Some(field), Some(reason)),
                "{audience}"
            );
        }
    }

    #[test]
    fn a_tree_that_nobody_can_read_is_refused_before_it_is_sent() {
        let nested = |depth: usize| {
            (1..depth).fold(Audience::AtRisk(AtRisk {}), |inner, _| Audience::Not(Box::new(inner)))
        };
        assert!(nested(DEEPEST).into_wire().is_ok());
        let refusal = nested(DEEPEST + 1).into_wire().unwrap_err();
        assert_eq!(
            (refusal.field.as_deref(), refusal.reason.as_deref()),
            (Some("audience"), Some("too_deep"))
        );
    }
}
