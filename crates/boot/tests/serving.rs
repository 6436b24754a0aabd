//! A service that is told to stop while it is called.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use boot::{Link, Running, Stop};
use http_body_util::BodyExt;
use tokio::sync::{Notify, mpsc, oneshot};
use tonic::body::Body;
use tonic::service::Routes;
use tower::ServiceExt;

#[tokio::test]
async fn a_task_that_calls_wait_for_outlives_the_last_of_them() {
    let (stop, answered) = (Stop::new(), Stop::new());
    let (to_task, mut asked) = mpsc::channel::<oneshot::Sender<&str>>(1);
    let has_come = Arc::new(Notify::new());

    let (stopped, come) = (stop.clone(), Arc::clone(&has_come));
    let call = move || {
        let (stopped, come, to_task) = (stopped.clone(), Arc::clone(&come), to_task.clone());
        async move {
            come.notify_one();
            stopped.cancelled().await;
            // Other tasks hear that they are to stop before this call asks for anything.
            tokio::task::yield_now().await;
            let (reply, answer) = oneshot::channel();
            to_task.try_send(reply).expect("a task that still takes work");
            answer.await.expect("its answer")
        }
    };
    let router = Router::new().route("/call", get(call));
    let mut running = Running::new("test", Routes::from(router));
    running.answered = answered.clone();
    running.tasks.spawn(async move {
        loop {
            tokio::select! {
                biased;
                () = answered.cancelled() => return Ok(()),
                Some(reply) = asked.recv() => reply.send("done").expect("a caller"),
            }
        }
    });

    let listener = boot::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let link = Link::to(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let served = tokio::spawn(boot::serve(listener, running, stop.clone()));
    let request = http::Request::get("/call").body(Body::empty()).unwrap();
    let calling = tokio::spawn(link.oneshot(request));
    has_come.notified().await;
    stop.cancel();

    let answer = calling.await.unwrap().unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "done");
    served.await.unwrap().unwrap();
}
