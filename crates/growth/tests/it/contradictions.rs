//! Where the document contradicts itself.

use std::collections::BTreeSet;

use growth::{Contradiction, Section, Weight, contradictions};

use crate::{CHAPTERS, PLANNED};

fn about(subject: &str) -> Contradiction {
    let found = contradictions(&PLANNED).into_iter().find(|one| one.subject == subject);
    found.unwrap_or_else(|| panic!("nothing is said about {subject}"))
}

#[test]
fn each_says_where_what_what_follows_what_is_planned_and_why() {
    let all = contradictions(&PLANNED);
    for one in &all {
        let texts = [one.subject, &one.says, &one.follows, &one.plan, one.why];
        assert!(
            texts.iter().all(|text| !text.is_empty() && !text.contains("  ") && text.trim() == *text),
            "{one:?}"
        );
        assert!(!one.places.is_empty() && !one.places.contains(&Section::Ours), "{one:?}");
        assert!(!texts.iter().any(|text| text.contains("NaN") || text.contains("inf ")), "{one:?}");
    }
    let subjects: BTreeSet<&str> = all.iter().map(|one| one.subject).collect();
    assert_eq!(subjects.len(), all.len());
}

#[test]
fn the_heaviest_come_first_and_every_chapter_but_the_assumptions_has_one() {
    let all = contradictions(&PLANNED);
    assert!(all.is_sorted_by_key(|one| one.weight));
    assert_eq!(all[0].weight, Weight::Decides);
    for section in CHAPTERS {
        assert!(all.iter().any(|one| one.places.contains(&section)), "{section}");
    }
}

#[test]
fn the_summarys_stamps_are_held_against_the_computed_ones() {
    let stamps = about("Stamps a minute at the peak");
    assert_eq!(stamps.weight, Weight::Decides);
    assert!(
        stamps.says.contains("500-800") && stamps.follows.starts_with("0.984, 4.69, 18.8;"),
        "{stamps:?}"
    );
    assert!(stamps.follows.contains("800 would be 57.6 visits a month"), "{stamps:?}");
    assert!(stamps.plan.contains("3,232 a minute"), "{stamps:?}");
}

#[test]
fn the_numbers_that_are_told_are_the_models() {
    for (subject, follows) in [
        ("WhatsApp messages a day", "30.6, 146, 583 as the tables count; 378, 1,798, 7,192"),
        ("Database queries a second", "4.14 reads and 1.07 writes"),
        ("Businesses after churn", "from the tables' own new businesses"),
        ("Share of the serviceable market", "3.3 %, 16.7 %, 66.7 % of 3,000"),
        ("Requests a second", "0.312 stamps, 0.078 dashboards, 0.042 enrollments"),
        ("What a blast counts", "200,000 messages a month"),
        (
            "Tier that is needed",
            "2,000, 10,000, 100,000, 100,000, no limit in years 1 to 5; 250 are too few from 24",
        ),
        (
            "How long a message waits",
            "2,400 messages at once, 48 shops' blasts; those of the busiest day take 270 s",
        ),
        ("Wallet updates by campaigns", "campaigns are 200 a day"),
        ("Visits of a year", "135,000 a month are 1,620,000 a year"),
        ("Rows of campaign_sends", "638,385 and 0.25 GB"),
        ("Instances and their connections", "105 with 5 servers, 155 with 10"),
        ("Callbacks of WhatsApp", "240 a second while a blast runs"),
        ("Growth of load from year 2 to 3", "4 times"),
    ] {
        let one = about(subject);
        assert!(one.follows.contains(follows), "{subject}: {}", one.follows);
    }
}

#[test]
fn another_assumption_tells_another_number() {
    let mut assumed = PLANNED;
    assumed.visits.value = 6.0;
    let stamps =
        contradictions(&assumed).into_iter().find(|one| one.subject == "Stamps a minute at the peak");
    assert!(stamps.unwrap().follows.contains("37.5"));
}
