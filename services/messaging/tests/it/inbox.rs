use kernel::{OperationId, Role};
use proto::messaging as pb;

use crate::world::{World, problem, with};

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_by_itself_is_answered_from_the_panel_within_a_day() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    world.phone(&ana).says("¿Hacen tortas para cumpleaños?").await;
    let threads = || async {
        let asked = with(&shop.owner, pb::ListThreadsRequest::default());
        world.client().list_threads(asked).await.unwrap().into_inner()
    };
    let found = world.until(threads, |page| page.threads.len() == 1).await;
    let thread = &found.threads[0];
    assert_eq!((thread.customer_id.clone(), thread.unread, found.unread), (ana.customer.to_string(), 1, 1));
    assert_eq!(thread.address_end, ana.phone[ana.phone.len() - 3..]);
    assert_eq!(thread.last.as_ref().unwrap().text, "¿Hacen tortas para cumpleaños?");

    let read = pb::GetThreadRequest { id: ana.customer.to_string() };
    let read = world.client().get_thread(with(&shop.owner, read)).await.unwrap().into_inner();
    assert_eq!((read.messages.len(), threads().await.unread), (1, 0));

    let operation = OperationId::generate().to_string();
    let reply = |text: &str| {
        let asked = pb::ReplyRequest {
            operation_id: operation.clone(),
            id: thread.thread_id.clone(),
            text: text.into(),
        };
        with(&shop.owner, asked)
    };
    let first = world.client().reply(reply("Sí, con dos días de aviso.")).await.unwrap().into_inner();
    let again = world.client().reply(reply("Sí, con dos días de aviso.")).await.unwrap().into_inner();
    assert_eq!(first.message.unwrap().message_id, again.message.unwrap().message_id);
    assert_eq!(problem(world.client().reply(reply("Otra cosa")).await).slug, "operation-mismatch");
    let received = world.phone(&ana).until_received(1).await.unwrap();
    assert_eq!(received[0].body, "Sí, con dos días de aviso.");

    world.wait(chrono::Duration::hours(25));
    let late = pb::ReplyRequest {
        operation_id: OperationId::generate().to_string(),
        id: thread.thread_id.clone(),
        text: "¿Sigues ahí?".into(),
    };
    assert_eq!(problem(world.client().reply(with(&shop.owner, late)).await).slug, "window-closed");
    assert_eq!(threads().await.threads[0].open_until, None);
    assert_eq!(world.twilio.accepted_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_shop_sees_nothing_and_a_stamper_neither() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = world.person(&shop);
    world.phone(&ana).says("hola, ¿abren hoy?").await;
    world.until_count("select count(*) from messaging.thread", 1).await;
    let thread = pb::GetThreadRequest { id: ana.customer.to_string() };
    assert_eq!(problem(world.client().get_thread(with(&other.owner, thread)).await).slug, "not-found");
    let threads = with(&other.owner, pb::ListThreadsRequest::default());
    assert!(world.client().list_threads(threads).await.unwrap().into_inner().threads.is_empty());
    let stamper = world.member(shop.id, Role::Stamper);
    let threads = with(&stamper, pb::ListThreadsRequest::default());
    assert_eq!(problem(world.client().list_threads(threads).await).slug, "forbidden");
    assert_eq!(
        problem(world.client().list_threads(pb::ListThreadsRequest::default()).await).slug,
        "unauthenticated"
    );
}
