//! What others write about the jobs that run here: one reader of the log for the whole agent, one notice for each job.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use futures::StreamExt;
use tokio::sync::watch;
use trainyard_bus::{EventLog, JetStreamLog};
use trainyard_events::reason::Reason;
use trainyard_events::{Aggregate, Event, JobEvent, Recorded, TenantId};
use uuid::Uuid;

use trainyard_child::Backoff;

type JobKey = (TenantId, Uuid);

/// The newest sequence of each kind of news; 0 where there is none.
#[derive(Clone, Debug, Default)]
struct News {
    cancel: u64,
    /// Whether what was cancelled had reached its cap.
    at_cap: bool,
    taken_away: u64,
    /// A wish that the attempt gives way, and why.
    preempt: u64,
    because: Vec<Reason>,
}

/// A job that runs here.
#[derive(Default)]
struct Entry {
    news: watch::Sender<News>,
    /// The dispatch under which its attempt has begun; 0 until then.
    dispatch: u64,
}

/// The jobs that run here.
#[derive(Clone, Default)]
pub(crate) struct Notices {
    jobs: Arc<Mutex<HashMap<JobKey, Entry>>>,
}

/// Why a job cannot begin here now.
#[derive(Debug, PartialEq)]
pub(crate) enum Busy {
    /// It has, under this very dispatch.
    Begun,
    /// An attempt under another dispatch is on its way in or out.
    Otherwise,
}

/// The news about one job. While it exists, no other attempt at the job runs here.
pub(crate) struct Notice {
    notices: Notices,
    key: JobKey,
    news: watch::Receiver<News>,
}

impl Notices {
    fn jobs(&self) -> MutexGuard<'_, HashMap<JobKey, Entry>> {
        self.jobs.lock().expect("nothing panics while it holds the jobs")
    }

    /// Begins to listen for news about a job that is about to run here.
    pub(crate) fn listen(&self, tenant: &TenantId, job: Uuid, dispatch: u64) -> Result<Notice, Busy> {
        let key = (tenant.clone(), job);
        let mut jobs = self.jobs();
        if let Some(entry) = jobs.get(&key) {
            return Err(if entry.dispatch == dispatch { Busy::Begun } else { Busy::Otherwise });
        }
        let entry = Entry::default();
        let news = entry.news.subscribe();
        jobs.insert(key.clone(), entry);
        Ok(Notice { notices: self.clone(), key, news })
    }

    /// Reads the log from `after` on, for ever.
    pub(crate) async fn follow(&self, log: JetStreamLog, mut after: u64) {
        let mut backoff = Backoff::default();
        loop {
            match log.follow(after).await {
                Ok(mut entries) => {
                    while let Some(entry) = entries.next().await {
                        match entry {
                            Ok(entry) => {
                                after = entry.sequence();
                                // What cannot be read is not for this agent: the histories of its jobs say so.
                                entry.as_event().into_iter().for_each(|recorded| self.tell(recorded));
                            }
                            Err(error) => {
                                tracing::warn!(%error, "the log cannot be followed; trying again");
                                break;
                            }
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "the log cannot be followed; trying again"),
            }
            backoff.wait().await;
        }
    }

    fn tell(&self, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        if let (Aggregate::Job(job), Event::Job(event)) = (&envelope.aggregate, &envelope.event)
            && let Some(Entry { news, .. }) = self.jobs().get(&(envelope.tenant.clone(), *job))
        {
            match event {
                JobEvent::CancelRequested { because, .. } => news.send_modify(|news| {
                    news.cancel = recorded.sequence;
                    news.at_cap =
                        because.iter().any(|why| matches!(why, Reason::Ending(ending) if ending.is_cap()));
                }),
                JobEvent::PreemptRequested { because, .. } => news.send_modify(|news| {
                    news.preempt = recorded.sequence;
                    news.because.clone_from(because);
                }),
                JobEvent::AttemptLost { .. } | JobEvent::AttemptStarted { .. } | JobEvent::Failed { .. } => {
                    news.send_modify(|news| news.taken_away = recorded.sequence);
                }
                _ => {}
            }
        }
    }
}

impl Notice {
    /// From here on the attempt under `dispatch` runs.
    pub(crate) fn begun(&self, dispatch: u64) {
        if let Some(entry) = self.notices.jobs().get_mut(&self.key) {
            entry.dispatch = dispatch;
        }
    }

    /// Resolves when somebody has asked to cancel the job after the attempt with this token had begun.
    pub(crate) async fn cancelled(&self, token: u64) {
        self.after(token, |news| news.cancel).await;
    }

    /// Whether it was cancelled since it has taken what it may: then the trainer has the time to leave a checkpoint.
    pub(crate) fn is_at_cap(&self) -> bool {
        self.news.borrow().at_cap
    }

    /// Resolves when the attempt with this token is to stop for the sake of others, and says why.
    pub(crate) async fn preempted(&self, token: u64) -> Vec<Reason> {
        self.after(token, |news| news.preempt).await;
        self.news.borrow().because.clone()
    }

    /// Resolves when the log gives the job to somebody else than the attempt with this token.
    pub(crate) async fn taken_away(&self, token: u64) {
        self.after(token, |news| news.taken_away).await;
    }

    async fn after(&self, token: u64, kind: fn(&News) -> u64) {
        let mut news = self.news.clone();
        if news.wait_for(|news| kind(news) > token).await.is_err() {
            // Nobody tells any more; that never happens while this notice exists.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        self.notices.jobs().remove(&self.key);
    }
}
