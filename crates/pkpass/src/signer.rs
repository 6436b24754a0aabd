use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use chrono::{DateTime, Utc};
use p12_keystore::Pkcs12Archive;
use x509_cert::Certificate;
use x509_cert::der::pem::{LineEnding, encode_string};
use x509_cert::der::{Decode, Encode};

use crate::certificate::{self, issued, validity};
use crate::cms::{Frame, Key};
use crate::{Error, PassTypeId, TeamId};

/// Signs passes of one type: a private key, Apple's certificate for it, and the intermediate certificate that issued
/// that. A clone shares them.
///
/// Whoever has a `Signer` need not ask whether its certificates fit: a mismatch would install nowhere and say nothing,
/// so [`Signer::from_pkcs12`] refuses it.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    key: Key,
    frame: Frame,
    // For the client identity towards Apple's push service.
    pkcs8: Vec<u8>,
    leaf: Vec<u8>,
    intermediate: Vec<u8>,
    pass_type: PassTypeId,
    team: TeamId,
    generation: Option<String>,
    development: bool,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
}

/// Why a file and its certificates cannot sign passes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The password is not the file's.
    #[error("the password does not open the p12 file")]
    Password,
    /// The file is not PKCS#12, or is damaged.
    #[error("not a p12 file that can be read: {0}")]
    Pkcs12(String),
    /// The file has certificates only: it was exported without the key.
    #[error("the p12 file holds no private key; export the certificate together with its key")]
    NoKey,
    /// The key is of another kind.
    #[error("the key is neither RSA of 2048 bits or more nor EC P-256")]
    KeyKind,
    /// No certificate in the file belongs to the key.
    #[error("the p12 file holds no certificate of its private key")]
    NoCertificate,
    /// The intermediate certificate is not one.
    #[error("the intermediate is not a certificate in PEM or DER")]
    Certificate,
    /// The certificate is for another pass type.
    #[error(
        "the certificate is for {} (its subject's UID), not for `{expected}`",
        named("pass type", .found.as_deref())
    )]
    PassType {
        /// The pass type asked for.
        expected: PassTypeId,
        /// The certificate's.
        found: Option<String>,
    },
    /// The certificate is another team's.
    #[error(
        "the certificate is of {} (its subject's OU), not of `{expected}`",
        named("team", .found.as_deref())
    )]
    Team {
        /// The team asked for.
        expected: TeamId,
        /// The certificate's.
        found: Option<String>,
    },
    /// Neither the file nor the caller has the intermediate certificate.
    #[error("the intermediate certificate is missing: `{issuer}` issued the pass certificate")]
    NoIntermediate {
        /// Who issued the certificate.
        issuer: String,
    },
    /// The intermediate certificate is of another generation, or not Apple's for passes.
    #[error("`{issuer}` issued the pass certificate, and the intermediate given is `{given}`")]
    WrongIntermediate {
        /// Who issued the certificate.
        issuer: String,
        /// Whose the intermediate is.
        given: String,
    },
    /// The intermediate certificate names no generation, as all of Apple's that still work do.
    #[error(
        "the intermediate `{0}` names no generation such as G4: it is not one of Apple's that still work"
    )]
    NoGeneration(String),
    /// A certificate is not valid yet.
    #[error("the certificates are valid from {0} only")]
    NotYetValid(DateTime<Utc>),
    /// A certificate is not valid any more.
    #[error("the certificates were valid until {0}")]
    Expired(DateTime<Utc>),
}

/// What a certificate names, as a person reads it.
fn named(kind: &str, found: Option<&str>) -> String {
    found.map_or_else(|| format!("no {kind}"), |found| format!("the {kind} `{found}`"))
}

impl Signer {
    /// Opens a p12 file and checks all that Apple checks: that the certificate belongs to the key, that it is for this
    /// pass type and this team, that the intermediate certificate issued it and names its generation, and that both
    /// are valid at `now`.
    ///
    /// The intermediate certificate (Apple's “Worldwide Developer Relations”, in PEM or DER) may be in the file; files
    /// that a Mac exports have none.
    pub fn from_pkcs12(
        p12: &[u8],
        password: &str,
        intermediate: Option<&[u8]>,
        pass_type: &PassTypeId,
        team: &TeamId,
        now: DateTime<Utc>,
    ) -> Result<Self, SignerError> {
        let archive = Pkcs12Archive::from_pkcs12(p12, password).map_err(|error| match error {
            p12_keystore::error::Error::MacError(_) => SignerError::Password,
            error => SignerError::Pkcs12(error.to_string()),
        })?;
        let certificates: Vec<Certificate> =
            archive.certs.iter().filter_map(|bag| certificate::read(bag.cert.as_der())).collect();
        let (key, pkcs8, leaf) = pair(&archive, &certificates, pass_type)?;

        let found = certificate::pass_type(leaf);
        if found != Some(pass_type.as_str()) {
            let found = found.map(str::to_owned);
            return Err(SignerError::PassType { expected: pass_type.clone(), found });
        }
        let found = certificate::team(leaf);
        if found != Some(team.as_str()) {
            return Err(SignerError::Team { expected: team.clone(), found: found.map(str::to_owned) });
        }

        let given = intermediate.map(read_intermediates).transpose()?;
        let intermediate = choose_intermediate(leaf, given.as_deref(), &certificates)?;
        let development = certificate::is_development(leaf);
        let generation = certificate::generation(intermediate).map(str::to_owned);
        if generation.is_none() && !development {
            return Err(SignerError::NoGeneration(intermediate.tbs_certificate.subject.to_string()));
        }

        let (leaf_from, leaf_to) = validity(leaf);
        let (intermediate_from, intermediate_to) = validity(intermediate);
        let (not_before, not_after) = (leaf_from.max(intermediate_from), leaf_to.min(intermediate_to));
        if now < not_before {
            return Err(SignerError::NotYetValid(not_before));
        }
        if now > not_after {
            return Err(SignerError::Expired(not_after));
        }
        let encoded = |error: x509_cert::der::Error| SignerError::Pkcs12(error.to_string());
        Ok(Self(Arc::new(Inner {
            frame: Frame::new(&key, leaf, intermediate).map_err(encoded)?,
            key,
            pkcs8,
            leaf: leaf.to_der().map_err(encoded)?,
            intermediate: intermediate.to_der().map_err(encoded)?,
            pass_type: pass_type.clone(),
            team: team.clone(),
            generation,
            development,
            not_before,
            not_after,
        })))
    }

    /// A detached signature in CMS, as it lies beside a manifest. [`Pass::sign`](crate::Pass::sign) makes whole passes.
    pub fn sign(&self, manifest: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, Error> {
        if now < self.0.not_before || now > self.0.not_after {
            return Err(Error::SignerExpired);
        }
        self.0.frame.sign(&self.0.key, manifest, now)
    }

    /// The pass type it signs for.
    pub fn pass_type(&self) -> &PassTypeId {
        &self.0.pass_type
    }

    /// The team it signs for.
    pub fn team(&self) -> &TeamId {
        &self.0.team
    }

    /// Until when it signs: until the first of its two certificates ends. Passes that are installed stay valid, but no
    /// new ones can be made and no device can be told of an update, so renew it a month before.
    pub fn not_after(&self) -> DateTime<Utc> {
        self.0.not_after
    }

    /// The generation of Apple's intermediate certificate, `G4`; a development signer has none.
    pub fn generation(&self) -> Option<&str> {
        self.0.generation.as_deref()
    }

    /// Whether it was made on this side and not by Apple: no phone accepts its passes.
    pub fn is_development(&self) -> bool {
        self.0.development
    }

    /// The key and both certificates in PEM: the client identity with which Apple's push service takes word of updates
    /// to passes of this type. It holds the private key.
    pub fn client_identity_pem(&self) -> String {
        let blocks = [
            ("PRIVATE KEY", &self.0.pkcs8),
            ("CERTIFICATE", &self.0.leaf),
            ("CERTIFICATE", &self.0.intermediate),
        ];
        // Only a label that is not ASCII, or a text beyond all memory, would fail.
        blocks.iter().filter_map(|(label, der)| encode_string(label, LineEnding::LF, der).ok()).collect()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("pass_type", &self.0.pass_type)
            .field("team", &self.0.team)
            .field("generation", &self.0.generation)
            .field("development", &self.0.development)
            .field("not_after", &self.0.not_after)
            .finish_non_exhaustive()
    }
}

/// The key and its certificate, known by the public key: not every program that writes p12 files links the two. Of
/// several pairs, the one for the pass type, or else the first, to be refused by name.
fn pair<'a>(
    archive: &Pkcs12Archive,
    certificates: &'a [Certificate],
    pass_type: &PassTypeId,
) -> Result<(Key, Vec<u8>, &'a Certificate), SignerError> {
    if archive.keys.is_empty() {
        return Err(SignerError::NoKey);
    }
    let mut refusal = SignerError::KeyKind;
    let mut pairs = Vec::new();
    for bag in &archive.keys {
        let pkcs8 = bag.key.as_der();
        let (key, public) = if let Ok(pair) = RsaKeyPair::from_pkcs8(pkcs8) {
            let public = pair.public_key().as_ref().to_vec();
            (Key::Rsa(pair), public)
        } else if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8) {
            let public = pair.public_key().as_ref().to_vec();
            (Key::P256(pair), public)
        } else {
            continue;
        };
        refusal = SignerError::NoCertificate;
        let of_key = |certificate: &&Certificate| {
            let info = &certificate.tbs_certificate.subject_public_key_info;
            info.subject_public_key.as_bytes() == Some(public.as_slice())
        };
        if let Some(leaf) = certificates.iter().find(of_key) {
            pairs.push((key, pkcs8.to_vec(), leaf));
        }
    }
    let fits = pairs.iter().position(|(_, _, leaf)| certificate::pass_type(leaf) == Some(pass_type.as_str()));
    match pairs.is_empty() {
        true => Err(refusal),
        false => Ok(pairs.swap_remove(fits.unwrap_or(0))),
    }
}

fn read_intermediates(bytes: &[u8]) -> Result<Vec<Certificate>, SignerError> {
    let read = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        Certificate::load_pem_chain(bytes.trim_ascii_start())
    } else {
        Certificate::from_der(bytes).map(|certificate| vec![certificate])
    };
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(SignerError::Certificate),
    }
}

fn choose_intermediate<'a>(
    leaf: &Certificate,
    given: Option<&'a [Certificate]>,
    in_file: &'a [Certificate],
) -> Result<&'a Certificate, SignerError> {
    let given = given.unwrap_or_default();
    let issuer = || leaf.tbs_certificate.issuer.to_string();
    match given.iter().chain(in_file).find(|candidate| issued(candidate, leaf)) {
        Some(intermediate) => Ok(intermediate),
        None => Err(match given.first() {
            Some(other) => SignerError::WrongIntermediate {
                issuer: issuer(),
                given: other.tbs_certificate.subject.to_string(),
            },
            None => SignerError::NoIntermediate { issuer: issuer() },
        }),
    }
}
