use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::package::Package;
use super::strings::Strings;
use crate::Picture;

/// The version that shows posters.
const POSTERS_SINCE: u32 = 27;
/// The style a phone prefers if it knows it.
const POSTER: &str = "posterGeneric";
/// The styles every phone knows.
const STYLES: [&str; 5] = ["storeCard", "generic", "coupon", "eventTicket", "boardingPass"];
/// The codes every phone can draw, and those that need [`POSTERS_SINCE`].
const CODES: [&str; 4] =
    ["PKBarcodeFormatQR", "PKBarcodeFormatPDF417", "PKBarcodeFormatAztec", "PKBarcodeFormatCode128"];
const NEW_CODES: [&str; 4] =
    ["PKBarcodeFormatCode39", "PKBarcodeFormatCodabar", "PKBarcodeFormatEAN13", "PKBarcodeFormatI2of5"];
/// What the lock screen says when more than one thing changed.
const GENERIC_NOTICE: &str = "La tarjeta ha cambiado";

/// A field of a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name.
    pub key: String,
    /// What stands over it, in the phone's language.
    pub label: String,
    /// What it says, in the phone's language.
    pub value: String,
}

/// The code of a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Barcode {
    /// `PKBarcodeFormatQR`, or another.
    pub format: String,
    /// What is read from it.
    pub message: String,
    /// What stands under it.
    pub alt_text: Option<String>,
}

/// A pass as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Its serial number.
    pub serial: String,
    /// Its pass type.
    pub pass_type: String,
    /// Who issued it.
    pub organization: String,
    /// What it is, for those who cannot see it.
    pub description: String,
    /// The text beside the logo.
    pub logo_text: Option<String>,
    /// The style that this phone shows: `storeCard`, or another.
    pub style: String,
    /// The paper's colour.
    pub background: Option<String>,
    /// The values' colour.
    pub foreground: Option<String>,
    /// The labels' colour.
    pub label_colour: Option<String>,
    /// The fields beside the logo; what is too much for the front is dropped, as a phone does.
    pub header: Vec<Field>,
    /// The fields over the strip.
    pub primary: Vec<Field>,
    /// The fields under it.
    pub secondary: Vec<Field>,
    /// The fields under those.
    pub auxiliary: Vec<Field>,
    /// The fields at the foot of a poster.
    pub footer: Vec<Field>,
    /// The fields on the back.
    pub back: Vec<Field>,
    /// The first code that this phone can draw.
    pub barcode: Option<Barcode>,
    /// The small picture for notices.
    pub icon: Option<Picture>,
    /// The logo.
    pub logo: Option<Picture>,
    /// The picture behind the primary field: the stamps.
    pub strip: Option<Picture>,
    /// The picture of a poster.
    pub artwork: Option<Picture>,
    /// True if the pass says of itself that it is void.
    pub voided: bool,
    /// Until when it is good, as it stands there.
    pub expires: Option<String>,
    /// True if the issuer knows that the pass is on this phone.
    pub registered: bool,
    /// The version the phone has, as the issuer dates it.
    pub last_modified: Option<String>,
    /// How often it has changed on this phone.
    pub updates: u32,
    /// What the lock screen said when it changed, oldest first.
    pub notices: Vec<String>,
}

impl Shown {
    /// What a field says, wherever on the pass it stands.
    pub fn value(&self, key: &str) -> Option<&str> {
        let front = self.primary.iter().chain(&self.header).chain(&self.secondary).chain(&self.auxiliary);
        let mut fields = front.chain(&self.footer).chain(&self.back);
        fields.find(|field| field.key == key).map(|field| field.value.as_str())
    }

    /// The stamps as text: the field `stamps`, else the first primary field, else the first beside the logo.
    pub fn stamps(&self) -> Option<&str> {
        let first = self.primary.first().or(self.header.first());
        self.value("stamps").or(first.map(|field| field.value.as_str()))
    }
}

/// A field that tells of its changes: what it says now, and in which words.
type Telling = BTreeMap<String, (String, String)>;

/// What a package looks like on a phone of this language and version.
pub(super) struct View {
    pub(super) shown: Shown,
    telling: Telling,
}

impl View {
    pub(super) fn new(package: &Package, language: &str, ios: u32) -> Result<Self, String> {
        let pass = &package.pass;
        let strings = package.strings(language).map(Strings::parse).transpose()?.unwrap_or_default();
        let knows_posters = ios >= POSTERS_SINCE;
        let mut styles = Some(POSTER).filter(|_| knows_posters).into_iter().chain(STYLES);
        let style = styles.find(|style| pass[*style].is_object()).ok_or("no style that this phone knows")?;
        let mut telling = Telling::new();
        let mut fields = |group: &str| fields(&pass[style][group], &strings, &mut telling);
        let [header, primary, secondary, auxiliary, footer, back] = [
            "headerFields",
            "primaryFields",
            "secondaryFields",
            "auxiliaryFields",
            "footerFields",
            "backFields",
        ]
        .map(&mut fields);
        let some = |name: &str| pass[name].as_str().map(|text| strings.translate(text));
        let picture = |name: &str| package.picture(name, language).map(Picture::from);
        let mut shown = Shown {
            serial: package.serial.clone(),
            pass_type: package.pass_type.clone(),
            organization: some("organizationName").unwrap_or_default(),
            description: some("description").unwrap_or_default(),
            logo_text: some("logoText"),
            style: style.to_owned(),
            background: some("backgroundColor"),
            foreground: some("foregroundColor"),
            label_colour: some("labelColor"),
            header: header?,
            primary: primary?,
            secondary: secondary?,
            auxiliary: auxiliary?,
            footer: footer?,
            back: back?,
            barcode: barcode(pass, &strings, knows_posters)?,
            icon: picture("icon"),
            logo: picture("logo"),
            strip: picture("strip"),
            artwork: picture("artwork"),
            voided: pass["voided"] == true,
            expires: some("expirationDate"),
            registered: false,
            last_modified: None,
            updates: 0,
            notices: Vec::new(),
        };
        let (headers, primaries, rest) = if style == POSTER { (1, 4, 0) } else { (3, 1, 4) };
        shown.header.truncate(headers);
        shown.primary.truncate(primaries);
        shown.secondary.truncate(rest);
        shown.auxiliary.truncate(rest - shown.secondary.len());
        shown.footer.truncate(1);
        Ok(Self { shown, telling })
    }

    /// What the lock screen says when this has taken the place of `before`: a field's own words if one has changed that
    /// has any, something general if several have.
    pub(super) fn notice(&self, before: &Self) -> Option<String> {
        let changed = self
            .telling
            .iter()
            .filter(|(key, (value, _))| before.telling.get(*key).is_none_or(|(old, _)| old != value));
        let mut changed = changed.map(|(_, (value, words))| words.replace("%@", value));
        match (changed.next(), changed.next()) {
            (Some(words), None) => Some(words),
            (Some(_), Some(_)) => Some(GENERIC_NOTICE.to_owned()),
            (None, _) => None,
        }
    }
}

fn fields(group: &Value, strings: &Strings, telling: &mut Telling) -> Result<Vec<Field>, String> {
    let read = |field: &Value| {
        let key = field["key"].as_str().ok_or("a field has no key")?.to_owned();
        let value = match (&field["attributedValue"], &field["value"]) {
            (Value::String(linked), _) => unlinked(&strings.translate(linked)),
            (_, Value::String(text)) => strings.translate(text),
            (_, Value::Number(number)) => number.to_string(),
            (_, other) => return Err(format!("{key}: {other} is not a value")),
        };
        if let Some(words) = field["changeMessage"].as_str() {
            let words = strings.translate(words);
            if !words.contains("%@") {
                return Err(format!("{key}: its changeMessage has no %@"));
            }
            telling.insert(key.clone(), (value.clone(), words));
        }
        let label = strings.translate(field["label"].as_str().unwrap_or_default());
        Ok(Field { key, label, value })
    };
    group.as_array().into_iter().flatten().map(read).collect()
}

/// The words of a text with links: what stands outside the tags.
fn unlinked(text: &str) -> String {
    let outside = text.split('<').enumerate().map(|(number, part)| match part.split_once('>') {
        Some((_, words)) if number > 0 => words,
        _ => part,
    });
    let words: String = outside.collect();
    words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn barcode(pass: &Value, strings: &Strings, knows_new: bool) -> Result<Option<Barcode>, String> {
    let listed = pass["barcodes"].as_array().map(Vec::as_slice);
    let codes = listed.unwrap_or(std::slice::from_ref(&pass["barcode"]));
    let can_draw = |code: &&Value| {
        let format = code["format"].as_str().unwrap_or_default();
        CODES.contains(&format) || (knows_new && NEW_CODES.contains(&format))
    };
    let Some(code) = codes.iter().find(can_draw) else { return Ok(None) };
    let text = |name: &str| code[name].as_str().map(str::to_owned);
    if code["messageEncoding"].as_str().is_none() {
        return Err("the barcode has no messageEncoding".into());
    }
    Ok(Some(Barcode {
        format: text("format").unwrap_or_default(),
        message: text("message").ok_or("the barcode has no message")?,
        alt_text: text("altText").map(|text| strings.translate(&text)),
    }))
}
