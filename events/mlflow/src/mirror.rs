//! Tells MLflow of a job: what it has not been told in this life, or all of it, which comes to the same.

use std::collections::{BTreeMap, HashMap};

use trainyard_bus::{EventLog, JetStreamLog};
use trainyard_events::{Aggregate, Event, JobEvent, Recorded, TenantId};
use uuid::Uuid;

use crate::api::Trouble;
use crate::batch::batches;
use crate::config::MlflowConfig;
use crate::metrics::MlflowMetrics;
use crate::run::{Run, Status};
use crate::server::{Server, Texts};

/// What MLflow is told of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Of {
    Job(TenantId, Uuid),
    Model(TenantId, Uuid),
}

impl Of {
    /// `None` for what MLflow has no place for.
    pub(crate) fn aggregate(tenant: &TenantId, aggregate: &Aggregate) -> Option<Of> {
        match aggregate {
            Aggregate::Job(id) => Some(Of::Job(tenant.clone(), *id)),
            Aggregate::Model(id) => Some(Of::Model(tenant.clone(), *id)),
            _ => None,
        }
    }
}

pub(crate) struct Mirror {
    pub(crate) server: Server,
    pub(crate) log: JetStreamLog,
    pub(crate) config: MlflowConfig,
    metrics: MlflowMetrics,
    experiments: HashMap<TenantId, String>,
    /// Jobs that have not ended, as they were told last. It can be forgotten at any time.
    known: HashMap<(TenantId, Uuid), Known>,
    numbers: Numbers,
}

#[derive(Default)]
struct Known {
    run: Run,
    /// The last event that was taken in.
    upto: u64,
    told: Option<Told>,
}

/// What MLflow has of a run for certain, besides its params and points.
struct Told {
    run: String,
    tags: Texts,
    status: Status,
}

/// The numbers that people call jobs by: those of a tenant, in the order in which they were requested.
#[derive(Default)]
struct Numbers {
    newest: HashMap<TenantId, u64>,
    of: HashMap<Uuid, u64>,
}

impl Mirror {
    pub(crate) fn new(log: JetStreamLog, config: MlflowConfig, metrics: MlflowMetrics) -> Mirror {
        let (experiments, known, numbers) = (HashMap::new(), HashMap::new(), Numbers::default());
        Mirror { server: Server::new(&config), log, config, metrics, experiments, known, numbers }
    }

    /// Counts jobs: to be told of every event of the log, in its order.
    pub(crate) fn count(&mut self, recorded: &Recorded) {
        let (tenant, aggregate) = (&recorded.envelope.tenant, &recorded.envelope.aggregate);
        if let (Aggregate::Job(job), Event::Job(JobEvent::Requested { .. })) =
            (aggregate, &recorded.envelope.event)
        {
            let newest = self.numbers.newest.entry(tenant.clone()).or_default();
            self.numbers.of.entry(*job).or_insert_with(|| {
                *newest += 1;
                *newest
            });
        }
    }

    /// Brings what MLflow has up to date. Whoever is told to stop in the middle, or does not hear the answer, does it again.
    pub(crate) async fn tell(&mut self, of: &Of) -> Result<(), Trouble> {
        match of {
            Of::Job(tenant, job) => self.tell_job(tenant, *job).await,
            Of::Model(tenant, model) => self.tell_model(tenant, *model).await,
        }
    }

    /// Likewise all of it, and makes one of what is there twice.
    pub(crate) async fn tell_anew(&mut self, of: &Of) -> Result<(), Trouble> {
        if let Of::Job(tenant, job) = of {
            self.known.remove(&(tenant.clone(), *job));
        }
        self.tell(of).await
    }

    async fn tell_job(&mut self, tenant: &TenantId, job: Uuid) -> Result<(), Trouble> {
        let experiment = self.experiment(tenant).await?;
        let mut known = self.known.remove(&(tenant.clone(), job)).unwrap_or_default();
        let was_told = known.told.is_some();
        match self.tell_known(&experiment, (tenant, job), &mut known).await {
            // Its run may have been deleted, or the experiment.
            Err(Trouble::Refused { .. }) if was_told => {
                self.experiments.remove(tenant);
                let experiment = self.experiment(tenant).await?;
                known = Known::default();
                self.tell_known(&experiment, (tenant, job), &mut known).await?;
            }
            told => told?,
        }
        if !known.run.status.has_ended() {
            self.known.insert((tenant.clone(), job), known);
        }
        Ok(())
    }

    async fn tell_known(
        &self,
        experiment: &str,
        (tenant, job): (&TenantId, Uuid),
        known: &mut Known,
    ) -> Result<(), Trouble> {
        let number = self.numbers.of.get(&job).copied().unwrap_or_default();
        for recorded in self.log.history(tenant, &Aggregate::Job(job), known.upto).await? {
            known.run.take(&recorded, number, &self.config.bucket);
            known.upto = recorded.sequence;
        }
        let Some(started) = known.run.started else { return Ok(()) };
        let (run, is_new) = match &known.told {
            Some(told) => (told.run.clone(), false),
            None => match self.run_of(experiment, job).await? {
                Some(run) => (run, true),
                None => (self.server.create_run(experiment, job, started, &known.run).await?, true),
            },
        };
        let told = known.told.take();
        let is_news = |(key, value): &(&String, &String)| {
            told.as_ref().is_none_or(|told| told.tags.get(*key) != Some(*value))
        };
        let none = BTreeMap::new();
        let params = if is_new { &known.run.params } else { &none };
        for batch in batches(&run, params, known.run.tags.iter().filter(is_news), &known.run.points) {
            self.server.log(&batch).await?;
        }
        // Last: whoever sees that it has ended sees all of it.
        if told.is_none_or(|told| told.status != known.run.status) {
            self.server.set_status(&run, known.run.status, known.run.ended).await?;
        }
        self.metrics.points.inc_by(known.run.points.len() as u64);
        known.run.points.clear();
        let (tags, status) = (known.run.tags.clone(), known.run.status);
        known.told = Some(Told { run, tags, status });
        Ok(())
    }

    /// The run of a job. Of several, which there are where the answer to a request was lost, one stays: all see the same one.
    pub(crate) async fn run_of(&self, experiment: &str, job: Uuid) -> Result<Option<String>, Trouble> {
        let mut runs = self.server.runs_of(experiment, job).await?.into_iter();
        let stays = runs.next();
        for run in runs {
            tracing::info!(%job, run, "MLflow has this job twice; one of its runs is deleted");
            self.server.delete_run(&run).await?;
        }
        Ok(stays)
    }

    pub(crate) async fn experiment(&mut self, tenant: &TenantId) -> Result<String, Trouble> {
        if let Some(id) = self.experiments.get(tenant) {
            return Ok(id.clone());
        }
        let id = self.server.experiment(&self.config.experiment(tenant), tenant).await?;
        self.experiments.insert(tenant.clone(), id.clone());
        Ok(id)
    }

    /// One of the experiments that there are: whatever stands there of all of them is looked for in each.
    pub(crate) fn any_experiment(&self) -> Option<&String> {
        self.experiments.values().next()
    }
}
