//! Templates that the operator adds and judges: what is paused or rejected is written with by nobody, from that moment on.

use chrono::Utc;
use kernel::CampaignId;
use proto::messaging as pb;
use tonic::{Response, Status};

use crate::world::{World, problem, with};

/// What the messages of these tests are written with.
const NEWS: &str = "one_stamp_left";

/// The operator says how WhatsApp stands to a template, in Spanish.
async fn judge(
    world: &World,
    name: &str,
    (status, reason): (&str, &str),
) -> Result<Response<pb::JudgeTemplateResponse>, Status> {
    let judgement = pb::JudgeTemplateRequest {
        name: name.into(),
        language: "es".into(),
        status: status.into(),
        content_sid: String::new(),
        reason: reason.into(),
    };
    world.client().judge_template(world.operator(judgement)).await
}

/// A template as everybody is told of it.
async fn told(world: &World, name: &str, language: &str) -> pb::Template {
    let asked = world.service(pb::ListTemplatesRequest::default());
    let all = world.client().list_templates(asked).await.unwrap().into_inner().templates;
    let found = all.into_iter().find(|known| known.name == name && known.language == language);
    found.unwrap_or_else(|| panic!("no template {name} in {language}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_added_approved_paused_rejected_and_approved_again() {
    let world = World::start().await;
    let variable = |name: &str, sample: &str| pb::Variable { name: name.into(), sample: sample.into() };
    let added = pb::Template {
        name: "tuesday".into(),
        language: "es".into(),
        category: "marketing".into(),
        body: "Hola {{1}}, los martes en {{2}} hay doble sello. Responde BAJA y no te escribimos más.".into(),
        variables: vec![variable("first_name", "Ana"), variable("business", "Café Tostado")],
        status: "pending".into(),
        ..Default::default()
    };
    let put = pb::SetTemplateRequest { template: Some(added.clone()) };
    world.client().set_template(world.operator(put)).await.unwrap();
    assert_eq!(told(&world, "tuesday", "es").await, added);

    let refused = problem(judge(&world, "tuesday", ("approved", "")).await);
    assert_eq!(
        (refused.field.as_deref(), refused.reason.as_deref()),
        (Some("content_sid"), Some("required"))
    );
    let sid = format!("HX{}", "a1".repeat(16));
    let approval = pb::JudgeTemplateRequest {
        name: "tuesday".into(),
        language: "es".into(),
        status: "approved".into(),
        content_sid: sid.clone(),
        reason: String::new(),
    };
    world.client().judge_template(world.operator(approval)).await.unwrap();
    let approved = pb::Template { status: "approved".into(), content_sid: sid, ..added };
    assert_eq!(told(&world, "tuesday", "es").await, approved);

    judge(&world, "tuesday", ("paused", "Meta bajó su calidad")).await.unwrap();
    let paused =
        pb::Template { status: "paused".into(), reason: "Meta bajó su calidad".into(), ..approved.clone() };
    assert_eq!(told(&world, "tuesday", "es").await, paused);
    let refused = problem(judge(&world, "tuesday", ("rejected", "")).await);
    assert_eq!((refused.field.as_deref(), refused.reason.as_deref()), (Some("reason"), Some("required")));
    judge(&world, "tuesday", ("rejected", "parece spam")).await.unwrap();
    assert_eq!(told(&world, "tuesday", "es").await.reason, "parece spam");
    judge(&world, "tuesday", ("approved", "")).await.unwrap();
    assert_eq!(told(&world, "tuesday", "es").await, approved);

    let pending = problem(judge(&world, "tuesday", ("pending", "")).await);
    assert_eq!(pending.field.as_deref(), Some("status"));
    assert_eq!(problem(judge(&world, "wednesday", ("paused", "")).await).slug, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_paused_template_nothing_is_sent_and_it_is_told_and_costs_nothing() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 3);
    // In English it is another text, which is not paused.
    judge(&world, NEWS, ("paused", "Meta bajó su calidad")).await.unwrap();
    assert_eq!(told(&world, NEWS, "en").await.status, "approved");
    let sends = world.ask(&shop, CampaignId::generate(), &people).await;
    for send in &sends {
        let story = world.until_told(*send, "failed").await;
        assert_eq!(story, [("failed".to_owned(), "template_paused".to_owned())]);
    }
    let account = world.account(&shop).await;
    assert_eq!((world.twilio.requests().len(), account.daily_spent_cents, account.dead), (0, 0, 3));

    // Once it may be used again, the owner has them tried again.
    judge(&world, NEWS, ("approved", "")).await.unwrap();
    let again = pb::RetryDeliveryRequest::default();
    let again = world.client().retry_delivery(with(&shop.owner, again)).await.unwrap();
    assert_eq!(again.into_inner().retried, 3);
    for send in sends {
        world.until_told(send, "delivered").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_rejected_template_nothing_is_sent_and_nothing_can_be_tried_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 2);
    judge(&world, NEWS, ("rejected", "parece spam")).await.unwrap();
    for send in world.ask(&shop, CampaignId::generate(), &people).await {
        let story = world.until_told(send, "failed").await;
        assert_eq!(story, [("failed".to_owned(), "template_rejected".to_owned())]);
    }
    assert_eq!((world.twilio.requests().len(), world.account(&shop).await.dead), (0, 2));
    let again = pb::RetryDeliveryRequest::default();
    let again = world.client().retry_delivery(with(&shop.owner, again)).await.unwrap();
    assert_eq!(again.into_inner().retried, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_template_is_paused_in_the_middle_of_a_campaign_nothing_more_is_handed_over() {
    let world = World::with(3, 80, 0).await;
    let (shop, other) = (world.shop("Café Luna").await, world.shop("Café Sol").await);
    let people = world.people(&shop, 160);
    world.ask(&shop, CampaignId::generate(), &people).await;
    world.twilio.until_accepted(10).await.unwrap();
    judge(&world, NEWS, ("paused", "")).await.unwrap();
    let answered = Utc::now();
    let handed = world.twilio.requests().len();
    assert!(handed < 160, "all had gone before the pause");
    // What had gone arrives, all that had not has failed for it, and nothing waits.
    world.until_count("select count(*) from messaging.queue", 0).await;
    let requests = world.twilio.requests();
    assert_eq!(world.called_after(answered).await, 0, "something went after the pause");
    let paused = world
        .count(
            "select count(*) from messaging.message where status = 'failed' and reason = 'template_paused'",
        )
        .await;
    assert_eq!(usize::try_from(paused).unwrap() + requests.len(), 160);
    assert_eq!(world.account(&shop).await.dead, paused);
    // What is said in other words goes all the while.
    let eva = world.person(&other);
    let ready = world.ask_as(&other, CampaignId::generate(), std::slice::from_ref(&eva), "utility").await;
    world.until_told(ready[0], "delivered").await;
}
