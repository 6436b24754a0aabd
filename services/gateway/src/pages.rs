//! The built pages, read once and kept in memory: no path of a request ever reaches the file system. What the build has
//! compressed is kept so, and unpacked for the few who take nothing compressed.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::error::{Refusal, Slug};
use crate::platform::Shared;

/// The largest build that is taken into memory, in bytes; a mistaken directory is told at the start.
const LARGEST_BUILD_BYTES: u64 = 64 * 1024 * 1024;

/// Pages by the first part of their path.
const PAGES: [(&str, &str); 6] = [
    ("/", "home.html"),
    ("/unete/{slug}", "join.html"),
    ("/t/{card}", "card.html"),
    ("/caja", "till.html"),
    ("/panel", "panel.html"),
    ("/panel/{*rest}", "panel.html"),
];

const ROBOTS: &str = "User-agent: *\nDisallow: /api/\nDisallow: /t/\nDisallow: /caja\nDisallow: /panel\n";

/// Of a gzip member without a name or other extras: its header, and what stands after the deflated bytes (RFC 1952 §2.3).
const GZIP_HEAD: usize = 10;
const GZIP_TAIL: usize = 8;

/// One file in every form it was built in.
struct File {
    content_type: &'static str,
    cache: HeaderValue,
    plain: Form,
    brotli: Option<Form>,
    gzip: Option<Form>,
}

struct Form {
    bytes: Kept,
    tag: HeaderValue,
}

/// The bytes of a form.
enum Kept {
    AsSent(Bytes),
    Gzipped(Bytes),
}

/// The files of a build by their path: `/assets/x.js`.
#[derive(Default)]
pub(crate) struct Pages(HashMap<String, File>);

impl Pages {
    /// Reads a build. A directory that is not there yet is no error: the API works without pages.
    pub(crate) fn load(directory: &Path) -> anyhow::Result<Self> {
        let mut pages = Self::default();
        if !directory.is_dir() {
            tracing::warn!(directory = %directory.display(), "no pages are built; only the API is served");
            return Ok(pages);
        }
        let mut found = HashMap::new();
        let mut size = 0;
        collect(directory, "", &mut found, &mut size)?;
        for path in found.keys().filter(|path| !path.ends_with(".br") && !path.ends_with(".gz")) {
            let built = |suffix: &str| found.get(&format!("{path}{suffix}"));
            if let Some(plain) = built("") {
                let file = File {
                    content_type: content_type(path),
                    cache: cache_rule(path),
                    plain: Form::unpacked(plain, built(".gz")),
                    brotli: built(".br").map(Form::of),
                    gzip: built(".gz").map(Form::of),
                };
                pages.0.insert(path.clone(), file);
            }
        }
        Ok(pages)
    }

    /// The routes that have a page of their own.
    pub(crate) fn routes(self: &Arc<Self>) -> Router<Shared> {
        let page = |file: &'static str| {
            let pages = Arc::clone(self);
            get(move |headers: HeaderMap| {
                let pages = Arc::clone(&pages);
                async move { pages.answer(&format!("/{file}"), &headers) }
            })
        };
        let robots = get(|| async { ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], ROBOTS) });
        let router = Router::new().route("/robots.txt", robots);
        PAGES.into_iter().fold(router, |router, (path, file)| router.route(path, page(file)))
    }

    /// Any other path: a file of the build, or nothing.
    pub(crate) fn file(&self, request: &Request) -> Response {
        let is_read = matches!(*request.method(), http::Method::GET | http::Method::HEAD);
        if is_read { self.answer(request.uri().path(), request.headers()) } else { nothing() }
    }

    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let Some(file) = self.0.get(path) else { return nothing() };
        let accepted =
            headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (form, encoding) = match (&file.brotli, &file.gzip) {
            (Some(brotli), _) if accepts(accepted, "br") => (brotli, Some("br")),
            (_, Some(gzip)) if accepts(accepted, "gzip") => (gzip, Some("gzip")),
            _ => (&file.plain, None),
        };
        let held =
            headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_held = form.tag.to_str().is_ok_and(|tag| held.split(',').any(|held| held.trim() == tag));
        let mut response = match is_held {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => Response::new(Body::from(form.bytes.sent())),
        };
        let answer = response.headers_mut();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        answer.insert(header::CACHE_CONTROL, file.cache.clone());
        answer.insert(header::ETAG, form.tag.clone());
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let (Some(encoding), false) = (encoding, is_held) {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

impl Form {
    fn of(bytes: &Bytes) -> Self {
        Self { bytes: Kept::AsSent(bytes.clone()), tag: tag(bytes) }
    }

    /// The plain form of a file, for which its gzipped form is enough where that says the same.
    fn unpacked(plain: &Bytes, gzip: Option<&Bytes>) -> Self {
        match gzip.filter(|gzip| gunzip(gzip).is_some_and(|unpacked| unpacked == *plain)) {
            Some(gzip) => Self { bytes: Kept::Gzipped(gzip.clone()), tag: tag(plain) },
            None => Self::of(plain),
        }
    }
}

impl Kept {
    fn sent(&self) -> Bytes {
        match self {
            Self::AsSent(bytes) => bytes.clone(),
            Self::Gzipped(bytes) => gunzip(bytes).unwrap_or_default().into(),
        }
    }
}

fn tag(bytes: &Bytes) -> HeaderValue {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..12]));
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

fn gunzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let deflated = bytes.get(GZIP_HEAD..bytes.len().checked_sub(GZIP_TAIL)?)?;
    miniz_oxide::inflate::decompress_to_vec(deflated).ok()
}

fn nothing() -> Response {
    Refusal::new(Slug::NotFound).into_response()
}

fn collect(
    directory: &Path,
    prefix: &str,
    found: &mut HashMap<String, Bytes>,
    size: &mut u64,
) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))? {
        let entry = entry?;
        let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, found, size)?;
        } else {
            *size += entry.metadata()?.len();
            anyhow::ensure!(*size <= LARGEST_BUILD_BYTES, "`pages_dir` holds more than a build of pages");
            found.insert(path, Bytes::from(std::fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// Built assets carry their hash in their name; everything else is asked for anew each time, by its tag.
fn cache_rule(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.starts_with("/assets/") {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether an `Accept-Encoding` (RFC 9110 §12.5.3) takes this encoding.
fn accepts(header: &str, encoding: &str) -> bool {
    let named =
        |part: &str| part.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(encoding));
    header.split(',').find(|part| named(part)).is_some_and(|part| {
        let weight = part.split_once("q=").map_or(1.0, |(_, weight)| weight.trim().parse().unwrap_or(0.0));
        weight > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Pages {
        let directory = std::env::temp_dir().join(format!("gateway-pages-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(directory.join("assets")).unwrap();
        for (name, text) in
            [("home.html", "<p>"), ("home.html.br", "b"), ("home.html.gz", "g"), ("assets/a.js", "1")]
        {
            std::fs::write(directory.join(name), text).unwrap();
        }
        let pages = Pages::load(&directory).unwrap();
        std::fs::remove_dir_all(directory).unwrap();
        pages
    }

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_smallest_form_the_browser_takes_is_sent() {
        let pages = pages();
        for (accepted, encoding) in [
            ("gzip, br", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("", None),
        ] {
            let answer = pages.answer("/home.html", &asking(header::ACCEPT_ENCODING, accepted));
            let got = answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(got, encoding, "{accepted}");
        }
    }

    #[test]
    fn what_is_kept_gzipped_is_sent_as_it_was_written() {
        let plain = Bytes::from("<p>".repeat(1_000));
        let gzip = |text: &[u8]| {
            let deflated = miniz_oxide::deflate::compress_to_vec(text, 6);
            Bytes::from([&[0; GZIP_HEAD], deflated.as_slice(), &[0; GZIP_TAIL]].concat())
        };
        let same = Form::unpacked(&plain, Some(&gzip(&plain)));
        assert!(matches!(same.bytes, Kept::Gzipped(_)));
        // A build that was packed badly, or at another time, does not change what is sent.
        for badly in [Bytes::new(), Bytes::from_static(b"g"), gzip(b"<b>")] {
            let other = Form::unpacked(&plain, Some(&badly));
            assert_eq!((other.bytes.sent(), other.tag), (plain.clone(), same.tag.clone()));
        }
        assert_eq!((same.bytes.sent(), same.tag), (plain.clone(), Form::of(&plain).tag));
    }

    #[test]
    fn a_page_that_the_browser_holds_is_not_sent_again() {
        let pages = pages();
        let first = pages.answer("/home.html", &HeaderMap::new());
        assert_eq!(first.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = pages.answer("/home.html", &asking(header::IF_NONE_MATCH, &tag));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn assets_are_kept_for_a_year_and_nothing_outside_the_build_is_served() {
        let pages = pages();
        let asset = pages.answer("/assets/a.js", &HeaderMap::new());
        assert_eq!(asset.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        for path in ["/assets/../../etc/passwd", "/home.html.br", "/nothing"] {
            assert_eq!(pages.answer(path, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
