//! What Google Wallet knows of a loyalty class and a loyalty object. What we have no use for is known by name only.

use super::shape::Kind::{Anything, Bool, Colour, Double, Hex, Int, Link, List, Long, Object, OneOf, Text};
use super::shape::{Field, Kind, field, required};

/// The most of what a page of a pass can hold.
const MODULES: usize = 10;
/// The most messages of a class or an object.
pub(super) const MESSAGES: usize = 10;
/// The most places that make a pass show itself.
const PLACES: usize = 10;
/// For lists that have no stated end.
const MANY: usize = 1_000;

const TRANSLATION: Kind = Object(&[field("kind", Text), required("language", Text), required("value", Text)]);
const LOCALIZED: Kind = Object(&[
    field("kind", Text),
    field("translatedValues", List(&TRANSLATION, MANY)),
    required("defaultValue", TRANSLATION),
]);
const IMAGE: Kind = Object(&[
    field("kind", Text),
    required(
        "sourceUri",
        Object(&[
            required("uri", Link),
            field("description", Text),
            field("localizedDescription", LOCALIZED),
        ]),
    ),
    field("contentDescription", LOCALIZED),
]);
const URI: Kind = Object(&[
    field("kind", Text),
    required("uri", Text),
    field("description", Text),
    field("localizedDescription", LOCALIZED),
    field("id", Text),
]);
const TEXT_MODULE: Kind = Object(&[
    field("header", Text),
    field("body", Text),
    field("localizedHeader", LOCALIZED),
    field("localizedBody", LOCALIZED),
    field("id", Text),
]);
const IMAGE_MODULE: Kind = Object(&[required("mainImage", IMAGE), field("id", Text)]);
const LINKS: Kind = Object(&[required("uris", List(&URI, MANY))]);
const DATE: Kind = Object(&[required("date", Text)]);
const INTERVAL: Kind = Object(&[field("kind", Text), field("start", DATE), field("end", DATE)]);
const MERCHANT_PLACE: Kind = Object(&[required("latitude", Double), required("longitude", Double)]);
const PLACE: Kind =
    Object(&[field("kind", Text), required("latitude", Double), required("longitude", Double)]);
const MONEY: Kind = Object(&[field("kind", Text), required("micros", Long), required("currencyCode", Text)]);
const POINTS: Kind = Object(&[
    field("label", Text),
    field("localizedLabel", LOCALIZED),
    field(
        "balance",
        Object(&[field("string", Text), field("int", Int), field("double", Double), field("money", MONEY)]),
    ),
]);
const BARCODE_TYPE: Kind = OneOf(&[
    "AZTEC",
    "CODE_39",
    "CODE_128",
    "CODABAR",
    "DATA_MATRIX",
    "EAN_8",
    "EAN_13",
    "ITF_14",
    "PDF_417",
    "QR_CODE",
    "UPC_A",
    "TEXT_ONLY",
]);
const BARCODE: Kind = Object(&[
    field("kind", Text),
    required("type", BARCODE_TYPE),
    field("renderEncoding", OneOf(&["UTF_8"])),
    required("value", Text),
    field("alternateText", Text),
    field("showCodeText", LOCALIZED),
]);
const TOTP: Kind = Object(&[
    required("algorithm", OneOf(&["TOTP_SHA1"])),
    required("periodMillis", Long),
    required("parameters", List(&Object(&[required("key", Hex), required("valueLength", Int)]), MANY)),
]);
const ROTATING_BARCODE: Kind = Object(&[
    required("type", OneOf(&["QR_CODE", "PDF_417"])),
    field("renderEncoding", OneOf(&["UTF_8"])),
    required("valuePattern", Text),
    required("totpDetails", TOTP),
    field("alternateText", Text),
    field("showCodeText", LOCALIZED),
]);
const MESSAGE: Kind = Object(MESSAGE_FIELDS);
const NOTIFY: Kind = OneOf(&["NOTIFY_ON_UPDATE", "NOTIFICATION_SETTINGS_FOR_UPDATES_UNSPECIFIED"]);
const CALLBACK: Kind = Object(&[field("url", Link), field("updateRequestUrl", Link)]);
const CONSTRAINTS: Kind = Object(&[
    field("screenshotEligibility", OneOf(&["ELIGIBLE", "INELIGIBLE"])),
    field("nfcConstraint", List(&Text, MANY)),
]);

/// A message on a pass.
pub(super) const MESSAGE_FIELDS: &[Field] = &[
    field("kind", Text),
    field("id", Text),
    field("header", Text),
    field("body", Text),
    field("localizedHeader", LOCALIZED),
    field("localizedBody", LOCALIZED),
    field("displayInterval", INTERVAL),
    field("messageType", OneOf(&["TEXT", "TEXT_AND_NOTIFY", "EXPIRATION_NOTIFICATION"])),
];

/// A loyalty class: what all cards of a program have in common.
pub(super) const CLASS: &[Field] = &[
    required("id", Text),
    required("issuerName", Text),
    required("programName", Text),
    required("programLogo", IMAGE),
    required("reviewStatus", OneOf(&["UNDER_REVIEW", "APPROVED", "REJECTED", "DRAFT"])),
    field("kind", Text),
    field("version", Long),
    field("accountNameLabel", Text),
    field("accountIdLabel", Text),
    field("rewardsTierLabel", Text),
    field("rewardsTier", Text),
    field("localizedIssuerName", LOCALIZED),
    field("localizedProgramName", LOCALIZED),
    field("localizedAccountNameLabel", LOCALIZED),
    field("localizedAccountIdLabel", LOCALIZED),
    field("localizedRewardsTierLabel", LOCALIZED),
    field("localizedRewardsTier", LOCALIZED),
    field("secondaryRewardsTierLabel", Text),
    field("secondaryRewardsTier", Text),
    field("localizedSecondaryRewardsTierLabel", LOCALIZED),
    field("localizedSecondaryRewardsTier", LOCALIZED),
    field("discoverableProgram", Anything),
    field("classTemplateInfo", Anything),
    field("messages", List(&MESSAGE, MESSAGES)),
    field("allowMultipleUsersPerObject", Bool),
    field("homepageUri", URI),
    field("locations", List(&PLACE, MANY)),
    field("merchantLocations", List(&MERCHANT_PLACE, PLACES)),
    field("review", Anything),
    field("infoModuleData", Anything),
    field("imageModulesData", List(&IMAGE_MODULE, MODULES)),
    field("textModulesData", List(&TEXT_MODULE, MODULES)),
    field("linksModuleData", LINKS),
    field("redemptionIssuers", List(&Text, MANY)),
    field("countryCode", Text),
    field("heroImage", IMAGE),
    field("wideProgramLogo", IMAGE),
    field("wordMark", IMAGE),
    field("enableSmartTap", Bool),
    field("hexBackgroundColor", Colour),
    field(
        "multipleDevicesAndHoldersAllowedStatus",
        OneOf(&["MULTIPLE_HOLDERS", "ONE_USER_ALL_DEVICES", "ONE_USER_ONE_DEVICE"]),
    ),
    field("callbackOptions", CALLBACK),
    field("securityAnimation", Object(&[field("animationType", OneOf(&["FOIL_SHIMMER"]))])),
    field("viewUnlockRequirement", OneOf(&["UNLOCK_NOT_REQUIRED", "UNLOCK_REQUIRED_TO_VIEW"])),
    field("appLinkData", Anything),
    field("valueAddedModuleData", List(&Anything, MODULES)),
    field("notifyPreference", NOTIFY),
];

/// A loyalty object: one card.
pub(super) const OBJECT: &[Field] = &[
    required("id", Text),
    required("classId", Text),
    required("state", OneOf(&["ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE"])),
    field("kind", Text),
    field("version", Long),
    field("classReference", Anything),
    field("accountName", Text),
    field("accountId", Text),
    field("loyaltyPoints", POINTS),
    field("secondaryLoyaltyPoints", POINTS),
    field("linkedOfferIds", List(&Text, MANY)),
    field("linkedObjectIds", List(&Text, MANY)),
    field("barcode", BARCODE),
    field("rotatingBarcode", ROTATING_BARCODE),
    field("messages", List(&MESSAGE, MESSAGES)),
    field("validTimeInterval", INTERVAL),
    field("locations", List(&PLACE, MANY)),
    field("merchantLocations", List(&MERCHANT_PLACE, PLACES)),
    field("hasUsers", Bool),
    field("hasLinkedDevice", Bool),
    field("smartTapRedemptionValue", Text),
    field("disableExpirationNotification", Bool),
    field("infoModuleData", Anything),
    field("imageModulesData", List(&IMAGE_MODULE, MODULES)),
    field("textModulesData", List(&TEXT_MODULE, MODULES)),
    field("linksModuleData", LINKS),
    field("appLinkData", Anything),
    field("heroImage", IMAGE),
    field("groupingInfo", Object(&[field("sortIndex", Int), field("groupingId", Text)])),
    field("passConstraints", CONSTRAINTS),
    field("saveRestrictions", Anything),
    field("valueAddedModuleData", List(&Anything, MODULES)),
    field("notifyPreference", NOTIFY),
];
