use ::cms::cert::CertificateChoices;
use ::cms::content_info::ContentInfo;
use ::cms::signed_data::{SignedAttributes, SignedData, SignerIdentifier, SignerInfo};
use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde_json::Value;
use x509_cert::Certificate;
use x509_cert::der::asn1::{Any, ObjectIdentifier, OctetString};
use x509_cert::der::oid::db::{rfc5911, rfc5912};
use x509_cert::der::{Decode, Encode};
use x509_cert::time::Time;

use super::{Broken, text};
use crate::certificate::{self, issued, moment, validity, verifies};

/// What a good signature tells.
pub(super) struct Signed {
    pub(super) at: DateTime<Utc>,
    pub(super) generation: Option<String>,
    pub(super) development: bool,
}

/// Checks a signature over a manifest, and its certificate against what the pass says of itself.
pub(super) fn check(signature: &[u8], manifest: &[u8], pass: &Value) -> Result<Signed, Broken> {
    let data = read(signature)?;
    if data.encap_content_info.econtent.is_some() {
        return Err(Broken::NotDetached);
    }
    let signer = match data.signer_infos.0.as_slice() {
        [one] => one,
        others => return Err(Broken::Signers(others.len())),
    };
    let certificates = certificates(&data);
    let leaf = certificates.iter().copied().find(|leaf| is_of(signer, leaf)).ok_or(Broken::NoLeaf)?;

    let attributes = signer.signed_attrs.as_ref().ok_or(Broken::NoSigningTime)?;
    let at = check_attributes(attributes, signer, manifest)?;
    let signed = attributes.to_der().map_err(unreadable)?;
    let key = &leaf.tbs_certificate.subject_public_key_info;
    if !verifies(key, signer.signature_algorithm.oid, &signed, signer.signature.as_bytes()) {
        return Err(Broken::WrongSignature);
    }

    let intermediate = certificates
        .iter()
        .copied()
        .find(|candidate| issued(candidate, leaf))
        .ok_or(Broken::NoIntermediate)?;
    let (not_before, not_after) = validity(leaf);
    if at < not_before || at > not_after {
        return Err(Broken::SignedOutsideValidity);
    }
    check_names(leaf, pass)?;
    Ok(Signed {
        at,
        generation: certificate::generation(intermediate).map(str::to_owned),
        development: certificate::is_development(leaf),
    })
}

fn read(signature: &[u8]) -> Result<SignedData, Broken> {
    let info = ContentInfo::from_der(signature).map_err(unreadable)?;
    if info.content_type != rfc5911::ID_SIGNED_DATA {
        return Err(unreadable("it is of another type"));
    }
    info.content.decode_as().map_err(unreadable)
}

fn certificates(data: &SignedData) -> Vec<&Certificate> {
    let choices = data.certificates.iter().flat_map(|set| set.0.iter());
    choices
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect()
}

fn is_of(signer: &SignerInfo, certificate: &Certificate) -> bool {
    match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            id.issuer == certificate.tbs_certificate.issuer
                && id.serial_number == certificate.tbs_certificate.serial_number
        }
        // All tools in the field name the issuer and the number, so nothing is known of phones and this.
        SignerIdentifier::SubjectKeyIdentifier(_) => false,
    }
}

/// Type, digest and time; answers the time.
fn check_attributes(
    attributes: &SignedAttributes,
    signer: &SignerInfo,
    manifest: &[u8],
) -> Result<DateTime<Utc>, Broken> {
    let content_type =
        value(attributes, rfc5911::ID_CONTENT_TYPE).and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    if content_type != Some(rfc5911::ID_DATA) {
        return Err(Broken::NoContentType);
    }
    let time = value(attributes, rfc5911::ID_SIGNING_TIME)
        .and_then(|any| any.to_der().ok())
        .and_then(|der| Time::from_der(&der).ok())
        .ok_or(Broken::NoSigningTime)?;
    let algorithm = match signer.digest_alg.oid {
        rfc5912::ID_SHA_256 => &digest::SHA256,
        other => return Err(unreadable(format_args!("the digest is {other}, not SHA-256"))),
    };
    let signed = value(attributes, rfc5911::ID_MESSAGE_DIGEST)
        .and_then(|any| any.decode_as::<OctetString>().ok())
        .ok_or(Broken::Digest)?;
    if signed.as_bytes() != digest::digest(algorithm, manifest).as_ref() {
        return Err(Broken::Digest);
    }
    Ok(moment(time))
}

/// The one value of an attribute.
fn value(attributes: &SignedAttributes, oid: ObjectIdentifier) -> Option<&Any> {
    let attribute = attributes.iter().find(|attribute| attribute.oid == oid)?;
    match attribute.values.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

fn check_names(leaf: &Certificate, json: &Value) -> Result<(), Broken> {
    let pass = text(json, "passTypeIdentifier");
    let certificate = certificate::pass_type(leaf).unwrap_or_default();
    if certificate != pass {
        return Err(Broken::PassTypeDiffers { certificate: certificate.into(), pass: pass.into() });
    }
    let pass = text(json, "teamIdentifier");
    let certificate = certificate::team(leaf).unwrap_or_default();
    if certificate != pass {
        return Err(Broken::TeamDiffers { certificate: certificate.into(), pass: pass.into() });
    }
    Ok(())
}

fn unreadable(error: impl std::fmt::Display) -> Broken {
    Broken::Signature(error.to_string())
}
