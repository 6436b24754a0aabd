//! Keeps the house as it was laid out. Needs no platform: it reads the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file that a reader still holds in her head.
const LONGEST_FILE: usize = 600;
/// Lines of a function, from its first to its last brace.
const LONGEST_FUNCTION: usize = 100;
/// What a stranger sees first. Settings of tools are dotfiles.
const TOP: [&str; 13] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "README.md",
    "crates",
    "deploy",
    "helm",
    "migrations",
    "proto",
    "services",
    "tests",
];
/// Names of folders that say nothing of what is in them.
const NO_NAMES: [&str; 6] = ["common", "utils", "util", "models", "types", "helpers"];
/// Folders that tools make.
const MADE: [&str; 6] = ["node_modules", "target", "dist", "dist-gallery", "data", "__pycache__"];
/// The services with a schema and the whole row of rooms; the gateway has routes instead, standalone only wires.
const SERVICES: [&str; 6] = ["analytics", "campaign", "enrollment", "messaging", "stamping", "wallet-pass"];

/// All files under a folder with one of these endings; nothing that tools make, and no dotfiles.
fn files(under: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![under.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || MADE.contains(&name.as_str()) {
                continue;
            }
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn folders(under: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        files(under, &[""]).iter().flat_map(|file| file.ancestors().skip(1)).map(Path::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

/// The path as the house knows it.
fn at(path: &Path) -> String {
    path.strip_prefix(e2e::root()).unwrap_or(path).display().to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the code says, without its comments and its unit tests.
fn code(path: &Path) -> Vec<String> {
    let text = read(path);
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned()).collect()
}

/// The files of a room: `domain.rs`, or `domain/…`.
fn room(service: &str, name: &str) -> Vec<PathBuf> {
    let source = e2e::root().join("services").join(service).join("src");
    let mut room = files(&source.join(name), &[".rs"]);
    room.extend(Some(source.join(format!("{name}.rs"))).filter(|file| file.is_file()));
    room
}

/// Which room of which service a file is: `("stamping", "domain")`.
fn place(path: &Path) -> Option<(String, String)> {
    let path = path.strip_prefix(e2e::root().join("services")).ok()?;
    let mut parts = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let service = parts.next()?;
    (parts.next()? == "src").then_some(())?;
    Some((service, parts.next()?.trim_end_matches(".rs").to_owned()))
}

/// True where the code names this path: `sqlx` in `sqlx::query`, but not in `my_sqlx`.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(begin, _)| {
        let before = line[..begin].chars().next_back();
        let after = line[begin + path.len()..].chars().next();
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        !before.is_some_and(|letter| is_part(letter) || letter == ':') && !after.is_some_and(is_part)
    })
}

#[track_caller]
fn assert_none(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

#[test]
fn the_top_of_the_house_shows_what_it_must_and_nothing_else() {
    let ignored = read(&e2e::root().join(".gitignore"));
    let is_made =
        |name: &str| MADE.contains(&name) || ignored.lines().any(|line| line.trim_matches('/') == name);
    let found = fs::read_dir(e2e::root())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let odd: Vec<String> = found
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()) && !is_made(name))
        .collect();
    assert_none("does not belong at the top", &odd);
}

#[test]
fn no_folder_is_named_after_nothing() {
    let odd: Vec<String> = folders(&e2e::root())
        .iter()
        .filter(|folder| folder.file_name().is_some_and(|name| NO_NAMES.iter().any(|odd| name == *odd)))
        .map(|folder| at(folder))
        .collect();
    assert_none("says nothing of what is in it", &odd);
}

#[test]
fn no_file_is_longer_than_a_reader_holds_in_her_head() {
    let mut sources = files(&e2e::root(), &[".rs"]);
    sources.extend(files(&e2e::root().join("services/gateway/web/src"), &[".svelte", ".ts", ".css"]));
    sources.extend(files(&e2e::root().join("tests/browser"), &[".js", ".mjs", ".ts"]));
    let long: Vec<String> = sources
        .iter()
        .map(|file| (file, read(file).lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| format!("{} has {lines} lines", at(file)))
        .collect();
    assert_none("longer than 600 lines", &long);
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut long = Vec::new();
    // A catalogue of texts is a table, however it is written.
    let is_catalogue = |file: &Path| {
        file.ends_with("texts.rs") || file.parent().is_some_and(|folder| folder.ends_with("texts"))
    };
    for file in files(&e2e::root(), &[".rs"]).into_iter().filter(|file| !is_catalogue(file)) {
        let text = read(&file);
        let lines: Vec<&str> = text.lines().collect();
        for (begin, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let is_function = [
                "fn ",
                "pub fn ",
                "async fn ",
                "pub async fn ",
                "pub(crate) fn ",
                "pub(crate) async fn ",
                "pub(super) fn ",
                "pub(super) async fn ",
            ]
            .iter()
            .any(|word| line.trim_start().starts_with(word));
            if !is_function {
                continue;
            }
            // The formatter puts the last brace under the first letter.
            let end = format!("{}}}", &line[..indent]);
            let length = lines[begin..].iter().position(|line| *line == end).map_or(1, |at| at + 1);
            if length > LONGEST_FUNCTION && !line.trim_end().ends_with(';') {
                long.push(format!("{}:{} has {length} lines", at(&file), begin + 1));
            }
        }
    }
    assert_none("longer than 100 lines", &long);
}

#[test]
fn services_meet_in_protos_and_events_and_only_standalone_sees_them_all() {
    let all = ["analytics", "campaign", "enrollment", "gateway", "messaging", "stamping", "wallet-pass"];
    let mut faults = Vec::new();
    for manifest in files(&e2e::root().join("services"), &["Cargo.toml"])
        .iter()
        .chain(&files(&e2e::root().join("crates"), &["Cargo.toml"]))
    {
        let of = manifest.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
        if of == "standalone" {
            continue;
        }
        let text = read(manifest);
        let named = text
            .lines()
            .filter_map(|line| line.split(['.', '=', ' ']).next())
            .filter(|name| all.contains(name) && *name != of);
        faults.extend(named.map(|other| format!("{of} depends on {other}")));
    }
    assert_none("a crate depends on a service's", &faults);
}

#[test]
fn the_arrows_between_rooms_never_turn_back() {
    // What each room may not know: design.md's line, read from right to left.
    let beyond: [(&str, &[&str]); 6] = [
        (
            "domain",
            &[
                "sqlx",
                "tonic",
                "tokio",
                "proto",
                "prost",
                "async_nats",
                "outbox",
                "boot",
                "crate::store",
                "crate::app",
                "crate::grpc",
                "crate::events",
                "crate::consumers",
                "crate::workers",
                "Utc::now",
                "SystemTime",
            ],
        ),
        (
            "store",
            &[
                "tonic",
                "proto",
                "prost",
                "crate::app",
                "crate::grpc",
                "crate::consumers",
                "crate::workers",
                "crate::events",
            ],
        ),
        ("events", &["sqlx", "tonic", "crate::grpc", "crate::consumers", "crate::workers"]),
        ("app", &["crate::grpc", "crate::consumers", "crate::workers"]),
        ("grpc", &["sqlx", "crate::consumers", "crate::workers"]),
        ("workers", &["tonic", "crate::grpc", "crate::consumers"]),
    ];
    let mut faults = Vec::new();
    for service in SERVICES {
        for (name, unknown) in beyond {
            let files = room(service, name);
            assert!(!files.is_empty() || matches!(name, "events"), "{service} has no room {name}");
            for file in files {
                for (number, line) in code(&file).iter().enumerate() {
                    for word in unknown {
                        // A type that derives what the database reads into is a word of the house, not I/O.
                        if names(line, word) && !line.contains("derive(") && !line.contains("sqlx(") {
                            faults.push(format!(
                                "{}:{} {name} knows {word}: {}",
                                at(&file),
                                number + 1,
                                line.trim()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert_none("an arrow turns back", &faults);
}

#[test]
fn protos_are_seen_where_the_wire_is_and_nowhere_else() {
    let mut faults = Vec::new();
    for service in SERVICES {
        for file in files(&e2e::root().join("services").join(service).join("src"), &[".rs"]) {
            let Some((_, room)) = place(&file) else { continue };
            if ["lib", "main", "grpc", "consumers", "events", "peers"].contains(&room.as_str()) {
                continue;
            }
            let seen = code(&file).iter().position(|line| names(line, "proto") && line.contains("proto::"));
            faults.extend(seen.map(|line| format!("{}:{}", at(&file), line + 1)));
        }
    }
    assert_none("sees proto", &faults);
}

#[test]
fn sql_is_in_the_store_and_nowhere_else() {
    let words = [
        "query!(",
        "query_as!(",
        "query_scalar!(",
        "sqlx::query",
        "sqlx::raw_sql",
        "query_as::<",
        "query_scalar::<",
        "QueryBuilder",
    ];
    let may = |file: &Path| {
        let path = at(file);
        let shared = [
            "crates/outbox/",
            "crates/boot/",
            "crates/testkit/",
            "services/standalone/src/servers/",
            "tests/",
        ];
        let in_store = place(file).is_some_and(|(_, room)| room == "store");
        in_store || shared.iter().any(|begin| path.starts_with(begin)) || path.contains("/tests/")
    };
    let mut faults = Vec::new();
    for file in files(&e2e::root(), &[".rs"]).iter().filter(|file| !may(file)) {
        let found = code(file).iter().position(|line| words.iter().any(|word| line.contains(word)));
        faults.extend(found.map(|line| format!("{}:{}", at(file), line + 1)));
    }
    assert_none("SQL outside a store", &faults);
}

#[test]
fn only_outbox_speaks_jetstream_and_only_standalone_starts_processes() {
    let mut faults = Vec::new();
    for file in files(&e2e::root(), &[".rs"]) {
        let path = at(&file);
        let lines = code(&file);
        let finds = |word: &str| lines.iter().any(|line| names(line, word));
        let is_test = path.starts_with("tests/") || path.contains("/tests/");
        if !is_test && !path.starts_with("crates/outbox/") && finds("async_nats") {
            faults.push(format!("{path} speaks to the broker by itself"));
        }
        let starts = finds("std::process::Command") || finds("tokio::process");
        if !is_test && !path.starts_with("services/standalone/") && !path.ends_with("build.rs") && starts {
            faults.push(format!("{path} starts processes"));
        }
    }
    assert_none("does another's work", &faults);
}

#[test]
fn migrations_name_every_table_by_its_schema_and_every_constraint_by_its_name() {
    let mut faults = Vec::new();
    for service in SERVICES {
        for file in files(&e2e::root().join("migrations").join(service), &[".sql"]) {
            for (number, line) in read(&file).lines().enumerate() {
                let line = line.split("--").next().unwrap_or_default().trim().to_lowercase();
                let mut fault =
                    |what: &str| faults.push(format!("{}:{} {what}: {line}", at(&file), number + 1));
                let made =
                    line.strip_prefix("create table ").map(|rest| rest.trim_start_matches("if not exists "));
                if made.is_some_and(|name| !name.starts_with(&format!("{service}."))) {
                    fault("a table outside its schema");
                }
                if line.contains("create schema") {
                    fault("makes a schema");
                }
                let is_nameless =
                    ["primary key", "references ", "unique ("].iter().any(|word| line.contains(word))
                        && !line.contains("constraint ");
                // A name may stand on the line before.
                let continues = number > 0
                    && read(&file).lines().nth(number - 1).is_some_and(|before| {
                        before.contains("constraint ") && !before.trim_end().ends_with(',')
                    });
                if is_nameless && !continues && !line.starts_with("create unique index") {
                    fault("a constraint without a name");
                }
            }
        }
    }
    assert_none("is not as migrations are", &faults);
}

#[test]
fn every_version_stands_once_at_the_top() {
    let mut faults = Vec::new();
    for manifest in
        files(&e2e::root(), &["Cargo.toml"]).iter().filter(|manifest| at(manifest) != "Cargo.toml")
    {
        let mut in_dependencies = false;
        for (number, line) in read(manifest).lines().enumerate() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies
                && !line.trim().is_empty()
                && !line.starts_with('#')
                && !line.contains("workspace = true")
            {
                faults.push(format!("{}:{} {line}", at(manifest), number + 1));
            }
        }
    }
    assert_none("a dependency with a version of its own", &faults);
}

#[test]
fn nothing_is_silenced_without_a_reason() {
    let mut faults = Vec::new();
    for file in files(&e2e::root(), &[".rs"]) {
        let text = read(&file);
        for (number, line) in text.lines().enumerate() {
            let word = line.trim_start();
            if word.starts_with("#[allow(") || word.starts_with("#![allow(") || word.starts_with("#[ignore") {
                faults.push(format!("{}:{} {word}", at(&file), number + 1));
            }
            let begins = word.starts_with("#[expect(") || word.starts_with("#![expect(");
            let whole: String = text.lines().skip(number).take(6).collect::<Vec<_>>().join(" ");
            if begins && !whole.split(")]").next().unwrap_or_default().contains("reason") {
                faults.push(format!("{}:{} {word}", at(&file), number + 1));
            }
        }
    }
    assert_none("silenced", &faults);
}

#[test]
fn every_package_takes_the_houses_lints() {
    let without: BTreeSet<String> = files(&e2e::root(), &["Cargo.toml"])
        .iter()
        // What is generated is nobody's to mend.
        .filter(|manifest| !["Cargo.toml", "crates/proto/Cargo.toml"].contains(&at(manifest).as_str()))
        .filter(|manifest| !read(manifest).contains("[lints]\nworkspace = true"))
        .map(|manifest| at(manifest))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn whatever_the_threat_model_names_is_there() {
    let page = read(&e2e::root().join("services/gateway/THREATS.md"));
    let sources: String = files(&e2e::root(), &[".rs", ".py"]).iter().map(|file| read(file)).collect();
    let mut faults = Vec::new();
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    for name in &named {
        let is_path = name.contains('/') && !name.contains(' ');
        if is_path && !e2e::root().join(name).exists() {
            faults.push(format!("no file {name}"));
        }
        let is_test = !is_path && name.matches('_').count() > 2;
        let is_there = |word: &str| sources.contains(&format!("{word} {name}("));
        if is_test && !is_there("fn") && !is_there("def") {
            faults.push(format!("no test {name}"));
        }
    }
    assert!(named.len() > 60, "{}", named.len());
    assert_none("the threat model speaks of what is not", &faults);
}
