//! Apple Wallet store cards: from the images and texts of a design and the state of one card to a signed `.pkpass`.
//!
//! Nothing here reads files, talks to a network, asks for the time or keeps a state: bytes and the time come in, bytes
//! or the name of a broken rule go out.
//!
//! - [`Signer`] is the p12 file that Apple's portal gave, checked when it is opened. The module `development`, a feature
//!   of that name, makes one that no phone accepts, for everything else.
//! - [`Template`] holds what all passes of a design share, hashed and compressed once. A pass then costs one signature.
//! - [`Pass`] is what one pass says. What Wallet would refuse, or drop without a word, does not compile or is refused
//!   by [`PassBuilder::build`] with the rule it breaks.
//! - [`Pass::sign`] makes the `.pkpass`, [`bundle`] a `.pkpasses` of several.
//! - [`inspect`] opens a `.pkpass` as strictly as the strictest phone, for tests.
//!
//! # A pass
//!
//! ```
//! use pkpass::*;
//!
//! # fn png(width: u32, height: u32) -> Vec<u8> {
//! #     let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
//! #     png.extend(width.to_be_bytes());
//! #     png.extend(height.to_be_bytes());
//! #     png.extend(b"\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82");
//! #     png
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = "2026-11-23T15:00:00Z".parse()?;
//! let (pass_type, team) = ("pass.pe.example.card".parse()?, "A1B2C3D4E5".parse()?);
//! // Once per process: with a certificate of Apple's, the file, its password and Apple's G4.
//! let made = development::make(&pass_type, &team, now)?;
//! let signer = Signer::from_pkcs12(&made.p12, &made.password, None, &pass_type, &team, now)?;
//! assert!(signer.is_development());
//!
//! // Once per design, and from it once per number of stamps.
//! let images = Images::new()
//!     .with(ImageKind::Icon, Scale::X2, png(76, 76))?
//!     .with(ImageKind::Artwork, Scale::X3, png(1_074, 1_344))?;
//! let strings = Strings::none()
//!     .with("STAMPS", "SELLOS", "STAMPS")?
//!     .with("You have %@ stamps", "Ya tienes %@ sellos", "You have %@ stamps")?;
//! let design = Template::new(&images, &strings)?;
//! let seven = design.with_image(ImageKind::Strip, Scale::X3, &png(1_125, 432))?;
//!
//! // Once per card.
//! let stamps = || Field::new("stamps", 7).label("STAMPS").change_message("You have %@ stamps");
//! let pass = Pass::store_card(
//!     "019aa1b2-card".parse()?,
//!     "Café Luna",
//!     "Tarjeta de sellos de Café Luna",
//!     StoreCard::new()
//!         .header(stamps())
//!         .secondary(Field::new("reward", "Un café").label("Premio").aligned(Alignment::Left))
//!         .back(Field::link("help", "Ayuda", "https://example.pe/ayuda")),
//! )
//! .poster(Poster::new().header(stamps()))
//! .web_service(WebService::new("https://wallet.example.pe", "vxwxd7J8AlNNFPS8".parse()?)?)
//! .colors(Color::rgb(43, 29, 20), Color::rgb(255, 248, 240), "#e0b080".parse()?)
//! .barcode(Barcode::qr("https://example.pe/c/7f3k").alt_text("7F3K"))
//! .location(Location::new(-12.1211, -77.0297)?.relevant_text("Café Luna está cerca"))
//! .build()?;
//!
//! let pkpass = pass.sign(&seven, &signer, now)?;
//! let opened = inspect::Opened::read(&pkpass)?;
//! assert_eq!(opened.json()["storeCard"]["headerFields"][0]["value"], 7);
//! # Ok(())
//! # }
//! ```
//!
//! # Rules that types cannot keep
//!
//! - The serial number and the token of a pass never change, and an update tells one thing:
//!   [`Pass::check_follows`] compares a pass with the one it takes the place of.
//! - [`Signer::not_after`] is the day on which the last pass can be signed. Watch it.

mod barcode;
mod certificate;
mod cms;
mod color;
#[cfg(feature = "development")]
pub mod development;
mod error;
mod extra;
mod field;
mod id;
mod image;
pub mod inspect;
mod package;
mod pass;
mod signer;
mod strings;
mod style;
mod template;
mod value;

pub use barcode::{Barcode, BarcodeFormat};
pub use color::Color;
pub use error::{Error, UpdateError};
pub use extra::{ActionType, FeaturedAction, Location, RelevantDate, WebService};
pub use field::{AlignedField, Alignment, DataDetector, Field};
pub use id::{AuthenticationToken, PassTypeId, SerialNumber, TeamId};
pub use image::{ImageKind, Images, Scale};
pub use package::bundle;
pub use pass::{Pass, PassBuilder};
pub use signer::{Signer, SignerError};
pub use strings::{Language, Strings};
pub use style::{Poster, StoreCard};
pub use template::Template;
pub use value::{Currency, DateStyle, NumberStyle, Value};

/// The media type of a `.pkpass`.
pub const PASS_MEDIA_TYPE: &str = "application/vnd.apple.pkpass";
/// The media type of a `.pkpasses`.
pub const BUNDLE_MEDIA_TYPE: &str = "application/vnd.apple.pkpasses";
