//! What signing and checking both ask of certificates.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use chrono::{DateTime, Utc};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::db::{rfc4519, rfc5912};
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Time;

/// The organisation that the certificates of a development signer name. Apple's name `Apple Inc.` and the team.
pub(crate) const DEVELOPMENT: &str = "Development only, no phone accepts this";

/// Reads a certificate, if it is in DER to the byte: what is signed is written from the types.
pub(crate) fn read(der: &[u8]) -> Option<Certificate> {
    let certificate = Certificate::from_der(der).ok()?;
    (certificate.to_der().ok()? == der).then_some(certificate)
}

/// The texts of an attribute of a name.
fn texts(name: &Name, attribute: ObjectIdentifier) -> impl Iterator<Item = &str> {
    name.0.iter().flat_map(|part| part.0.iter()).filter(move |entry| entry.oid == attribute).filter_map(
        |entry| match entry.value.tag() {
            Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::TeletexString => {
                std::str::from_utf8(entry.value.value()).ok()
            }
            _ => None,
        },
    )
}

/// The pass type: the subject's `UID`.
pub(crate) fn pass_type(certificate: &Certificate) -> Option<&str> {
    texts(&certificate.tbs_certificate.subject, rfc4519::UID).next()
}

/// The team: the subject's `OU`.
pub(crate) fn team(certificate: &Certificate) -> Option<&str> {
    texts(&certificate.tbs_certificate.subject, rfc4519::OU).next()
}

/// The generation of an intermediate of Apple's, `G4`: its subject's `OU`.
pub(crate) fn generation(intermediate: &Certificate) -> Option<&str> {
    texts(&intermediate.tbs_certificate.subject, rfc4519::OU).find(|unit| {
        unit.strip_prefix('G').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Whether the certificate and its issuer say of themselves that they are for development.
pub(crate) fn is_development(certificate: &Certificate) -> bool {
    let says_so = |name| texts(name, rfc4519::O).any(|organization| organization == DEVELOPMENT);
    says_so(&certificate.tbs_certificate.subject) && says_so(&certificate.tbs_certificate.issuer)
}

/// From when to when a certificate is valid.
pub(crate) fn validity(certificate: &Certificate) -> (DateTime<Utc>, DateTime<Utc>) {
    let validity = &certificate.tbs_certificate.validity;
    (moment(validity.not_before), moment(validity.not_after))
}

/// A time as chrono has it; one that chrono cannot hold is long past.
pub(crate) fn moment(time: Time) -> DateTime<Utc> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or_default();
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// Whether `issuer` signed `certificate`, by name and by key.
pub(crate) fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    let (above, below) = (&issuer.tbs_certificate, &certificate.tbs_certificate);
    let (Ok(message), Some(signature)) = (below.to_der(), certificate.signature.as_bytes()) else {
        return false;
    };
    above.subject == below.issuer
        && certificate.signature_algorithm == below.signature
        && verifies(&above.subject_public_key_info, certificate.signature_algorithm.oid, &message, signature)
}

/// Whether a key signed a message. A bare `rsaEncryption`, as it stands in signed data, goes with SHA-256.
pub(crate) fn verifies(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    let verification: &'static dyn VerificationAlgorithm = match (key.algorithm.oid, curve, algorithm) {
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::RSA_ENCRYPTION | rfc5912::SHA_256_WITH_RSA_ENCRYPTION) => {
            &signature::RSA_PKCS1_2048_8192_SHA256
        }
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::SHA_384_WITH_RSA_ENCRYPTION) => {
            &signature::RSA_PKCS1_2048_8192_SHA384
        }
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::SHA_512_WITH_RSA_ENCRYPTION) => {
            &signature::RSA_PKCS1_2048_8192_SHA512
        }
        (rfc5912::ID_EC_PUBLIC_KEY, Some(rfc5912::SECP_256_R_1), rfc5912::ECDSA_WITH_SHA_256) => {
            &signature::ECDSA_P256_SHA256_ASN1
        }
        (rfc5912::ID_EC_PUBLIC_KEY, Some(rfc5912::SECP_384_R_1), rfc5912::ECDSA_WITH_SHA_256) => {
            &signature::ECDSA_P384_SHA256_ASN1
        }
        (rfc5912::ID_EC_PUBLIC_KEY, Some(rfc5912::SECP_384_R_1), rfc5912::ECDSA_WITH_SHA_384) => {
            &signature::ECDSA_P384_SHA384_ASN1
        }
        _ => return false,
    };
    let Some(key) = key.subject_public_key.as_bytes() else {
        return false;
    };
    UnparsedPublicKey::new(verification, key).verify(message, signature).is_ok()
}
