//! The detached signature of a manifest: CMS SignedData (RFC 5652) with SHA-256, the signing time, and both
//! certificates.

use ::cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use ::cms::content_info::CmsVersion;
use ::cms::signed_data::{CertificateSet, EncapsulatedContentInfo, SignedAttributes};
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{EcdsaKeyPair, RSA_PKCS1_SHA256};
use chrono::{DateTime, Utc};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use x509_cert::der::oid::db::{rfc5911, rfc5912};
use x509_cert::der::{self, Encode, Header, Tag, TagNumber};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::Error;

/// The private key of a signer.
pub(crate) enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

impl Key {
    /// How signed data names the algorithm. For RSA it is the key's own name, as in most passes in the field; Apple
    /// takes the one with the digest too.
    fn algorithm(&self) -> AlgorithmIdentifierOwned {
        match self {
            Self::Rsa(_) => with_null(rfc5912::RSA_ENCRYPTION),
            Self::P256(_) => AlgorithmIdentifierOwned { oid: rfc5912::ECDSA_WITH_SHA_256, parameters: None },
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Self::P256(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
        }
    }
}

/// What is the same in all signatures of a signer, encoded once: most of what a signature costs besides the RSA.
pub(crate) struct Frame {
    // Of SignedData, all before the signers: version, digests, content, certificates.
    data_head: Vec<u8>,
    // Of SignerInfo, all before the attributes: version, issuer and number, digest.
    signer_head: Vec<u8>,
    // Of SignerInfo, the algorithm.
    algorithm: Vec<u8>,
    content_type: Attribute,
}

impl Frame {
    pub(crate) fn new(key: &Key, leaf: &Certificate, intermediate: &Certificate) -> der::Result<Self> {
        let sha256 = with_null(rfc5912::ID_SHA_256);
        let certificates =
            [leaf, intermediate].map(|certificate| CertificateChoices::Certificate(certificate.clone()));
        let data_head = [
            CmsVersion::V1.to_der()?,
            SetOfVec::try_from(vec![sha256.clone()])?.to_der()?,
            // Detached: it says what the content is, and has none.
            EncapsulatedContentInfo { econtent_type: rfc5911::ID_DATA, econtent: None }.to_der()?,
            implicit_0(CertificateSet::try_from(certificates.to_vec())?.to_der()?),
        ];
        let signer = IssuerAndSerialNumber {
            issuer: leaf.tbs_certificate.issuer.clone(),
            serial_number: leaf.tbs_certificate.serial_number.clone(),
        };
        Ok(Self {
            data_head: data_head.concat(),
            signer_head: [CmsVersion::V1.to_der()?, signer.to_der()?, sha256.to_der()?].concat(),
            algorithm: key.algorithm().to_der()?,
            content_type: attribute(rfc5911::ID_CONTENT_TYPE, Any::encode_from(&rfc5911::ID_DATA)?)?,
        })
    }

    /// Signs some content, which stays outside.
    pub(crate) fn sign(&self, key: &Key, content: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, Error> {
        let attributes = self.attributes(content, now).and_then(|set| set.to_der()).map_err(failed)?;
        // The attributes are signed as the set they are, and sent with another tag.
        let signature = key.sign(&attributes)?;
        self.signed_data(implicit_0(attributes), signature).map_err(failed)
    }

    fn attributes(&self, content: &[u8], now: DateTime<Utc>) -> der::Result<SignedAttributes> {
        let digest = OctetString::new(digest::digest(&digest::SHA256, content).as_ref())?;
        let since_1970 = std::time::Duration::from_secs(u64::try_from(now.timestamp()).unwrap_or_default());
        let time = UtcTime::from_unix_duration(since_1970)?;
        SetOfVec::try_from(vec![
            self.content_type.clone(),
            // Without the time iOS refuses the pass.
            attribute(rfc5911::ID_SIGNING_TIME, Any::encode_from(&time)?)?,
            attribute(rfc5911::ID_MESSAGE_DIGEST, Any::encode_from(&digest)?)?,
        ])
    }

    fn signed_data(&self, attributes: Vec<u8>, signature: Vec<u8>) -> der::Result<Vec<u8>> {
        let signature = OctetString::new(signature)?.to_der()?;
        let signer = wrap(Tag::Sequence, &[&self.signer_head, &attributes, &self.algorithm, &signature])?;
        let signers = wrap(Tag::Set, &[&signer])?;
        let data = wrap(Tag::Sequence, &[&self.data_head, &signers])?;
        let content = wrap(EXPLICIT_0, &[&data])?;
        wrap(Tag::Sequence, &[&rfc5911::ID_SIGNED_DATA.to_der()?, &content])
    }
}

/// The tag `[0]` of something that has parts.
const EXPLICIT_0: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber::N0 };

/// Something encoded, with the tag `[0]` in the place of its own.
fn implicit_0(mut encoded: Vec<u8>) -> Vec<u8> {
    if let Some(tag) = encoded.first_mut() {
        *tag = EXPLICIT_0.octet();
    }
    encoded
}

/// Encoded parts under one tag.
fn wrap(tag: Tag, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // A tag and a length take no more than six bytes.
    let mut out = Vec::with_capacity(length + 6);
    Header::new(tag, length)?.encode_to_vec(&mut out)?;
    for part in parts {
        out.extend_from_slice(part);
    }
    Ok(out)
}

fn attribute(oid: ObjectIdentifier, value: Any) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

fn with_null(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: Some(Any::null()) }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Signing(error.to_string())
}
