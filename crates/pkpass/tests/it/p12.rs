//! Opening p12 files, our own and OpenSSL's: what is accepted, and each refusal.

use std::path::Path;

use chrono::{Duration, Utc};
use pkpass::inspect::Opened;
use pkpass::{PassTypeId, Signer, SignerError, TeamId, development};

use crate::harness::{made, now, pass, pass_type, signer, team, template};
use crate::openssl::{folder, openssl};

const RSA: &[&str] = &["-newkey", "rsa:2048"];
const P256: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// Makes `intermediate.pem`, `pass.pem` and `pass.key` as Apple would, valid today.
fn issue(folder: &Path, kind: &[&str], intermediate: &str) {
    let request = ["req", "-nodes", "-keyout"];
    let root = ["intermediate.key", "-x509", "-out", "intermediate.pem", "-subj", intermediate];
    openssl(folder, &[&request[..], &root, kind].concat());
    let subject = "/UID=pass.pe.sello.card/CN=Pass Type ID: pass.pe.sello.card/OU=A1B2C3D4E5/O=Sello/C=PE";
    openssl(folder, &[&request[..], &["pass.key", "-out", "pass.csr", "-subj", subject], kind].concat());
    let sign = ["x509", "-req", "-in", "pass.csr", "-CA", "intermediate.pem", "-CAkey", "intermediate.key"];
    openssl(folder, &[&sign[..], &["-CAcreateserial", "-days", "365", "-out", "pass.pem"]].concat());
}

/// Exports them to a p12 file.
fn export(folder: &Path, options: &[&str]) -> Vec<u8> {
    let export = ["pkcs12", "-export", "-in", "pass.pem", "-passout", "pass:clave", "-out", "pass.p12"];
    openssl(folder, &[&export[..], options].concat());
    std::fs::read(folder.join("pass.p12")).unwrap()
}

fn open(p12: &[u8], intermediate: Option<&[u8]>) -> Result<Signer, SignerError> {
    Signer::from_pkcs12(p12, "clave", intermediate, &pass_type(), &team(), Utc::now())
}

fn open_made(pass_type: &PassTypeId, team: &TeamId) -> Result<Signer, SignerError> {
    Signer::from_pkcs12(&made().p12, &made().password, None, pass_type, team, now())
}

#[test]
fn files_of_openssl_open_old_and_new() {
    let folder = folder("rsa");
    issue(&folder, RSA, "/CN=Worldwide Developer Relations/OU=G4/O=Example Inc./C=US");
    let pem = std::fs::read(folder.join("intermediate.pem")).unwrap();
    openssl(&folder, &["x509", "-in", "intermediate.pem", "-outform", "DER", "-out", "intermediate.der"]);
    let der = std::fs::read(folder.join("intermediate.der")).unwrap();

    let modern = export(&folder, &["-inkey", "pass.key", "-certfile", "intermediate.pem"]);
    let legacy = export(&folder, &["-inkey", "pass.key", "-legacy"]);
    for signer in [open(&modern, None), open(&legacy, Some(&pem)), open(&legacy, Some(&der))] {
        let signer = signer.unwrap();
        assert_eq!(signer.generation(), Some("G4"));
        assert!(!signer.is_development());
        let opened = Opened::read(&pass().sign(&template(), &signer, Utc::now()).unwrap()).unwrap();
        assert_eq!(opened.generation(), Some("G4"));
        assert!(!opened.is_development());
    }
    assert!(
        matches!(open(&legacy, None), Err(SignerError::NoIntermediate { issuer }) if issuer.contains("G4"))
    );
    assert!(matches!(
        open(&legacy, Some(made().intermediate_pem.as_bytes())),
        Err(SignerError::WrongIntermediate { issuer, given })
            if issuer.contains("G4") && given.contains("Development")
    ));
    assert_eq!(open(&legacy, Some(b"G4")).err(), Some(SignerError::Certificate));
    let keyless = export(&folder, &["-nokeys"]);
    assert_eq!(open(&keyless, Some(&pem)).err(), Some(SignerError::NoKey));
}

#[test]
fn an_elliptic_key_signs_too() {
    let folder = folder("p256");
    issue(&folder, P256, "/CN=Worldwide Developer Relations/OU=G6/O=Example Inc./C=US");
    let p12 = export(&folder, &["-inkey", "pass.key", "-certfile", "intermediate.pem"]);
    let signer = open(&p12, None).unwrap();
    let opened = Opened::read(&pass().sign(&template(), &signer, Utc::now()).unwrap()).unwrap();
    assert_eq!(opened.generation(), Some("G6"));
}

#[test]
fn an_intermediate_without_a_generation_is_not_apples() {
    let folder = folder("generation");
    issue(&folder, P256, "/CN=Worldwide Developer Relations/O=Example Inc./C=US");
    let p12 = export(&folder, &["-inkey", "pass.key", "-certfile", "intermediate.pem"]);
    assert!(matches!(open(&p12, None), Err(SignerError::NoGeneration(_))));
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let folder = folder("p384");
    let p384 = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"];
    issue(&folder, p384, "/CN=Worldwide Developer Relations/OU=G4/O=Example Inc./C=US");
    let p12 = export(&folder, &["-inkey", "pass.key", "-certfile", "intermediate.pem"]);
    assert_eq!(open(&p12, None).err(), Some(SignerError::KeyKind));
}

#[test]
fn a_development_signer_says_that_it_is_one() {
    assert!(signer().is_development());
    assert_eq!(signer().generation(), None);
    assert_eq!((signer().pass_type(), signer().team()), (&pass_type(), &team()));
    assert!(signer().not_after() > now() + Duration::days(365));
    assert!(!format!("{:?}", signer()).contains("pkcs8"));
}

#[test]
fn a_signer_for_something_else_is_refused_at_the_start() {
    let other: PassTypeId = "pass.pe.otra".parse().unwrap();
    assert_eq!(
        open_made(&other, &team()).err(),
        Some(SignerError::PassType { expected: other, found: Some(pass_type().as_str().into()) })
    );
    let other: TeamId = "ZZZZZZZZZZ".parse().unwrap();
    assert_eq!(
        open_made(&pass_type(), &other).err(),
        Some(SignerError::Team { expected: other, found: Some(team().as_str().into()) })
    );
}

#[test]
fn what_a_certificate_is_for_is_told_to_a_person() {
    let of = |found: Option<&str>| {
        let (expected, found) = ("ZZZZZZZZZZ".parse().unwrap(), found.map(str::to_owned));
        SignerError::Team { expected, found }.to_string()
    };
    assert_eq!(
        of(Some("ABCDE12345")),
        "the certificate is of the team `ABCDE12345` (its subject's OU), not of `ZZZZZZZZZZ`"
    );
    assert_eq!(of(None), "the certificate is of no team (its subject's OU), not of `ZZZZZZZZZZ`");
    let other = SignerError::PassType { expected: "pass.pe.otra".parse().unwrap(), found: Some("x".into()) };
    assert_eq!(
        other.to_string(),
        "the certificate is for the pass type `x` (its subject's UID), not for `pass.pe.otra`"
    );
}

#[test]
fn a_signer_that_is_not_valid_now_is_refused() {
    let at = |now| Signer::from_pkcs12(&made().p12, &made().password, None, &pass_type(), &team(), now).err();
    let not_after = signer().not_after();
    assert_eq!(at(not_after), None);
    assert_eq!(at(not_after + Duration::seconds(1)), Some(SignerError::Expired(not_after)));
    assert!(matches!(at(now() - Duration::days(3)), Some(SignerError::NotYetValid(_))));
}

#[test]
fn what_is_no_p12_file_or_has_another_password_is_refused() {
    let open = |p12: &[u8], password: &str| {
        Signer::from_pkcs12(p12, password, None, &pass_type(), &team(), now()).err()
    };
    assert_eq!(open(&made().p12, "otra"), Some(SignerError::Password));
    assert!(matches!(open(b"hola", "x"), Some(SignerError::Pkcs12(_))));
    assert!(matches!(open(&made().p12[..500], &made().password), Some(SignerError::Pkcs12(_))));
}

#[test]
fn an_intermediate_of_the_same_name_and_another_key_is_passed_over() {
    let other = development::make(&pass_type(), &team(), now()).unwrap();
    // The one in the file still fits, whatever is given beside it.
    let opened = Signer::from_pkcs12(
        &made().p12,
        &made().password,
        Some(other.intermediate_pem.as_bytes()),
        &pass_type(),
        &team(),
        now(),
    );
    assert!(opened.is_ok());
}
