//! Tills, and the key one signs its offline queue with.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use chrono::{DateTime, Utc};
use kernel::{BusinessId, DeviceId, Invalid, LocationId};

/// Bytes of an uncompressed point of P-256, the leading 4 included.
const POINT: usize = 65;
/// What an uncompressed point begins with (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A till.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its business.
    pub business: BusinessId,
    /// What the team calls it.
    pub name: String,
    /// Where it stands.
    pub location: Option<LocationId>,
    /// When it was paired.
    pub paired_at: DateTime<Utc>,
    /// When somebody last signed in on it.
    pub last_seen_at: DateTime<Utc>,
}

/// Reads a P-256 public key, or none.
pub fn parse_public_key(bytes: &[u8]) -> Result<Option<Vec<u8>>, Invalid> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let has_shape = bytes.len() == POINT && bytes[0] == UNCOMPRESSED;
    // Parsing also checks that the point lies on the curve.
    if !has_shape || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).is_err() {
        return Err(Invalid::new("public_key", "not_a_p256_point"));
    }
    Ok(Some(bytes.to_vec()))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    use super::*;

    #[test]
    fn a_point_of_the_curve_is_a_key_and_another_is_not() {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
        let mut point = pair.public_key().as_ref().to_vec();
        assert_eq!(parse_public_key(&point), Ok(Some(point.clone())));
        point[64] ^= 1;
        assert!(parse_public_key(&point).is_err());
        assert!(parse_public_key(&point[..64]).is_err());
        assert_eq!(parse_public_key(&[]), Ok(None));
    }
}
