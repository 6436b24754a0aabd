//! A campaign as an owner's browser sends it: whom it is for, and what it says.

use campaign::domain::at_risk::Rhythm;
use campaign::domain::audience::{Audience, DEEPEST, MOST_CONDITIONS, Moment};
use campaign::domain::customer::Profile;
use campaign::domain::wording::{Template, Wording, check_templates};
use kernel::{Locale, Zone};
use messaging::domain::template::{Fillings, fill, one_line};

use crate::now;

fn read(bytes: &[u8]) -> Option<(Option<Audience>, Vec<Wording>)> {
    campaign::testing::read(gateway::probe::campaign(bytes)?).ok()
}

/// An audience that is taken is small enough, and can be asked of anybody.
pub(crate) fn read_audience(bytes: &[u8]) -> bool {
    let Some((Some(audience), _)) = read(bytes) else { return false };
    let (depth, conditions) = size(&audience);
    assert!(depth <= DEEPEST && conditions <= MOST_CONDITIONS, "{depth} deep, {conditions} conditions");
    let when = Moment { now: now(), zone: Zone::LIMA, rhythm: Rhythm::UNKNOWN };
    let who = Profile { days: vec![now().date_naive()], joined_at: Some(now()), ..Profile::default() };
    let not = Audience::Not(Box::new(audience.clone()));
    assert_ne!(audience.holds(&who, &when), not.holds(&who, &when));
    true
}

fn size(audience: &Audience) -> (usize, usize) {
    let parts: Vec<(usize, usize)> = match audience {
        Audience::All(of) | Audience::Any(of) => of.iter().map(size).collect(),
        Audience::Not(part) => vec![size(part)],
        _ => Vec::new(),
    };
    let deepest = parts.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    (1 + deepest, 1 + parts.iter().map(|(_, conditions)| conditions).sum::<usize>())
}

/// Wordings that are taken fill their template, and no pass shows braces or her name.
pub(crate) fn read_wordings(bytes: &[u8]) -> bool {
    let Some((_, wordings)) = read(bytes) else { return false };
    let registry: Vec<Template> = wordings.iter().flat_map(|wording| templates(wording.language)).collect();
    let with = Fillings {
        first_name: Some("{business}"),
        business: Some("Café {stamps}"),
        stamps: Some((3, 7)),
        reward: Some("Un café"),
    };
    for wording in &wordings {
        for variable in &wording.variables {
            let line = one_line(&fill(variable, &with));
            assert!(!line.contains(['\n', '\r', '\t']), "not a line");
        }
    }
    let Ok(checked) = check_templates(&wordings, &registry) else { return false };
    for wording in checked {
        assert!(!wording.text.contains("{first_name}"), "a pass with her name: {}", wording.text);
        assert!(wording.text.chars().count() <= 2_000, "too long for a pass");
    }
    true
}

fn templates(language: Locale) -> [Template; 2] {
    [("news", "Hola {{1}}, en {{2}}: {{3}}. Responde BAJA.", 3), ("plain", "{{1}}", 1)].map(
        |(name, body, variables)| Template {
            name: name.to_owned(),
            language: language.as_str().to_owned(),
            category: "marketing".to_owned(),
            body: body.to_owned(),
            variables,
            status: "approved".to_owned(),
        },
    )
}
