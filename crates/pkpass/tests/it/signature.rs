//! Everything that is known to keep a signature from being accepted: each is done to a good one, and named.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{CertificateSet, SignedData, SignerInfos};
use pkpass::inspect::{Broken, Opened};
use x509_cert::der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use x509_cert::der::oid::db::{rfc5911, rfc5912};
use x509_cert::der::{Decode, Encode, SecretDocument};

use crate::harness::{files, pack, signer};

/// What is wrong with a good pass after a change to its signature; signed anew if `sign`.
fn after(sign: bool, change: impl FnOnce(&mut SignedData)) -> Broken {
    let mut files = files();
    let info = ContentInfo::from_der(&files["signature"]).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    change(&mut data);
    if sign {
        let mut signers = data.signer_infos.0.into_vec();
        for signer in &mut signers {
            let attributes = signer.signed_attrs.to_der().unwrap();
            signer.signature = OctetString::new(sign_with_the_key(&attributes)).unwrap();
        }
        data.signer_infos = SignerInfos::try_from(signers).unwrap();
    }
    let content = Any::encode_from(&data).unwrap();
    let info = ContentInfo { content_type: rfc5911::ID_SIGNED_DATA, content };
    files.insert("signature".into(), info.to_der().unwrap());
    Opened::read(&pack(&files)).expect_err("a broken signature was accepted")
}

fn sign_with_the_key(message: &[u8]) -> Vec<u8> {
    let identity = signer().client_identity_pem();
    let (key, _) = identity.split_at(identity.find("-----BEGIN CERTIFICATE").unwrap());
    let (_, pkcs8) = SecretDocument::from_pem(key).unwrap();
    let key = KeyPair::from_pkcs8(pkcs8.as_bytes()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

fn signers(data: &mut SignedData, change: impl FnOnce(&mut Vec<cms::signed_data::SignerInfo>)) {
    let mut signers = std::mem::replace(&mut data.signer_infos, SignerInfos(SetOfVec::new())).0.into_vec();
    change(&mut signers);
    data.signer_infos = SignerInfos::try_from(signers).unwrap();
}

fn without_attribute(data: &mut SignedData, oid: ObjectIdentifier) {
    signers(data, |signers| {
        let mut attributes = signers[0].signed_attrs.take().unwrap().into_vec();
        attributes.retain(|attribute| attribute.oid != oid);
        signers[0].signed_attrs = Some(SetOfVec::try_from(attributes).unwrap());
    });
}

fn certificates(data: &mut SignedData, keep: impl Fn(&str) -> bool) {
    let all = data.certificates.take().unwrap().0.into_vec();
    let kept = all.into_iter().filter(|choice| match choice {
        CertificateChoices::Certificate(one) => keep(&one.tbs_certificate.subject.to_string()),
        CertificateChoices::Other(_) => false,
    });
    data.certificates = Some(CertificateSet::try_from(kept.collect::<Vec<_>>()).unwrap());
}

#[test]
fn a_signature_is_signed_data() {
    let mut files = files();
    files.insert("signature".into(), b"hola".to_vec());
    assert!(matches!(Opened::read(&pack(&files)), Err(Broken::Signature(_))));
}

#[test]
fn a_signature_has_a_signing_date() {
    let broken = after(true, |data| without_attribute(data, rfc5911::ID_SIGNING_TIME));
    assert_eq!(broken, Broken::NoSigningTime);
    // The complaint in the words of the phone.
    assert_eq!(broken.to_string(), "Signature must contain a signing date");
    assert_eq!(
        after(true, |data| signers(data, |signers| signers[0].signed_attrs = None)),
        Broken::NoSigningTime
    );
}

#[test]
fn a_signature_says_what_it_signs_and_signs_the_manifest() {
    assert_eq!(after(true, |data| without_attribute(data, rfc5911::ID_CONTENT_TYPE)), Broken::NoContentType);
    assert_eq!(after(true, |data| without_attribute(data, rfc5911::ID_MESSAGE_DIGEST)), Broken::Digest);
    let mut files = files();
    let other = signer().sign(b"{}", crate::harness::now()).unwrap();
    files.insert("signature".into(), other);
    assert_eq!(Opened::read(&pack(&files)).err(), Some(Broken::Digest));
}

#[test]
fn a_signature_is_by_the_certificates_key() {
    let broken = after(false, |data| {
        signers(data, |signers| {
            let mut bytes = signers[0].signature.as_bytes().to_vec();
            bytes[100] ^= 1;
            signers[0].signature = OctetString::new(bytes).unwrap();
        });
    });
    assert_eq!(broken, Broken::WrongSignature);
}

#[test]
fn a_signature_holds_both_certificates() {
    assert_eq!(
        after(true, |data| certificates(data, |subject| !subject.contains("Pass Type"))),
        Broken::NoLeaf
    );
    assert_eq!(
        after(true, |data| certificates(data, |subject| subject.contains("Pass Type"))),
        Broken::NoIntermediate
    );
    assert_eq!(after(true, |data| data.certificates = None), Broken::NoLeaf);
}

#[test]
fn an_intermediate_that_did_not_issue_the_certificate_is_none() {
    let other = pkpass::development::make(
        &crate::harness::pass_type(),
        &crate::harness::team(),
        crate::harness::now(),
    )
    .unwrap();
    let other = x509_cert::Certificate::load_pem_chain(other.intermediate_pem.as_bytes()).unwrap().remove(0);
    let broken = after(true, |data| {
        certificates(data, |subject| subject.contains("Pass Type"));
        let mut all = data.certificates.take().unwrap().0.into_vec();
        all.push(CertificateChoices::Certificate(other));
        data.certificates = Some(CertificateSet::try_from(all).unwrap());
    });
    assert_eq!(broken, Broken::NoIntermediate);
}

#[test]
fn a_signature_has_one_signer_and_no_content() {
    assert_eq!(after(true, |data| signers(data, Vec::clear)), Broken::Signers(0));
    let broken = after(true, |data| {
        data.encap_content_info.econtent =
            Some(Any::encode_from(&OctetString::new(b"{}".as_slice()).unwrap()).unwrap());
    });
    assert_eq!(broken, Broken::NotDetached);
}

#[test]
fn a_signature_with_another_digest_is_not_taken() {
    let broken = after(true, |data| signers(data, |signers| signers[0].digest_alg.oid = rfc5912::ID_SHA_1));
    assert!(matches!(broken, Broken::Signature(_)));
}

#[test]
fn a_pass_is_signed_while_its_certificate_is_valid() {
    let broken = after(true, |data| {
        without_attribute(data, rfc5911::ID_SIGNING_TIME);
        signers(data, |signers| {
            let since_1970 = std::time::Duration::from_secs(1_000_000_000);
            let time = Any::encode_from(&UtcTime::from_unix_duration(since_1970).unwrap()).unwrap();
            let mut attributes = signers[0].signed_attrs.take().unwrap().into_vec();
            attributes.push(x509_cert::attr::Attribute {
                oid: rfc5911::ID_SIGNING_TIME,
                values: SetOfVec::try_from(vec![time]).unwrap(),
            });
            signers[0].signed_attrs = Some(SetOfVec::try_from(attributes).unwrap());
        });
    });
    assert_eq!(broken, Broken::SignedOutsideValidity);
}
