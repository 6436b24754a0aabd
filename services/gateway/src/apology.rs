//! A refusal as a page, for a person who followed a link and reads no JSON. It asks for nothing else of the server, which may
//! be in trouble itself.

use http::{HeaderMap, header};
use kernel::Locale;

use crate::error::ProblemBody;

/// The colours of the pages' own `tokens.css`, as far as a heading, a sentence and a link need them.
const STYLE: &str = "\
    :root{color-scheme:light dark;--paper:light-dark(oklch(.958 .013 87),oklch(.205 .009 72));\
    --ink:light-dark(oklch(.23 .018 55),oklch(.94 .014 88));--soft:light-dark(oklch(.455 .022 65),oklch(.755 .018 84));\
    --fill:light-dark(oklch(.4 .185 274),oklch(.525 .19 275))}\
    body{margin:0;min-height:100vh;display:grid;place-content:center;padding:1.5rem;box-sizing:border-box;\
    background:var(--paper);color:var(--ink);font:1.0625rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
    main{max-width:34rem}h1{font-size:1.836rem;line-height:1.2;margin:0 0 .75rem}p{margin:0 0 1.5rem}\
    a{display:inline-block;padding:.85rem 1.4rem;border-radius:.75rem;background:var(--fill);color:oklch(.985 .007 92);\
    text-decoration:none;font-weight:600}a:focus-visible{outline:3px solid var(--ink);outline-offset:3px}\
    small{display:block;margin-top:2rem;color:var(--soft)}";

/// Whether whoever asks for a path would read a page rather than a problem: browsers on their way to an address do. What
/// machines ask for is answered as machines expect.
pub(crate) fn is_due(path: &str, headers: &HeaderMap) -> bool {
    let is_for_machines = ["/api/", "/wallet/v1/", "/webhooks/"].iter().any(|begin| path.starts_with(begin));
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !is_for_machines && accepted.contains("text/html")
}

/// The page.
pub(crate) fn page(problem: &ProblemBody, language: Locale) -> String {
    let may_heal = problem.status >= 500 || problem.status == 429;
    let (lang, action, number) = match (language, may_heal) {
        (Locale::Es, true) => ("es", "Volver a intentar", "Si nos escribes, danos este número:"),
        (Locale::Es, false) => ("es", "Ir al inicio", "Si nos escribes, danos este número:"),
        (Locale::En, true) => ("en", "Try again", "If you write to us, give us this number:"),
        (Locale::En, false) => ("en", "Go to the start", "If you write to us, give us this number:"),
    };
    let target = if may_heal { "" } else { "/" };
    format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style><main><h1>{title}</h1><p>{detail}</p><a href=\"{target}\">{action}</a>\
         <small>{number} {trace}</small></main></html>",
        title = escaped(&problem.title),
        detail = escaped(&problem.detail),
        trace = escaped(&problem.trace_id),
    )
}

/// A text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::error::{Refusal, Slug};

    #[test]
    fn a_browser_on_its_way_to_an_address_is_shown_a_page() {
        let accepting =
            |accept: &'static str| HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        let browser = accepting("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
        assert!(is_due("/wallet/passes/gone", &browser) && is_due("/unete", &browser));
        assert!(!is_due("/api/v1/cards/x", &browser) && !is_due("/wallet/v1/passes/a/b", &browser));
        assert!(!is_due("/unete", &accepting("*/*")) && !is_due("/unete", &HeaderMap::new()));
    }

    #[test]
    fn it_says_what_is_wrong_in_her_language_and_what_she_can_do() {
        let gone = Refusal::new(Slug::NotFound).told(Locale::Es, "abc");
        let page_es = page(&gone, Locale::Es);
        assert!(page_es.contains(&gone.detail) && page_es.contains("href=\"/\"") && page_es.contains("abc"));
        let away = Refusal::new(Slug::Unavailable).told(Locale::En, "<b>");
        let page_en = page(&away, Locale::En);
        assert!(page_en.contains("Try again") && page_en.contains("lang=\"en\"") && !page_en.contains("<b>"));
    }
}
