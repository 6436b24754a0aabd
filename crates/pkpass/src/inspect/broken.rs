/// What is wrong with a pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Not an archive that can be read.
    #[error("not a zip archive: {0}")]
    Zip(String),
    /// An archive that unpacks to more than a pass can be.
    #[error("the archive unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// The files lie inside a folder.
    #[error("the files lie inside a folder: {0}")]
    ParentFolder(String),
    /// A path in the manner of Windows.
    #[error("the path {0} has a backslash")]
    Backslash(String),
    /// A path that leads out of the package.
    #[error("the path {0} leads out of the package")]
    Escapes(String),
    /// A file of a bundle is no pass.
    #[error("{0} is not a .pkpass")]
    NotAPass(String),
    /// A file that every pass has is missing.
    #[error("the file {0} is missing")]
    FileMissing(&'static str),
    /// The manifest is not an object of texts.
    #[error("manifest.json is not an object of hashes: {0}")]
    Manifest(String),
    /// A file is not in the manifest.
    #[error("No entry in manifest for file {0}")]
    NotInManifest(String),
    /// The manifest names a file that is not there.
    #[error("the manifest names {0}, which is not there")]
    NotInPackage(String),
    /// A file is not what the manifest says.
    #[error("the SHA-1 of {0} is not the manifest's")]
    Hash(String),
    /// There is no icon.
    #[error("the icon is missing at every scale")]
    NoIcon,
    /// An image is none, or too large.
    #[error(transparent)]
    Image(crate::Error),
    /// A file of texts cannot be read.
    #[error("{0} is not a file of texts")]
    Strings(String),
    /// The signature cannot be read.
    #[error("the signature is not CMS signed data: {0}")]
    Signature(String),
    /// The signature holds its content.
    #[error("the signature is not detached")]
    NotDetached,
    /// There is not exactly one signer.
    #[error("the signature has {0} signers, not one")]
    Signers(usize),
    /// The signer's certificate is not in the signature.
    #[error("the signer's certificate is not in the signature")]
    NoLeaf,
    /// The intermediate certificate is not in the signature.
    #[error("the certificate that issued the signer's is not in the signature")]
    NoIntermediate,
    /// Nothing signed says that the content is data.
    #[error("the signature does not say what it signs")]
    NoContentType,
    /// There is no signing time.
    #[error("Signature must contain a signing date")]
    NoSigningTime,
    /// The pass was signed before its certificate began or after it ended.
    #[error("the pass was signed when its certificate was not valid")]
    SignedOutsideValidity,
    /// The signature is over something else than the manifest.
    #[error("the signed digest is not the manifest's")]
    Digest,
    /// The signature is not by the certificate's key.
    #[error("the signature is not by the key of its certificate")]
    WrongSignature,
    /// The certificate is for another pass type.
    #[error("the certificate is for {certificate:?}, the pass is a {pass:?}")]
    PassTypeDiffers {
        /// The certificate's.
        certificate: String,
        /// The one in `pass.json`.
        pass: String,
    },
    /// The certificate is another team's.
    #[error("the certificate is of the team {certificate:?}, the pass of {pass:?}")]
    TeamDiffers {
        /// The certificate's.
        certificate: String,
        /// The one in `pass.json`.
        pass: String,
    },
    /// `pass.json` is not JSON.
    #[error("pass.json is not JSON: {0}")]
    PassJson(String),
    /// A key that every pass has is missing or of the wrong kind.
    #[error("`{0}` is missing or not as it should be")]
    Key(&'static str),
    /// There is no style.
    #[error("no style is given")]
    NoStyle,
    /// There is the poster alone.
    #[error("`posterGeneric` alone does not install before iOS 27: a second style is missing")]
    PosterAlone,
    /// There is an address without a token, or a token without an address.
    #[error("`webServiceURL` and `authenticationToken` go together")]
    WebService,
    /// The address of the web service is not https.
    #[error("the web service {0} is not https")]
    NotHttps(String),
    /// The token is too short.
    #[error("the authentication token has fewer than 16 characters")]
    TokenTooShort,
    /// A field has no key, no value, or the key of another.
    #[error("a field of `{style}` has no value, or no key of its own: {key:?}")]
    Field {
        /// The style.
        style: String,
        /// The key.
        key: String,
    },
    /// More fields than are shown.
    #[error("`{style}` has {given} {group}, of which {most} are shown")]
    TooManyFields {
        /// The style.
        style: String,
        /// The groups of fields.
        group: &'static str,
        /// How many are shown.
        most: usize,
        /// How many there are.
        given: usize,
    },
    /// A change message has no place for the value, in one of its languages.
    #[error("the change message of {key:?} has no `%@`: {message:?}")]
    ChangeMessage {
        /// The field.
        key: String,
        /// The message.
        message: String,
    },
    /// A primary field or one on the back says where its text stands.
    #[error("the field {0:?} may not have a textAlignment")]
    Alignment(String),
    /// A field is a number of a style and money at once.
    #[error("the field {0:?} has both a numberStyle and a currencyCode")]
    NumberAndCurrency(String),
    /// A barcode has no message, no encoding or an unknown format.
    #[error("a barcode is not as it should be: {0}")]
    Barcode(String),
    /// No barcode is one that every iPhone shows.
    #[error("the last barcode is not one that every iPhone shows")]
    BarcodeFallback,
    /// A date is not one, or has no zone.
    #[error("`{0}` is not a date with its zone")]
    Date(&'static str),
    /// A colour is not written as documented.
    #[error("`{0}` is not a colour such as rgb(1, 2, 3)")]
    Color(&'static str),
    /// A list is longer than Wallet takes.
    #[error("`{0}` has more entries than Wallet takes")]
    TooMany(&'static str),
}
