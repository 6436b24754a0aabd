//! Apple does not answer for one phone: the others hear of their cards meanwhile.

use std::time::Duration;

use e2e::{Shop, Wallets, key, soon};
use fakes::apns::Answer;

/// Longer than a push is waited for, and the pause after it.
const AFTER_A_TIMEOUT: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_push_that_is_never_answered_holds_up_nobody_elses_and_is_tried_again() {
    let wallets = Wallets::start().await;
    let world = wallets.platform();
    let shop = Shop::open(&world).await;
    let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);
    // What changed the shop before would be pushed to a pass that is made meanwhile.
    world.wallets_hear().await;
    let (of_ana, her_pass) = wallets.iphone_with(&shop, &ana).await;
    let (of_eva, evas_pass) = wallets.iphone_with(&shop, &eva).await;
    soon("nothing left to tell", async || {
        let page = shop.get("/deliveries").send().await.ok(200);
        page["items"].as_array().is_some_and(Vec::is_empty).then_some(())
    })
    .await;

    let before = wallets.apns.pushes().len();
    wallets.apns.answer_next(Answer::Hang);
    shop.stamp(&ana.card, key()).send().await.ok(201);
    wallets.apns.until_pushes(before + 1).await.unwrap();
    for stamps in ["1 / 10", "2 / 10"] {
        shop.stamp(&eva.card, key()).send().await.ok(201);
        assert!(of_eva.until(&evas_pass, |pass| pass.stamps() == Some(stamps)).await.is_ok(), "{stamps}");
    }
    let waited_for: bool = sqlx::query_scalar(
        "select attempts = 0 and leased_until is not null from wallet_pass.push where card_id = $1::uuid",
    )
    .bind(&ana.card)
    .fetch_one(&mut world.database().await)
    .await
    .unwrap();
    assert!(waited_for, "Eva's phone heard of it only after Ana's was given up");
    let told = of_ana.until_within(&her_pass, AFTER_A_TIMEOUT, |pass| pass.stamps() == Some("1 / 10")).await;
    assert!(told.is_ok(), "not tried again");
    assert_eq!(wallets.apns.mistakes(), Vec::<String>::new());
}
