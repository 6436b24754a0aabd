//! What every answer tells the browser: pages run nothing but their own scripts, stand in nobody's frame, tell nobody where they
//! came from, and no cookie says who asks.

use std::collections::BTreeMap;
use std::fs;

use e2e::{Answer, root, shared};

use crate::endpoints::ENDPOINTS;
use crate::fresh;
use crate::scene::Scene;

/// Each address that a person opens.
const PAGES: [&str; 8] =
    ["/", "/unete/cafe", "/t/0", "/caja", "/panel", "/panel/clientes", "/api/docs", "/nothing/at/all"];

/// What is wrong about an answer's headers.
fn faults(answer: &Answer, is_asset: bool) -> Vec<String> {
    let policy: BTreeMap<&str, Vec<&str>> = answer
        .header("content-security-policy")
        .split(';')
        .filter_map(|rule| {
            let mut words = rule.split_whitespace();
            Some((words.next()?, words.collect()))
        })
        .collect();
    let says = |directive: &str, words: &[&str]| policy.get(directive).is_some_and(|said| said == words);
    let names = answer.header_names();
    let mut checks = vec![
        ("is not `nosniff`", answer.header("x-content-type-options") == "nosniff"),
        ("sets a cookie", !names.contains(&"set-cookie")),
        ("lets other sites read it", !names.contains(&"access-control-allow-origin")),
        ("speaks of TLS where there is none", !names.contains(&"strict-transport-security")),
        ("names what runs it", !names.contains(&"server") && !names.contains(&"x-powered-by")),
    ];
    if !is_asset {
        checks.extend([
            ("takes anything from elsewhere", says("default-src", &["'self'"])),
            ("runs other scripts than its own", says("script-src", &["'self'", "'wasm-unsafe-eval'"])),
            ("can be framed", says("frame-ancestors", &["'none'"])),
            ("can be given another base", says("base-uri", &["'none'"])),
            ("sends forms elsewhere", says("form-action", &["'self'"])),
            ("tells others where it came from", answer.header("referrer-policy") == "no-referrer"),
            ("shares its window", answer.header("cross-origin-opener-policy") == "same-origin"),
            ("lends the camera", answer.header("permissions-policy") == "camera=(self)"),
        ]);
    }
    let told: String = answer.to_string().chars().take(200).collect();
    checks.into_iter().filter(|(_, good)| !good).map(|(fault, _)| format!("{fault}: {told}")).collect()
}

/// What a page brings that runs without being a file of its own.
fn inline_scripts(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    tags.filter(|tag| {
        let is_inline = tag.starts_with("script") && !tag.contains(" src=\"/assets/");
        let has_handler = tag.split_whitespace().skip(1).any(|word| {
            word.split_once('=').is_some_and(|(name, _)| name.len() > 2 && name.starts_with("on"))
        });
        is_inline || has_handler || tag.contains("javascript:")
    })
    .collect()
}

#[tokio::test]
async fn every_page_says_what_it_may_do_and_runs_only_files_of_its_own() {
    let api = shared().api();
    let mut wrong = Vec::new();
    for page in PAGES {
        let answer = api.get(&format!("/{page}")).header("accept", "text/html").send().await;
        assert!(answer.header("content-type").starts_with("text/html"), "{answer}");
        wrong.extend(faults(&answer, false));
        wrong.extend(inline_scripts(answer.text()).iter().map(|tag| format!("{page}: <{tag}>")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_file_of_the_build_is_what_its_name_says() {
    let api = shared().api();
    let built = root().join("services/gateway/web/dist");
    let mut wrong = Vec::new();
    let mut found = 0;
    for (folder, is_asset) in [("assets/", true), ("", false)] {
        for file in fs::read_dir(built.join(folder)).expect("the pages are built").flatten() {
            let name = file.file_name().into_string().unwrap();
            if file.path().is_dir() || name.starts_with('.') || name.ends_with(".br") || name.ends_with(".gz")
            {
                continue;
            }
            found += 1;
            let answer = api.get(&format!("//{folder}{name}")).send().await;
            wrong.extend(faults(&answer, is_asset));
            let kind = answer.header("content-type");
            if answer.status() != 200 || kind.is_empty() || kind == "application/octet-stream" {
                wrong.push(format!("{folder}{name} is `{kind}`"));
            }
        }
    }
    assert!(found > 20, "{found} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_answer_of_the_api_is_kept_sets_a_cookie_or_is_read_by_another_site() {
    let scene = Scene::set(&shared()).await;
    let access = fresh(&scene.shop).await;
    let mut wrong = Vec::new();
    for (method, path, ..) in ENDPOINTS {
        let call = scene.call(method, path).header("origin", "https://evil.example");
        let answer = call.header("cookie", "session=1").bearer(&access).send().await;
        wrong.extend(faults(&answer, false));
        if path.starts_with("/api/") && answer.header("cache-control") != "no-store" {
            wrong.push(format!("{method} {path} is `{}`", answer.header("cache-control")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_look_for_scripts_that_never_finds_any_looks_for_nothing() {
    for html in ["<script>alert(1)</script>", "<img src=x onerror=\"a()\">", "<a href=\"javascript:a()\">"] {
        assert_eq!(inline_scripts(html).len(), 1, "{html}");
    }
    assert!(inline_scripts("<script type=\"module\" src=\"/assets/a.js\"></script><p on>").is_empty());
}
