use std::future::Future;

use tokio_util::sync::{CancellationToken, DropGuard};

/// Tasks that end when this value is dropped.
#[derive(Debug)]
pub(crate) struct Tasks {
    spawner: Spawner,
    _end: DropGuard,
}

/// What starts such tasks; it keeps none of them alive.
#[derive(Clone, Debug)]
pub(crate) struct Spawner(CancellationToken);

impl Tasks {
    pub(crate) fn new() -> Self {
        let stop = CancellationToken::new();
        Self { spawner: Spawner(stop.clone()), _end: stop.drop_guard() }
    }

    pub(crate) fn spawner(&self) -> &Spawner {
        &self.spawner
    }
}

impl Spawner {
    pub(crate) fn spawn<F>(&self, task: F)
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let stop = self.0.clone();
        tokio::spawn(stop.run_until_cancelled_owned(task));
    }
}

/// HTTP/2 runs each stream as a task of its own; these end with the server too.
impl<F> hyper::rt::Executor<F> for Spawner
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}
