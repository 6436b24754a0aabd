use crate::{ImageKind, Language};

/// A pass that would not install, or would not look as meant: which rule of Apple's it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The pass type identifier has not the form of one.
    #[error("a pass type is `pass.` and a name in reverse-DNS style, but this is {0:?}")]
    PassType(String),
    /// The team identifier has not the form of one.
    #[error("a team is ten capital letters and digits, but this is {0:?}")]
    Team(String),
    /// The serial number cannot be a segment of a path.
    #[error("a serial number is 1 to 64 letters, digits, `-`, `_` and `.`, but this is {0:?}")]
    Serial(String),
    /// The token is too short, too long or cannot stand in a header.
    #[error("an authentication token has 16 to 255 printable ASCII characters and no spaces")]
    Token,
    /// The address of the web service is not one.
    #[error("a web service is an https address without query or fragment, but this is {0:?}")]
    WebService(String),
    /// A text that every pass has is empty.
    #[error("`{0}` is empty, and Wallet requires it")]
    Required(&'static str),
    /// Wallet would drop fields without a word.
    #[error("`{style}` shows at most {most} {group}, and here are {given}")]
    TooManyFields {
        /// The style, as in pass.json.
        style: &'static str,
        /// The group or groups of fields.
        group: &'static str,
        /// How many Wallet shows.
        most: usize,
        /// How many there are.
        given: usize,
    },
    /// Two fields of a style have the same key, or a field has none.
    #[error("the keys of `{style}` are unique and not empty, but {key:?} is not")]
    Key {
        /// The style, as in pass.json.
        style: &'static str,
        /// The key.
        key: String,
    },
    /// A message about a change has no place for the new value.
    #[error("the change message of {0:?} has no `%@` for the new value")]
    ChangeMessage(String),
    /// A number that is not one, such as infinity.
    #[error("the value of {0:?} is not a finite number")]
    NotFinite(String),
    /// A currency is not three capital letters.
    #[error("a currency is three capital letters of ISO 4217, but this is {0:?}")]
    Currency(String),
    /// A link is to nowhere.
    #[error("a link begins with https:, http:, tel: or mailto:, but this is {0:?}")]
    Link(String),
    /// A colour is not `#rrggbb`.
    #[error("a colour is `#` and six hexadecimal digits, but this is {0:?}")]
    Color(String),
    /// A barcode with nothing in it.
    #[error("a barcode has a message")]
    BarcodeEmpty,
    /// Older iPhones would show no barcode at all.
    #[error("the last barcode is one that every iPhone can show (QR, PDF417, Aztec, Code 128)")]
    BarcodeFallback,
    /// A place that is not on earth.
    #[error("latitudes run from -90 to 90 and longitudes from -180 to 180")]
    Location,
    /// More places than Wallet takes.
    #[error("a pass has at most 10 locations, and here are {0}")]
    TooManyLocations(usize),
    /// A time that ends before it begins.
    #[error("a relevant time begins before it ends")]
    RelevantDate,
    /// More actions than Wallet shows.
    #[error("a pass has at most 2 featured actions, and here are {0}")]
    TooManyActions(usize),
    /// Two actions of the same identifier, or one without.
    #[error("the identifiers of featured actions are unique and not empty, but {0:?} is not")]
    Action(String),
    /// Not a PNG, or cut short.
    #[error("the image `{0}` is not a whole PNG")]
    NotPng(String),
    /// An image larger than its place.
    #[error("the image `{name}` is {width}×{height} pixels, and its place is {most_width}×{most_height}")]
    ImageTooLarge {
        /// The name of the file.
        name: String,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// The widest it may be at its scale.
        most_width: u32,
        /// The highest it may be at its scale.
        most_height: u32,
    },
    /// A pass without an icon is refused, one with a poster needs its artwork.
    #[error("an image of the kind `{}` is missing", .0.name())]
    ImageMissing(ImageKind),
    /// A text exists in one language and not in the other.
    #[error("the text {key:?} is missing in `{}`", .language.code())]
    Untranslated {
        /// Where it is missing.
        language: Language,
        /// The text.
        key: String,
    },
    /// A text is there twice.
    #[error("the text {key:?} is there twice in `{}`", .language.code())]
    TranslatedTwice {
        /// Where it is.
        language: Language,
        /// The text.
        key: String,
    },
    /// The pass is to be signed before the certificate begins or after it ends.
    #[error("the signer's certificates are not valid at this time")]
    SignerExpired,
    /// The cryptographic library or the encoding failed.
    #[error("signing failed: {0}")]
    Signing(String),
    /// The archive could not be written.
    #[error("packing failed: {0}")]
    Packing(String),
    /// A bundle of no passes, or of more than Wallet takes.
    #[error("a bundle has 1 to 10 passes, and here are {0}")]
    BundleCount(usize),
    /// A bundle larger than Wallet takes.
    #[error("a bundle has at most 150 MB, and this one has {0} bytes")]
    BundleSize(u64),
}

/// Why a pass cannot take the place of another on a customer's phone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// Another serial number is another pass.
    #[error("an update keeps its serial number")]
    Serial,
    /// The device would go on with the old token.
    #[error("an update keeps its authentication token")]
    Token,
    /// Several messages at once become one that says nothing.
    #[error("the values of several fields with a change message changed at once: {0:?}")]
    SeveralMessages(Vec<String>),
}
