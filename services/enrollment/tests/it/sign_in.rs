use chrono::Duration;
use proto::enrollment as wire;
use tonic::Code;

use crate::support::{OPERATOR_SECRET, PASSWORD, SERVICE_SECRET, World, problem, slug_of, with};

fn login(email: &str, password: &str) -> wire::LoginRequest {
    wire::LoginRequest { email: email.into(), password: password.into() }
}

async fn refresh(world: &World, token: &str) -> Result<String, tonic::Status> {
    let request = wire::RefreshRequest { refresh_token: token.into() };
    Ok(world.auth().refresh(request).await?.into_inner().tokens.unwrap().refresh_token)
}

#[tokio::test]
async fn whoever_signs_up_is_signed_in_and_can_sign_in_again() {
    let world = World::start().await;
    let shop = world.shop("Café Ñusta").await;
    assert_eq!(shop.slug, "cafe-nusta");
    assert_eq!(shop.recovery_codes.len(), 8);
    let me = world.business().get_me(with(&shop.owner, wire::GetMeRequest {})).await.unwrap().into_inner();
    assert_eq!(me.member.unwrap().role, "owner");
    assert_eq!(me.business.unwrap().business_id, shop.id);
    let email = shop.email.to_uppercase();
    assert_eq!(
        world.auth().login(login(&email, PASSWORD)).await.unwrap().into_inner().tokens.unwrap().expires_in,
        600
    );
}

#[tokio::test]
async fn an_unknown_address_is_told_what_a_wrong_password_is_told() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let wrong = world.auth().login(login(&shop.email, "otra clave larga")).await;
    let unknown = world.auth().login(login("nadie@cafe.pe", PASSWORD)).await;
    let (wrong, unknown) = (wrong.unwrap_err(), unknown.unwrap_err());
    assert_eq!((wrong.code(), wrong.details()), (unknown.code(), unknown.details()));
    assert_eq!(wrong.code(), Code::Unauthenticated);
    assert_eq!(wrong.message(), "invalid-credentials");
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_account_for_fifteen_minutes_even_for_the_right_one() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    for address in [shop.email.as_str(), "nadie@cafe.pe"] {
        for _ in 0..5 {
            assert_eq!(
                slug_of(world.auth().login(login(address, "no es la clave")).await),
                "invalid-credentials"
            );
        }
        let locked = problem(world.auth().login(login(address, PASSWORD)).await);
        assert_eq!(locked.slug, "locked");
        assert_eq!(locked.until, Some(world.clock.now() + Duration::minutes(15)));
    }
    world.wait(Duration::minutes(15));
    assert!(world.auth().login(login(&shop.email, PASSWORD)).await.is_ok());
}

#[tokio::test]
async fn a_hundred_tries_at_once_are_five_tries() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let tries = (0..20).map(|_| {
        let (mut auth, request) = (world.auth(), login(&shop.email, "no es la clave"));
        tokio::spawn(async move { slug_of(auth.login(request).await) })
    });
    let mut checked = 0;
    for answer in tries.collect::<Vec<_>>() {
        checked += usize::from(answer.await.unwrap() == "invalid-credentials");
    }
    assert!(checked <= 5, "{checked} were checked");
    assert_eq!(slug_of(world.auth().login(login(&shop.email, PASSWORD)).await), "locked");
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(world.auth().login(login(&shop.email, "no es la clave")).await.is_err());
        }
        assert!(world.auth().login(login(&shop.email, PASSWORD)).await.is_ok());
    }
}

#[tokio::test]
async fn a_refresh_token_used_again_ends_the_sign_in() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let second = refresh(&world, &shop.refresh).await.unwrap();
    let third = refresh(&world, &second).await.unwrap();
    assert_eq!(slug_of(refresh(&world, &shop.refresh).await), "unauthenticated");
    assert_eq!(slug_of(refresh(&world, &third).await), "unauthenticated");
}

#[tokio::test]
async fn a_client_whose_answer_was_lost_gets_the_same_successor_within_a_minute() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let lost = refresh(&world, &shop.refresh).await.unwrap();
    world.wait(Duration::seconds(59));
    assert_eq!(refresh(&world, &shop.refresh).await.unwrap(), lost);
    assert!(refresh(&world, &lost).await.is_ok());
}

#[tokio::test]
async fn a_retry_after_a_minute_ends_the_sign_in() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let successor = refresh(&world, &shop.refresh).await.unwrap();
    world.wait(Duration::seconds(61));
    assert!(refresh(&world, &shop.refresh).await.is_err());
    assert!(refresh(&world, &successor).await.is_err());
}

#[tokio::test]
async fn two_uses_of_one_refresh_token_at_once_give_the_same_successor() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (one, two) = tokio::join!(refresh(&world, &shop.refresh), refresh(&world, &shop.refresh));
    assert_eq!(one.unwrap(), two.unwrap());
}

#[tokio::test]
async fn a_sign_in_unused_for_thirty_days_is_over() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.wait(Duration::days(29));
    let next = refresh(&world, &shop.refresh).await.unwrap();
    world.wait(Duration::days(29));
    let next = refresh(&world, &next).await.unwrap();
    world.wait(Duration::days(30));
    assert_eq!(slug_of(refresh(&world, &next).await), "unauthenticated");
}

#[tokio::test]
async fn whoever_signs_out_cannot_refresh() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.auth().logout(with(&shop.owner, wire::LogoutRequest {})).await.unwrap();
    assert_eq!(slug_of(refresh(&world, &shop.refresh).await), "unauthenticated");
    assert_eq!(slug_of(world.auth().logout(wire::LogoutRequest {}).await), "unauthenticated");
}

#[tokio::test]
async fn a_recovery_code_sets_a_new_password_once_and_ends_old_sign_ins() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let recover = |email: &str, code: &str, password: &str| wire::RecoverRequest {
        email: email.into(),
        recovery_code: code.into(),
        new_password: password.into(),
    };
    let code = shop.recovery_codes[3].to_lowercase().replace('-', " ");
    let stranger = world.auth().recover(recover("nadie@cafe.pe", &code, "una nueva clave")).await;
    assert_eq!(slug_of(stranger), "invalid-credentials");
    world.auth().recover(recover(&shop.email, &code, "una nueva clave")).await.unwrap();
    assert!(world.auth().login(login(&shop.email, "una nueva clave")).await.is_ok());
    assert!(world.auth().login(login(&shop.email, PASSWORD)).await.is_err());
    assert!(refresh(&world, &shop.refresh).await.is_err());
    let again = world.auth().recover(recover(&shop.email, &code, "otra nueva clave")).await;
    assert_eq!(slug_of(again), "invalid-credentials");
    assert!(world.auth().recover(recover("nadie@cafe.pe", "", "")).await.is_ok());
}

#[tokio::test]
async fn only_the_operator_resets_a_member() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let request = wire::ResetMemberRequest { email: shop.email.clone() };
    assert_eq!(slug_of(world.auth().reset_member(with(&shop.owner, request.clone())).await), "forbidden");
    assert_eq!(
        slug_of(world.auth().reset_member(with(&world.service().await, request.clone())).await),
        "forbidden"
    );
    let operator = world.service_token("operator", OPERATOR_SECRET).await.unwrap();
    let given = world.auth().reset_member(with(&operator, request)).await.unwrap().into_inner();
    assert!(world.auth().login(login(&shop.email, &given.password)).await.is_ok());
    assert!(world.auth().login(login(&shop.email, PASSWORD)).await.is_err());
}

#[tokio::test]
async fn a_service_proves_itself_with_its_own_secret_and_not_with_the_operators() {
    let world = World::start().await;
    assert!(world.service_token("stamping", SERVICE_SECRET).await.is_ok());
    for (name, secret) in
        [("stamping", OPERATOR_SECRET), ("operator", SERVICE_SECRET), ("stamping", ""), ("", SERVICE_SECRET)]
    {
        assert_eq!(slug_of(world.service_token(name, secret).await), "invalid-credentials", "{name}");
    }
}

#[tokio::test]
async fn an_address_signs_up_once() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let request = wire::SignupRequest {
        business_name: "Otro".into(),
        owner_name: "Olga".into(),
        email: shop.email.to_uppercase(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let refused = problem(world.auth().signup(request.clone()).await);
    assert_eq!((refused.slug.as_str(), refused.field.as_deref()), ("conflict", Some("owner.email")));
    let short = wire::SignupRequest { password: "corta".into(), ..request };
    let refused = problem(world.auth().signup(short).await);
    assert_eq!(
        (refused.field.as_deref(), refused.reason.as_deref()),
        (Some("owner.password"), Some("too_short"))
    );
}
