//! The fakes refuse what the real ones refuse and accept what those accept, and the phones do what phones do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod android;
mod apns;
mod callbacks;
mod google;
mod iphone;
mod passkit;
mod support;
mod twilio;
mod twilio_faults;
mod twilio_webhooks;
mod webpush;
