use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use super::http::address;
use super::{Failure, SettingsError};

/// The service account: who it is, and the key it signs with. The key is read once, and a bad one is found at the start.
pub(super) struct Account {
    pub(super) email: String,
    pub(super) token_url: Url,
    /// The token address as it is written, which an assertion must repeat to the letter.
    pub(super) token_uri: String,
    key: RsaKeyPair,
}

/// What of the key file is of use.
#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyFile {
    client_email: String,
    private_key: String,
    token_uri: String,
}

impl Account {
    pub(super) fn read(json: &str) -> Result<Self, SettingsError> {
        // The parser's own error repeats parts of the file, and is dropped.
        let file: KeyFile = serde_json::from_str(json).map_err(|_| SettingsError::ServiceAccount("JSON"))?;
        if file.client_email.is_empty() {
            return Err(SettingsError::ServiceAccount("client_email"));
        }
        let key = pkcs8(&file.private_key)
            .and_then(|der| RsaKeyPair::from_pkcs8(&der).ok())
            .ok_or(SettingsError::ServiceAccount("private_key"))?;
        let token_url = address(&file.token_uri)
            .map_err(|problem| SettingsError::Address { name: "token_uri", problem })?;
        Ok(Self { email: file.client_email, token_url, token_uri: file.token_uri, key })
    }

    /// A JSON Web Token with these claims (RFC 7519), signed with RS256 (RFC 7518 §3.3).
    pub(super) fn sign(&self, claims: &Value) -> Result<String, Failure> {
        let mut token = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .map_err(|_| Failure::Credentials { status: 0, reason: "cannotSign".into() })?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// The PKCS#8 key in a PEM text (RFC 7468 §10), the only form in which Google hands keys out.
fn pkcs8(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (text, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_key_file_is_named_by_its_field_and_not_repeated() {
        for (json, said) in [
            ("secret", "JSON"),
            (r#"{"private_key":"secret"}"#, "client_email"),
            (r#"{"client_email":"a@b","private_key":"secret"}"#, "private_key"),
        ] {
            let error = Account::read(json).err().unwrap().to_string();
            assert!(error.contains(said) && !error.contains("secret"), "{error}");
        }
    }
}
