//! What counts as a failure, for budgets and alerts.

use metrics::{Counter, counter};

/// What is looked at by itself.
const OF: [&str; 3] = ["requests", "stamps", "enrollments"];

/// Counters that alerts watch begin at nothing: of one that is born with its first event, no increase is seen.
pub(crate) fn tell_of_nothing_yet() {
    for of in OF {
        failures(of).increment(0);
    }
    counter!("gateway_cards_left_to_event_total").increment(0);
    counter!("live_queue_drops_total").increment(0);
}

/// Counts an answer where it is a failure.
pub(crate) fn count(method: &str, route: &str, status: u16) {
    for of in OF.into_iter().filter(|of| is_one(of, method, route, status)) {
        failures(of).increment(1);
    }
}

fn failures(of: &'static str) -> Counter {
    counter!("http_server_failures_total", "of" => of)
}

/// Whoever stamps or joins is let down by "too many" as well; of other requests it is what they are due.
fn is_one(of: &str, method: &str, route: &str, status: u16) -> bool {
    match of {
        "stamps" => {
            method == "POST"
                && matches!(route, "/api/v1/stamps" | "/api/v1/stamps/batch")
                && (status >= 500 || status == 429)
        }
        "enrollments" => {
            method == "POST" && route == "/api/v1/enrollments" && (status >= 500 || status == 429)
        }
        _ => status >= 500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &str, route: &str, status: u16) -> Vec<&'static str> {
        OF.into_iter().filter(|of| is_one(of, method, route, status)).collect()
    }

    #[test]
    fn a_failure_is_counted_for_everything_that_it_is_one_of() {
        assert_eq!(of("GET", "/api/v1/customers", 503), ["requests"]);
        assert_eq!(of("POST", "/api/v1/stamps", 503), ["requests", "stamps"]);
        assert_eq!(of("POST", "/api/v1/stamps/batch", 500), ["requests", "stamps"]);
        assert_eq!(of("POST", "/api/v1/enrollments", 503), ["requests", "enrollments"]);
    }

    #[test]
    fn too_many_lets_down_who_stamps_or_joins_and_nobody_else() {
        assert_eq!(of("POST", "/api/v1/stamps", 429), ["stamps"]);
        assert_eq!(of("POST", "/api/v1/enrollments", 429), ["enrollments"]);
        assert!(of("GET", "/api/v1/stamps", 429).is_empty());
        assert!(of("POST", "/api/v1/stamps", 422).is_empty() && of("POST", "/api/v1/stamps", 201).is_empty());
    }
}
