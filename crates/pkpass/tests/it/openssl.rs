//! What OpenSSL says: a program that is not ours and reads what ours wrote.

use std::path::{Path, PathBuf};
use std::process::Command;

use pkpass::development;

use crate::harness::{files, made, now, signer};

/// A folder of its own for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pkpass-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the program in a folder and gives what it wrote.
pub(crate) fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("these tests ask the program `openssl`: install the package of that name");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {}: {said}", arguments.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn openssl_verifies_the_signature_over_the_manifest() {
    let folder = folder("verify");
    let files = files();
    std::fs::write(folder.join("signature"), &files["signature"]).unwrap();
    std::fs::write(folder.join("manifest.json"), &files["manifest.json"]).unwrap();
    std::fs::write(folder.join("root.pem"), &made().authority_pem).unwrap();
    let at = now().timestamp().to_string();
    let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content"];
    let trust = ["-CAfile", "root.pem", "-purpose", "any", "-attime", &at, "-out", "verified.json"];
    openssl(&folder, &[&verify[..], &["manifest.json"], &trust].concat());
    assert_eq!(std::fs::read(folder.join("verified.json")).unwrap(), files["manifest.json"]);

    let printed = openssl(&folder, &["cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature"]);
    for part in ["sha256", "signingTime", "Nov 23 15:00:00 2026 GMT", "messageDigest", "eContent: <ABSENT>"] {
        assert!(printed.contains(part), "no {part} in:\n{printed}");
    }
}

#[test]
fn openssl_refuses_another_manifest() {
    let folder = folder("refuse");
    std::fs::write(folder.join("signature"), &files()["signature"]).unwrap();
    std::fs::write(folder.join("manifest.json"), b"{}").unwrap();
    let arguments =
        ["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", "signature", "-content"];
    let output = Command::new("openssl")
        .args(arguments)
        .arg("manifest.json")
        .current_dir(&folder)
        .output()
        .expect("these tests ask the program `openssl`: install the package of that name");
    assert!(!output.status.success());
}

#[test]
fn the_client_identity_is_a_key_and_its_chain_to_the_authority() {
    let folder = folder("identity");
    std::fs::write(folder.join("identity.pem"), signer().client_identity_pem()).unwrap();
    std::fs::write(folder.join("root.pem"), &made().authority_pem).unwrap();
    let of_key = openssl(&folder, &["pkey", "-in", "identity.pem", "-pubout"]);
    let of_certificate = openssl(&folder, &["x509", "-in", "identity.pem", "-pubkey", "-noout"]);
    assert_eq!(of_key, of_certificate);
    let at = now().timestamp().to_string();
    let trust = ["verify", "-purpose", "sslclient", "-attime", &at, "-CAfile", "root.pem"];
    openssl(&folder, &[&trust[..], &["-untrusted", "identity.pem", "identity.pem"]].concat());
}

#[test]
fn the_authority_makes_a_certificate_for_a_server() {
    let folder = folder("server");
    let server = development::server(&made().authority_key_pem, "localhost", now()).unwrap();
    std::fs::write(folder.join("server.pem"), server.certificate_pem).unwrap();
    std::fs::write(folder.join("server.key"), server.key_pem).unwrap();
    std::fs::write(folder.join("root.pem"), &made().authority_pem).unwrap();
    let at = now().timestamp().to_string();
    let trust = ["verify", "-purpose", "sslserver", "-attime", &at, "-CAfile", "root.pem"];
    openssl(&folder, &[&trust[..], &["-verify_hostname", "localhost", "server.pem"]].concat());
    assert_eq!(
        openssl(&folder, &["pkey", "-in", "server.key", "-pubout"]),
        openssl(&folder, &["x509", "-in", "server.pem", "-pubkey", "-noout"])
    );
}
