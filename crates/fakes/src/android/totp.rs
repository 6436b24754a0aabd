use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// The one-time code of RFC 6238 with SHA-1, at this moment: so many decimal digits, at most nine.
pub fn totp(key: &[u8], at_millis: u64, period_millis: u64, digits: u32) -> String {
    let counter = at_millis / period_millis.max(1);
    let code = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), &counter.to_be_bytes());
    let code = code.as_ref();
    // The last byte says where the four bytes begin that make the code (RFC 4226, section 5.3).
    let begin = usize::from(code[code.len() - 1] & 0x0f);
    let number = code[begin..begin + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let digits = digits.min(9);
    format!("{:0width$}", (number & 0x7fff_ffff) % 10_u32.pow(digits), width = digits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, appendix B, for SHA-1.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(totp(b"12345678901234567890", seconds * 1_000, 30_000, 8), code, "at {seconds}");
        }
    }
}
