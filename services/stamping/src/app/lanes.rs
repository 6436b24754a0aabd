//! Natural batches: while one transaction commits, the next gathers. An idle lane waits for nobody.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use boot::Stop;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tracing::Instrument;

use super::App;
use super::stamps::{AddStamps, Job, Stamped, Target};
use crate::Error;
use crate::domain::Actor;

/// Jobs that may wait in a lane; beyond that a caller is told to come back.
const WAITING: usize = 2_048;
/// Most jobs of one transaction.
const BATCH: usize = 128;

type Waiting = (Job, oneshot::Sender<Result<Stamped, Error>>);

/// Where stamps queue. Stamps of one card share a lane, so that two transactions of this process rarely want one row.
#[derive(Clone)]
pub struct Lanes {
    lanes: Arc<[mpsc::Sender<Waiting>]>,
}

impl Lanes {
    /// Starts `count` lanes on `tasks`. They finish what waits in them once nobody calls any more.
    pub fn start(
        app: &Arc<App>,
        count: usize,
        answered: &Stop,
        tasks: &mut JoinSet<anyhow::Result<()>>,
    ) -> Self {
        let lanes = (0..count.max(1))
            .map(|_| {
                let (to_lane, waiting) = mpsc::channel(WAITING);
                tasks.spawn(run(Arc::clone(app), waiting, answered.clone()));
                to_lane
            })
            .collect();
        Self { lanes }
    }

    /// Queues a command and waits for its answer.
    pub async fn add_stamps(&self, actor: Actor, command: AddStamps) -> Result<Stamped, Error> {
        let lane = &self.lanes[self.lane_of(&command)];
        let (reply, answer) = oneshot::channel();
        let job = Job { actor, command, traceparent: boot::trace::current_parent() };
        lane.try_send((job, reply)).map_err(|_| Error::Busy)?;
        // What follows is PostgreSQL's, in a batch with others' stamps.
        let span = tracing::info_span!("ledger", otel.kind = "client", db.system.name = "postgresql");
        answer.instrument(span).await.map_err(|_| Error::Busy)?
    }

    fn lane_of(&self, command: &AddStamps) -> usize {
        let mut hasher = DefaultHasher::new();
        match command.target {
            Target::Code(code) => code.card.hash(&mut hasher),
            Target::Card(card) => card.hash(&mut hasher),
            Target::Scan(scan) => scan.hash(&mut hasher),
        }
        usize::try_from(hasher.finish() % self.lanes.len() as u64).unwrap_or(0)
    }
}

async fn run(app: Arc<App>, mut waiting: mpsc::Receiver<Waiting>, answered: Stop) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            taken = waiting.recv_many(&mut batch, BATCH) => if taken == 0 { return Ok(()) },
            () = answered.cancelled() => {
                waiting.close();
                while waiting.recv_many(&mut batch, BATCH).await > 0 {
                    answer(&app, &mut batch).await;
                }
                return Ok(());
            }
        }
        answer(&app, &mut batch).await;
    }
}

async fn answer(app: &App, batch: &mut Vec<Waiting>) {
    let (jobs, replies): (Vec<Job>, Vec<_>) = batch.drain(..).unzip();
    let answers = match app.settle(&jobs).await {
        Ok(answers) => answers,
        Err(Error::Store(error)) if boot::is_passing(&error) && !boot::is_conflict(&error) => {
            tracing::warn!(%error, jobs = jobs.len(), "batch not written");
            jobs.iter().map(|_| Err(Error::Unavailable)).collect()
        }
        Err(error) => {
            tracing::debug!(%error, jobs = jobs.len(), "batch failed; running its jobs one by one");
            let mut alone = Vec::with_capacity(jobs.len());
            for job in &jobs {
                alone.push(one(app, job).await);
            }
            alone
        }
    };
    for (reply, answer) in replies.into_iter().zip(answers) {
        // A caller that has gone away is no concern of the ledger's.
        let _ = reply.send(answer);
    }
}

/// One job alone. A conflict with another replica's transaction of the same operation shows as a broken key once; the
/// second look finds the operation done.
async fn one(app: &App, job: &Job) -> Result<Stamped, Error> {
    let mut attempt = app.settle(std::slice::from_ref(job)).await;
    if let Err(Error::Store(error)) = &attempt
        && boot::is_conflict(error)
    {
        attempt = app.settle(std::slice::from_ref(job)).await;
    }
    attempt?.pop().unwrap_or(Err(Error::Busy))
}
