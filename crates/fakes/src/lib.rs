//! The parties outside as real servers on loopback, and the phones that use them: for tests, and for the demonstration.
//!
//! [`apns::Apns`] is Apple's push service (HTTP/2, mutual TLS), [`google::Google`] is Google Wallet (OAuth, REST, save
//! links, signed callbacks), [`twilio::Twilio`] is WhatsApp by Twilio (messages, signed status callbacks, and the customers
//! who read and answer), [`webpush::WebPush`] is a push service of browsers (RFC 8030, 8291 and 8292). Each refuses what the
//! real one refuses, records what it was asked, and fails in any of the real one's ways on demand. [`iphone::IPhone`] and
//! [`android::Android`] keep passes as a phone does and say what they show; [`webpush::Browser`] shows notices. Nothing
//! here checks by sleeping: whoever waits is woken, or told after [`DEADLINE`] that nothing came. Everything ends with its
//! owner: a dropped fake leaves no task and no port behind.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub mod android;
pub mod apns;
mod chance;
pub mod google;
pub mod iphone;
mod picture;
mod server;
mod tasks;
pub mod twilio;
pub mod webpush;

pub use picture::Picture;

/// How long anything here waits for what should come at once.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// What was waited for did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing came within {} s", .0.as_secs_f32())]
pub struct Late(pub Duration);

/// Waits until `probe` finds something, looking again whenever `changes` says so.
pub(crate) async fn wait_for<T, C>(
    mut changes: tokio::sync::watch::Receiver<C>,
    within: Duration,
    mut probe: impl FnMut() -> Option<T>,
) -> Result<T, Late> {
    let search = async {
        loop {
            // Marked as seen before the look, so that a change during the look is looked at again.
            changes.borrow_and_update();
            if let Some(found) = probe() {
                return Some(found);
            }
            if changes.changed().await.is_err() {
                return None;
            }
        }
    };
    tokio::time::timeout(within, search).await.ok().flatten().ok_or(Late(within))
}

/// A lock that a panicking test does not take with it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
