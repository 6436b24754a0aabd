//! Answers that are too long for one message, told part by part.

use std::future::Future;

use futures::stream::{self, BoxStream, Stream, StreamExt, TryChunksError, TryStreamExt};
use tokio::sync::mpsc;

/// Parts that may wait for whoever listens.
const AHEAD: usize = 2;

/// Whoever listens to an answer in parts.
pub struct Listener<T, E>(mpsc::Sender<Result<Vec<T>, E>>);

impl<T, E> Listener<T, E> {
    /// Tells these rows, `of_a_part` at a time, for as long as somebody listens.
    pub async fn tell<S>(
        &self,
        rows: impl Stream<Item = Result<T, S>> + Unpin,
        of_a_part: usize,
    ) -> Result<(), E>
    where
        E: From<S>,
    {
        let mut parts = rows.try_chunks(of_a_part);
        while let Some(part) = parts.try_next().await.map_err(|TryChunksError(_, error)| error)? {
            if self.0.send(Ok(part)).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// What `tell` tells its listener; an error of it comes last.
pub fn in_parts<T, E, F>(tell: impl FnOnce(Listener<T, E>) -> F) -> BoxStream<'static, Result<Vec<T>, E>>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
{
    let (to_caller, mut parts) = mpsc::channel(AHEAD);
    let told = tell(Listener(to_caller.clone()));
    tokio::spawn(async move {
        if let Err(error) = told.await {
            // A caller that has gone away needs no answer.
            let _ = to_caller.send(Err(error)).await;
        }
    });
    stream::poll_fn(move |context| parts.poll_recv(context)).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rows_come_in_parts_and_an_error_comes_after_what_was_read_before_it() {
        let rows = stream::iter([Ok(1), Ok(2), Ok(3)]);
        let parts =
            in_parts(
                move |listener: Listener<i32, String>| async move { listener.tell::<String>(rows, 2).await },
            );
        assert_eq!(parts.collect::<Vec<_>>().await, [Ok(vec![1, 2]), Ok(vec![3])]);

        let rows = stream::iter([Ok(1), Ok(2), Err("gone".to_owned())]);
        let parts =
            in_parts(
                move |listener: Listener<i32, String>| async move { listener.tell::<String>(rows, 2).await },
            );
        assert_eq!(parts.collect::<Vec<_>>().await, [Ok(vec![1, 2]), Err("gone".to_owned())]);
    }
}
