//! Credentials that are missing or broken turn off what needs them, say so, and keep nobody from stamping.

use e2e::{Shop, World, key};

fn broken() -> Vec<(&'static str, String)> {
    // A file that is there, can be read, and was never a certificate.
    let p12 = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    vec![
        ("PROVIDERS", "live".into()),
        ("WALLET_PASS__APPLE__PASS_TYPE", "pass.pe.sello.prueba".into()),
        ("WALLET_PASS__APPLE__TEAM", "SELLOTEST1".into()),
        ("WALLET_PASS__APPLE__P12", p12.into()),
        ("WALLET_PASS__APPLE__P12_PASSWORD", "wrong".into()),
        ("WALLET_PASS__GOOGLE__ISSUER_ID", "3388000000000000001".into()),
        ("WALLET_PASS__GOOGLE__SERVICE_ACCOUNT", "/nowhere/at/all.json".into()),
        ("WALLET_PASS__WEB__KEY", "no key".into()),
    ]
}

#[tokio::test]
async fn a_broken_certificate_stops_its_wallet_and_nothing_else() {
    let world = World::start_with(&broken());
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.stamp(&ana.card, key()).send().await.ok(201);
    let page = shop.card_page(&ana).await;
    assert!(page["apple_url"].is_null() && page["google_url"].is_null(), "{page}");
    assert!(page["push_key"].is_null(), "{page}");
    let wallets = shop.get("/wallets").send().await.ok(200);
    for wallet in wallets["items"].as_array().expect("wallets") {
        assert_eq!(wallet["stopped"], "credentials", "{wallet}");
    }
    let log = world.log();
    for wallet in ["Apple Wallet", "Google Wallet", "web push"] {
        assert!(log.contains(wallet), "{log}");
    }
    assert!(!log.contains("wrong"), "the log tells a password");
}

#[tokio::test]
async fn what_is_off_is_said_at_the_start() {
    let world = World::start_with(&[("PROVIDERS", "off".into())]);
    assert!(world.said().contains("Apple Wallet, Google Wallet, WhatsApp"), "{}", world.said());
    let shop = Shop::open(&world).await;
    for wallet in shop.get("/wallets").send().await.ok(200)["items"].as_array().expect("wallets") {
        assert_eq!(wallet["on"], false);
    }
}
