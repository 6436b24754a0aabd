//! The report, as text.

use growth::{Multiple, Report, Year};

#[test]
fn a_report_tells_of_every_service_every_request_and_every_contradiction() {
    let report = Report::new(Year::Three, Multiple::LOAD_TEST);
    let text = report.to_string();
    for one in &report.contradictions {
        assert!(text.contains(one.subject), "{}", one.subject);
    }
    for word in
        ["wallet-pass", "POST /api/v1/stamps", "3,780", "1,008", "YEAR 3 (Q4 2027)", "at 3 times the peak"]
    {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn a_report_fits_a_terminal() {
    for year in Year::ALL {
        let text = Report::new(year, Multiple::ONE).to_string();
        let long = text.lines().find(|line| line.chars().count() > 130 || line.ends_with(' '));
        assert_eq!(long, None);
        assert!(text.contains(&format!("YEAR {}", year.number())));
    }
}

#[test]
fn a_reports_deployment_is_its_years() {
    for year in Year::ALL {
        let report = Report::new(year, Multiple::ONE);
        assert_eq!(report.deployment().activity.businesses, year.businesses());
    }
}
