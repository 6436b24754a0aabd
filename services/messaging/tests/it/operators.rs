use prost::Message as _;
use proto::enrollment as en;
use proto::messaging as pb;

use crate::peers::Person;
use crate::quality::until_braked;
use crate::world::{Shop, World, problem, with};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_lets_send_and_sets_senders_and_templates() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    let approve = pb::ApproveBusinessRequest { business_id: shop.id.to_string(), ..Default::default() };
    let mut client = world.client();
    assert_eq!(problem(client.approve_business(with(&shop.owner, approve.clone())).await).slug, "forbidden");
    assert_eq!(problem(client.approve_business(world.service(approve.clone())).await).slug, "forbidden");
    assert_eq!(problem(client.approve_business(approve).await).slug, "unauthenticated");
    let stop = pb::StopBusinessRequest { business_id: shop.id.to_string() };
    assert_eq!(problem(client.stop_business(with(&shop.owner, stop)).await).slug, "forbidden");
    let sender = pb::SetSenderRequest::default();
    assert_eq!(problem(client.set_sender(with(&shop.owner, sender)).await).slug, "forbidden");
    let template = pb::SetTemplateRequest {
        template: Some(pb::Template {
            language: "es".into(),
            category: "marketing".into(),
            status: "pending".into(),
            ..Default::default()
        }),
    };
    assert_eq!(problem(client.set_template(with(&shop.owner, template)).await).slug, "forbidden");
    assert_eq!(
        problem(client.list_senders(with(&shop.owner, pb::ListSendersRequest {})).await).slug,
        "forbidden"
    );
    let weight = pb::SetWeightRequest { business_id: shop.id.to_string(), weight: 100 };
    assert_eq!(problem(client.set_weight(with(&shop.owner, weight.clone())).await).slug, "forbidden");
    assert_eq!(problem(client.set_weight(world.service(weight)).await).slug, "forbidden");
    let accounts = pb::ListAccountsRequest::default();
    assert_eq!(problem(client.list_accounts(with(&shop.owner, accounts.clone())).await).slug, "forbidden");
    assert_eq!(problem(client.list_accounts(world.service(accounts)).await).slug, "forbidden");
    let judgement = pb::JudgeTemplateRequest {
        name: "news".into(),
        language: "es".into(),
        status: "paused".into(),
        ..Default::default()
    };
    assert_eq!(problem(client.judge_template(with(&shop.owner, judgement.clone())).await).slug, "forbidden");
    assert_eq!(problem(client.judge_template(world.service(judgement)).await).slug, "forbidden");
    let hold = pb::HoldCampaignRequest {
        business_id: shop.id.to_string(),
        campaign_id: uuid::Uuid::now_v7().to_string(),
        state: "paused".into(),
    };
    assert_eq!(problem(client.hold_campaign(with(&shop.owner, hold)).await).slug, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_field() {
    let world = World::start().await;
    let mut client = world.client();
    let sender = |change: pb::SetSenderRequest| world.operator(change);
    let usual = pb::SetSenderRequest { phone: "+51987654321".into(), ..Default::default() };
    for (change, field, reason) in [
        (pb::SetSenderRequest { tier: Some(1_000), ..usual.clone() }, "tier", "unknown"),
        (
            pb::SetSenderRequest { messages_per_second: Some(90), ..usual.clone() },
            "messages_per_second",
            "unknown",
        ),
        (pb::SetSenderRequest::default(), "phone", "required"),
        (pb::SetSenderRequest { phone: "+51900000001".into(), ..usual.clone() }, "phone", "taken"),
    ] {
        let refused = problem(client.set_sender(sender(change)).await);
        assert_eq!((refused.field.as_deref(), refused.reason.as_deref()), (Some(field), Some(reason)));
    }
    let template = pb::Template {
        name: "news".into(),
        language: "es".into(),
        category: "marketing".into(),
        body: "Hola {{1}}".into(),
        status: "approved".into(),
        ..Default::default()
    };
    let refused = problem(
        client.set_template(world.operator(pb::SetTemplateRequest { template: Some(template) })).await,
    );
    assert_eq!(refused.field.as_deref(), Some("template.variables"));
}

/// The accounts that a listing tells, page by page.
async fn accounts(world: &World, asked: pb::ListAccountsRequest) -> Vec<pb::Account> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = pb::ListAccountsRequest { cursor, ..asked.clone() };
        let page = world.client().list_accounts(world.operator(page)).await.unwrap().into_inner();
        assert!(asked.limit == 0 || page.accounts.len() <= usize::try_from(asked.limit).unwrap());
        found.extend(page.accounts);
        if page.next_cursor.is_empty() {
            return found;
        }
        cursor = page.next_cursor;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_businesses_are_listed_by_how_they_stand_the_oldest_first() {
    let world = World::start().await;
    let mut shops = Vec::new();
    for name in ["Uno", "Dos", "Tres", "Cuatro"] {
        let shop = world.shop_unapproved(name);
        let created = en::Event {
            business_id: shop.id.to_string(),
            fact: Some(en::event::Fact::BusinessCreated(en::BusinessCreated {
                slug: name.to_lowercase(),
                time_zone: "America/Lima".into(),
            })),
            ..Default::default()
        };
        let subject = format!("sello.v1.{}.enrollment.business_created", shop.id);
        world.tell(subject, created.encode_to_vec()).await;
        shops.push(shop);
    }
    let of = async |status: &str| {
        let asked = pb::ListAccountsRequest { status: status.into(), limit: 2, ..Default::default() };
        let found = accounts(&world, asked).await;
        found.into_iter().map(|account| account.business_id).collect::<Vec<_>>()
    };
    let ids: Vec<String> = shops.iter().map(|shop| shop.id.to_string()).collect();
    assert_eq!((of("waiting").await, of("approved").await.len()), (ids.clone(), 0));

    world.approve(&shops[1], 2_000, 30).await;
    world.approve(&shops[2], 1_000, 0).await;
    let budget = pb::SetBudgetRequest { daily_budget_cents: 500, monthly_budget_cents: 9_000 };
    world.client().set_budget(with(&shops[1].owner, budget)).await.unwrap();
    let stop = pb::StopBusinessRequest { business_id: ids[2].clone() };
    world.client().stop_business(world.operator(stop)).await.unwrap();
    assert_eq!(of("").await, ids);
    assert_eq!(of("waiting").await, [ids[0].clone(), ids[3].clone()]);
    assert_eq!((of("approved").await, of("stopped").await), (ids[1..2].to_vec(), ids[2..3].to_vec()));

    let asked = pb::ListAccountsRequest { status: "approved".into(), ..Default::default() };
    let account = accounts(&world, asked).await.remove(0);
    assert_eq!((account.daily_limit_cents, account.daily_budget_cents), (2_000, 500));
    assert_eq!((account.monthly_limit_cents, account.monthly_budget_cents), (1_000_000, 9_000));
    assert_eq!((account.weight, account.sender.as_str()), (30, "+51900000001"));
    assert_eq!((account.sender_id.as_str(), account.sender_state.as_str()), (world.sender.as_str(), "none"));
    let unknown = pb::ListAccountsRequest { status: "gone".into(), ..Default::default() };
    let refused = problem(world.client().list_accounts(world.operator(unknown)).await);
    assert_eq!(refused.field.as_deref(), Some("status"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weight_is_given_with_the_approval_or_later_and_another_approval_leaves_it() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    let weight = async || accounts(&world, pb::ListAccountsRequest::default()).await[0].weight;
    let set = async |weight: i32| {
        let asked = pb::SetWeightRequest { business_id: shop.id.to_string(), weight };
        world.client().set_weight(world.operator(asked)).await
    };
    assert_eq!(problem(set(20).await).slug, "not-found");
    world.approve(&shop, 1_000, 0).await;
    assert_eq!(weight().await, 10, "the usual one");
    set(40).await.unwrap();
    world.approve(&shop, 2_000, 0).await;
    assert_eq!(weight().await, 40, "more money is no other share");
    world.approve(&shop, 2_000, 25).await;
    assert_eq!(weight().await, 25);
    for wrong in [0, -1, 101] {
        let refused = problem(set(wrong).await);
        assert_eq!(
            (refused.field.as_deref(), refused.reason.as_deref()),
            (Some("weight"), Some("out_of_range"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_says_what_it_costs_and_how_many_the_tier_lets_through() {
    let world = World::with(1, 80, 250).await;
    let shop = world.shop("Café").await;
    let quote =
        pb::QuoteRequest { business_id: shop.id.to_string(), category: "marketing".into(), count: 100 };
    let quote = world.client().quote(world.service(quote)).await.unwrap().into_inner();
    assert_eq!((quote.amount_cents, quote.currency.as_str(), quote.tier_left), (2_900, "PEN", 238));
    assert_eq!((quote.status.as_str(), quote.held_by.as_str(), quote.prices_of.len()), ("approved", "", 10));
    let bad = pb::QuoteRequest { business_id: shop.id.to_string(), category: "spam".into(), count: 1 };
    assert_eq!(problem(world.client().quote(world.service(bad)).await).field.as_deref(), Some("category"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_are_listed_with_their_tier_and_the_plan() {
    let world = World::with(1, 400, 2_000).await;
    world.shop("Café").await;
    let senders = world.client().list_senders(world.operator(pb::ListSendersRequest {})).await.unwrap();
    let senders = senders.into_inner().senders;
    assert_eq!((senders.len(), senders[0].businesses, senders[0].messages_per_second), (1, 1, 400));
    let tier = senders[0].tier.unwrap();
    assert_eq!((tier.limit, tier.used, tier.days_to_half), (2_000, 0, -1));
    assert!(tier.planned_per_day > 0 && senders[0].circuit == "closed");
    let address = pb::GetSenderAddressRequest { business_id: uuid::Uuid::now_v7().to_string() };
    let address = world.client().get_sender_address(world.service(address)).await.unwrap().into_inner();
    assert_eq!(address.phone, "+51900000001", "one number is for everybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_built_in_template_is_whole() {
    let world = World::start().await;
    let found =
        world.client().list_templates(world.service(pb::ListTemplatesRequest::default())).await.unwrap();
    let found = found.into_inner().templates;
    let names: std::collections::BTreeSet<_> = found.iter().map(|template| template.name.as_str()).collect();
    for name in ["win_back", "birthday", "one_stamp_left", "reward_expiring", "welcome", "feedback", "news"] {
        assert!(names.contains(name), "{name}");
    }
    assert_eq!(found.len(), names.len() * 2, "each in both languages");
    for template in found {
        assert_eq!(template.status, "approved", "under a pretend provider");
        // What the operator would write is accepted as it stands.
        let name = template.name.clone();
        let put = pb::SetTemplateRequest { template: Some(template) };
        assert!(world.client().set_template(world.operator(put)).await.is_ok(), "{name}");
    }
}

/// A shop whose news has just reached sixty.
async fn sixty_were_told() -> (World, Shop, Vec<Person>) {
    let world = World::with(1, 400, 0).await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 60);
    world.ask(&shop, kernel::CampaignId::generate(), &people).await;
    world.until_count("select count(*) from messaging.message where delivered_at is not null", 60).await;
    world.wait(chrono::Duration::seconds(10));
    (world, shop, people)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_customers_are_tired_of_is_slowed_and_stopped_and_told_why() {
    let (world, shop, people) = sixty_were_told().await;
    for (braked, tired) in [("slowed", &people[..3]), ("stopped", &people[3..5])] {
        for person in tired {
            world.phone(person).says("BAJA").await;
        }
        until_braked(&world, &shop, braked, "opt_outs").await;
    }
    let account = world.account(&shop).await;
    assert_eq!(account.held_by, "quality");
    let quality = account.quality.unwrap();
    assert_eq!(
        (quality.state.as_str(), quality.reason.as_str(), quality.opted_out),
        ("stopped", "opt_outs", 5)
    );
    // The operator finds it among those that are braked, with the counts that it is judged by.
    world.shop("Café Sol").await;
    let braked = pb::ListAccountsRequest { is_braked: true, ..Default::default() };
    let braked = accounts(&world, braked).await;
    assert_eq!((braked.len(), braked[0].business_id.clone()), (1, shop.id.to_string()));
    assert_eq!(braked[0].quality.as_ref(), Some(&quality));
    assert_eq!((quality.delivered, quality.blocked), (60, 0));
    let told: Vec<String> = world
        .facts()
        .await
        .into_iter()
        .filter_map(|(_, fact)| match fact {
            pb::event::Fact::SendingHeld(held) if held.reason == "opt_outs" => Some(held.state),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["slowed", "stopped"]);
    // Seven days later it is forgotten.
    world.wait(chrono::Duration::days(8));
    assert_eq!(world.account(&shop).await.quality.unwrap().opted_out, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_says_it_five_times_is_one_who_is_tired_of_it() {
    let (world, shop, people) = sixty_were_told().await;
    for _ in 0..5 {
        world.phone(&people[0]).says("BAJA").await;
        world.until_count("select count(*) from messaging.inbound where next_at is not null", 0).await;
    }
    let quality = world.account(&shop).await.quality.unwrap();
    assert_eq!((quality.opted_out, quality.state.as_str()), (1, "none"));
    let told = world.facts().await.into_iter();
    assert_eq!(told.filter(|(_, fact)| matches!(fact, pb::event::Fact::OptedOut(_))).count(), 1);
}
