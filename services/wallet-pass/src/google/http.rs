use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};

use super::Failure;

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest answer that is read. An object is a few kilobytes.
const LONGEST_ANSWER_BYTES: usize = 1 << 20;
/// The longest pause that an answer may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Why an address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("not an address")]
    Unreadable,
    /// Tokens and keys would travel in the open.
    #[error("must be https, or http on this machine")]
    Open,
}

/// Reads an address that secrets may be sent to: `https`, or `http` where it does not leave the machine.
pub(super) fn address(text: &str) -> Result<Url, AddressError> {
    let url: Url = text.parse().map_err(|_| AddressError::Unreadable)?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(AddressError::Open),
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// A client that does no more than it is told: no retries, no redirects (a token must not follow one), and a limit to
/// every wait.
pub(super) fn client(api: &Url, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .redirect(Policy::none())
        .retry(reqwest::retry::never());
    // A proxy leads out of the machine, and would not find back in.
    if is_loopback(api) { builder.no_proxy() } else { builder }.build()
}

/// The whole answer, if it is not too long.
pub(super) async fn read(mut answer: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unanswered)? {
        if bytes.len() + chunk.len() > LONGEST_ANSWER_BYTES {
            return Err(Failure::Refused {
                status: answer.status().as_u16(),
                reason: "answerTooLong".into(),
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// No answer, or not all of it. Nobody knows whether the request was done. The error itself is dropped: it may name
/// an address with ids in it.
pub(super) fn unanswered(error: reqwest::Error) -> Failure {
    tracing::debug!(
        timeout = error.is_timeout(),
        connect = error.is_connect(),
        "no answer from Google Wallet"
    );
    Failure::Again { after: None }
}

/// The pause an answer asks for, in seconds (RFC 9110 §10.2.3). The other form, a date, is not worth the reading.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_the_machine_by_https_only() {
        for good in [
            "https://walletobjects.googleapis.com",
            "http://127.0.0.1:8080",
            "http://[::1]/",
            "http://localhost",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        assert_eq!(address("http://walletobjects.googleapis.com"), Err(AddressError::Open));
        assert_eq!(address("http://localhost.example.com"), Err(AddressError::Open));
        assert_eq!(address("ftp://127.0.0.1"), Err(AddressError::Open));
        assert_eq!(address("walletobjects"), Err(AddressError::Unreadable));
    }

    #[test]
    fn a_pause_is_read_and_has_an_end() {
        let pause = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(pause("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause("99999999"), Some(LONGEST_PAUSE));
        assert_eq!(pause("Fri, 27 Nov 2026 05:00:00 GMT"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
