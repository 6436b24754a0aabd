use boot::auth::Verifier;
use chrono::{Duration, Utc};
use kernel::Principal;
use proto::enrollment as wire;

use crate::support::{World, slug_of, with};

async fn jwks(world: &World) -> String {
    world.auth().get_jwks(wire::GetJwksRequest {}).await.unwrap().into_inner().jwks_json
}

#[tokio::test]
async fn others_verify_tokens_by_the_public_keys_alone() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let verifier = Verifier::with_keys(&jwks(&world).await).unwrap();
    let claims = verifier.verify(&shop.owner).await.unwrap();
    assert!(
        matches!(&claims.principal, Principal::Member { business, .. } if business.to_string() == shop.id)
    );
    assert!(claims.exp - Utc::now().timestamp() <= 600 && claims.family.is_some());
    let mut forged = shop.owner.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    assert!(verifier.verify(&forged).await.is_err());
    assert_eq!(
        slug_of(world.business().get_me(with(&forged, wire::GetMeRequest {})).await),
        "unauthenticated"
    );
}

#[tokio::test]
async fn the_next_key_is_shown_before_it_signs_and_the_last_one_after() {
    let world = World::start().await;
    let first = world.shop("Uno").await;
    world.wait(Duration::days(90));
    world.app.tend_keys().await.unwrap();
    world.app.tend_keys().await.unwrap();
    assert_eq!(jwks(&world).await.matches("kid").count(), 2);
    let early = world.shop("Dos").await;
    world.wait(Duration::minutes(11));
    world.app.tend_keys().await.unwrap();
    let late = world.shop("Tres").await;
    let key_of = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_eq!(key_of(&first.owner), key_of(&early.owner));
    assert_ne!(key_of(&first.owner), key_of(&late.owner));
    let verifier = Verifier::with_keys(&jwks(&world).await).unwrap();
    for shop in [&first, &early, &late] {
        assert!(verifier.verify(&shop.owner).await.is_ok());
    }
    world.wait(Duration::days(2));
    world.app.tend_keys().await.unwrap();
    assert_eq!(jwks(&world).await.matches("kid").count(), 1);
}

#[tokio::test]
async fn what_is_over_is_removed() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.till(&shop).await;
    sqlx::query("insert into inbox (consumer, event_id, received_at) values ('x', gen_random_uuid(), $1)")
        .bind(world.clock.now())
        .execute(&world.pool)
        .await
        .unwrap();
    world.app.purge().await.unwrap();
    assert_eq!(world.count("select count(*) from inbox").await, 1);
    world.wait(Duration::days(46));
    world.app.purge().await.unwrap();
    for statement in [
        "select count(*) from inbox",
        "select count(*) from pairing",
        "select count(*) from session",
        "select count(*) from refresh_token",
    ] {
        assert_eq!(world.count(statement).await, 0, "{statement}");
    }
}
