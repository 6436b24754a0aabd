//! Campaigns, tiers and what messages cost.

use super::{Contradiction, Weight};
use crate::table::number;
use crate::{Activity, Assumptions, Messages, Section, Tier, Year, steps};

pub(super) fn list(assumed: &Assumptions) -> Vec<Contradiction> {
    vec![
        blasts(assumed),
        active(assumed),
        at_risk(assumed),
        tier(assumed),
        tiers_of_today(),
        upgrade(assumed),
        upgraded(assumed),
        second_quarter(assumed),
        price(assumed),
        shifted(assumed),
        wait(assumed),
        updates(assumed),
    ]
}

fn blasts(assumed: &Assumptions) -> Contradiction {
    let blasted = Messages::of(2_000, assumed).blasted;
    Contradiction {
        subject: "What a blast counts",
        places: vec![Section::Campaigns],
        says: "4,000 blasts a month are 4,000 messages: 583 messages a day with the 13,500 triggered ones"
            .to_owned(),
        follows: format!(
            "A blast goes to the {} customers of a shop: {} messages a month",
            number(assumed.customers_per_business.value),
            number(blasted)
        ),
        plan: format!("{} messages a day", number(Messages::of(2_000, assumed).a_day)),
        why: "Campaigns were added to messages. Twelve times the messages are another tier and another bill.",
        weight: Weight::Decides,
    }
}

fn active(assumed: &Assumptions) -> Contradiction {
    let active = [Year::One, Year::Two, Year::Three]
        .map(|year| number(Activity::of(year.businesses(), assumed).active_customers));
    Contradiction {
        subject: "Active customers, by two tables",
        places: vec![Section::Customers, Section::Campaigns],
        says: "1,800, 9,643, 38,571 where campaigns are counted; 2,363, 11,250, 45,000 where stamps are"
            .to_owned(),
        follows: active.join(", "),
        plan: active.join(", "),
        why: "45 % as stated. The other three were fitted so that 35 % of them give the messages: 3,375 and 13,500 are 30 % of the \
              right ones.",
        weight: Weight::Differs,
    }
}

fn at_risk(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(2_000, assumed);
    Contradiction {
        subject: "Customers at risk",
        places: vec![Section::Campaigns],
        says: "30-40 % of customers; in the table 35 % of those who still come: 13,500".to_owned(),
        follows: format!(
            "{} of all, {} of the active",
            number(activity.customers * assumed.at_risk.value),
            number(activity.active_customers * assumed.at_risk.value)
        ),
        plan: number(activity.active_customers * assumed.at_risk.value),
        why: "Who never came again is not written to month after month. Blasts are the larger part in any case.",
        weight: Weight::Differs,
    }
}

fn tier(assumed: &Assumptions) -> Contradiction {
    let years = Year::ALL.map(|year| Tier::needed(Messages::of(year.businesses(), assumed).busiest_day));
    let grown = steps(assumed);
    let first = grown.first().map_or(0, |step| step.full_at);
    Contradiction {
        subject: "Tier that is needed",
        places: vec![Section::WhatsApp, Section::Summary, Section::Conclusion],
        says: "250 until Q4 2026, 1,000 until year 3, 10,000 in year 5, by the mean day; the summary's messages need 100,000"
            .to_owned(),
        follows: format!(
            "A tier counts persons in any 24 hours, so the busiest day decides: {} in years 1 to 5; 250 are too few from {first} \
             businesses on",
            years.map(|tier| tier.to_string()).join(", ")
        ),
        plan: years.map(|tier| tier.to_string()).join(", "),
        why: "A blast that stops in the middle is seen by its owner the same day. Blasts gather at the beginning and the middle of \
              a month, as the document says itself.",
        weight: Weight::Decides,
    }
}

fn tiers_of_today() -> Contradiction {
    Contradiction {
        subject: "Tiers that exist",
        places: vec![Section::WhatsApp],
        says: "250, 1,000, 10,000, 100,000".to_owned(),
        follows: "250, 2,000, 10,000, 100,000 and none, by WhatsApp today; the limit is the portfolio's"
            .to_owned(),
        plan: "Today's".to_owned(),
        why: "They are WhatsApp's to decide.",
        weight: Weight::Differs,
    }
}

fn upgrade(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "How soon a tier is raised",
        places: vec![Section::WhatsApp],
        says: "\"7 days after 50 % usage\" in the table, \"24 hours after threshold met\" below it"
            .to_owned(),
        follows: format!(
            "{} % within {} days is the threshold, a day is the wait",
            number(assumed.tier_used.value * 100.0),
            number(assumed.pause.value)
        ),
        plan: "Eight days at worst".to_owned(),
        why: "Both together; a blast that needs more waits or is split.",
        weight: Weight::Slip,
    }
}

fn upgraded(assumed: &Assumptions) -> Contradiction {
    let messages = Messages::as_the_document_counts(500, assumed).a_day;
    Contradiction {
        subject: "The tier of Q4 2026",
        places: vec![Section::WhatsApp],
        says: "146 messages a day stay in the tier of 250".to_owned(),
        follows: format!("{} % of it are used, so it is raised by itself", number(messages / 250.0 * 100.0)),
        plan: "By persons on the busiest day".to_owned(),
        why: "As above.",
        weight: Weight::Slip,
    }
}

fn second_quarter(assumed: &Assumptions) -> Contradiction {
    let [second, fourth] =
        [240, 500].map(|businesses| Messages::as_the_document_counts(businesses, assumed).a_day);
    Contradiction {
        subject: "Messages of Q2 2026",
        places: vec![Section::WhatsApp, Section::Scenarios],
        says: "73 a day".to_owned(),
        follows: format!("{} for 240 businesses; 73 is half of {}", number(second), number(fourth)),
        plan: number(Messages::of(240, assumed).a_day),
        why: "Messages go with businesses; see what a blast counts.",
        weight: Weight::Slip,
    }
}

fn price(assumed: &Assumptions) -> Contradiction {
    let counted = Messages::as_the_document_counts(2_000, assumed);
    let planned = Messages::of(2_000, assumed);
    let marketing = assumed.marketing_price.value;
    Contradiction {
        subject: "Price of a message",
        places: vec![Section::WhatsApp, Section::ExternalCost],
        says: "$0.005-0.015 for a service message: $175 a month in year 3".to_owned(),
        follows: format!(
            "Campaigns are marketing messages, ${marketing} to Peru: ${} for its messages, ${} if a blast counts each person",
            number(counted.monthly_cost(marketing, assumed)),
            number(planned.monthly_cost(marketing, assumed))
        ),
        plan: format!(
            "${} a month, {} % of revenue, paid from each business's budget",
            number(planned.monthly_cost(marketing, assumed)),
            number(planned.monthly_cost(marketing, assumed) / (2_000.0 * assumed.price.value) * 100.0)
        ),
        why: "It is the largest cost there is. So budgets are reserved before anything is sent, and the free ways (wallet, web \
              push) go first.",
        weight: Weight::Decides,
    }
}

fn shifted(assumed: &Assumptions) -> Contradiction {
    let counted = |year: Year| {
        let messages = Messages::as_the_document_counts(year.businesses(), assumed);
        number(messages.monthly_cost(assumed.service_price.value, assumed))
    };
    Contradiction {
        subject: "Twilio in the bill",
        places: vec![Section::Cost, Section::ExternalCost, Section::WhatsApp],
        says: "$175 in year 1, $875 in year 3".to_owned(),
        follows: format!(
            "${}, ${} at its own price; $175 and $875 are years 3 and 5",
            counted(Year::One),
            counted(Year::Three)
        ),
        plan: "As under the price of a message".to_owned(),
        why: "The bill took the rows of other years.",
        weight: Weight::Differs,
    }
}

fn wait(assumed: &Assumptions) -> Contradiction {
    let within = assumed.sender_rate.value * 30.0;
    let busiest = Messages::of(2_000, assumed).busiest_day;
    Contradiction {
        subject: "How long a message waits",
        places: vec![Section::Monitoring, Section::WhatsApp],
        says: "Less than 30 seconds in a queue; 80 messages a second".to_owned(),
        follows: format!(
            "{} messages at once, {} shops' blasts; those of the busiest day take {} seconds",
            number(within),
            number(within / assumed.customers_per_business.value),
            number(busiest / assumed.sender_rate.value)
        ),
        plan: "30 seconds for receipts and replies, which go first; a blast as long as its pace asks"
            .to_owned(),
        why: "A blast is not late by four minutes; a receipt is.",
        weight: Weight::Differs,
    }
}

fn updates(assumed: &Assumptions) -> Contradiction {
    let campaigns = 2_000.0 * assumed.campaigns.value / assumed.days.value;
    Contradiction {
        subject: "Wallet updates by campaigns",
        places: vec![Section::AppleWallet, Section::Campaigns],
        says: "583 a day, \"per campaign\"".to_owned(),
        follows: format!("583 are WhatsApp messages, which change no pass; campaigns are {} a day", number(campaigns)),
        plan: "Those of stamps and rewards; a campaign through the wallet is a message's other way, not one more".to_owned(),
        why: "A tenth of the updates either way.",
        weight: Weight::Slip,
    }
}
