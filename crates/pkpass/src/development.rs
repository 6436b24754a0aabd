//! A signer for machines that have no certificate of Apple's, and an authority behind it.
//!
//! Everything in its chain says that it is for development only; [`Signer::is_development`](crate::Signer) knows it by
//! that. The passes are right in every other way: whatever checks the structure and the signature accepts them, and a
//! phone refuses them for the authority alone.

use chrono::{DateTime, Datelike, Duration, Utc};
use p12_keystore::{Certificate as StoredCertificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};

use crate::certificate::DEVELOPMENT;
use crate::{PassTypeId, TeamId};

/// How long the pass certificate is valid; Apple's are for about as long.
const LEAF_DAYS: i64 = 395;
/// The password of every such file.
const PASSWORD: &str = "development";
/// How long the authority is valid.
const AUTHORITY_DAYS: i64 = 3_650;

/// All that a development machine keeps. It protects nothing, so its password is no secret.
#[derive(Clone)]
pub struct Development {
    /// The p12 file: an RSA-2048 key and its certificate, and the intermediate one.
    pub p12: Vec<u8>,
    /// The password of the p12 file.
    pub password: String,
    /// The root certificate, for those who shall trust the signer: a fake of Apple's push service, a test.
    pub authority_pem: String,
    /// The root's key, for those who shall have a certificate of it: see [`server`].
    pub authority_key_pem: String,
    /// The intermediate certificate, in the place of Apple's “Worldwide Developer Relations”.
    pub intermediate_pem: String,
}

/// A certificate for a server, and its key.
#[derive(Clone)]
pub struct Server {
    /// The certificate.
    pub certificate_pem: String,
    /// Its key.
    pub key_pem: String,
}

/// It could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no development signer could be made: {0}")]
pub struct DevelopmentError(String);

/// Makes a signer for a pass type and a team. It takes a moment, so keep what it makes.
pub fn make(
    pass_type: &PassTypeId,
    team: &TeamId,
    now: DateTime<Utc>,
) -> Result<Development, DevelopmentError> {
    let root_key = KeyPair::generate().map_err(failed)?;
    let authority_key_pem = root_key.serialize_pem();
    let root = CertifiedIssuer::self_signed(authority(root_name(), now), root_key).map_err(failed)?;

    let mut name = development_name();
    name.push(DnType::CommonName, "Development Relations Certification Authority");
    let intermediate =
        CertifiedIssuer::signed_by(authority(name, now), KeyPair::generate().map_err(failed)?, &root)
            .map_err(failed)?;

    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
    let mut name = development_name();
    name.push(DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]), pass_type.as_str());
    name.push(DnType::CommonName, format!("Development Pass Type ID: {pass_type}"));
    name.push(DnType::OrganizationalUnitName, team.as_str());
    let mut params = params(name, now, LEAF_DAYS);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let leaf = params.signed_by(&key, &intermediate).map_err(failed)?;

    let chain = [leaf.der(), intermediate.der()];
    Ok(Development {
        p12: pack(&key, &chain.map(|der| der.as_ref()))?,
        password: PASSWORD.into(),
        authority_pem: root.pem(),
        authority_key_pem,
        intermediate_pem: intermediate.pem(),
    })
}

/// Makes a certificate of the authority for a server called `name`, such as `localhost`.
pub fn server(authority_key_pem: &str, name: &str, now: DateTime<Utc>) -> Result<Server, DevelopmentError> {
    let root =
        Issuer::new(authority(root_name(), now), KeyPair::from_pem(authority_key_pem).map_err(failed)?);
    let key = KeyPair::generate().map_err(failed)?;
    let mut subject = development_name();
    subject.push(DnType::CommonName, name);
    let mut params = params(subject, now, LEAF_DAYS);
    params.subject_alt_names = CertificateParams::new([name.to_owned()]).map_err(failed)?.subject_alt_names;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.signed_by(&key, &root).map_err(failed)?;
    Ok(Server { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

fn development_name() -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, DEVELOPMENT);
    name
}

fn root_name() -> DistinguishedName {
    let mut name = development_name();
    name.push(DnType::CommonName, "Development Root");
    name
}

fn authority(name: DistinguishedName, now: DateTime<Utc>) -> CertificateParams {
    let mut params = params(name, now, AUTHORITY_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(name: DistinguishedName, now: DateTime<Utc>, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    // From the day before, so that clocks may differ.
    let midnight = |at: DateTime<Utc>| date_time_ymd(at.year(), at.month() as u8, at.day() as u8);
    params.not_before = midnight(now - Duration::days(1));
    params.not_after = midnight(now + Duration::days(days));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params
}

fn pack(key: &KeyPair, chain: &[&[u8]]) -> Result<Vec<u8>, DevelopmentError> {
    let certificates: Vec<StoredCertificate> =
        chain.iter().map(|der| StoredCertificate::from_der(der)).collect::<Result<_, _>>().map_err(failed)?;
    let key = PrivateKey::from_der(key.serialized_der()).map_err(failed)?;
    let mut store = KeyStore::new();
    let entry = KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("pass", key, certificates));
    store.add_entry("pass", entry);
    store.writer(PASSWORD).write().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> DevelopmentError {
    DevelopmentError(error.to_string())
}
