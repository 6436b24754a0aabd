use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value;

use super::{Broken, fields, text};
use crate::{AuthenticationToken, strings};

/// The styles that every iPhone knows.
const STYLES: [&str; 5] = ["storeCard", "generic", "coupon", "eventTicket", "boardingPass"];
/// The barcodes that every iPhone shows, and those since iOS 27.
const UNIVERSAL: [&str; 4] =
    ["PKBarcodeFormatQR", "PKBarcodeFormatPDF417", "PKBarcodeFormatAztec", "PKBarcodeFormatCode128"];
const RECENT: [&str; 4] =
    ["PKBarcodeFormatCode39", "PKBarcodeFormatCodabar", "PKBarcodeFormatEAN13", "PKBarcodeFormatI2of5"];

/// The texts of each language.
pub(super) type Texts = Vec<BTreeMap<String, String>>;

/// Reads all files of texts.
pub(super) fn texts(files: &BTreeMap<String, Vec<u8>>) -> Result<Texts, Broken> {
    files
        .iter()
        .filter(|(path, _)| path.ends_with(".lproj/pass.strings"))
        .map(|(path, file)| strings::read(file).ok_or_else(|| Broken::Strings(path.clone())))
        .collect()
}

/// Checks what a pass says.
pub(super) fn check(pass: &Value, texts: &Texts, development: bool) -> Result<(), Broken> {
    if pass.get("formatVersion").and_then(Value::as_u64) != Some(1) {
        return Err(Broken::Key("formatVersion"));
    }
    let texts_of_all =
        ["passTypeIdentifier", "serialNumber", "teamIdentifier", "organizationName", "description"];
    if let Some(missing) = texts_of_all.into_iter().find(|key| text(pass, key).is_empty()) {
        return Err(Broken::Key(missing));
    }
    check_styles(pass, texts)?;
    check_web_service(pass, development)?;
    check_barcodes(pass)?;
    check_dates(pass)?;
    check_colors(pass)?;
    check_locations(pass)?;
    if list(pass, "featuredActions")?.len() > 2 {
        return Err(Broken::TooMany("featuredActions"));
    }
    Ok(())
}

fn check_styles(pass: &Value, texts: &Texts) -> Result<(), Broken> {
    let poster = pass.get("posterGeneric");
    let others: Vec<_> = STYLES.iter().filter_map(|style| Some((*style, pass.get(*style)?))).collect();
    match (poster, others.is_empty()) {
        (None, true) => return Err(Broken::NoStyle),
        (Some(_), true) => return Err(Broken::PosterAlone),
        _ => {}
    }
    for (style, groups) in others.into_iter().chain(poster.map(|poster| ("posterGeneric", poster))) {
        fields::check(style, groups, texts)?;
    }
    Ok(())
}

fn check_web_service(pass: &Value, development: bool) -> Result<(), Broken> {
    let (url, token) = match (pass.get("webServiceURL"), pass.get("authenticationToken")) {
        (None, None) => return Ok(()),
        (Some(Value::String(url)), Some(Value::String(token))) => (url, token),
        _ => return Err(Broken::WebService),
    };
    let legal = url.starts_with("https://") || (development && url.starts_with("http://"));
    if !legal {
        return Err(Broken::NotHttps(url.clone()));
    }
    if token.chars().count() < AuthenticationToken::SHORTEST {
        return Err(Broken::TokenTooShort);
    }
    Ok(())
}

fn check_barcodes(pass: &Value) -> Result<(), Broken> {
    let barcodes = list(pass, "barcodes")?;
    for barcode in barcodes {
        let format = text(barcode, "format");
        if !UNIVERSAL.contains(&format) && !RECENT.contains(&format) {
            return Err(Broken::Barcode(format!("format {format:?}")));
        }
        if text(barcode, "message").is_empty() {
            return Err(Broken::Barcode("no message".into()));
        }
        if text(barcode, "messageEncoding").is_empty() {
            return Err(Broken::Barcode("no messageEncoding".into()));
        }
    }
    match barcodes.last() {
        Some(last) if !UNIVERSAL.contains(&text(last, "format")) => Err(Broken::BarcodeFallback),
        _ => Ok(()),
    }
}

fn check_dates(pass: &Value) -> Result<(), Broken> {
    if let Some(date) = pass.get("expirationDate")
        && !is_date(date)
    {
        return Err(Broken::Date("expirationDate"));
    }
    for entry in list(pass, "relevantDates")? {
        let entry = entry.as_object().ok_or(Broken::Date("relevantDates"))?;
        if entry.is_empty() || !entry.values().all(is_date) {
            return Err(Broken::Date("relevantDates"));
        }
    }
    Ok(())
}

fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok())
}

fn check_colors(pass: &Value) -> Result<(), Broken> {
    for key in ["backgroundColor", "foregroundColor", "labelColor"] {
        if pass.get(key).is_some_and(|color| !is_color(color)) {
            return Err(Broken::Color(key));
        }
    }
    Ok(())
}

fn is_color(value: &Value) -> bool {
    let inside = value.as_str().and_then(|text| text.strip_prefix("rgb(")?.strip_suffix(')'));
    inside.is_some_and(|parts| {
        parts.split(',').count() == 3 && parts.split(',').all(|part| part.trim().parse::<u8>().is_ok())
    })
}

fn check_locations(pass: &Value) -> Result<(), Broken> {
    let locations = list(pass, "locations")?;
    if locations.len() > 10 {
        return Err(Broken::TooMany("locations"));
    }
    let within = |place: &Value, key: &str, most: f64| {
        place.get(key).and_then(Value::as_f64).is_some_and(|degrees| degrees.abs() <= most)
    };
    let on_earth = |place: &Value| within(place, "latitude", 90.0) && within(place, "longitude", 180.0);
    if locations.iter().all(on_earth) { Ok(()) } else { Err(Broken::Key("locations")) }
}

/// The list under a key; an absent one is empty.
fn list<'a>(json: &'a Value, key: &'static str) -> Result<&'a [Value], Broken> {
    match json.get(key) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Broken::Key(key)),
    }
}
