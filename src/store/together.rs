//! Questions of many callers that one statement answers: whoever comes while one is under way waits for the next.

use std::time::Duration;

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tokio_util::task::TaskTracker;

use super::{StoreError, batch::ask};

/// Most questions in one statement.
const MOST: usize = 256;
/// Most that wait; more are refused.
const QUEUE: usize = 4096;
/// Least time from the beginning of one statement to that of the next: callers that come close together share one. Who asks
/// alone waits for nothing, unless it asks again within that time.
const APART: Duration = Duration::from_millis(1);

type Asked<Q, A> = (Q, oneshot::Sender<Result<A, StoreError>>);

/// Where such questions are put.
pub(super) struct Together<Q, A>(mpsc::Sender<Asked<Q, A>>);

impl<Q, A> Clone for Together<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// Starts answering on `tasks`, until the last clone is dropped. `answer` gives one answer to each question, in their order.
    pub(super) fn start<F>(tasks: &TaskTracker, answer: impl Fn(Vec<Q>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Vec<A>, StoreError>> + Send,
    {
        let (queue, mut asked) = mpsc::channel::<Asked<Q, A>>(QUEUE);
        tasks.spawn(async move {
            let (mut together, mut next) = (vec![], Instant::now());
            loop {
                sleep_until(next).await;
                if asked.recv_many(&mut together, MOST).await == 0 {
                    return;
                }
                next = Instant::now() + APART;
                let (questions, replies): (Vec<_>, Vec<_>) = together.drain(..).unzip();
                let answers = answer(questions).await.inspect_err(|err| {
                    tracing::warn!(%err, "questions that went together were not answered");
                });
                let mut answers = answers.map(Vec::into_iter);
                for reply in replies {
                    let answer = answers.as_mut().ok().and_then(Iterator::next).ok_or(StoreError::Unavailable);
                    let _ = reply.send(answer); // who does not wait any more is not told
                }
            }
        });
        Self(queue)
    }

    /// Asks, and waits for the answer.
    pub(super) async fn ask(&self, question: Q) -> Result<A, StoreError> {
        ask(&self.0, |reply| (question, reply)).await
    }
}
