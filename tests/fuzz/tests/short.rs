//! Whatever strangers send, reading it ends in a value or in a refusal. A few thousand tries; `make fuzz` goes on for longer.

use fuzz::{TARGETS, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Tries of each reader.
const TRIES: u32 = 1_500;

/// How bytes that are meant are spoiled: at `at` (a share of their length), something is changed, lost, doubled or put in.
#[derive(Clone, Debug)]
enum Spoil {
    Change(f64, u8),
    Lose(f64, usize),
    Double(f64, usize),
    PutIn(f64, Vec<u8>),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    // What means something to one of the readers, and bytes that mean nothing.
    let known = prop::sample::select(vec![
        &b"\n"[..],
        b"\0",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\\",
        b",",
        b";",
        b"=",
        b"&",
        b"%",
        b".",
        b"-1",
        b"99999999999999999999",
        b"\xff",
        b"\xf0\x9f\x98\x80",
        b"\xe2\x80\xae",
        b"null",
        b"{\"not\":",
        b"<svg>",
        b"<use href='#a'/>",
        b"<script/>",
        b"'\"",
        b"{first_name}",
        b"{{1}}",
    ]);
    let put_in = prop_oneof![known.prop_map(<[u8]>::to_vec), vec(any::<u8>(), 1..8)];
    prop_oneof![
        (0.0..1.0, any::<u8>()).prop_map(|(at, byte)| Spoil::Change(at, byte)),
        (0.0..1.0, 1..64_usize).prop_map(|(at, many)| Spoil::Lose(at, many)),
        (0.0..1.0, 1..64_usize).prop_map(|(at, many)| Spoil::Double(at, many)),
        (0.0..1.0, put_in).prop_map(|(at, bytes)| Spoil::PutIn(at, bytes)),
    ]
}

fn spoiled(mut bytes: Vec<u8>, spoils: &[Spoil]) -> Vec<u8> {
    for spoil in spoils {
        let place = |share: &f64| ((bytes.len() as f64) * share) as usize;
        match spoil {
            Spoil::Change(at, byte) => {
                let at = place(at);
                if let Some(place) = bytes.get_mut(at) {
                    *place = *byte;
                }
            }
            Spoil::Lose(at, many) => {
                let at = place(at);
                bytes.drain(at..bytes.len().min(at + many));
            }
            Spoil::Double(at, many) => {
                let at = place(at);
                let part = bytes[at..bytes.len().min(at + many)].to_vec();
                bytes.splice(at..at, part);
            }
            Spoil::PutIn(at, more) => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
            }
        }
    }
    bytes
}

fn throw(target: &Target) {
    let seeds = (target.seeds)();
    // What takes nothing that is meant is not tried by what is not.
    let taken = seeds.iter().filter(|seed| (target.read)(seed)).count();
    assert!(taken > 0 && taken * 2 >= seeds.len(), "{} takes {taken} of {} seeds", target.name, seeds.len());
    let from_seed =
        (prop::sample::select(seeds), vec(spoil(), 1..6)).prop_map(|(seed, spoils)| spoiled(seed, &spoils));
    let bytes = prop_oneof![4 => from_seed, 1 => vec(any::<u8>(), 0..300)];
    let config = Config { cases: TRIES, failure_persistence: None, ..Config::default() };
    let thrown = TestRunner::new(config).run(&bytes, |bytes| {
        (target.read)(&bytes);
        Ok(())
    });
    assert!(
        thrown.is_ok(),
        "{}: {}",
        target.name,
        thrown.err().map(|error| error.to_string()).unwrap_or_default()
    );
}

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).expect("a reader of that name")
}

#[test]
fn whatever_a_camera_reads() {
    throw(target("code"));
}

#[test]
fn whatever_is_uploaded_as_a_list_of_customers() {
    throw(target("customers"));
}

#[test]
fn whatever_is_told_as_twilio() {
    throw(target("webhook"));
}

#[test]
fn whatever_a_phone_or_google_tells_of_a_pass() {
    throw(target("passkit"));
}

#[test]
fn whatever_is_asked_of_customers() {
    throw(target("audience"));
}

#[test]
fn whatever_a_campaign_says() {
    throw(target("wording"));
}

#[test]
fn whatever_is_uploaded_as_a_logo() {
    throw(target("logo"));
}
