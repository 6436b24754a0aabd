//! How businesses, numbers and texts stand, in words.

use messaging::domain::quality::{BLOCK_BOUND, DAYS, OPT_OUT_BOUND, SLOWED_TO_ONE_IN};
use proto::messaging::{Account, JudgeTemplateRequest, Quality, Sender, Template, Tier};

/// What a business is called: in addresses and commands, and by people.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) slug: String,
    pub(super) name: String,
}

/// A line for each.
pub(super) fn businesses(all: &[(Named, Account)]) -> Vec<String> {
    let slugs = widest(all.iter().map(|(named, _)| named.slug.as_str()));
    let names = widest(all.iter().map(|(named, _)| named.name.as_str()));
    all.iter()
        .map(|(named, account)| {
            let (slug, name) = (&named.slug, &named.name);
            format!("{slug:<slugs$}   {name:<names$}   {}", standing(account))
        })
        .collect()
}

fn widest<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    words.map(|word| word.chars().count()).max().unwrap_or(0)
}

fn standing(account: &Account) -> String {
    if account.status == "waiting" {
        return "waits for approval".to_owned();
    }
    let status = if account.status == "stopped" { "stopped by you" } else { account.status.as_str() };
    let quality = account.quality.clone().unwrap_or_default();
    let mut marketing = marketing(&quality);
    if quality.state == "none" && ["slowed", "stopped"].contains(&account.sender_state.as_str()) {
        marketing = format!("marketing is {} with all of {}", account.sender_state, account.sender);
    }
    format!(
        "{status}: up to {} a day and {} a month{}, weight {}, {marketing}",
        soles(account.daily_limit_cents),
        soles(account.monthly_limit_cents),
        owners(account),
        account.weight
    )
}

/// What the owner wants to spend, where that is less than she may.
fn owners(account: &Account) -> String {
    let (daily, monthly) = (account.daily_budget_cents, account.monthly_budget_cents);
    if (daily, monthly) == (account.daily_limit_cents, account.monthly_limit_cents) {
        return String::new();
    }
    format!(" (its owner wants no more than {} and {})", soles(daily), soles(monthly))
}

/// The lines of a number, with those of its businesses that are braked.
pub(super) fn sender(sender: &Sender, braked: &[(Named, Account)]) -> Vec<String> {
    let (tier, quality) = (sender.tier.unwrap_or_default(), sender.quality.clone().unwrap_or_default());
    let limit = if tier.limit == 0 { "without a limit".into() } else { format!("of {}", tier.limit) };
    let businesses = if sender.businesses == 1 { "business" } else { "businesses" };
    let mut lines = vec![
        format!(
            "{}   portfolio {}   {} messages a second   {} {businesses}",
            sender.phone, sender.portfolio, sender.messages_per_second, sender.businesses
        ),
        format!(
            "    tier       {} addresses in 24 hours {limit} ({}); the plan: up to {} on a day",
            tier.used,
            growing(&tier),
            tier.planned_per_day
        ),
        format!("    provider   {}", provider(&sender.circuit)),
        format!("    quality    {}", rates(&quality)),
        format!("    brake      {}", marketing(&quality)),
    ];
    lines.extend(braked.iter().map(|(named, account)| {
        let quality = account.quality.clone().unwrap_or_default();
        format!("    braked     {} ({}): {}", named.slug, named.name, marketing(&quality))
    }));
    lines
}

/// When WhatsApp raises a limit, by how it is used.
fn growing(tier: &Tier) -> String {
    match tier.days_to_half {
        _ if tier.limit == 0 => "nothing to raise".to_owned(),
        0 => "raised soon: half of it was used".to_owned(),
        -1 => "not raised at this pace".to_owned(),
        days => format!("raised in about {days} days at this pace"),
    }
}

fn provider(circuit: &str) -> &str {
    match circuit {
        "closed" => "answers",
        "open" => "does not answer: nothing is handed over until it does (circuit open)",
        "half_open" => {
            "did not answer, and a few messages find out whether it does again (circuit half open)"
        }
        other => other,
    }
}

fn rates(quality: &Quality) -> String {
    format!(
        "{:.2} % opted out ({} % is too many), {:.2} % blocked ({} % is too many), of {} delivered in {DAYS} days",
        quality.opt_out_rate * 100.0,
        OPT_OUT_BOUND * 100.0,
        quality.block_rate * 100.0,
        BLOCK_BOUND * 100.0,
        quality.delivered
    )
}

/// Whether marketing goes, and if not, who had enough of it.
fn marketing(quality: &Quality) -> String {
    let how = match quality.state.as_str() {
        "slowed" => format!("slowed to one in {SLOWED_TO_ONE_IN} of the number's moments"),
        "stopped" => "stopped".to_owned(),
        _ => return "marketing goes out".to_owned(),
    };
    let why = match quality.reason.as_str() {
        "opt_outs" => format!(
            "{} of {} delivered in {DAYS} days wrote BAJA, {:.2} %, and {} % is too many",
            quality.opted_out,
            quality.delivered,
            quality.opt_out_rate * 100.0,
            OPT_OUT_BOUND * 100.0
        ),
        "blocks" => format!(
            "{} of {} in {DAYS} days blocked the number, {:.2} %, and {} % is too many",
            quality.blocked,
            quality.delivered + quality.blocked,
            quality.block_rate * 100.0,
            BLOCK_BOUND * 100.0
        ),
        other => other.to_owned(),
    };
    format!("marketing is {how}: {why}")
}

/// Two lines for each: how it stands, and what it says.
pub(super) fn templates(all: &[Template]) -> Vec<String> {
    if all.is_empty() {
        return vec!["There is no such template.".to_owned()];
    }
    all.iter()
        .flat_map(|one| {
            let why = if one.reason.is_empty() { String::new() } else { format!(": {}", one.reason) };
            let sid =
                if one.content_sid.is_empty() { String::new() } else { format!("   {}", one.content_sid) };
            let variables: Vec<String> = one
                .variables
                .iter()
                .enumerate()
                .map(|(at, variable)| format!("{{{{{}}}}} {} ({})", at + 1, variable.name, variable.sample))
                .collect();
            let mut lines = vec![
                format!("{}   {}   {}   {}{why}{sid}", one.name, one.language, one.category, one.status),
                format!("    {}", one.body),
            ];
            lines.extend((!variables.is_empty()).then(|| format!("    {}", variables.join(", "))));
            lines
        })
        .collect()
}

/// What follows from a judgement.
pub(super) fn judged(judgement: &JudgeTemplateRequest) -> String {
    let (name, language) = (&judgement.name, &judgement.language);
    match judgement.status.as_str() {
        "approved" => format!("{name} may be used in {language}"),
        "paused" => format!("{name} is paused in {language}: nothing goes out with it"),
        _ => format!("{name} is rejected in {language}: nothing goes out with it any more"),
    }
}

/// An amount of céntimos as people read it.
fn soles(cents: i64) -> String {
    format!("S/ {}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use proto::messaging::Variable;

    use super::*;

    fn quality(state: &str, reason: &str) -> Quality {
        Quality {
            delivered: 60,
            opted_out: 5,
            blocked: 2,
            opt_out_rate: 5.0 / 60.0,
            block_rate: 2.0 / 62.0,
            state: state.into(),
            reason: reason.into(),
        }
    }

    fn account(status: &str, quality: Quality) -> Account {
        Account {
            status: status.into(),
            sender: "+51900000001".into(),
            daily_limit_cents: 2_000,
            daily_budget_cents: 2_000,
            monthly_limit_cents: 30_005,
            monthly_budget_cents: 30_005,
            weight: 10,
            quality: Some(quality),
            sender_state: "none".into(),
            ..Default::default()
        }
    }

    fn luna() -> Named {
        Named { slug: "cafe-luna".into(), name: "Café Luna".into() }
    }

    #[test]
    fn businesses_stand_in_columns_with_what_holds_them() {
        let sol = Named { slug: "sol".into(), name: "Sol".into() };
        let well = account("approved", quality("none", ""));
        let thrifty = Account { daily_budget_cents: 500, ..well.clone() };
        let shared = Account { sender_state: "stopped".into(), ..well.clone() };
        let lines = businesses(&[
            (luna(), account("waiting", Quality::default())),
            (sol.clone(), well),
            (sol.clone(), thrifty),
            (sol.clone(), shared),
            (sol.clone(), account("approved", quality("stopped", "opt_outs"))),
            (sol, account("stopped", quality("none", ""))),
        ]);
        let limits = "up to S/ 20.00 a day and S/ 300.05 a month";
        assert_eq!(lines[0], "cafe-luna   Café Luna   waits for approval");
        assert_eq!(
            lines[1],
            format!("sol         Sol         approved: {limits}, weight 10, marketing goes out")
        );
        assert!(lines[2].contains("(its owner wants no more than S/ 5.00 and S/ 300.05)"), "{}", lines[2]);
        assert!(lines[3].ends_with("marketing is stopped with all of +51900000001"), "{}", lines[3]);
        assert!(
            lines[4]
                .ends_with("stopped: 5 of 60 delivered in 7 days wrote BAJA, 8.33 %, and 2 % is too many"),
            "{}",
            lines[4]
        );
        assert!(lines[5].contains("stopped by you: "), "{}", lines[5]);
    }

    #[test]
    fn a_number_says_what_it_may_how_it_stands_and_whom_it_brakes() {
        let tier = Tier { limit: 250, used: 12, days_to_half: 6, planned_per_day: 300 };
        let number = Sender {
            phone: "+51900000001".into(),
            portfolio: "sello".into(),
            tier: Some(tier),
            messages_per_second: 80,
            quality: Some(quality("slowed", "blocks")),
            circuit: "open".into(),
            businesses: 1,
            ..Default::default()
        };
        let braked = [(luna(), account("approved", quality("stopped", "opt_outs")))];
        assert_eq!(
            sender(&number, &braked),
            [
                "+51900000001   portfolio sello   80 messages a second   1 business",
                "    tier       12 addresses in 24 hours of 250 (raised in about 6 days at this pace); the plan: up to 300 on a day",
                "    provider   does not answer: nothing is handed over until it does (circuit open)",
                "    quality    8.33 % opted out (2 % is too many), 3.23 % blocked (0.5 % is too many), of 60 delivered in 7 days",
                "    brake      marketing is slowed to one in 4 of the number's moments: 2 of 62 in 7 days blocked the number, 3.23 %, and 0.5 % is too many",
                "    braked     cafe-luna (Café Luna): marketing is stopped: 5 of 60 delivered in 7 days wrote BAJA, 8.33 %, and 2 % is too many",
            ]
        );
        let well = Sender { circuit: "closed".into(), quality: Some(quality("none", "")), ..number };
        let lines = sender(&well, &[]);
        assert_eq!(lines[2], "    provider   answers");
        assert_eq!((lines.len(), lines[4].as_str()), (5, "    brake      marketing goes out"));
    }

    #[test]
    fn a_text_says_how_it_stands_and_why_and_what_it_is_filled_with() {
        let one = Template {
            name: "news".into(),
            language: "es".into(),
            category: "marketing".into(),
            body: "Hola {{1}}".into(),
            variables: vec![Variable { name: "first_name".into(), sample: "Ana".into() }],
            status: "rejected".into(),
            content_sid: "HX1".into(),
            reason: "parece spam".into(),
        };
        assert_eq!(
            templates(&[one]),
            [
                "news   es   marketing   rejected: parece spam   HX1",
                "    Hola {{1}}",
                "    {{1}} first_name (Ana)",
            ]
        );
        assert_eq!(templates(&[]), ["There is no such template."]);
    }
}
